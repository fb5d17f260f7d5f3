"""Graph: an ONNX file in plain Python, with nothing run and nothing inferred."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import onnx
from google.protobuf.message import DecodeError

from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.onnx.wire import check_description, damaged

RECURRENT = ("LSTM", "GRU", "RNN")
OWN_DOMAINS = ("", "ai.onnx")  # of the operators that the ONNX standard defines
LATEST = 22  # where a file does not say of which version its operators are

Kind = TypeVar("Kind")
Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...] | onnx.TensorProto


@dataclass(frozen=True, eq=False)
class Node:
    """One operation of a graph."""

    op: str  # "LSTM"; of other domains than ONNX's own "com.microsoft.Attention"
    name: str  # for a reader
    inputs: tuple[str, ...]  # "" for those left out
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]

    def integer(self, name: str, usual: int) -> int:
        return self._one(name, usual, int)

    def real(self, name: str, usual: float) -> float:
        return self._one(name, usual, float)

    def text(self, name: str, usual: str) -> str:
        return self._one(name, usual, str)

    def several(self, name: str, kind: type[Kind]) -> tuple[Kind, ...]:
        """The values of an attribute that is a list; none where it is absent."""
        found = self._one(name, (), tuple)
        if not all(isinstance(one, kind) for one in found):
            raise self._wrong(name)
        return found

    def tensor(self, name: str) -> onnx.TensorProto | None:
        found = self.attributes.get(name)
        if found is not None and not isinstance(found, onnx.TensorProto):
            raise self._wrong(name)
        return found

    def _one(self, name: str, usual: Kind, kind: type[Kind]) -> Kind:
        found = self.attributes.get(name, usual)
        if not isinstance(found, kind):
            raise self._wrong(name)
        return found

    def _wrong(self, name: str) -> UnreadableFile:
        return UnreadableFile(
            f"{self.name[:80]!r} ({self.op[:80]}) has an attribute {name!r} of another kind than ONNX says: "
            "export the model again"
        )


@dataclass(frozen=True, eq=False)
class Graph:
    """The main graph of a file; of those within it only what recurs in them."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, onnx.TensorProto]
    inputs: tuple[str, ...]  # that have no constant value
    outputs: tuple[str, ...]
    opset: int
    producer: str
    metadata: Mapping[str, str]
    inner: tuple[str, ...]  # recurrent operations in bodies of loops, branches and functions: "LSTM in a Loop"
    bodies: Mapping[str, Counter[str]]  # how often is each operation in the bodies of these operations?


def graph_of(content: bytes) -> Graph:
    """The graph in the bytes of an ONNX file. Raises UnreadableFile where they are none, or too large a one."""
    check_description(content)
    try:
        model = onnx.ModelProto.FromString(content)
    except DecodeError as error:
        raise damaged() from error
    graph = model.graph
    if not graph.node:
        raise damaged()
    names = [_text(one.name) for one in graph.initializer]
    constants = dict(zip(names, graph.initializer, strict=True))
    if len(constants) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableFile(f"two tensors of this graph are called {twice[:80]!r}: export the model again")
    return Graph(
        nodes=tuple(map(_node, graph.node)),
        constants=constants,
        inputs=tuple(name for one in graph.input if (name := _text(one.name)) not in constants),
        outputs=tuple(_text(one.name) for one in graph.output),
        opset=max((one.version for one in model.opset_import if one.domain in OWN_DOMAINS), default=LATEST),
        producer=_text(model.producer_name),
        metadata={_text(one.key): _text(one.value) for one in model.metadata_props},
        inner=tuple(_inner(graph.node)) + tuple(_in_functions(model)),
        bodies=_bodies(graph.node),
    )


def _node(proto: onnx.NodeProto) -> Node:
    op, domain = _text(proto.op_type), _text(proto.domain)
    outputs = tuple(map(_text, proto.output))
    return Node(
        op=_shown(op if domain in OWN_DOMAINS else f"{domain}.{op}"),
        name=_text(proto.name) or next(filter(None, outputs), op),
        inputs=tuple(map(_text, proto.input)),
        outputs=outputs,
        attributes={_text(one.name): value for one in proto.attribute if (value := _value(one)) is not None},
    )


def _value(proto: onnx.AttributeProto) -> Attribute | None:
    kinds = onnx.AttributeProto
    match proto.type:
        case kinds.INT:
            return int(proto.i)
        case kinds.FLOAT:
            return float(proto.f)
        case kinds.STRING:
            return str(proto.s.decode(errors="replace"))  # of other nodes these may be any bytes
        case kinds.INTS:
            return tuple(map(int, proto.ints))
        case kinds.FLOATS:
            return tuple(map(float, proto.floats))
        case kinds.STRINGS:
            return tuple(str(one.decode(errors="replace")) for one in proto.strings)
        case kinds.TENSOR:
            return proto.t
    return None


def _inner(nodes: Any) -> Iterator[str]:
    """The recurrent operations in the graphs that these nodes hold, however deep."""
    for node in nodes:
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                yield from (
                    f"{one.op_type} in a {_shown(_text(node.op_type))}" for one in body.node if one.op_type in RECURRENT
                )
                yield from _inner(body.node)


def _bodies(nodes: Any) -> dict[str, Counter[str]]:
    """How often is each operation in the bodies of loops and branches, however deep? By what holds the body."""
    found: dict[str, Counter[str]] = {}
    for node in nodes:
        for body in (body for attribute in node.attribute for body in (attribute.g, *attribute.graphs)):
            if not body.node:
                continue
            inside = found.setdefault(_shown(_text(node.op_type)), Counter())
            inside.update(_shown(_text(one.op_type)) for one in body.node)
            for deeper in _bodies(body.node).values():
                inside.update(deeper)
    return found


def _in_functions(model: onnx.ModelProto) -> Iterator[str]:
    for function in model.functions:
        yield from (f"{one.op_type} in a function" for one in function.node if one.op_type in RECURRENT)
        yield from _inner(function.node)


def _shown(op: str) -> str:
    """Operations are named in sentences as they are; one with a line break in its name is none of ONNX's."""
    return op if op.isprintable() else repr(op)


def _text(value: str | bytes) -> str:
    """Names are UTF-8; protobuf gives the bytes of one that is not."""
    try:
        return value if isinstance(value, str) else value.decode()
    except UnicodeDecodeError as error:
        raise damaged() from error
