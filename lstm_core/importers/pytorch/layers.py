"""Which recurrent layers are in a state dict? Every nn.LSTM, GRU, RNN and Cell, by its qualified name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from lstm_core.cells import GRU, LSTM, RELU, RNN, Cell
from lstm_core.importers.imported import UNTOLD_NONLINEARITY
from lstm_core.importers.inert import Record
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.pytorch.state_dict import COMPUTED, MAKE_PLAIN, RECURRENT, as_float32, initial_part, loses
from lstm_core.importers.pytorch.whole_model import is_torchs_own, nonlinearity_of
from lstm_core.stack import Layout, stack_shapes

OWN_CLASS = "{title} is of a class of its own ({name}), whose code was not run: its weights are read by the equations of torch's {cell}."
CELLS = {4: LSTM, 3: GRU, 1: RNN}  # by the blocks of rows in their weights


@dataclass(frozen=True, eq=False)
class Module:
    """A recurrent module of a state dict."""

    name: str  # its qualified name; "" for the module itself
    layouts: tuple[Layout, ...]
    weights: Mapping[str, np.ndarray]  # of a `Stack` of `layouts`
    place: int  # among the names of the file
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.name or self.layouts[0].cell.type

    @property
    def features(self) -> int:
        return self.layouts[0].features

    @property
    def outputs(self) -> int:
        return self.layouts[-1].outputs


def recurrent_modules(
    tensors: Mapping[str, Tensor], described: Mapping[str, Record] | None = None
) -> tuple[list[Module], list[str]]:
    """The recurrent modules in the order of the file, and a sentence for each that is none of torch's own.

    `described` are the modules of a whole model by their names, as far as the file has them. Raises UnreadableFile when no module can be read, or when there are too many layers.
    """
    named: dict[str, dict[str, Tensor]] = {}  # module -> its own names -> tensors
    places: dict[str, int] = {}
    for place, (name, tensor) in enumerate(tensors.items()):
        found = RECURRENT.fullmatch(name)
        if found:
            module = found["module"] or ""
            named.setdefault(module, {})[name.removeprefix(f"{module}.")] = tensor
            places.setdefault(module, place)
    layers = sum(sum("_reverse" not in name and name.startswith("weight_ih") for name in own) for own in named.values())
    layers = max(layers, len(named))
    if layers > LIMITS.layers:
        raise UnreadableFile(f"this file has {layers} recurrent layers; Gatescope opens up to {LIMITS.layers}")
    modules, others = [], []
    for name, own in named.items():
        try:
            _check_alone(name, tensors)
            modules.append(_module(name, own, places[name], (described or {}).get(name)))
        except UnreadableFile as error:
            others.append(str(error))
    if not modules:
        raise UnreadableFile(others[0])
    return modules, others


def _check_alone(name: str, tensors: Mapping[str, Tensor]) -> None:
    """Raise UnreadableFile when a module has weights that torch's own have not: its equations are others then."""
    start = f"{name}." if name else ""
    within = [one for one in tensors if one.startswith(start)]
    if any(COMPUTED.search(one) for one in within):
        raise UnreadableFile(MAKE_PLAIN)
    # A module that is the whole file may have a readout beside its own weights.
    own = (one for one in within if name or "." not in one)
    strange = [
        one
        for one in own
        if (not (found := RECURRENT.fullmatch(one)) or (found["module"] or "") != name) and not initial_part(one)
    ]
    if strange:
        raise UnreadableFile(
            f"{name or 'the recurrent module'} is not torch's own: it has {strange[0][:80]} beside the weights of one, "
            "so its equations are unknown"
        )


