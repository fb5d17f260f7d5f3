"""Where tensors live."""

import torch


def available_devices() -> list[str]:
    """Which devices can compute here, the fastest first? Always ends with "cpu"."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def pick_device(device: str | torch.device = "auto") -> torch.device:
    """Which device is meant? "auto" is the first of `available_devices()`; "cuda:1" and the like work too.

    Raises ValueError, naming the devices there are, when the one asked for is not here.
    """
    present = available_devices()
    if device == "auto":
        return torch.device(present[0])
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise ValueError(f"{device!r} is no device; this machine has: {', '.join(present)} (or 'auto')") from error
    beyond = wanted.type == "cuda" and wanted.index is not None and wanted.index >= torch.cuda.device_count()
    if wanted.type not in present or beyond:
        raise ValueError(f"device {str(wanted)!r} is not available; this machine has: {', '.join(present)} (or 'auto')")
    return wanted
