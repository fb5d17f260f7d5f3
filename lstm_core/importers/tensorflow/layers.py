"""From cells to layers and stacks: which two are the directions of one layer, and which stand on one another?

MultiRNNCell numbers its cells, which is their order. `bidirectional_rnn` has fw and bw, Keras forward_ and backward_; two
stacks in two directions never hear of one another, so that they are shown apart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from lstm_core.importers.tensorflow.cells import Module
from lstm_core.importers.tensorflow.names import cells_end
from lstm_core.stack import MERGES, Layout, Merge

DIRECTION = re.compile(r"(?:(?P<before>.*)_)?(?P<way>fw|bw)(?:_.*)?|(?P<keras>forward|backward)(?:_.*)?", re.IGNORECASE)
NUMBERED = re.compile(r"cell_?\d+", re.IGNORECASE)
ORDER = "{names} are assumed to be stacked in this order: their sizes fit, and {why}."
ENDS = "The file does not say whether {name!r} returns every state or the last one: the last is assumed, as Keras does by default."

Way = Literal["", "fw", "bw"]


@dataclass(frozen=True, eq=False)
class StackedLayer:
    """One layer, in one direction or both."""

    scope: str
    layout: Layout
    directions: Mapping[str, Mapping[str, np.ndarray]]  # by suffix, "" and "_reverse"
    place: int
    keras: bool
    notes: tuple[str, ...]
    settings: Mapping[str, Any] | None
    residual: bool  # is what it reads added to what it gives?

    @property
    def title(self) -> str:
        """Its name without that of its cell, which in Keras is the cell's class."""
        parts = self.scope.split("/")
        kept = parts[: cells_end(parts) - 1] if self.keras and cells_end(parts) > 1 else parts
        if kept[-1] == "stacked_rnn_cells":
            return self.scope  # several, of one layer
        while self.keras and len(kept) > 1 and kept[-1] in ("cell", "layer"):
            kept = kept[:-1]
        return "/".join(kept)

    def named(self, number: int) -> dict[str, np.ndarray]:
        return {
            f"{kind}_l{number}{suffix}": one for suffix, own in self.directions.items() for kind, one in own.items()
        }


@dataclass(frozen=True, eq=False)
class Run:
    """Layers that read one another, from the bottom, and how that is known."""

    layers: list[StackedLayer]
    notes: tuple[str, ...] = ()

    @property
    def bottom(self) -> StackedLayer:
        return self.layers[0]

    @property
    def top(self) -> StackedLayer:
        return self.layers[-1]


def runs_of(modules: Sequence[Module], *, ordered: bool) -> list[Run]:
    """The stacks that these cells are, then those that they may be, then each layer alone."""
    layers = sorted(_layers(modules), key=lambda one: (one.place, one.scope))
    stacks = _numbered(layers)
    inside = {id(one) for run in stacks for one in run.layers}
    free = [one for one in layers if id(one) not in inside]
    alone = [Run([one]) for one in free]
    return stacks + (_in_order(free) if ordered else _alike(free)) + alone


def _way(scope: str) -> tuple[str, Way, bool]:
    """A cell's name with its direction left open, the direction, and whether numbered cells lie within it."""
    parts = scope.split("/")
    parts = parts[:-1] if cells_end(parts) == len(parts) else parts
    for number in range(len(parts) - 1, -1, -1):
        found = DIRECTION.fullmatch(parts[number])
        if found:
            way: Way = "fw" if (found["way"] or found["keras"]).lower() in ("fw", "forward") else "bw"
            within = any(NUMBERED.fullmatch(part) for part in parts[number + 1 :])
            return "/".join([*parts[:number], f"{found['before'] or ''}*", *parts[number + 1 :]]), way, within
    return scope, "", False


def _layers(modules: Sequence[Module]) -> list[StackedLayer]:
    """Cells whose names differ in nothing but their direction are one layer."""
    pairs: dict[str, dict[Way, Module]] = {}
    singles: list[tuple[Way, Module]] = []
    stacked = _stacked_directions(modules)
    for module in modules:
        key, way, within = _way(module.scope)
        if not way or (within and _outer(key) in stacked) or way in pairs.get(key, {}):
            singles.append((way, module))
        else:
            pairs.setdefault(key, {})[way] = module
    found = []
    for key, sides in pairs.items():
        if len(sides) == 2 and sides["fw"].layout == sides["bw"].layout:
            found.append(_both(key, sides["fw"], sides["bw"]))
        else:
            singles += sides.items()
    return found + [_single(module, way) for way, module in singles]