def _module(name: str, own: Mapping[str, Tensor], place: int, described: Record | None) -> Module:
    told = nonlinearity_of(described) if described is not None else ""
    title = name or "the recurrent module"
    ends = sorted({one.partition("_")[2].partition("_")[2] for one in own}, key=_layer_and_direction)
    layouts: list[Layout] = []
    weights: dict[str, np.ndarray] = {}
    for number, (layer, group) in enumerate(groupby(ends, key=lambda end: _layer_and_direction(end)[0])):
        directions = list(group)
        if layer != number or [end.endswith("_reverse") for end in directions] not in ([False], [False, True]):
            raise UnreadableFile(f"{title}: layer {number} is missing, or half of it: save the whole state dict again")
        found = [_direction(title, own, end) for end in directions]
        layout, _ = found[0]
        if any(other != layout for other, _ in found):
            raise UnreadableFile(f"{title}: the two directions of layer {number} differ in size: save the model again")
        if told == "relu" and layout.cell.type == "RNN":
            layout = replace(layout, cell=Cell("RNN", candidate=RELU))
        layouts.append(replace(layout, reading="both" if len(found) == 2 else "forward"))
        for end, (_, parts) in zip(directions, found, strict=True):
            suffix = "_reverse" if end.endswith("_reverse") else ""
            weights |= {f"{kind}_l{number}{suffix}": one for kind, one in parts.items()}
    try:
        stack_shapes(tuple(layouts))
    except ValueError as error:
        raise UnreadableFile(f"{title}: {error}") from error
    return Module(name, tuple(layouts), weights, place, _notes(title, layouts[0].cell, own, described, told))


def _layer_and_direction(end: str) -> tuple[int, bool]:
    """(0, True) of "ih_l0_reverse" without its kind; a Cell, which has no number, is layer 0."""
    return int(end.removeprefix("l").removesuffix("_reverse") or 0), end.endswith("_reverse")


def _direction(title: str, own: Mapping[str, Tensor], end: str) -> tuple[Layout, dict[str, np.ndarray]]:
    """The layout and the weights of one direction of one layer, biases of zeros where the module has none."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    names = {kind: f"{kind}_{end}" if end else kind for kind in kinds}
    parts = {kind: own[name] for kind, name in names.items() if name in own}
    biased = {"bias_ih", "bias_hh"} & parts.keys()
    missing = {"weight_ih", "weight_hh"} - parts.keys() or ({"bias_ih", "bias_hh"} - parts.keys() if biased else None)
    if missing:
        raise UnreadableFile(
            f"{title}: {names[min(missing)]} is missing from the file: save the whole state dict again"
        )
    read, recurrent, projection = parts["weight_ih"], parts["weight_hh"], parts.get("weight_hr")
    units = _units(title, read, recurrent, projection)
    layout = Layout(
        read.shape[1], units, cell=CELLS[len(read) // units], projection=0 if projection is None else len(projection)
    )
    wanted = {kind: (len(read),) for kind in biased}
    wrong = next((kind for kind, shape in wanted.items() if tuple(parts[kind].shape) != shape), None)
    if wrong:
        raise UnreadableFile(f"{title}: {names[wrong]} is {tuple(parts[wrong].shape)}, not {wanted[wrong]}")
    found = {kind: as_float32(one) for kind, one in parts.items()}
    for kind in {"bias_ih", "bias_hh"} - biased:
        found[kind] = np.zeros(len(read), np.float32)
    return layout, found


def _units(title: str, read: Tensor, recurrent: Tensor, projection: Tensor | None) -> int:
    """How many units? The rows of the weights are four, three or one times as many."""
    shapes = [tuple(one.shape) for one in (read, recurrent, *([] if projection is None else [projection]))]
    fitting = all(len(shape) == 2 and min(shape) > 0 for shape in shapes) and len(read) == len(recurrent)
    units = shapes[-1][1] if fitting else 0
    if not fitting or len(read) % units or len(read) // units not in CELLS:
        raise UnreadableFile(
            f"{title}: weights of the shapes {', '.join(map(str, shapes))} are no LSTM's, GRU's or RNN's, whose rows are "
            "four, three or one times as many as the units"
        )
    if projection is not None and (len(read) != 4 * units or recurrent.shape[1] != len(projection)):
        raise UnreadableFile(f"{title}: a projection of {shapes[-1]} does not belong to weights of {shapes[1]}")
    return units


def _notes(
    title: str, cell: Cell, own: Mapping[str, Tensor], described: Record | None, nonlinearity: str
) -> tuple[str, ...]:
    notes = []
    if described is not None and not is_torchs_own(described):
        notes.append(OWN_CLASS.format(title=title, name=described.class_name[:60], cell=cell.type))
    if cell.type == "RNN" and not nonlinearity:
        notes.append(f"{UNTOLD_NONLINEARITY} {title} has tanh or relu: tanh is assumed.")
    if any(loses(one) for one in own.values()):
        notes.append(f"{title} was saved in double precision, and is computed in single.")
    if any(one.dtype in (torch.float16, torch.bfloat16) for one in own.values()):
        notes.append(f"{title} was saved in half precision, and is computed in single.")
    return tuple(notes)
