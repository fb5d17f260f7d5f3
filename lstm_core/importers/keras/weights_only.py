"""A Keras file of weights alone: which layers can it be, by the shapes of their tensors, and in which order?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import numpy as np

from lstm_core.importers.keras.graph import SILENT, Graph, Node, graphs
from lstm_core.importers.keras.hdf5 import Hdf5
from lstm_core.importers.keras.weights import Store, in_order, snake_case, variables

GATES = {4: "LSTM", 3: "GRU", 1: "SimpleRNN"}
MAX_ORDERED_LAYERS = 10  # layers of which the order is looked for
OTHER = "Other"  # a layer of which nothing is known
SILENT_NAMES = {snake_case(kind) for kind in SILENT} | {"input"}


@runtime_checkable
class Tensors(Protocol):
    """Tensors by their paths."""

    def shape(self, path: str) -> tuple[int, ...]: ...

    def array(self, path: str) -> np.ndarray: ...


@dataclass(frozen=True)
class Listed:
    """A layer by its name and the paths of its tensors."""

    name: str
    paths: list[str]
    twofold: bool = False  # are there tensors of both directions?


@dataclass(eq=False)
class Guess:
    """What a layer with these tensors can be."""

    name: str
    kind: str = OTHER
    paths: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    reads: int = -1  # numbers a step; 0 for classes
    gives: int = -2

    @property
    def recurrent(self) -> bool:
        return self.gives > 0 and self.kind not in ("Dense", "Embedding")

    def give_sequences(self) -> None:
        settings = self.config["layer"]["config"] if self.kind == "Bidirectional" else self.config
        settings["return_sequences"] = True


def assumed_by_name(file: Hdf5, root: str, *, gate: str) -> tuple[list[Graph], Store, list[str]]:
    """Of a file as Keras 2 writes it, which lists its layers in their order; `gate` is the gates' activation."""
    layers = []
    for name in file.texts(root, "layer_names") or []:
        group = f"{root}/{name}" if root else name
        paths = [f"{group}/{variable}" for variable in file.texts(group, "weight_names") or []]
        layers.append(Listed(name, paths, twofold=bool(paths) and "forward" in paths[0]))
    return assumed_in_order(file, layers, "The file lists its layers without their settings", gate=gate)


def assumed_in_order(
    file: Tensors, listed: Sequence[Listed], note: str, *, gate: str
) -> tuple[list[Graph], Store, list[str]]:
    """Of layers in their order, those without tensors among them; `note` begins the sentence on what is assumed."""
    layers: list[Guess] = []
    for one in listed:
        if one.paths:
            layers.append(_guess(file, one.name, one.paths, gate, twofold=one.twofold))
        elif re.sub(r"_\d+$", "", one.name) not in SILENT_NAMES:
            layers.append(Guess(one.name))
    while layers and not layers[-1].paths:  # an activation, as a rule
        layers.pop()
    fitting = layers[:1]
    for below, above in pairwise(layers):
        fitting += [above] if below.gives == above.reads else [Guess(f"what comes before {above.name}"), above]
    return _assumed(file, fitting, [f"{note}: {_defaults(_gates(layers))}."])


def assumed_by_shape(file: Hdf5) -> tuple[list[Graph], Store, list[str]]:
    """Of a file as Keras 3 writes it, which tells no order: the only one in which shapes fit, or none."""
    layers = list(_numbered(file))
    note = f"The file holds weights alone: {_defaults(_gates(layers))}."
    order = _only_order(layers)
    if order is not None:
        notes = [note, "The order of the layers follows from their shapes."] if len(order) > 1 else [note]
        return _assumed(file, order, notes)
    layers = [one for one in layers if one.recurrent] or layers
    apart = "The order of the layers is not in the file and does not follow from their shapes: they are shown apart."
    found, store, notes = _assumed(file, layers, [note, apart])
    nodes = [node for graph in found for node in graph.nodes.values()]
    return [Graph({node.name: Node(node.name, node.kind, node.config, node.ordinal)}) for node in nodes], store, notes


def _gates(layers: Sequence[Guess]) -> str:
    """The activations of the gates that are assumed: of CuDNN's layers, told by their biases, sigmoid."""
    settings = [one.config.get("layer", {}).get("config", one.config) for one in layers if one.recurrent]
    gated = [str(one["recurrent_activation"]) for one in settings if "recurrent_activation" in one]
    return " and ".join(dict.fromkeys(gated)) or "sigmoid"


