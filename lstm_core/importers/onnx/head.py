"""The linear layer after the recurrent ones, and what becomes of its outputs."""

from dataclasses import replace

import numpy as np

from lstm_core.importers.imported import HeadActivation
from lstm_core.importers.onnx.constants import axis_of, integers
from lstm_core.importers.onnx.graph import Node
from lstm_core.importers.onnx.values import Known, LayerOutput, Scores, Value

ACTIVATIONS: dict[str, HeadActivation] = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}
TURNED = ("Flatten", "Reshape", "Squeeze", "Unsqueeze")


def scored(node: Node, output: LayerOutput, weight: Known, bias: Known | None) -> Scores | None:
    """What a MatMul or Gemm makes of the output of layers; None for one that is no linear layer on all of it.

    Raises UnreadableFile where its weights cannot be read.
    """
    if output.axes[-1] != "unit" or "direction" in output.axes or len(weight.shape) != 2 or not weight.real:
        return None
    matrix = weight.array
    offset = None
    if node.op == "Gemm":
        if node.integer("transA", 0) or len(output.axes) != 2:
            return None
        alpha = node.real("alpha", 1.0)
        matrix = matrix if alpha == 1 else matrix * np.float32(alpha)
        if bias is not None:
            offset = _spread(bias, matrix.shape[0 if node.integer("transB", 0) else 1])
            if offset is None:
                return None
            offset = offset * np.float32(node.real("beta", 1.0))
    if not (node.op == "Gemm" and node.integer("transB", 0)):
        matrix = matrix.T
    if matrix.shape[1] != output.width or not len(matrix):
        return None
    return Scores(output, node.name, matrix, offset, "unknown", len(output.axes))


def passed(node: Node, scores: Scores, values: list[Value], opset: int) -> Scores | None:
    """What a node makes of a linear layer's outputs that leaves them a readout; None for anything else."""
    rank = scores.rank
    if node.op in ACTIVATIONS and scores.activation == "unknown":
        axis = node.integer("axis", -1 if opset >= 13 else 1)
        last = axis == -1 or (rank is not None and axis_of(axis, rank) == rank - 1)
        return replace(scores, activation=ACTIVATIONS[node.op]) if last or node.op == "Sigmoid" else None
    if node.op == "Add" and scores.activation == "unknown" and scores.bias is None:
        others = [value for value in values if value is not scores]
        bias = _spread(others[0], len(scores.weight)) if len(others) == 1 and isinstance(others[0], Known) else None
        return None if bias is None else replace(scores, bias=bias)
    if node.op in ("Identity", "Cast", "Dropout"):
        return scores
    if node.op == "Transpose":
        order = node.several("perm", int)
        return replace(scores, rank=len(order)) if order and order[-1] == len(order) - 1 else None
    if node.op in TURNED:
        return replace(scores, rank=None)
    if node.op in ("Gather", "Slice") and rank is not None:
        return _chosen(node, scores, values, rank)
    return None


def _chosen(node: Node, scores: Scores, values: list[Value], rank: int) -> Scores | None:
    """One step, or one sequence of a batch; not some of the outputs."""
    if node.op == "Gather":
        axes: tuple[int, ...] | None = (node.integer("axis", 0),)
    else:
        axes = integers(node, [one.array if isinstance(one, Known) else None for one in values], 3, "axes")
    whole = axes is not None and all(axis_of(axis, rank) != rank - 1 for axis in axes)
    return replace(scores, rank=None) if whole else None


def _spread(bias: Value, outputs: int) -> np.ndarray | None:
    """A constant that is added to every output, or one to each."""
    if not isinstance(bias, Known) or not bias.real or bias.shape[:-1].count(1) != len(bias.shape[:-1]):
        return None
    array = bias.array.reshape(-1)
    return np.broadcast_to(array, (outputs,)).copy() if array.size in (1, outputs) else None
