"""From the inputs of a graph to its outputs, node by node and running none: what reads what?"""

from dataclasses import dataclass, field
from math import prod

import numpy as np

from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.onnx.axes import joined, moved
from lstm_core.importers.onnx.constants import FOLDABLE, folded, integers
from lstm_core.importers.onnx.graph import RECURRENT, Graph, Node
from lstm_core.importers.onnx.head import passed, scored
from lstm_core.importers.onnx.layers import Layer, layer_at
from lstm_core.importers.onnx.values import (
    Embedded,
    Given,
    Known,
    LayerOutput,
    OneHotted,
    Other,
    Scores,
    Spread,
    Value,
    Zeros,
)

TURNS = (
    "Cast",
    "Dropout",
    "Expand",
    "Identity",
    "Reshape",
    "Slice",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
    "Tile",
)
MEASURES = ("Shape", "Size")  # look at the size of a value, not at the value
PICKS = ("ArgMax", "TopK")
COPIES = ("Cast", "Concat", "Gather", "Gemm", "Reshape")  # may need memory for what they give; the others only look


@dataclass(eq=False)
class Followed:
    """What was found on the way through a graph."""

    values: dict[str, Value]
    layers: dict[int, Layer] = field(default_factory=dict)  # by their place among the recurrent nodes
    refused: list[str] = field(default_factory=list)  # why recurrent nodes cannot be shown: sentences
    after: dict[int, Other] = field(default_factory=dict)  # the first other node that reads a layer's output
    scores: list[tuple[str, Scores]] = field(default_factory=list)  # by the name of the value
    picked: set[str] = field(default_factory=set)  # names of values of which the largest is picked
    copied: int = 0  # numbers that were worked out from constants
    parameters: int = 0  # of all recurrent nodes


def follow(graph: Graph) -> Followed:
    """What does each value of the graph mean to the recurrent layers? Raises UnreadableFile for too many of them."""
    found = Followed({name: Given(name) for name in graph.inputs})
    found.values |= {name: Known(name, tensor) for name, tensor in graph.constants.items()}
    recurrent = 0
    for node in graph.nodes:
        values = [found.values.get(name, Other("nothing", name)) if name else None for name in node.inputs]
        if node.op in RECURRENT:
            recurrent += 1
            if recurrent > LIMITS.layers:
                raise UnreadableFile(
                    f"this graph has more than {LIMITS.layers} recurrent layers, and Gatescope opens no more: "
                    "export a part of the model"
                )
            _recurrent(node, values, recurrent - 1, found)
            continue
        try:
            _charge(node, values, found)
            result = _result(node, values, graph.opset)
        except (UnreadableFile, ValueError) as error:
            result = Other(node.op, node.name, str(error))
        _remember(node, values, result, found)
    return found


def _charge(node: Node, values: list[Value | None], found: Followed) -> None:
    """Count what working out a node would take. Raises ValueError where all of them together would take too much."""
    known = [value for value in values if isinstance(value, Known)]
    if node.op not in COPIES or (len(known) < len(values) and node.op != "Gemm"):
        return
    found.copied += sum(abs(prod(one.shape)) for one in known)
    if found.copied > 2 * LIMITS.parameters:
        raise ValueError(f"the constants of this graph would unfold to more than {2 * LIMITS.parameters:,} numbers")


def _remember(node: Node, values: list[Value | None], result: Value, found: Followed) -> None:
    if isinstance(result, Scores):
        found.scores.append((node.outputs[0], result))
    if node.op in PICKS:
        found.picked |= set(node.inputs[:1])
    if isinstance(result, Other) and node.op not in MEASURES:
        for value in values:
            output = value.output if isinstance(value, Scores) else value
            for part in output.parts if isinstance(output, LayerOutput) else ():
                found.after.setdefault(part.layer, result)
    alike = isinstance(result, Zeros | Given | Other)
    for place, name in enumerate(node.outputs):
        found.values[name] = result if alike or not place else Other(node.op, node.name)


def _result(node: Node, values: list[Value | None], opset: int) -> Value:
    """What does a node that does not recur give?"""
    reasons = (value.reason for value in values if isinstance(value, Other) and value.reason)
    other = Other(node.op, node.name, next(reasons, ""))
    if node.op == "Constant":
        return _constant(node)
    if node.op == "ConstantOfShape":
        filled = node.tensor("value")
        value = None if filled is None else Known(node.name, filled)
        if value is None or not value.array.any():
            return Zeros()
        return Spread(value) if value.real else other
    given = [value for value in values if value is not None]
    if not given:
        return other
    if node.op == "Expand" and isinstance(given[0], Known) and given[0].real and given[0].array.any():
        return Spread(given[0])
    if all(isinstance(value, Known) for value in given):
        return Known(node.name, folded(node, _arrays(values))) if node.op in FOLDABLE else _zeros(node, given, other)
    first = given[0]
    if node.op == "Gather" and isinstance(first, Known) and first.real and len(first.shape) == 2:
        return Embedded(first, node.name) if not node.integer("axis", 0) else other
    if node.op == "OneHot":
        return _one_hot(node, given) or other
    if isinstance(first, Embedded | OneHotted):
        return first if _keeps_rows(node, first, values) else other
    if isinstance(first, Given) and (node.op in TURNS or (node.op == "Gather" and _all_known(given[1:]))):
        return first
    return _of_layers(node, given, values, opset) or _zeros(node, given, other)


