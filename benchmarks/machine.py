"""What ran it: one line for under a table."""

import platform
from importlib.metadata import version
from pathlib import Path

import torch


def machine(*packages: str) -> str:
    """Processor, threads, system and versions."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    versions = ", ".join(f"{package} {version(package)}" for package in ("torch", *packages))
    threads = torch.get_num_threads()
    return f"{names[0] if names else platform.processor()}, {threads} threads, {platform.system()}, Python {platform.python_version()}, {versions}"
