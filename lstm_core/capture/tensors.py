"""Copies of the tensors that a module reads and returns, and whether such a copy is still what the tensor holds."""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils._python_dispatch import _disable_current_modes

from lstm_core.capture.calls import Rows

ORDINARY = (Tensor, nn.Parameter)

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class CannotCopyError(RuntimeError):
    """There are no numbers to copy; the message is the reason, as the end of a sentence."""


def plain(tensor: Tensor) -> Tensor:
    """The tensor inside torch.func's wrappers. Raises CannotCopyError if none holds numbers."""
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        value = tensor
        while torch._C._functorch.is_functorch_wrapped_tensor(value):
            value = torch._C._functorch.get_unwrapped(value)
        if value.ndim != tensor.ndim:
            raise CannotCopyError(
                "it ran under torch.func.vmap, where one call stands for many: call the model on a batch to see its gates"
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
    found = plain(tensor)
    if found.requires_grad:
        found = found.detach()
    copy = found.clone() if found.is_contiguous() else found.clone(memory_format=torch.contiguous_format)
    return copy if type(copy) is Tensor else copy.as_subclass(Tensor)


def copied_rows(rows: Rows) -> Rows:
    return rows._replace(data=copied(rows.data)) if isinstance(rows, PackedSequence) else copied(rows)


def together(parts: tuple[Tensor, ...]) -> Tensor | None:
    """Copies of all in one tensor, side by side in the last dimension; None where they do not fit together.

    A third of the time of a copy of each, where they are small.
    """
    first = parts[0]
    for one in parts:
        if type(one) not in ORDINARY or one.dtype is not first.dtype or one.ndim != first.ndim or one.is_meta:
            return None
    found = torch.cat(parts, -1)
    return found.detach() if found.requires_grad else found


class Copies:
    """Copies of tensors that can tell whether the tensors have changed since.

    All numbers are compared, each time: torch's own counter of changes does not count those made through `.data`, through
    NumPy or in inference mode. On a CPU that costs reading them once (memcmp is six times as fast as torch.equal);
    elsewhere all are joined first, for one wait for the device instead of one for each.
    """

    def __init__(self, tensors: Sequence[Tensor | None] = ()) -> None:
        self.copies = [None if one is None else copied(one) for one in tensors]
        self._here = [one for one in self.copies if one is not None]
        self._on_cpu = all(one.is_cpu for one in self._here)
        self._marks = [(one, one.dtype, one.shape, one.nbytes, one.data_ptr()) for one in self._here]

    def hold(self, tensors: Sequence[Tensor | None]) -> bool:
        """Do the tensors still have these numbers, to the bit?"""
        given = [one for one in tensors if one is not None]
        if len(given) != len(self._marks):
            return False
        for one, (copy, dtype, shape, size, pointer) in zip(given, self._marks, strict=True):
            if one.dtype is not dtype or one.shape != shape or one.is_cpu is not self._on_cpu:
                return False
            if not self._on_cpu:
                continue
            if type(one) not in ORDINARY or one.is_neg() or not one.is_contiguous():
                if not torch.equal(one, copy):
                    return False
            elif _memcmp(one.data_ptr(), pointer, size):
                return False
        return self._on_cpu or torch.equal(_joined(given), _joined(self._here))


def _joined(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([one.detach().reshape(-1) for one in tensors])


def transformed() -> bool:
    """Is the caller inside a torch.func transform, or a mode such as make_fx's, that would record our operations?"""
    return (
        torch._C._functorch.maybe_current_level() is not None
        or torch._C._len_torch_dispatch_stack() > 0
        or torch._C._len_torch_function_stack() > 0
    )


@contextmanager
def aside() -> Iterator[None]:
    """Operations in this block are hidden from such transforms and modes."""
    with torch._C._DisableFuncTorch(), torch._C.DisableTorchFunction(), _disable_current_modes():
        yield


def why_not_now() -> str:
    """Why nothing can be copied at this point, as the end of a sentence; empty if it can."""
    if torch._C._get_tracing_state():
        return "torch.jit.trace was tracing it, and would have traced the copies too: run the model itself"
    if torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing():
        return "it was being captured into a CUDA graph: run the model outside of that"
    return ""
