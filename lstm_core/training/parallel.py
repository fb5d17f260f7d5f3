"""Training on several processes: each takes its share of every batch, and all take the same step.

Every process has the same weights and draws the same batches, noise and dropout; the gradient of the whole
batch is the sum of the shares' gradients. So the curve is the same as with one process, but for rounding.
"""

import os
from collections.abc import Iterable
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

MAX_FINISH_TIME = timedelta(days=1)  # that the first process may take to test and save what was trained


def rank() -> int:
    """The rank of this process; rank 0 saves and reports."""
    return dist.get_rank() if dist.is_initialized() else 0


def processes() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def join() -> torch.device | None:
    """Join the processes that `torchrun` started; returns this process's device, or None without torchrun."""
    if "RANK" not in os.environ:
        return None
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
        dist.init_process_group("nccl")
        return device
    dist.init_process_group("gloo")
    return torch.device("cpu")


def meet() -> None:
    """Wait for all processes, so that none ends while others still work.

    One that ends at once after an exchange can abort: a thread of gloo may then hold tensors of Python's that is gone.
    """
    if processes() > 1 and dist.get_backend() == "gloo":
        dist.monitored_barrier(timeout=MAX_FINISH_TIME)


def leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def share(sequences: int) -> slice:
    """This process's sequences of a batch. Raises ValueError if they cannot be shared evenly."""
    count = processes()
    if sequences % count:
        raise ValueError(f"a batch of {sequences} sequences cannot be shared by {count} processes: make it a multiple")
    each = sequences // count
    return slice(rank() * each, (rank() + 1) * each)


def summed(value: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if processes() > 1:
        dist.all_reduce(value)
    return value


def sum_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Sum the gradients over all processes."""
    if processes() == 1:
        return
    gradients = [weights.grad for weights in parameters if weights.grad is not None]
    whole = summed(torch.cat([gradient.flatten() for gradient in gradients]))
    for gradient, own in zip(gradients, whole.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(own.view_as(gradient))


def gathered(state: Tensor) -> Tensor:
    """The states of all sequences of a batch, (layers, sequence, unit), from every process's share."""
    if processes() == 1:
        return state
    parts = [torch.empty_like(state) for _ in range(processes())]
    dist.all_gather(parts, state.contiguous())
    return torch.cat(parts, dim=1)