def _defaults(gate: str) -> str:
    return (
        f"activations (tanh, {gate}), the order of reading, that the top layer gives its last state alone and "
        "the activation of the readout are not in it, and are taken to be as Keras has them unless told otherwise"
    )


def _assumed(file: Tensors, layers: Sequence[Guess], notes: list[str]) -> tuple[list[Graph], Store, list[str]]:
    paths = {one.name: one.paths for one in layers}
    for below, above in pairwise(layers):
        if below.recurrent and (above.recurrent or above.name.startswith("time_distributed")):
            below.give_sequences()
    untold = [one.name for one in layers if "reset_after" in one.config.get("layer", {}).get("config", one.config)]
    if untold:
        notes = [
            *notes,
            f"Without biases {untold[0]!r} does not tell where its reset gate acts: taken is reset_after=True.",
        ]
    described = [{"class_name": one.kind, "config": one.config | {"name": one.name}} for one in layers]
    found = list(graphs({"class_name": "Sequential", "config": {"layers": described}}))
    return found, lambda node: [file.array(path) for path in paths[node.name]], notes


def _guess(file: Tensors, name: str, paths: list[str], gate: str, *, twofold: bool) -> Guess:
    half = len(paths) // 2
    if twofold and len(paths) in (4, 6):
        side = _guess(file, name, paths[:half], gate, twofold=False)
        if side.recurrent:
            layer = {"class_name": side.kind, "config": side.config}
            return Guess(name, "Bidirectional", paths, {"layer": layer}, side.reads, 2 * side.gives)
    match [file.shape(path) for path in paths]:
        case [(reads, columns), (units, rows), *bias] if (
            len(bias) < 2 and units and columns == rows and rows % units == 0 and rows // units in GATES
        ):
            config: dict[str, Any] = {"use_bias": bool(bias), "recurrent_activation": gate}
            if bias and bias[0] == (2 * rows,):
                config["recurrent_activation"] = "sigmoid"  # CuDNN's, which has no other
            elif not bias and rows == 3 * units:
                config["reset_after"] = True
            return Guess(name, GATES[rows // units], paths, config, reads, units)
        case [(reads, gives), (biases,)] if gives == biases:
            return Guess(name, "Dense", paths, {"activation": ""}, reads, gives)
        case [(reads, gives)]:
            if "kernel" in paths[0]:
                return Guess(name, "Dense", paths, {"activation": ""}, reads, gives)
            return Guess(name, "Embedding", paths, {}, 0, gives)
    return Guess(name, paths=paths)


def _numbered(file: Hdf5) -> Iterator[Guess]:
    """The layers of a Keras 3 file, those of one class in their order."""
    groups = (path.removesuffix("/vars") for path in file.groups if path.endswith("/vars"))
    places = {path for path in groups if variables(file, path) and not path.startswith("optimizer")}
    names: set[str] = set()
    for place in in_order(list(places)):
        if place.endswith("seed_generator") or "/backward_layer" in place:
            continue
        start, _, rest = place.partition("/forward_layer")
        back = f"{start}/backward_layer{rest}"
        paths = variables(file, place) + (variables(file, back) if start != place and back in places else [])
        layer = start.removesuffix("/cell").removesuffix("/layer")
        name = file.text(f"{layer}/vars", "name") or layer.removeprefix("layers/")  # newer files have the layer's name
        name = layer if name in names else name
        names.add(name)
        yield _guess(file, name, paths, "sigmoid", twofold=start != place)


def _only_order(layers: Sequence[Guess]) -> list[Guess] | None:
    """Embedding, recurrent ones, dense ones, each reading as many numbers as the one below gives.

    None where there are several such orders, or none, or layers of which nothing is known.
    """
    if len(layers) > MAX_ORDERED_LAYERS or any(one.kind == OTHER for one in layers):
        return None
    found: list[list[Guess]] = []

    def grow(order: list[Guess], left: list[Guess]) -> None:
        if len(found) > 1:
            return
        if not left:
            found.append(order)
        kinds: set[str] = set()
        for one in left:
            first = one.kind not in kinds  # of its class: these are numbered in their order
            kinds.add(one.kind)
            stage = max((_stage(below) for below in order), default=0)
            if first and _stage(one) >= stage and (not order or order[-1].gives == one.reads):
                grow([*order, one], [other for other in left if other is not one])

    grow([], list(layers))
    return found[0] if len(found) == 1 else None


def _stage(layer: Guess) -> int:
    return 0 if layer.kind == "Embedding" else 1 if layer.recurrent else 2