def _of_layers(node: Node, given: list[Value], values: list[Value | None], opset: int) -> Value | None:
    """What a node makes of the output of layers, or of the linear layer after them."""
    first = given[0]
    scores = next((value for value in given if isinstance(value, Scores)), None)
    if scores is not None:
        return passed(node, scores, given, opset)
    if not isinstance(first, LayerOutput):
        return None
    if node.op in ("MatMul", "Gemm") and len(given) > 1 and isinstance(given[1], Known):
        bias = given[2] if len(given) > 2 else None
        return scored(node, first, given[1], bias) if bias is None or isinstance(bias, Known) else None
    if node.op == "Concat":
        outputs = [value for value in given if isinstance(value, LayerOutput)]
        return joined(node, outputs) if len(outputs) == len(given) else None
    return moved(node, first, _arrays(values))


def _all_known(values: list[Value]) -> bool:
    return all(isinstance(value, Known) for value in values)


def _arrays(values: list[Value | None]) -> list[np.ndarray | None]:
    return [value.array if isinstance(value, Known) else None for value in values]


def _constant(node: Node) -> Value:
    tensor = node.tensor("value")
    if tensor is not None:
        return Known(node.name, tensor)
    reals = node.several("value_floats", float) or (
        node.real("value_float", 0.0) if "value_float" in node.attributes else ()
    )
    whole = node.several("value_ints", int) or (node.integer("value_int", 0) if "value_int" in node.attributes else ())
    if reals != ():
        return Known(node.name, np.array(reals, np.float32))
    return Other(node.op, node.name) if whole == () else Known(node.name, np.array(whole, np.int64))


def _zeros(node: Node, given: list[Value], other: Other) -> Value:
    """Zeros stay zeros however they are turned, spread and joined."""
    counted = given if node.op == "Concat" else given[:1]
    if node.op not in (*TURNS, "Concat", "Gather"):
        return other
    for value in counted:
        if isinstance(value, Known) and value.real and not value.array.any():
            continue
        if not isinstance(value, Zeros):
            return other
    return Zeros()


def _one_hot(node: Node, given: list[Value]) -> Value | None:
    if len(given) != 3 or not isinstance(given[1], Known) or not isinstance(given[2], Known):
        return None
    depth, off_on = given[1].array.reshape(-1), given[2].array.reshape(-1)
    plain = node.integer("axis", -1) == -1 and depth.size == 1 and off_on.tolist() == [0, 1]
    return OneHotted(int(depth[0])) if plain else None


def _keeps_rows(node: Node, value: Embedded | OneHotted, values: list[Value | None]) -> bool:
    """Is what was embedded still that, row by row, when this node has turned it?"""
    match node.op:
        case "Cast" | "Dropout" | "Identity":
            return True
        case "Transpose":
            order = node.several("perm", int)
            return bool(order) and order[-1] == len(order) - 1
        case "Squeeze" | "Unsqueeze":
            axes = integers(node, _arrays(values), 1, "axes")
            return axes is not None and -1 not in axes
        case "Reshape":
            wanted = integers(node, _arrays(values), 1, "shape")
            width = value.table.shape[1] if isinstance(value, Embedded) else value.classes
            return wanted is None or not wanted or wanted[-1] in (-1, 0, width)
    return False


def _recurrent(node: Node, values: list[Value | None], number: int, found: Followed) -> None:
    other = Other(node.op, node.name)
    _remember(node, values, other, found)
    try:
        layer = layer_at(node, values)
    except UnreadableFile as error:
        found.refused.append(str(error))
        return
    found.parameters += sum(one.size for one in layer.weights.values())
    if found.parameters > LIMITS.parameters:
        raise UnreadableFile(
            f"the recurrent layers of this graph have {found.parameters:,} parameters or more; Gatescope opens up to "
            f"{LIMITS.parameters:,}"
        )
    found.layers[number] = layer
    if isinstance(layer.reads, LayerOutput):
        for part in layer.reads.parts:
            if found.after.get(part.layer) is other:  # it is followed: the chains say what becomes of it
                del found.after[part.layer]
    found.values |= dict(zip(node.outputs, layer.outputs(number), strict=False))
