"""What a graph of TensorFlow 1 says that its weights do not: forget biases, activations, and the order of variables.

A graph lies in model.ckpt.meta (a MetaGraphDef) or in saved_model.pb. A cell of it is the operations whose names begin
alike; those of while loops lie in functions. Nothing of it is run: names, kinds and constants are read.
Source: tensorflow/core/framework/graph.proto, node_def.proto, attr_value.proto; tensorflow/core/protobuf/meta_graph.proto.
"""

import math
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lstm_core.importers.protobuf_fields import Fields, Value, message, number, text

MAX_FIELDS = 600_000
BLOCKS = ("LSTMBlockCell", "BlockLSTM", "BlockLSTMV2")  # operations that are a whole cell
ACTIVATIONS = {  # kinds of operations, and what they are in `lstm_core.cells`; "" where it has none
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Relu": "relu",
    "Softsign": "softsign",
    **dict.fromkeys(("Relu6", "Elu", "Selu", "Softplus", "LeakyRelu", "Sin", "Cos"), ""),
}
OTHERS = re.compile(r"cell_\d+|fw|bw")  # of two that differ in these both are there
SPLIT = re.compile(r"(.+)/split(?::output)?:2")  # i, j, f and o are split in this order


@dataclass
class CellFacts:
    """What the operations of one cell say of it."""

    place: tuple[str, ...]  # the function that they lie in, if any, and the names that theirs begin with
    forget_biases: set[float] = field(default_factory=set)
    activations: set[str] = field(default_factory=set)  # kinds of operations
    clips: set[float] = field(default_factory=set)  # where cell states are cut off
    residual: bool = False  # is what it reads added to what it gives?
    left_out: bool = False  # was the graph too large to be read?
    absent: str = ""  # where there can be no graph: why what it would tell is assumed


@dataclass(frozen=True, eq=False)
class GraphFacts:
    """What a graph says of all cells in it, and its variables in the order in which they were made."""

    cells: tuple[CellFacts, ...] = ()
    order: Mapping[str, int] = field(default_factory=dict)
    read: bool = False  # was there a graph?
    left_out: bool = False  # and was it too large to be read?
    absent: str = ""  # where there can be none: why what it would tell is assumed

    def of(self, scope: str) -> CellFacts | None:
        """What is said of the cell with the variables of `scope`; None where there is no graph."""
        if not self.read:
            return None
        wanted = tuple(scope.split("/"))
        likeness = [_alike(wanted, one.place) for one in self.cells]
        near = max(likeness, default=(0, 0))
        if not near[0]:
            return CellFacts(wanted, left_out=self.left_out, absent=self.absent)
        best = [one for one, alike in zip(self.cells, likeness, strict=True) if alike == near]
        directions = {part for part in wanted if part in ("fw", "bw")}
        own = [one for one in best if directions & set(re.split(r"[/_]", one.place[0]))]
        best = own if directions and own else best
        found = CellFacts(wanted)
        for one in best:
            found.forget_biases |= one.forget_biases
            found.activations |= one.activations
            found.clips |= one.clips
            found.residual |= one.residual
        return found


@dataclass(frozen=True, eq=False)
class _Operation:
    name: str
    kind: str
    inputs: tuple[str, ...]
    attributes: tuple[memoryview, ...]


def graph_facts(content: memoryview, *, saved_model: bool) -> GraphFacts:
    """Read a .meta file, or a saved_model.pb. Raises ValueError for anything else."""
    fields = Fields(MAX_FIELDS)
    metas = [content]
    if saved_model:
        metas = [message(one) for one in fields.named(content, {2: "metas"})["metas"][:1]]
    cells: dict[tuple[str, ...], CellFacts] = {}
    order: dict[str, int] = {}
    for meta in metas:
        told = fields.named(meta, {2: "graph", 4: "collections"})
        for one in told["collections"]:
            for name in _collected(fields, message(one)):
                order.setdefault(name, len(order))
        for graph in told["graph"]:
            for function, nodes in _bodies(fields, message(graph)):
                _look(function, [_operation(fields, node) for node in nodes], fields, cells)
    return GraphFacts(tuple(cells.values()), order, read=True)


def _alike(wanted: tuple[str, ...], place: tuple[str, ...]) -> tuple[int, int]:
    """How many names do they end with alike, but for numbers that TensorFlow adds to the second of a name, and with those?"""
    count = exactly = 0
    for one, other in zip(reversed(wanted), reversed([part for part in place if part != "while"]), strict=False):
        if one != other and OTHERS.fullmatch(one) and OTHERS.fullmatch(other):
            return 0, 0  # of the same stack, but not the same
        if one != other and _plain(one) != _plain(other):
            break
        count += 1
        exactly += one == other
    return count, exactly


def _plain(name: str) -> str:
    return re.sub(r"(_\d{1,6})+$", "", name)


