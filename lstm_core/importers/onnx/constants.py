"""What nodes give that only move constants about: older exporters leave a layer's weights in pieces."""

from collections.abc import Callable, Sequence

import numpy as np
import onnx

from lstm_core.importers.limits import LIMITS
from lstm_core.importers.onnx.graph import Node
from lstm_core.importers.onnx.tensors import FLOATS

Known = Sequence[np.ndarray | None]  # a node's inputs in their order; None for those left out


def folded(node: Node, given: Known) -> np.ndarray:
    """What this node gives for constant inputs.

    Raises ValueError where it does not fit them, or where it would take more memory than a model may.
    """
    if node.op not in FOLDABLE or not given or given[0] is None:
        raise ValueError(f"{node.op} of constants is not worked out")
    if sum(one.size for one in given if one is not None) > LIMITS.parameters:
        raise ValueError(f"{node.op} of more than {LIMITS.parameters:,} numbers is not worked out")
    try:
        return FOLDABLE[node.op](node, given)
    except (IndexError, TypeError, OverflowError) as error:
        raise ValueError(f"{node.op} does not fit its inputs: {error}") from error


def integers(node: Node, given: Known, place: int, name: str) -> tuple[int, ...] | None:
    """The integers that newer versions of ONNX give as an input and older ones as an attribute; None for neither."""
    if place < len(given) and (array := given[place]) is not None:
        return tuple(int(one) for one in array.reshape(-1))
    return node.several(name, int) if name in node.attributes else None


def cut_at(node: Node, given: Known, rank: int) -> dict[int, slice]:
    """For each axis that a Slice cuts: what is left of it. Raises ValueError where it does not say."""
    starts, ends = integers(node, given, 1, "starts"), integers(node, given, 2, "ends")
    if starts is None or ends is None:
        raise ValueError("a Slice without starts and ends")
    axes = integers(node, given, 3, "axes") or tuple(range(len(starts)))
    steps = integers(node, given, 4, "steps") or (1,) * len(starts)
    found = {}
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        # Backwards to before the first is, as ONNX has it, an end far below zero.
        found[axis_of(axis, rank)] = slice(start, None if step < 0 and end < -(2**31) else end, step)
    return found


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front. Raises ValueError where there is none such."""
    if not -rank <= axis < rank:
        raise ValueError(f"{rank} axes have no axis {axis}")
    return axis % rank


def target_shape(node: Node, shape: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...]:
    """What a Reshape makes of a shape, where 0 stands for "as before" and -1 for what is left."""
    if node.integer("allowzero", 0):
        return tuple(wanted)
    return tuple(shape[place] if size == 0 else size for place, size in enumerate(wanted))


def _reshape(node: Node, given: Known) -> np.ndarray:
    wanted = integers(node, given, 1, "shape")
    if wanted is None:
        raise ValueError("a Reshape without a shape")
    array = _first(given)
    return array.reshape(target_shape(node, array.shape, wanted))


def _transpose(node: Node, given: Known) -> np.ndarray:
    return _first(given).transpose(node.several("perm", int) or None)


def _squeeze(node: Node, given: Known) -> np.ndarray:
    axes = integers(node, given, 1, "axes")
    return _first(given).squeeze(axes)


def _unsqueeze(node: Node, given: Known) -> np.ndarray:
    axes = integers(node, given, 1, "axes")
    if axes is None or len(axes) > 8:
        raise ValueError("an Unsqueeze without axes")
    return np.expand_dims(_first(given), axes)


def _slice(node: Node, given: Known) -> np.ndarray:
    array = _first(given)
    cuts = cut_at(node, given, array.ndim)
    return array[tuple(cuts.get(axis, slice(None)) for axis in range(array.ndim))]


def _concat(node: Node, given: Known) -> np.ndarray:
    if any(one is None for one in given):
        raise ValueError("a Concat of nothing")
    return np.concatenate([one for one in given if one is not None], axis=node.integer("axis", 1))


def _gather(node: Node, given: Known) -> np.ndarray:
    if len(given) < 2 or given[1] is None or given[1].size > 1_000:
        raise ValueError("a Gather of many rows")
    array, axis = _first(given), node.integer("axis", 0)
    if array.size // max(array.shape[axis], 1) * given[1].size > LIMITS.parameters:
        raise ValueError(f"a Gather of more than {LIMITS.parameters:,} numbers")
    return array.take(given[1], axis=axis)


def _cast(node: Node, given: Known) -> np.ndarray:
    array, kind = _first(given), node.integer("to", 0)
    if kind == onnx.TensorProto.FLOAT16:
        raise ValueError("a Cast to fewer digits")
    if kind in FLOATS:
        return array.astype(np.float32)
    if kind == onnx.TensorProto.INT64 and array.dtype == np.int64:
        return array
    raise ValueError("a Cast to other numbers than weights are")


def _first(given: Known) -> np.ndarray:
    array = given[0]
    if array is None:
        raise ValueError("a node without its first input")
    return array


FOLDABLE: dict[str, Callable[[Node, Known], np.ndarray]] = {
    "Cast": _cast,
    "Concat": _concat,
    "Gather": _gather,
    "Identity": lambda _, given: _first(given),
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
