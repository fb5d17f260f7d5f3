"""The process that reads one untrusted file: `python sandbox_child.py ORDER`, with limits that the kernel enforces.

Run as a file, not as a module, so that the watch over it is set before torch is imported. Needs nothing but Python
until then. The figures hold where `resource` is: on Linux fully, on macOS without the limit on memory, which its kernel
does not keep. On Windows there is only the separate process and its end after `patience` seconds.
"""

import importlib
import json
import math
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import resource

Reader = Callable[[Path, str], bytes]


@dataclass(frozen=True)
class ResourceLimits:
    """Limits on reading one file, counted after the libraries are imported, so that they are for the file alone."""

    memory: int = 2_150_000_000  # bytes of address space; Python and torch (without CUDA) have 0.85 GB: 3 GB in all
    seconds: int = 10  # of the processor
    written: int = 512_000_000  # bytes of any file, the answer among them
    files: int = 64  # open at one time
    patience: float = 60.0  # seconds by the clock, from the start of the process
    log: int = 64_000  # bytes of its warnings and tracebacks that are saved


def watch(server: int, patience: float) -> None:
    """Make this process end with the process `server`, or after `patience` seconds, whatever it is doing."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, patience)
    os.nice(5)  # pages that are being looked at come first, but somebody waits for this too
    if sys.platform == "linux":
        import ctypes

        die_with_parent = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(die_with_parent, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:  # it ended before it was watched
        sys.exit(1)


def limit(limits: ResourceLimits) -> None:
    """Let the kernel enforce `limits` on this process from now on."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + limits.seconds  # the kernel counts whole ones
    # One second more until SIGKILL: at equal limits it would come at once, and nobody could tell why.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written, limits.written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.files, limits.files))
    if sys.platform == "linux":
        # Not a fixed sum: the libraries of a torch with CUDA take more than 3 GB by themselves.
        memory = _mapped() + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _mapped() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def answer_of(reader: Reader, path: Path, name: str, limits: ResourceLimits) -> bytes:
    """The reader's answer for a file, or that it took too much: a line of JSON, and the model if there is one."""
    failed = ""
    try:
        answer = reader(path, name)
    except MemoryError:
        failed = "memory"
    except RecursionError:
        failed = "depth"
    if not failed and len(answer) > limits.written:
        failed = "written"
    return json.dumps({"failed": failed}).encode() + b"\n" if failed else answer


def found(reader: str) -> Reader:
    """The function named `module:function`."""
    module, function = reader.split(":")
    chosen: Reader = getattr(importlib.import_module(module), function)
    return chosen


def main(order: str) -> None:
    """Carry out `order` (JSON of reader, file, name, limits and server) and write the answer to the output."""
    given: dict[str, Any] = json.loads(order)
    limits = ResourceLimits(**given["limits"])
    watch(given["server"], limits.patience)
    # Whatever a library prints is no part of the answer.
    output = os.dup(1)
    os.dup2(2, 1)
    reader = found(given["reader"])
    limit(limits)
    answer = answer_of(reader, Path(given["file"]), given["name"], limits)
    with os.fdopen(output, "wb") as out:
        out.write(answer)
        out.flush()
    os._exit(0)  # nothing is left to do, and taking torch down takes its time


if __name__ == "__main__":
    main(sys.argv[1])
