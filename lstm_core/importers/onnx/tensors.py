"""ONNX's tensors as numpy arrays, of those kinds and sizes that weights and shapes have."""

from math import prod

import numpy as np
import onnx

from lstm_core.importers.limits import LIMITS, UnreadableFile

FLOATS: dict[int, str] = {  # how the raw bytes are laid out; bfloat16 is the upper half of a float32
    onnx.TensorProto.FLOAT: "<f4",
    onnx.TensorProto.FLOAT16: "<f2",
    onnx.TensorProto.DOUBLE: "<f8",
    onnx.TensorProto.BFLOAT16: "<u2",
}
INTEGERS: dict[int, str] = {onnx.TensorProto.INT64: "<i8", onnx.TensorProto.INT32: "<i4"}
MAX_AXES = 8
MAX_SHAPE_INTEGERS = 10_000  # integers of a shape, or of where to cut


def is_float(tensor: onnx.TensorProto) -> bool:
    return tensor.data_type in FLOATS


def array_of(tensor: onnx.TensorProto, name: str) -> np.ndarray:
    """The numbers of a tensor: float32, or int64 for a shape.

    Raises UnreadableFile for other kinds, for more numbers than `LIMITS.parameters`, and where it does not hold as
    many numbers as it says.
    """
    shape, count = tuple(tensor.dims), prod(tensor.dims)
    layout = FLOATS.get(tensor.data_type) or INTEGERS.get(tensor.data_type)
    if layout is None:
        raise UnreadableFile(
            f"the tensor {name[:80]!r} holds {_kind(tensor)}; weights are read as float16, bfloat16, float32 or float64: "
            "export the model before it is quantised"
        )
    most = LIMITS.parameters if is_float(tensor) else MAX_SHAPE_INTEGERS
    sizes = " x ".join(map(str, shape[:MAX_AXES])) + (
        f" and {len(shape) - MAX_AXES} axes more" if len(shape) > MAX_AXES else ""
    )
    if len(shape) > MAX_AXES or any(not 0 <= size <= most for size in shape) or count > most:
        raise UnreadableFile(
            f"the tensor {name[:80]!r} says that it has {sizes} numbers; "
            f"Gatescope reads up to {most:,} in one, along {MAX_AXES} axes"
        )
    # The walk over the file's tags refused these; a reader of this function need not know.
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.HasField("segment"):
        raise UnreadableFile(
            f"the tensor {name[:80]!r} is stored in another file or in pieces: save the model as one file"
        )
    found = _stored(tensor, layout)
    if len(found) != count:
        raise UnreadableFile(
            f"the tensor {name[:80]!r} says that it has {sizes} numbers, but {len(found):,} are "
            "stored: export the model again and upload it whole"
        )
    if tensor.data_type == onnx.TensorProto.BFLOAT16:
        found = (found.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # a double may be beyond float32: infinite weights are shown
        return found.astype(np.float32 if is_float(tensor) else np.int64).reshape(shape)


def _stored(tensor: onnx.TensorProto, layout: str) -> np.ndarray:
    """The numbers as they lie in the file: as bytes, or one by one in the field for their kind."""
    if tensor.HasField("raw_data"):
        size = np.dtype(layout).itemsize
        raw: bytes = tensor.raw_data
        return np.frombuffer(raw[: len(raw) // size * size] if len(raw) % size else raw, layout)
    match tensor.data_type:
        case onnx.TensorProto.FLOAT:
            return np.array(tensor.float_data, np.float32)
        case onnx.TensorProto.DOUBLE:
            return np.array(tensor.double_data, np.float64)
        case onnx.TensorProto.INT64:
            return np.array(tensor.int64_data, np.int64)
        case onnx.TensorProto.INT32:
            return np.array(tensor.int32_data, np.int64)
    # Halves lie in the lower bytes of 32 bits each.
    return (np.array(tensor.int32_data, np.int64) & 0xFFFF).astype(np.uint16).view(layout)


def _kind(tensor: onnx.TensorProto) -> str:
    known = onnx.TensorProto.DataType.DESCRIPTOR.values_by_number.get(tensor.data_type)
    return f"numbers of kind {tensor.data_type}" if known is None else known.name.lower()
