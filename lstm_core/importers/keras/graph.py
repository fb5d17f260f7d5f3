"""The graph in a Keras configuration: its layers, and which recurrent ones read one another."""

import reprlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lstm_core.importers.limits import LIMITS, UnreadableFile

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "RNN", "Bidirectional")
MODELS = ("Sequential", "Functional", "Model")
# What these give on is what they read, once training is over.
SILENT = (
    "InputLayer",
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
    "Masking",
    "Identity",
)
MAX_MODEL_DEPTH = 8  # models within models

Source = tuple[str, int]  # the layer that gives a tensor, and which of its outputs that is


@dataclass(frozen=True, eq=False)
class Node:
    """One layer of a model, and what it reads."""

    name: str
    kind: str  # Keras's class_name
    config: Mapping[str, Any]
    ordinal: int  # among the layers of its class in its model, from 0: how Keras 3 names its weights
    inputs: tuple[Source, ...] = ()
    uses: int = 1  # how often it is called
    parents: tuple["Node", ...] = ()  # the models that it lies in, but for the outermost

    @property
    def silent(self) -> bool:
        linear = self.kind == "Activation" and self.config.get("activation") == "linear"
        return self.kind in SILENT or linear

    @property
    def inner(self) -> "Node":
        """Of TimeDistributed(layer) the layer, which is called at each step; else itself."""
        if self.kind != "TimeDistributed":
            return self
        kind, config = described(self.config.get("layer"), self.name)
        return Node(self.name, kind, config, self.ordinal, self.inputs, self.uses, self.parents)

    @property
    def sequences(self) -> bool:
        """Does a recurrent one give its state at each step, not at the last alone?"""
        config = described(self.config.get("layer"), self.name)[1] if self.kind == "Bidirectional" else self.config
        return bool(config.get("return_sequences", False))


@dataclass(frozen=True, eq=False)
class Graph:
    """The layers of one model by name, in Keras's order."""

    nodes: Mapping[str, Node]
    readers: Mapping[str, list[Node]] = field(default_factory=dict)  # of a layer's first output

    def source(self, node: Node) -> tuple[Node | None, list[Node]]:
        """Which layer's first output does a node read, and through which silent ones?"""
        passed: list[Node] = []
        here = node
        while here.inputs and len(passed) <= len(self.nodes):
            name, output = here.inputs[0]
            below = self.nodes.get(name)
            if below is None or output or (below.uses > 1 and below.kind != "Embedding"):
                return None, passed
            if not below.silent or not below.inputs:
                return below, passed
            passed.append(below)
            here = below
        return None, passed

    def above(self, node: Node) -> list[Node]:
        """Which layers read what a node gives, through silent ones or not?"""
        found: dict[str, Node] = {}
        waiting, seen = [node.name], {node.name}
        while waiting:
            for reader in self.readers.get(waiting.pop(), ()):
                if not reader.silent:
                    found[reader.name] = reader
                elif reader.name not in seen:
                    seen.add(reader.name)
                    waiting.append(reader.name)
        return list(found.values())

    def runs(self) -> list[list[Node]]:
        """Recurrent layers of which each reads nothing but the sequences of the one below it."""
        recurrent = [node for node in self.nodes.values() if node.kind in RECURRENT]
        below = {node.name: self._chained(node) for node in recurrent}
        after = {one.name: self.nodes[name] for name, one in below.items() if one is not None}
        runs = []
        for node in recurrent:
            if below[node.name] is not None:
                continue
            run = [node]
            while (above := after.get(run[-1].name)) is not None:
                run.append(above)
            runs.append(run)
        return runs

    def _chained(self, node: Node) -> Node | None:
        source, _ = self.source(node)
        usable = source is not None and source.kind in RECURRENT and source.sequences and node.uses == 1
        return (
            source
            if usable and source is not None and [one.name for one in self.above(source)] == [node.name]
            else None
        )


def described(layer: object, where: str) -> tuple[str, Mapping[str, Any]]:
    """The class and the configuration of a layer that Keras wrote. Raises UnreadableFile for anything else."""
    match layer:
        case {"class_name": str(kind), "config": dict(config)}:
            return kind, config
    raise UnreadableFile(
        f"the layer in {where[:80]!r} is described by {reprlib.repr(layer)[:80]}: save the model again"
    )


def graphs(config: Mapping[str, Any], parents: tuple[Node, ...] = ()) -> Iterator[Graph]:
    """The graph of a model and of each model within it. Raises UnreadableFile for what Keras never writes."""
    kind, settings = config.get("class_name"), config.get("config")
    layers = settings.get("layers") if isinstance(settings, dict) else settings  # a bare list before Keras 2.2.3
    if not isinstance(layers, list) or len(layers) > LIMITS.tensors or len(parents) > MAX_MODEL_DEPTH:
        raise UnreadableFile("this file does not describe its layers as Keras does: save the model again")
    nodes: dict[str, Node] = {}
    seen: dict[str, int] = defaultdict(int)
    for layer in layers:
        node = _node(layer, seen, parents)
        if kind == "Sequential" and nodes:
            node = _with_inputs(node, ((next(reversed(nodes)), 0),), 1)
        elif kind != "Sequential":
            calls = layer.get("inbound_nodes")
            calls = calls if isinstance(calls, list) else []
            node = _with_inputs(node, tuple(_sources(calls[0] if calls else ())), max(len(calls), 1))
        if node.name in nodes:
            raise UnreadableFile(f"two layers are called {node.name[:80]!r}: save the model again")
        nodes[node.name] = node
    readers: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        for name, output in node.inputs:
            if output == 0:
                readers[name].append(node)
    yield Graph(nodes, readers)
    for node in nodes.values():
        if node.kind in MODELS and isinstance(node.config.get("layers"), list):
            yield from graphs({"class_name": node.kind, "config": node.config}, (*parents, node))


def _node(layer: object, seen: dict[str, int], parents: tuple[Node, ...]) -> Node:
    kind, config = described(layer, "the model")
    name = config.get("name")
    if name is None and isinstance(layer, dict):
        name = layer.get("name")
    if not isinstance(name, str) or not name:
        raise UnreadableFile(
            f"a layer of class {kind[:40]} has no name in this file, perhaps for want of get_config: save the weights "
            "alone, model.save_weights('model.weights.h5'), and upload those"
        )
    seen[kind] += 1
    return Node(name, kind, config, seen[kind] - 1, parents=parents)


def _with_inputs(node: Node, inputs: tuple[Source, ...], uses: int) -> Node:
    return Node(node.name, node.kind, node.config, node.ordinal, inputs, uses, node.parents)


def _sources(call: object, depth: int = 0) -> Iterator[Source]:
    """The tensors that one call of a layer is given, as Keras 3 writes them or as Keras 2 does."""
    if depth > MAX_MODEL_DEPTH:
        raise UnreadableFile("the layers of this model are not connected as Keras does it: save the model again")
    match call:
        case {"class_name": "__keras_tensor__", "config": {"keras_history": [str(name), int(_), int(output)]}}:
            yield name, output
        case {"args": args, "kwargs": dict(named)}:
            yield from _sources(args, depth + 1)
            yield from _sources([one for name, one in named.items() if name != "mask"], depth + 1)
        case [str(name), int(_), int(output), *rest]:
            yield name, output
            for settings in rest:
                if isinstance(settings, dict):
                    yield from _sources([one for key, one in settings.items() if key != "mask"], depth + 1)
        case list(several):
            for one in several:
                yield from _sources(one, depth + 1)
