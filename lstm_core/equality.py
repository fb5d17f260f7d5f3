"""Equality of records that hold arrays: one boolean, not an array of booleans."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import pandas as pd
import torch
import xarray as xr

Named = TypeVar("Named", bound=type)


def equal(one: Any, other: Any) -> bool:
    """Are these the same values, all the way down? NaN equals NaN at the same place.

    Arrays and tensors are equal when shape, kind of number and all numbers are, on whatever device; labelled arrays when
    names, coordinates and attributes are as well; records and sequences when they are of one class and all parts are.
    """
    if one is other:
        return True
    match one:
        case torch.Tensor():
            return isinstance(other, torch.Tensor) and equal(_array(one), _array(other))
        case np.ndarray():
            return isinstance(other, np.ndarray) and one.dtype == other.dtype and _equal_arrays(one, other)
        case xr.Dataset():
            return isinstance(other, xr.Dataset) and one.identical(other)
        case xr.DataArray():
            return isinstance(other, xr.DataArray) and one.identical(other)
        case pd.DataFrame():
            return isinstance(other, pd.DataFrame) and bool(one.equals(other))
        case Mapping():
            same = isinstance(other, Mapping) and list(one) == list(other)
            return same and all(equal(value, other[name]) for name, value in one.items())
        case list() | tuple():
            same = type(one) is type(other) and len(one) == len(other)
            return same and all(equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    return bool(one == other) or bool(one != one and other != other)  # NaN differs from itself


class ByValue:
    """A record that is compared by its values and is not hashable, since arrays can change."""

    __slots__ = ()
    __hash__: ClassVar[None]  # type: ignore[assignment]  # as Python does it for lists

    def __eq__(self, other: object) -> bool:
        if not is_dataclass(self) or type(self) is not type(other):
            return NotImplemented
        return all(equal(getattr(self, one.name), getattr(other, one.name)) for one in fields(self))


def by_value(kind: Named) -> Named:
    """The named tuple class with comparison as in `ByValue`: a tuple's own fails on arrays."""

    def equals(self: tuple[Any, ...], other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, tuple):
            return False
        return all(equal(mine, theirs) for mine, theirs in zip(self, other, strict=True))

    def differs(self: tuple[Any, ...], other: object) -> bool:
        return not equals(self, other)

    for name, method in (("__eq__", equals), ("__ne__", differs), ("__hash__", None)):
        setattr(kind, name, method)
    return kind


def _array(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach().cpu()
    return tensor.view(torch.int16).numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()


def _equal_arrays(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
