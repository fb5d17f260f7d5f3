"""From a Keras model's graph and its tensors: chains of recurrent layers, with the embedding below and the readout above."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from lstm_core.importers.imported import Chain, Head, HeadActivation, untold_between
from lstm_core.importers.keras.graph import RECURRENT, Graph, Node
from lstm_core.importers.keras.layers import Refused, StackedLayer, reading_of, stacked_layers_of
from lstm_core.importers.keras.weights import Store
from lstm_core.importers.limits import LIMITS, UnreadableFile

ONE_HOT = ("CategoryEncoding", "StringLookup", "IntegerLookup")
TAKEN_FOR_ONE_HOT = (
    "{head!r} gives a probability for each of the numbers that the first layer reads, so the input is taken for one-hot "
    "vectors of {classes:,} classes."
)
ACTIVATIONS: dict[object, HeadActivation] = {
    "softmax": "softmax",
    "sigmoid": "sigmoid",
    "linear": "linear",
    None: "linear",
    "": "unknown",
}


@dataclass(eq=False)
class Piece:
    """A part of a run of layers in which each can be opened and reads the one below."""

    nodes: list[Node] = field(default_factory=list)
    stacked_layers: list[StackedLayer] = field(default_factory=list)
    turned: bool = False  # does the topmost give the last token first?
    notes: list[str] = field(default_factory=list)


def chains_of(
    graphs: list[Graph], store: Store, version: int, *, logits: bool = False, told: bool = True
) -> tuple[list[Chain], list[str]]:
    """All chains, the one that shows most first, and a sentence for each layer that cannot be opened.

    `logits` tells that the loss turns the model's linear outputs into probabilities, by a softmax; `told` whether the file
    has the layers without weights, too, which may stand between the recurrent ones and the readout.
    Raises UnreadableFile for weights that do not fit the configuration.
    """
    several = sum(node.kind in RECURRENT for graph in graphs for node in graph.nodes.values())
    if several > LIMITS.layers:
        raise UnreadableFile(f"this model has {several} recurrent layers; Gatescope opens up to {LIMITS.layers}")
    refused: list[str] = []
    chains = [
        _chain(graph, piece, store, last=piece.nodes[-1] is run[-1], logits=logits, told=told)
        for graph in graphs
        for run in graph.runs()
        for piece in _pieces(run, store, version, refused)
    ]
    chains.sort(key=lambda one: (one.head is None, one.embedding is None, -len(one.layouts)))
    return chains, refused


def _pieces(run: list[Node], store: Store, version: int, refused: list[str]) -> Iterator[Piece]:
    piece = Piece()
    for node in run:
        if piece.turned and node.kind == "Bidirectional":
            yield piece
            piece = Piece(
                notes=[
                    f"{node.name!r} is given what {run[run.index(node) - 1].name!r} read backwards, the last token first, so that "
                    "its two directions change places: the two are shown apart."
                ]
            )
        try:
            stacked_layers = stacked_layers_of(node, store(node), version, turned=piece.turned)
        except Refused as error:
            refused.append(f"{error}.")
            if piece.nodes:
                yield piece
            piece = Piece()
            continue
        piece.turned = reading_of(node, turned=piece.turned) == "reverse"
        piece.nodes.append(node)
        piece.stacked_layers += stacked_layers
    if piece.nodes:
        yield piece


def _chain(graph: Graph, piece: Piece, store: Store, *, last: bool, logits: bool, told: bool) -> Chain:
    notes = list(piece.notes)
    embedding, one_hot = _below(graph, piece.nodes[0], store, notes)
    for node in piece.nodes:
        if len(node.inputs) > 1:
            notes.append(f"{node.name!r} starts from states that other layers give it: here it starts from zero.")
        if node.uses > 1:
            notes.append(f"{node.name!r} is used {node.uses} times in the model: what it reads here is up to you.")
    head = _head(graph, piece.nodes[-1], store, notes) if last else None
    if logits and head is not None and head.activation == "linear" and len(head.weight) > 1:
        head = replace(head, activation="softmax")
    if not told and head is not None:
        head = replace(head, between=None)
        if embedding is None or len(embedding) != len(head.weight):
            notes.append(untold_between(repr(piece.nodes[-1].name), repr(head.name)))
    if head is not None and head.activation == "softmax" and embedding is None and not one_hot:
        features = piece.stacked_layers[0].layout.features
        one_hot = 1 < len(head.weight) == features and _reads_the_input(graph, piece.nodes[0])
        if one_hot:
            notes.append(TAKEN_FOR_ONE_HOT.format(head=head.name, classes=features))
    if head is not None and piece.turned and piece.nodes[-1].sequences:
        notes.append(
            f"Keras gives the outputs of {head.name!r} in reading order, the last token's first: "
            "here each is shown at its token."
        )
    weights: dict[str, np.ndarray] = {}
    for number, stacked in enumerate(piece.stacked_layers):
        weights |= stacked.named(number)
    sources = tuple(stacked.source for stacked in piece.stacked_layers)
    return Chain(
        name=" → ".join(node.name for node in piece.nodes),
        sources=sources,
        layouts=tuple(stacked.layout for stacked in piece.stacked_layers),
        weights=weights,
        embedding=embedding,
        one_hot=one_hot,
        head=head,
        notes=tuple(notes),
    )


def _below(graph: Graph, node: Node, store: Store, notes: list[str]) -> tuple[np.ndarray | None, bool]:
    """The embedding that a layer reads, and whether it reads one-hot vectors."""
    source, passed = graph.source(node)
    masking = [one for one in (*passed, source) if one is not None and one.kind == "Masking"]
    if masking:
        notes.append(f"Keras skips the steps that {masking[0].name!r} masks: here every step is read.")
    if source is None:
        if node.inputs:
            notes.append(f"{node.name!r} reads what other layers give: here it reads the numbers that you give it.")
        return None, False
    if source.kind == "Embedding":
        tensors = store(source)
        if len(tensors) != 1 or tensors[0].ndim != 2:
            raise UnreadableFile(f"the embedding {source.name[:80]!r} has no table of weights: save the model again")
        if len(tensors[0]) > LIMITS.vocabulary:
            raise UnreadableFile(
                f"the embedding {source.name[:80]!r} has {len(tensors[0]):,} entries; "
                f"Gatescope reads up to {LIMITS.vocabulary:,}"
            )
        if source.config.get("mask_zero"):
            notes.append(
                f"Keras skips entry 0 of {source.name!r} as padding (mask_zero): here it is read like any other."
            )
        return tensors[0], False
    if source.kind in ONE_HOT and source.config.get("output_mode") == "one_hot":
        return None, True
    if not source.silent or source.inputs:
        notes.append(
            f"{node.name!r} reads what {source.name!r} ({source.kind[:40]}) gives, which is not opened with it: "
            "give it such numbers."
        )
    return None, False


def _reads_the_input(graph: Graph, node: Node) -> bool:
    """Does a layer read what the model is given, and nothing that another layer made of it?"""
    source, _ = graph.source(node)
    return not node.inputs if source is None else source.silent and not source.inputs


def _head(graph: Graph, top: Node, store: Store, notes: list[str]) -> Head | None:
    """The dense layer that alone reads the topmost layer, where nothing but an activation comes after it."""
    above = graph.above(top)
    if not above:
        return None
    dense = above[0].inner
    if len(above) > 1 or dense.kind != "Dense":
        names = ", ".join(f"{one.name!r} ({one.inner.kind[:40]})" for one in above[:4])
        notes.append(f"What {top.name!r} gives is read by {names}: no readout is shown.")
        return None
    activation = _activation(graph, dense)
    if activation is None:
        notes.append(f"What {dense.name!r} gives is worked on further, so that it is no readout: none is shown.")
        return None
    tensors = store(above[0])
    if (
        not 1 <= len(tensors) <= 2
        or tensors[0].ndim != 2
        or any(one.shape != tensors[0].shape[1:] for one in tensors[1:])
    ):
        raise UnreadableFile(f"the tensors of {dense.name[:80]!r} do not fit a Dense layer: save the model again")
    weight = np.ascontiguousarray(tensors[0].T)
    return Head(dense.name, weight, tensors[1] if len(tensors) == 2 else np.zeros(len(weight), np.float32), activation)


def _activation(graph: Graph, dense: Node) -> HeadActivation | None:
    activation = dense.config.get("activation")
    after = graph.above(dense)
    if (
        after
        and activation in ("linear", None)
        and len(after) == 1
        and after[0].inner.kind in ("Activation", "Softmax")
    ):
        last = after[0].inner
        activation = last.config.get("activation") if last.kind == "Activation" else "softmax"
        if last.config.get("axis", -1) != -1:
            return None
        after = graph.above(after[0])
    return ACTIVATIONS.get(activation) if not after and isinstance(activation, str | None) else None