def _collected(fields: Fields, content: memoryview) -> Iterator[str]:
    """The names in a collection of variables (VariableDef)."""
    entry = fields.named(content, {1: "name", 2: "value"})
    if not entry["name"] or text(entry["name"][0]) not in ("trainable_variables", "variables", "model_variables"):
        return
    for value in entry["value"]:
        for bytes_list in fields.named(message(value), {2: "bytes"})["bytes"]:
            for variable in fields.named(message(bytes_list), {1: "value"})["value"]:
                for name in fields.named(message(variable), {1: "name"})["name"][:1]:
                    yield text(name).removesuffix(":0")


def _bodies(fields: Fields, graph: memoryview) -> Iterator[tuple[str, list[memoryview]]]:
    """The operations of the graph, and those of each function in it, with the function's name."""
    told = fields.named(graph, {1: "nodes", 2: "library"})
    yield "", [message(one) for one in told["nodes"]]
    for library in told["library"]:
        for one in fields.named(message(library), {1: "functions"})["functions"]:
            function = fields.named(message(one), {1: "signature", 3: "nodes"})
            names = [fields.named(message(signature), {1: "name"})["name"] for signature in function["signature"]]
            yield text(names[0][0]) if names and names[0] else "", [message(node) for node in function["nodes"]]


def _operation(fields: Fields, content: memoryview) -> _Operation:
    told = fields.named(content, {1: "name", 2: "kind", 3: "inputs", 5: "attributes"})
    return _Operation(
        _first(told["name"]),
        _first(told["kind"]),
        tuple(text(one) for one in told["inputs"]),
        tuple(message(one) for one in told["attributes"]),
    )


def _first(values: list[Value]) -> str:
    return text(values[0]) if values else ""


def _look(function: str, operations: list[_Operation], fields: Fields, cells: dict[tuple[str, ...], CellFacts]) -> None:
    """Add what the operations of one body say of the cells in it."""
    constants = {one.name: one for one in operations if one.kind == "Const"}

    def cell(name: str) -> CellFacts:
        scope = name.rpartition("/")[0]
        place = (function, *scope.split("/"))
        return cells.setdefault(place, CellFacts(place))

    for one in operations:
        if one.name.startswith("gradients"):
            continue
        for inside in _cells_added(one):
            cell(f"{inside}/").residual = True
        if one.kind in ("Add", "AddV2", "BiasAdd") and (split := [SPLIT.fullmatch(read) for read in one.inputs]):
            added = [read for read, match in zip(one.inputs, split, strict=True) if match is None]
            if len(added) == 1 and len(split) == 2:
                value = _constant(fields, constants.get(added[0].partition(":")[0]))
                if value is not None:
                    cell(one.name).forget_biases.add(value)
        elif one.kind in BLOCKS:
            value = _attribute(fields, one, "forget_bias")
            cell(one.name).forget_biases.add(1.0 if value is None else value)
        elif one.kind in ACTIVATIONS:
            cell(one.name).activations.add(one.kind)
        elif one.kind == "Minimum" and "clip_by_value" in one.name:
            values = [_constant(fields, constants.get(read.partition(":")[0])) for read in one.inputs]
            cell(one.name.rpartition("/")[0]).clips |= {value for value in values if value is not None}


def _cells_added(operation: _Operation) -> list[str]:
    """The cells just below an addition whose output it takes, as ResidualWrapper does."""
    scope = operation.name.rpartition("/")[0]
    if operation.kind not in ("Add", "AddV2"):
        return []
    read = [name.partition(":")[0].rpartition("/")[0] for name in operation.inputs]
    return [one for one in read if one.rpartition("/")[0] == scope and _plain(one).lower().endswith("cell")]


def _constant(fields: Fields, operation: _Operation | None) -> float | None:
    """The one number of a constant; None for anything else."""
    if operation is None:
        return None
    for attribute in operation.attributes:
        entry = fields.named(attribute, {1: "name", 2: "value"})
        if entry["name"] and text(entry["name"][0]) == "value" and entry["value"]:
            for tensor in fields.named(message(entry["value"][0]), {8: "tensor"})["tensor"]:
                return _number(fields, message(tensor))
    return None


def _number(fields: Fields, tensor: memoryview) -> float | None:
    """The number of a TensorProto of one float, whichever way it is written; 0 is not written at all."""
    told = fields.named(tensor, {1: "kind", 2: "shape", 4: "content", 5: "floats"})
    if not told["kind"] or number(told["kind"][0]) != 1 or any(len(message(shape)) for shape in told["shape"]):
        return None
    written: list[Value] = told["content"] + told["floats"]
    raw = b"" if not written else written[0]
    raw = raw.to_bytes(4, "little") if isinstance(raw, int) else bytes(raw)
    value = 0.0 if not raw else float(struct.unpack("<f", raw)[0]) if len(raw) == 4 else math.nan
    return value if math.isfinite(value) else None


def _attribute(fields: Fields, operation: _Operation, name: str) -> float | None:
    """A float among an operation's attributes; None where there is none."""
    for attribute in operation.attributes:
        entry = fields.named(attribute, {1: "name", 2: "value"})
        if entry["name"] and text(entry["name"][0]) == name and entry["value"]:
            for value in fields.named(message(entry["value"][0]), {4: "float"})["float"]:
                found = struct.unpack("<f", number(value).to_bytes(8, "little")[:4])[0]
                return float(found) if math.isfinite(found) else None
    return None
