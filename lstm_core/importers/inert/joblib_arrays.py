"""Arrays as joblib writes them: their numbers stand in the file right after the step of the pickle that describes them."""

import re
from io import BytesIO
from math import prod
from typing import Any, TypeGuard

from lstm_core.importers.inert.arrays import MAX_DIMENSIONS
from lstm_core.importers.inert.records import Record

WRAPPERS = ("joblib.numpy_pickle NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle NumpyArrayWrapper")
LETTER_BYTES = 4  # of a letter of a text in NumPy
CODE = re.compile(r"(?P<kind>[a-zA-Z])(?P<size>\d{1,6})")


def is_wrapper(value: object) -> TypeGuard[Record]:
    """Does a record stand for an array whose numbers come next?"""
    return isinstance(value, Record) and value.name in WRAPPERS


def holds_objects(wrapper: Record) -> bool:
    """Are it objects that come next, as a pickle of their own?"""
    return _code(wrapper).startswith("O")


def array_after(wrapper: Record, pickle: BytesIO) -> Record:
    """The array that `wrapper` describes, with its numbers, which are the next bytes. Raises ValueError if they are not.

    The result is a record like that of an array in a plain pickle, for `array_in`.
    """
    shape, order, code = wrapper.get("shape"), wrapper.get("order"), CODE.fullmatch(_code(wrapper))
    if code is None or not isinstance(shape, tuple) or len(shape) > MAX_DIMENSIONS or not all(map(_is_length, shape)):
        raise ValueError("an array of joblib's of no known type or shape")
    size = prod(shape) * int(code["size"]) * (LETTER_BYTES if code["kind"] == "U" else 1)
    if wrapper.get("numpy_array_alignment_bytes") is not None:  # since joblib 1.2
        padding = pickle.read(1)
        pickle.seek(padding[0] if padding else 0, 1)
    numbers = pickle.read(size) if size <= len(pickle.getbuffer()) else b""
    if len(numbers) < size:
        raise ValueError(f"an array of joblib's should have {size:,} bytes and has {len(numbers):,}")
    return Record("numpy._core.numeric _frombuffer", (numbers, wrapper.get("dtype"), shape, order))


def _code(wrapper: Record) -> str:
    """NumPy's code of the type of an array's numbers, as "f4"; empty if it is none."""
    match wrapper.get("dtype"):
        case Record(name="numpy dtype", arguments=(str(code), *_)):
            return code
    return ""


def _is_length(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**40
