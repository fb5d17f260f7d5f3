"""Copies of the tensors that a module reads and returns, and whether such a copy is still what the tensor holds."""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils._python_dispatch import _disable_current_modes

from lstm_core.captured.calls import Rows

ORDINARY = (Tensor, nn.Parameter)

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class CannotCopyError(RuntimeError):
    """There are no numbers to copy here; the message says why, as the end of a sentence."""


def plain(tensor: Tensor) -> Tensor:
    """The tensor that holds the numbers, behind what torch.func wraps around it. Raises CannotCopyError where none does."""
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        value = tensor
        while torch._C._functorch.is_functorch_wrapped_tensor(value):
            value = torch._C._functorch.get_unwrapped(value)
        if value.ndim != tensor.ndim:
            raise CannotCopyError(
                "it ran under torch.func.vmap (jacfwd and hessian use it too), where many calls are one: "
                "run the model on the batch itself to see its gates"
            )
        tensor = value
    if tensor.is_meta:
        raise CannotCopyError("its tensors are on the device 'meta', which has shapes and no numbers")
    kind = type(tensor)
    if kind not in ORDINARY and kind.__torch_dispatch__ is not Tensor.__torch_dispatch__:
        raise CannotCopyError(f"its tensors are of the class {kind.__name__}, which need not hold any numbers")
    return tensor


def copied(tensor: Tensor) -> Tensor:
    """A contiguous copy that no later in-place operation reaches and that holds no graph. Raises CannotCopyError."""
    if not isinstance(tensor, Tensor):
        raise CannotCopyError(f"it was given a {type(tensor).__name__} in place of a tensor")
    copy = plain(tensor).detach().clone(memory_format=torch.contiguous_format)
    return copy if type(copy) is Tensor else copy.as_subclass(Tensor)


def copied_rows(rows: Rows) -> Rows:
    return rows._replace(data=copied(rows.data)) if isinstance(rows, PackedSequence) else copied(rows)


def unchanged(tensors: Sequence[Tensor], copies: Sequence[Tensor]) -> bool:
    """Do the tensors still hold the numbers of these copies?

    All numbers are compared, at every call: torch's own counter of changes does not count those made through `.data`,
    through NumPy or in inference mode. On a CPU that costs reading them once (memcmp is six times as fast as torch.equal);
    elsewhere all are joined first, for one wait for the device instead of one for each.
    """
    if len(tensors) != len(copies):
        return False
    pairs = [(plain(one), copy) for one, copy in zip(tensors, copies, strict=True)]
    if any(one.shape != copy.shape or one.dtype != copy.dtype or one.device != copy.device for one, copy in pairs):
        return False
    if all(copy.is_cpu for _, copy in pairs):
        return all(_same(one, copy) for one, copy in pairs)
    ours, theirs = (torch.cat([one.detach().reshape(-1) for one in side]) for side in zip(*pairs, strict=True))
    return torch.equal(ours, theirs)


def _same(one: Tensor, copy: Tensor) -> bool:
    if type(one) in ORDINARY and one.is_contiguous() and not one.is_neg():
        return bool(_memcmp(one.data_ptr(), copy.data_ptr(), copy.nbytes) == 0)
    return torch.equal(one, copy)


@contextmanager
def aside() -> Iterator[None]:
    """What is computed within is no part of what torch.func transforms, or modes like make_fx's see."""
    with ExitStack() as stack:
        if torch._C._functorch.maybe_current_level() is not None:
            stack.enter_context(torch._C._DisableFuncTorch())
        if torch._C._len_torch_dispatch_stack():
            stack.enter_context(_disable_current_modes())
        yield


def why_not_now() -> str:
    """Is this no moment to copy anything? The end of a sentence, or nothing."""
    if torch.jit.is_tracing():
        return "torch.jit.trace was tracing it, and would have traced the copies too: run the model itself"
    if torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing():
        return "it was being captured into a CUDA graph: run the model outside of that"
    return ""
