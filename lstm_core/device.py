"""Where tensors live."""

import os

import torch
from torch import Tensor

ALIGNMENT = 64  # bytes: where memory that torch allocates on the CPU begins, whatever the system


def available_devices() -> list[str]:
    """The devices of this machine, the fastest first; always ends with "cpu".

    >>> available_devices()[-1]
    'cpu'
    """
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def use_one_core_each() -> None:
    """Let every computation of this process take one core, in all its threads, unless OMP_NUM_THREADS says otherwise.

    For a server, whose readers compute side by side. Threads of one computation wait for each other by spinning: where
    another process wants a core, they take 10 to 40 times as long as one thread does.
    """
    if not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(1)


def pick_device(device: str | torch.device = "auto") -> torch.device:
    """The device of that name. "auto" is the first of `available_devices()`; "cuda:1" and the like work too.

    Raises ValueError, naming the devices there are, when the one asked for is not here.

    >>> pick_device("cpu")
    device(type='cpu')
    """
    present = available_devices()
    if device == "auto":
        return torch.device(present[0])
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise ValueError(f"{device!r} is not a device; this machine has: {', '.join(present)} (or 'auto')") from error
    beyond = wanted.type == "cuda" and wanted.index is not None and wanted.index >= torch.cuda.device_count()
    if wanted.type not in present or beyond:
        raise ValueError(f"device {str(wanted)!r} is not available; this machine has: {', '.join(present)} (or 'auto')")
    return wanted


def aligned(tensor: Tensor, device: torch.device | None = None) -> Tensor:
    """A contiguous copy of `tensor` in memory of its own, which torch aligns to ALIGNMENT bytes on the CPU.

    Without gradient; on `device`, or where `tensor` is. The last bits of a matrix product can depend on where its
    operands begin (Intel's "Getting Reproducible Results with oneMKL": align to 64 bytes). Tensors from a file or
    from numpy begin anywhere, so whatever must repeat to the bit is copied first.
    """
    return tensor.detach().to(device or tensor.device, copy=True, memory_format=torch.contiguous_format)
