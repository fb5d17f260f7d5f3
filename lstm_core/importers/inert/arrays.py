"""NumPy's arrays and numbers in a pickle: read from the bytes that it has of them."""

import re
from math import prod
from typing import Any

import numpy as np

from lstm_core.importers.inert.records import Record

LAST_LETTER = 0x10FFFF  # of Unicode; of greater ones NumPy makes a text that Python cannot hold
MAX_DIMENSIONS = 32  # of an array
NUMBERS = re.compile(r"[fiub]\d{1,2}|[US]\d{1,4}")


def array_in(value: Any) -> np.ndarray | None:
    """The array that a record of NumPy's describes, its numbers where they are in the pickle; None if it is none."""
    if not isinstance(value, Record):
        return None
    match value.name, value.arguments, value.state:
        case ("numpy._core.multiarray _reconstruct", _, (int(), tuple(shape), dtype, fortran, bytes(numbers))):
            return _array(numbers, dtype, shape, "F" if fortran is True else "C")
        case ("numpy._core.numeric _frombuffer", (bytes(numbers), dtype, tuple(shape), str(order)), _):
            return _array(numbers, dtype, shape, "F" if order == "F" else "C")
    return None


def scalar_in(dtype: Any, content: bytes) -> Any:
    """A number or a text of NumPy's as Python has it; None if the type is another."""
    found = _array(content, dtype, (1,), "C")
    return None if found is None else found[0].item()


def _array(numbers: bytes, described: Any, shape: tuple[Any, ...], order: Any) -> np.ndarray | None:
    dtype = dtype_in(described)
    if dtype is None or len(shape) > MAX_DIMENSIONS or not all(type(one) is int and 0 < one < 2**40 for one in shape):
        return None
    fits = numbers and prod(shape) * dtype.itemsize == len(numbers)
    if not fits or (dtype.kind == "U" and np.frombuffer(numbers, f"{dtype.byteorder}u4").max() > LAST_LETTER):
        return None
    return np.frombuffer(numbers, dtype).reshape(shape, order=order)


def dtype_in(described: Any) -> "np.dtype[Any] | None":
    """NumPy's type of plain numbers or texts that a record describes."""
    if not isinstance(described, Record) or described.name != "numpy dtype":
        return None
    match described.arguments, described.state:
        case ((str(code), *_), (_, "<" | ">" | "|" as order, *_)) if NUMBERS.fullmatch(code):
            try:
                found: np.dtype[Any] = np.dtype(order + code)
                return found
            except TypeError:
                return None
    return None
