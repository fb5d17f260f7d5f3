"""From a checkpoint's tensors to chains: its stacks, with the embedding below and the readout above."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstm_core.importers.imported import Chain
from lstm_core.importers.keras.layers import Refused
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.tensorflow.bundle import Tensors
from lstm_core.importers.tensorflow.cells import Arrays, Module, module_of
from lstm_core.importers.tensorflow.ends import Surroundings, embedding_of, head_from, head_of, surroundings
from lstm_core.importers.tensorflow.graph import GraphFacts
from lstm_core.importers.tensorflow.keras_model import KerasModel
from lstm_core.importers.tensorflow.layers import ENDS, Run, StackedLayer, runs_of
from lstm_core.importers.tensorflow.variables import Matrix, Variables

WRAPPERS = "Without the graph (.meta) wrappers such as ResidualWrapper leave no trace: none is assumed."


def chains_of(
    variables: Variables, bundle: Tensors, facts: GraphFacts, model: KerasModel | None
) -> tuple[tuple[Chain, ...], list[str]]:
    """The chains to choose from, the one that shows most first, and a sentence for each cell that cannot be opened.

    Raises UnreadableFile where there is none.
    """
    if len(variables.groups) > LIMITS.layers:
        raise UnreadableFile(
            f"this file has {len(variables.groups)} recurrent cells; Gatescope opens up to {LIMITS.layers} layers"
        )
    modules, refused = _modules(variables, bundle, facts, model)
    if not modules:
        raise UnreadableFile(refused[0].removesuffix(".") if refused else _nothing(variables))
    runs = runs_of(modules, ordered=variables.ordered)
    around = surroundings(variables, runs)
    read: dict[str, np.ndarray] = {}

    def arrays(key: str) -> np.ndarray:
        if key not in read:
            read[key] = bundle.array(key)
        return read[key]

    chains = [_chain(run, around, arrays, model, graph=facts.read and not facts.absent) for run in runs]
    chains.sort(key=lambda one: (one.head is None, one.embedding is None, -len(one.layouts)))
    return _within_limits(chains, refused), refused


def _modules(
    variables: Variables, bundle: Tensors, facts: GraphFacts, model: KerasModel | None
) -> tuple[list[Module], list[str]]:
    modules, refused = [], []
    for group in variables.groups:
        try:
            modules.append(
                module_of(group, bundle.array, facts.of(group.scope), None if model is None else model.settings(group))
            )
        except Refused as error:
            refused.append(f"{error}.")
    return modules, refused


def _nothing(variables: Variables) -> str:
    names = [one.weight.name for one in variables.matrices] + [one.name for one in variables.others]
    shown = ", ".join(repr(name[:60]) for name in names[:4]) + (" …" if len(names) > 4 else "")
    return (
        f"this checkpoint has no recurrent cell that is called as TensorFlow and Keras call theirs (it has {shown or 'no weights'}): "
        "in your program load it and save the Keras model with model.save('model.keras')"
    )


def _chain(run: Run, around: Surroundings, arrays: Arrays, model: KerasModel | None, *, graph: bool) -> Chain:
    layers = [*run.layers[:-1], _ending(run.top)]
    notes = [*run.notes, *(note for layer in layers for note in layer.notes)]
    if not graph and any(not one.keras and one.layout.outputs == one.layout.features for one in layers[1:]):
        notes.append(WRAPPERS)
    embedding, about_embedding = embedding_of(run, around)
    head, about_head = head_of(run, around)
    notes += about_embedding + about_head
    top = layers[-1]
    if top.layout.ends and not (top.settings or {}).get("name"):
        notes.append(ENDS.format(name=top.title))
    weights: dict[str, np.ndarray] = {}
    for number, layer in enumerate(layers):
        weights |= layer.named(number)
    return Chain(
        name=_name(run),
        sources=tuple(layer.title for layer in layers),
        layouts=tuple(layer.layout for layer in layers),
        weights=weights,
        embedding=None if embedding is None else arrays(embedding.weight.key),
        head=None if head is None else head_from(head, arrays, _activation(head, model)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _activation(head: Matrix, model: KerasModel | None) -> str | None:
    return None if model is None else model.activation(head.weight.path[:-1])


def _ending(top: StackedLayer) -> StackedLayer:
    """The topmost layer of Keras gives its last state alone, unless its settings say otherwise."""
    if not top.keras or top.layout.reading == "forward":
        return top
    every = (top.settings or {}).get("return_sequences", False)
    return replace(top, layout=replace(top.layout, ends=not every))


def _name(run: Run) -> str:
    """What a stack is called: by what its layers' names begin with, or one after the other."""
    titles = [layer.title for layer in run.layers]
    parts = [title.split("/") for title in titles]
    common = 0
    while all(len(one) > common for one in parts) and len({one[common] for one in parts}) == 1:
        common += 1
    if len(titles) > 1 and common and not run.notes:
        return "/".join(parts[0][:common])
    return " → ".join(titles)


def _within_limits(chains: Sequence[Chain], refused: list[str]) -> tuple[Chain, ...]:
    kept: list[Chain] = []
    total = 0
    for chain in chains:
        total += chain.parameters
        if total > LIMITS.parameters:
            if not kept:
                raise UnreadableFile(
                    f"{chain.name} has {chain.parameters:,} parameters; Gatescope opens up to {LIMITS.parameters:,}"
                )
            refused.append(
                f"{chain.name} is not offered: with it there were more than {LIMITS.parameters:,} parameters."
            )
            total -= chain.parameters
            continue
        kept.append(chain)
    return tuple(kept)
