"""Interventions: signals clamped at a value, while the equations go on with it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lstm_core.cells import Edit, LSTMStep, Step, unedited
from lstm_core.given import described
from lstm_core.layers import Direction, stacked_steps
from lstm_core.stack import Recurrent, named_directions

GATES = ("input", "forget", "output", "reset", "update")
CLAMPABLE = (*GATES, "candidate", "cell", "hidden")


@dataclass(frozen=True)
class Intervention:
    """Clamp one signal of some units of a layer at `value`, from step `start` up to but excluding `stop`.

    A gate or candidate that is clamped changes what is written, remembered or shown from then on: forget at 1 never forgets,
    input at 0 writes nothing, output at 0 keeps quiet. `cell` sets c_t once it is found: h_t and the steps to come are made of the
    value. `hidden` sets h_t: the layer above, the readout and the next step are given the value (or its projection),
    while the cell goes on as it is; clamped at 0 throughout, the unit is silenced. Steps are counted from the start of
    the text, also for a layer that reads it backwards, and those beyond the text are left out.

    >>> never_forget = Intervention("layer0", "forget", 1.0, units=(3,), start=2)
    >>> never_forget.holds(step=1), never_forget.holds(step=2)
    (False, True)
    """

    layer: str  # layer0, layer0_reverse, layer1, ...
    signal: str  # input, forget, output, candidate, cell, hidden; of a GRU reset, update, candidate, hidden
    value: float  # 0..1 for a gate
    units: tuple[int, ...] | None = None  # None for all
    start: int = 0
    stop: int | None = None  # None for the end of the text

    def __post_init__(self) -> None:
        if isinstance(self.units, list | range | np.ndarray):
            object.__setattr__(self, "units", tuple(self.units))
        if self.signal not in CLAMPABLE:
            raise ValueError(f"an intervention clamps one of {', '.join(CLAMPABLE)}, not {self.signal!r}")
        units_fit = self.units is None or (isinstance(self.units, tuple) and all(map(_is_whole, self.units)))
        steps_fit = _is_whole(self.start) and (self.stop is None or _is_whole(self.stop))
        if not isinstance(self.value, int | float | np.number) or not units_fit or not steps_fit:
            raise TypeError(
                f"an intervention has a number as value, a tuple of whole numbers as units and whole numbers as start and stop, "
                f"not {self.value!r}, {self.units!r}, {self.start!r} and {self.stop!r}: a single unit is written units=(3,)"
            )
        if not math.isfinite(self.value) or (self.signal in GATES and not 0 <= self.value <= 1):
            limits = "from 0 to 1" if self.signal in GATES else "finite"
            raise ValueError(f"the value of {self.signal} must be {limits}, not {self.value:g}")
        if self.units is not None and (len(set(self.units)) < len(self.units) or not self.units):
            raise ValueError(f"units must be different from one another and at least one, not {self.units}")
        if self.start < 0 or (self.stop is not None and self.stop <= self.start):
            raise ValueError(f"steps go from 0 up and stop after they start, not from {self.start} to {self.stop}")

    def holds(self, step: int) -> bool:
        return step >= self.start and (self.stop is None or step < self.stop)


def silence(layer: str, units: tuple[int, ...]) -> Intervention:
    """These units output 0 at every step, so nothing in the model depends on them.

    >>> import pretrained
    >>> from lstm_core import record
    >>> recording = record(pretrained.load("anbn"), "SaabbT", interventions=[silence("layer0", (2,))])
    >>> float(abs(recording.layers["layer0"].hidden.sel(unit=2)).max())
    0.0
    """
    return Intervention(layer, "hidden", 0.0, units)


def check_interventions(interventions: Sequence[Intervention], recurrent: Recurrent) -> None:
    """Raise ValueError for a layer, a signal or a unit that the model does not have."""
    directions = named_directions(recurrent)
    for one in interventions:
        if not isinstance(one, Intervention):
            raise TypeError(
                f"interventions must be Interventions, not {described(one)}: Intervention('layer0', 'forget', 1.0)"
            )
        if one.layer not in directions:
            raise ValueError(f"no layer {one.layer!r}: this model has {', '.join(directions)}")
        direction = directions[one.layer]
        signals = (*direction.cell.gates, *(("cell",) if direction.cell.type == "LSTM" else ()), "hidden")
        if one.signal not in signals:
            known = ", ".join(dict.fromkeys(signals))
            raise ValueError(f"{one.layer} is of {direction.cell.type} cells and has no {one.signal}: it has {known}")
        beyond = [unit for unit in one.units or () if not 0 <= unit < direction.units]
        if beyond:
            raise ValueError(f"{one.layer} has units 0 to {direction.units - 1}, and no unit {beyond[0]}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def edit_at(interventions: Sequence[Intervention], layer: str, step: int) -> Edit:
    """The edit of a layer's signals at one step; of two interventions on the same signal, the later one counts."""
    own = [one for one in interventions if one.layer == layer and one.holds(step)]
    if not own:
        return unedited

    def edit(name: str, found: Tensor) -> Tensor:
        for one in own:
            if one.signal == name:
                found = found.clone()
                found[..., slice(None) if one.units is None else list(one.units)] = one.value
        return found

    return edit


