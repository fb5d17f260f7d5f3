"""Arrays as joblib writes them: within a pickle there is what describes one, and right behind that its numbers.

Source: joblib, numpy_pickle.py, NumpyArrayWrapper.
"""

from io import BytesIO
from math import prod
from typing import Any

from lstm_core.importers.inert.arrays import dtype_in
from lstm_core.importers.inert.records import Record

WRAPPERS = ("joblib.numpy_pickle NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle NumpyArrayWrapper")


def is_wrapper(value: object) -> bool:
    return isinstance(value, Record) and value.name in WRAPPERS


def array_after(wrapper: Any, pickle: BytesIO) -> Record:
    """The array that `wrapper` describes, as NumPy pickles one; reads its numbers, which come next. Raises ValueError."""
    shape, dtype = wrapper.get("shape"), dtype_in(wrapper.get("dtype"))
    if dtype is None or not isinstance(shape, tuple) or not all(type(one) is int and 0 <= one < 2**40 for one in shape):
        raise ValueError("an array of joblib's that is none of plain numbers")
    if wrapper.get("numpy_array_alignment_bytes") is not None:
        pickle.read(sum(pickle.read(1)))  # which tells how many bytes are left out
    size = prod(shape) * dtype.itemsize
    if size > len(pickle.getbuffer()) - pickle.tell():
        raise ValueError("an array of joblib's whose numbers are not all there")
    order = "F" if wrapper.get("order") == "F" else "C"
    return Record("numpy._core.numeric _frombuffer", (pickle.read(size), wrapper["dtype"], shape, order))
