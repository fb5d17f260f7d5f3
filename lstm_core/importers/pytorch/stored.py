"""Tensors as torch.save describes them in a pickle: checked against what the file stores, and read when they are used."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstm_core.importers.inert import HOW, PERSISTENT, Global, Record, array_in, shown
from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.pytorch.storages import OLD, Source, Storage, storage_of

PLAIN, QUANTISED = ("torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_tensor"), "torch._utils _rebuild_qtensor"
PARAMETERS = (
    "torch._utils _rebuild_parameter", "torch._utils _rebuild_parameter_with_state", "torch.nn.parameter Parameter",
    "torch.nn.parameter Buffer", "torch.autograd.variable Variable",
)  # fmt: skip
TYPED = "torch._tensor _rebuild_from_type_v2"
BYTES = "torch.storage _load_from_bytes"
BY_ROW = ("torch per_channel_affine", "torch per_channel_affine_float_qparams")
OTHERS = {
    "torch._utils _rebuild_sparse_tensor": "a sparse tensor",
    "torch._utils _rebuild_sparse_csr_tensor": "a sparse tensor",
    "torch._utils _rebuild_meta_tensor_no_storage": 'a tensor on the "meta" device, which has no values',
    "torch._utils _rebuild_nested_tensor": "a nested tensor",
    "torch._utils _rebuild_tensor_v3": "a tensor of a rare type",
    "torch._utils _rebuild_wrapper_subclass": "a tensor of a class of its own",
}
ARRAYS = ("numpy._core.multiarray _reconstruct", "numpy._core.numeric _frombuffer")
NAMES = {*PLAIN, QUANTISED, *PARAMETERS, TYPED, *OTHERS, *ARRAYS}
MAX_WRAPPERS = 4  # of a tensor: a parameter, of a class of its own


@dataclass(frozen=True, eq=False)
class Scale:
    """What turns whole numbers into those they stand for: scale * (number - zero)."""

    scale: Any  # a number, or a stored tensor with one for each row along `axis`
    zero: Any
    axis: int = 0


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor within a block of numbers; it was checked that it lies there."""

    source: Source
    storage: Storage
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]
    scale: Scale | None = None  # of a quantised one

    def read(self) -> Tensor:
        """Its numbers; the real ones of a quantised tensor."""
        found = self.source.numbers(self.storage).as_strided(self.shape, self.steps, self.offset)
        return found if self.scale is None else _dequantised(found, self.scale)


@dataclass(frozen=True, eq=False)
class StoredArray:
    """An array of NumPy's in the place of a tensor."""

    array: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def read(self) -> Tensor:
        return torch.from_numpy(np.array(self.array, self.array.dtype.newbyteorder("="), order="C"))


Stored = StoredTensor | StoredArray


def is_stored(value: object) -> bool:
    """Is it a record of a tensor, or of an array, as far as its name tells?"""
    return isinstance(value, Record) and value.name in NAMES


def stored_in(value: Any, source: Source) -> Stored | None:
    """The tensor that a record describes, None if it describes something else.

    Raises UnreadableFile for one of a rare kind, or one that reaches beyond what the file stores.
    """
    for _ in range(MAX_WRAPPERS):
        match value:
            case Record(name=name, arguments=(Record() as inside, *_)) if name in PARAMETERS:
                value = inside
            case Record(name=name, arguments=(Global() as function, _, tuple(arguments), *_)) if name == TYPED:
                value = Record(function.name, arguments)
            case _:
                break
    if not isinstance(value, Record):
        return None
    if value.name in OTHERS:
        raise UnreadableFile(
            f"this file holds {OTHERS[value.name]}, and Gatescope reads plain dense tensors: "
            "turn it into one (to_dense, dequantize) before torch.save"
        )
    if value.name in PLAIN or value.name == QUANTISED:
        return _tensor(value, source)
    found = array_in(value)
    return (
        StoredArray(found) if found is not None and found.dtype.kind in "fiub" and found.dtype.itemsize < 16 else None
    )


def _tensor(value: Record, source: Source) -> StoredTensor:
    quantised = value.name == QUANTISED
    match value.arguments:
        case (Record() as block, int(offset), tuple(shape), tuple(steps), *more) if value.state is None:
            pass
        case _:
            raise UnreadableFile(f"this file calls {shown(value.name)} in a way that torch.save never does: {OLD}")
    if not quantised and len(more) == 3 and more[2] is not None:
        raise UnreadableFile(f"this file holds a conjugated or negated view of a tensor: {HOW}")
    found = _block(block, source)
    if found is None:
        raise UnreadableFile(f"this file refers to something that is not a tensor's storage: {HOW}")
    source, storage = found
    check_view(storage.numbers, offset, shape, steps)
    scale = _scale(more[0] if more else None, source, shape) if quantised else None
    return StoredTensor(source, storage, offset, shape, steps, scale)


def _block(value: Record, source: Source) -> tuple[Source, Storage] | None:
    match value:
        case Record(name=name, arguments=(tuple(reference),)) if name == PERSISTENT:
            found = storage_of(reference)
            return None if found is None else (source, found)
        case Record(name=name, arguments=(bytes(content),)) if name == BYTES:
            return source.embedded(content)
    return None


def check_view(stored: int, offset: int, size: Sequence[Any], stride: Sequence[Any]) -> None:
    """Raise UnreadableFile unless a tensor of that size, stride and offset lies within `stored` numbers."""
    numbers = (offset, *size, *stride)
    if len(size) != len(stride) or len(size) > 64 or any(type(n) is not int or not 0 <= n < 2**62 for n in numbers):
        raise UnreadableFile(f"this file has a tensor with an invalid size or strides: {OLD}")
    count = prod(size)
    reach = offset + 1 + sum((length - 1) * step for length, step in zip(size, stride, strict=True)) if count else 0
    if max(count, reach) > stored:
        raise UnreadableFile(
            f"a tensor of shape {'x'.join(map(str, size))[:80]} reaches for {max(count, reach):,} numbers where the file "
            f"stores {stored:,}: it is not read"
        )


def _scale(described: Any, source: Source, shape: tuple[int, ...]) -> Scale:
    """How a quantised tensor's numbers stand for real ones. Raises UnreadableFile."""
    match described:
        case (Global("torch per_tensor_affine"), float(scale), int(zero)) if abs(zero) < 2**31:
            return Scale(scale, float(zero))
        case (Global(name=name), Record() as scale, Record() as zero, int(axis)) if name in BY_ROW:
            parts = stored_in(scale, source), stored_in(zero, source)
            if 0 <= axis < len(shape) and all(one is not None and one.shape == (shape[axis],) for one in parts):
                return Scale(*parts, axis)
    raise UnreadableFile(f"this file holds a tensor that is quantised in a way that is not known here: {HOW}")


def _dequantised(numbers: Tensor, scale: Scale) -> Tensor:
    """scale * (number - zero), in double precision up to the last step."""
    factor, zero = scale.scale, scale.zero
    if isinstance(factor, StoredTensor | StoredArray):
        along = [-1 if axis == scale.axis else 1 for axis in range(numbers.ndim)]
        factor, zero = factor.read().double().view(along), zero.read().double().view(along)
    found: Tensor = (factor * (numbers.double() - zero)).float()
    return found
