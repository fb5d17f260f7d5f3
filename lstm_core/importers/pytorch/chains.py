"""The chains of recurrent layers in a state dict: each module alone, and those that seem to read one another."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from lstm_core.importers.imported import UNTOLD_BETWEEN, Chain, untold_between
from lstm_core.importers.inert import Record
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.pytorch.ends import Surroundings, embedding_of, head_of, surroundings
from lstm_core.importers.pytorch.initial_state import with_initial_states
from lstm_core.importers.pytorch.layers import Module, recurrent_modules
from lstm_core.importers.pytorch.state_dict import RECURRENT, as_float32

RECURRENT_WORDS = re.compile(
    r"(bi|my)?(lstms?|grus?|rnns?|recurrent|cells?|layers?|lstmcells?|grucells?|rnncells?|blocks?)"
)
ORDER = "The file does not tell the order of its layers: {names} are taken to read one another, as their sizes allow."


def chains_of(
    tensors: Mapping[str, Tensor], *, ordered: bool, described: Mapping[str, Record] | None = None
) -> tuple[tuple[Chain, ...], tuple[str, ...]]:
    """The chains to choose from, the likeliest first, and notes about the file.

    `ordered` tells that names stand in the order in which the model defines its layers; `described` are the modules of a
    whole model. Raises UnreadableFile.
    """
    modules, notes = recurrent_modules(tensors, described)
    modules, more, states = with_initial_states(modules, tensors)
    notes += more
    tensors = {name: one for name, one in tensors.items() if name not in states}
    runs = runs_of(modules)
    around = surroundings(tensors, modules, runs, ordered=ordered)
    chains: list[Chain] = []
    total = 0
    for run in [*runs, *([module] for module in modules)]:
        chain = _chain(run, around)
        if total + chain.parameters > LIMITS.parameters:
            if not chains:
                raise UnreadableFile(
                    f"{chain.name} has {chain.parameters:,} parameters; Gatescope opens up to {LIMITS.parameters:,}"
                )
            notes.append(f"{chain.name} is not offered: with it there were more than {LIMITS.parameters:,} parameters.")
            continue
        total += chain.parameters
        chains.append(chain)
    return tuple(chains), (*notes, *_left_out(tensors, chains, around))


def runs_of(modules: Sequence[Module]) -> list[list[Module]]:
    """Sibling modules with similar names, each with as many outputs as the next one has inputs."""
    families: dict[str, list[Module]] = {}
    for module in modules:
        families.setdefault(_family(module.name), []).append(module)
    runs = []
    for members in families.values():
        members.sort(key=lambda module: [int(number) for number in re.findall(r"\d+", module.name)])
        run: list[Module] = []
        for module in members:
            if run and run[-1].outputs != module.features:
                runs.append(run)
                run = []
            run.append(module)
        runs.append(run)
    return [run for run in runs if len(run) > 1]


def _family(name: str) -> str:
    """The same for lstm1 and lstm2, for rnns.0.module and rnns.1.module, for lstm and gru beside one another."""
    parent, _, own = name.rpartition(".")
    stem = re.sub(r"[\d_]+", "", own.lower())
    if not stem:  # a number in a list: layers.0
        return re.sub(r"\d+", "#", name)
    alike = "#" if RECURRENT_WORDS.fullmatch(stem) else re.sub(r"\d+", "#", own)
    return re.sub(r"\d+", "#", f"{parent}.") + alike


def _chain(run: Sequence[Module], around: Surroundings) -> Chain:
    bottom, top = run[0], run[-1]
    notes = [ORDER.format(names=", ".join(module.title for module in run))] if len(run) > 1 else []
    notes += [note for module in run for note in module.notes]
    embedding, about_embedding = embedding_of(bottom, around)
    head, about_head = head_of(top, around)
    notes += about_embedding + about_head
    if head is not None and (embedding is None or embedding.outputs != len(head.weight)):
        notes.append(untold_between(top.title, head.name))
    return Chain(
        name=" → ".join(module.title for module in run),
        sources=tuple(
            module.title if len(module.layouts) == 1 else f"{module.title}, layer {number}"
            for module in run
            for number in range(len(module.layouts))
        ),
        layouts=tuple(layout for module in run for layout in module.layouts),
        weights=_stacked(run),
        embedding=None if embedding is None else as_float32(embedding.weight),
        head=head,
        notes=tuple(notes),
    )


def _stacked(run: Sequence[Module]) -> dict[str, np.ndarray]:
    """The weights of all modules, numbered through."""
    found: dict[str, np.ndarray] = {}
    below = 0
    for module in run:
        for name, weight in module.weights.items():
            kind, _, end = name.partition("_l")  # weight_ih_l0_reverse
            number, dash, suffix = end.partition("_")
            found[f"{kind}_l{below + int(number)}{dash}{suffix}"] = weight
        below += len(module.layouts)
    return found


def _still_open(chain: Chain, entries: int) -> list[str]:
    """Its notes without the one on what stands before the readout, where that gives the next entry of a vocabulary."""
    known = chain.head is not None and len(chain.head.weight) == entries
    return [note for note in chain.notes if not known or not note.startswith(UNTOLD_BETWEEN)]


def with_one_hot(chains: tuple[Chain, ...], entries: int, where: str) -> tuple[Chain, ...]:
    """The same, where the file's vocabulary tells that a layer without embedding reads one-hot vectors."""
    note = f"The first layer reads as many numbers as {where} has entries, so the input is taken for one-hot vectors."
    return tuple(
        replace(chain, one_hot=True, notes=(*_still_open(chain, entries), note))
        if chain.sources[0] == chains[0].sources[0] and not chain.classes and chain.layouts[0].features == entries > 1
        else chain
        for chain in chains
    )


def _left_out(tensors: Mapping[str, Tensor], chains: Sequence[Chain], around: Surroundings) -> list[str]:
    """A sentence that names the layers of the file that no chain shows."""
    heads = {chain.head.name for chain in chains if chain.head is not None}
    read = {id(layer.weight) for module in around.modules for layer in [embedding_of(module, around)[0]] if layer}
    shown = heads | {layer.name for layer in around.matrices if id(layer.weight) in read}
    stems = {re.sub(r"\.?(weight|bias|running_mean|running_var)$", "", name): name for name in tensors}
    others = [stem for stem, name in stems.items() if stem and stem not in shown and not RECURRENT.fullmatch(name)]
    if not others:
        return []
    names = ", ".join(others[:5]) + (" …" if len(others) > 5 else "")
    return [
        f"The file does not tell what its other layers ({names}) do: they are left out, here and in what follows them."
    ]