def _outer(key: str) -> str:
    return NUMBERED.sub("#", key)


def _stacked_directions(modules: Sequence[Module]) -> set[str]:
    """The names, without numbers, of stacks that lie within one direction."""
    counts: dict[tuple[str, Way], int] = {}
    for module in modules:
        key, way, within = _way(module.scope)
        if within:
            counts[_outer(key), way] = counts.get((_outer(key), way), 0) + 1
    return {key for (key, _), count in counts.items() if count > 1}


def _both(key: str, fw: Module, bw: Module) -> StackedLayer:
    merge: Merge = "concat"
    told = (fw.settings or {}).get("merge_mode")
    if told in MERGES:
        merge = told
    layout = replace(fw.layout, reading="both", merge=merge)
    notes = tuple(dict.fromkeys((*fw.notes, *bw.notes)))
    scope = key.replace("/*", "").replace("*", "") or fw.scope
    directions = {"": fw.weights, "_reverse": bw.weights}
    place, residual = min(fw.place, bw.place), fw.residual or bw.residual
    return StackedLayer(scope, layout, directions, place, fw.keras, notes, fw.settings, residual)


def _single(module: Module, way: Way) -> StackedLayer:
    back = way == "bw" or bool((module.settings or {}).get("go_backwards"))
    layout = replace(module.layout, reading="reverse" if back else "forward")
    directions = {"_reverse" if back else "": module.weights}
    return StackedLayer(
        module.scope, layout, directions, module.place, module.keras, module.notes, module.settings, module.residual
    )


def _numbered(layers: Sequence[StackedLayer]) -> list[Run]:
    """The stacks of MultiRNNCell, whose cells have numbers."""
    families: dict[str, dict[int, StackedLayer]] = {}
    for layer in layers:
        parts = layer.scope.split("/")
        places = [number for number, part in enumerate(parts) if NUMBERED.fullmatch(part)]
        if places:
            last = places[-1]
            number = int(re.sub(r"\D", "", parts[last]))
            families.setdefault("/".join([*parts[:last], "#"]), {})[number] = layer
    found = []
    for family in families.values():
        members = [family[number] for number in sorted(family)]
        if sorted(family) != list(range(len(family))) or not _fit(members):
            continue
        pieces: list[list[StackedLayer]] = [[]]
        for one in members:
            pieces[-1].append(one)
            if one.residual:  # the next reads another sum
                pieces.append([])
        found += [Run(piece) for piece in pieces if len(piece) > 1]
    return found


def _fit(layers: Sequence[StackedLayer]) -> bool:
    return all(_fits(one, other) for one, other in pairwise(layers))


def _fits(below: StackedLayer, above: StackedLayer) -> bool:
    return below.layout.outputs == above.layout.features


def _in_order(layers: Sequence[StackedLayer]) -> list[Run]:
    """Layers that follow one another in the file, where nothing says that they belong to different parts."""
    found: list[list[StackedLayer]] = []
    for layer in layers:
        last = found[-1][-1] if found else None
        if (
            last is not None
            and _fits(last, layer)
            and not last.residual
            and _part(last.scope) == _part(layer.scope)
            and last.keras == layer.keras
        ):
            found[-1].append(layer)
        else:
            found.append([layer])
    return [_assumed(run, "the file lists them so") for run in found if len(run) > 1]


def _part(scope: str) -> str:
    """Is it an encoder's or a decoder's?"""
    found = re.search(r"encod|decod|generat|discrim|attention", scope, re.IGNORECASE)
    return found[0].lower() if found else ""


def _alike(layers: Sequence[StackedLayer]) -> list[Run]:
    """Layers whose names differ in numbers alone: lstm, lstm_1, lstm_2."""
    families: dict[str, list[StackedLayer]] = {}
    for layer in layers:
        families.setdefault(re.sub(r"_?\d+", "", layer.scope), []).append(layer)
    found = []
    for members in families.values():
        members.sort(key=lambda one: [int(number) for number in re.findall(r"\d+", one.scope)])
        if len(members) > 1 and _fit(members):
            found.append(_assumed(members, "their names are numbered so"))
    return found


def _assumed(layers: list[StackedLayer], why: str) -> Run:
    return Run(layers, (ORDER.format(names=", ".join(repr(one.title) for one in layers), why=why),))