def altered_signals(
    direction: Direction,
    x: Tensor,
    hidden: Tensor,
    cell: Tensor,
    plain: tuple[Step, Tensor],
    interventions: Sequence[Intervention],
) -> tuple[Step, Tensor]:
    """All signals of a layer with interventions, and its output, both over (step, ...), from those without.

    Up to the first step, as the layer reads, at which a clamped value differs from the one that was there, they are
    those without, to the bit: the kernel's, whose rounding differs from the equations'. From there on they
    are the equations'. Hence interventions that change nothing give `plain` itself.
    """
    first = _first_change(direction, plain[0], interventions)
    if first is None:
        return plain
    steps = len(x)
    unchanged, order = range(first), range(steps)
    if direction.reverse:
        unchanged, order = range(steps - 1, first, -1), range(steps - 1, -1, -1)
    if unchanged:
        hidden = plain[1][unchanged[-1]]
        cell = plain[0].cell[unchanged[-1]] if isinstance(plain[0], LSTMStep) else cell
    found, outputs = [], []
    for step in order[len(unchanged) :]:
        now = direction.step(x[step], hidden, cell, edit=edit_at(interventions, direction.name, step))
        hidden = direction.output_of(now)
        cell = now.cell if isinstance(now, LSTMStep) else cell
        found.append(now)
        outputs.append(hidden)
    changed, output = stacked_steps(found), torch.stack(outputs)
    if direction.reverse:
        joined = (torch.cat([new.flip(0), old[first + 1 :]]) for new, old in zip(changed, plain[0], strict=True))
        return type(changed)(*joined), torch.cat([output.flip(0), plain[1][first + 1 :]])
    joined = (torch.cat([old[:first], new]) for new, old in zip(changed, plain[0], strict=True))
    return type(changed)(*joined), torch.cat([plain[1][:first], output])


def _first_change(direction: Direction, plain: Step, interventions: Sequence[Intervention]) -> int | None:
    """The first step, in reading order, at which a clamped value differs from the recorded one; None if there is none."""
    changed = torch.zeros(len(plain.hidden), dtype=torch.bool, device=plain.hidden.device)
    for one in interventions:
        if one.layer == direction.name:
            units = slice(None) if one.units is None else list(one.units)
            recorded = getattr(plain, one.signal)[one.start : one.stop, units]
            changed[one.start : one.stop] |= (recorded != recorded.new_tensor(one.value)).any(1)
    where = changed.nonzero()[:, 0].tolist()
    if not where:
        return None
    return int(where[-1] if direction.reverse else where[0])
