"""Colours and scales of every signal, and how short a scale or an axis may be.

Figures, pages and downloads take their colours from here and nowhere else. Hues are those of Okabe & Ito
(2008, "Color Universal Design"), which colour-blind eyes can tell apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, log, log10

import numpy as np
import xarray as xr

from lstm_core.cells import CellType
from lstm_core.readouts import Readout, Values
from viz.locale import N_, _

MONO = "Source Code Pro, DejaVu Sans Mono, Menlo, Consolas, monospace"

# Below these, next to nothing would be drawn as large as what matters.
LEAST_BITS = 1.0  # of surprisal: the answer to one yes-or-no question
LEAST_LOSS = 0.01 / log(2)  # bits of a loss or a divergence: a probability that changes by a hundredth of itself
LEAST_CELL = 0.01  # of a cell state: it moves its hidden state by at most a hundredth of what that can be
LEAST_GRADIENT = (
    1e-6  # dL/dc: moving the cell by its whole scale, 1, changes L by about what single precision rounds away
)
LEAST_SPREADS = 0.01  # of a value in its own units: a hundredth of the spread that the model was taught
LEGIBLE = 4.55  # to 1: what WCAG asks of text, and a little for rounding
LEAST_SCORE = 0.01  # of a score: a hundredth of the largest


@dataclass(frozen=True)
class Signal:
    """How one recorded signal is named and drawn."""

    name: str
    english_title: str
    symbol: str  # as in the equations
    colour: str
    english_meaning: str  # one clause for a student

    @property
    def title(self) -> str:
        """The signal's name in the reader's language."""
        return _(self.english_title)

    @property
    def meaning(self) -> str:
        """What the signal does, in the reader's language."""
        return _(self.english_meaning)

    @property
    def gate(self) -> bool:
        return self.symbol in "iforz"


SIGNAL = {
    signal.name: signal
    for signal in (
        Signal("input", N_("Input gate"), "i", "#009E73", N_("how much of the candidate is written")),
        Signal("forget", N_("Forget gate"), "f", "#0072B2", N_("how much of the memory is kept")),
        Signal("output", N_("Output gate"), "o", "#E69F00", N_("how much of the memory is output")),
        # A GRU's gates have the colours of the LSTM gates that do the most similar: one lets out, the other keeps.
        Signal("reset", N_("Reset gate"), "r", "#E69F00", N_("how much of the past reaches the candidate")),
        Signal("update", N_("Update gate"), "z", "#0072B2", N_("how much of the state is kept, not replaced")),
        Signal("candidate", N_("Candidate"), "g", "#CC79A7", N_("what could be written")),
        Signal("cell", N_("Cell state"), "c", "#D55E00", N_("the memory")),
        Signal("hidden", N_("Hidden state"), "h", "#56B4E9", N_("the layer's output")),
    )
}
_BOTH = {"english_meaning": N_("memory and output in one")}
_DIFFERENT: dict[tuple[str, str], dict[str, str]] = {  # by cell type and signal: what is not as in an LSTM
    ("GRU", "candidate"): {"symbol": "n"},
    ("GRU", "hidden"): _BOTH,
    ("RNN", "hidden"): _BOTH,
}


def signal_of(name: str, cell_type: str = "LSTM") -> Signal:
    """How is a signal of a layer of this type of cell named and drawn?"""
    return replace(SIGNAL[name], **_DIFFERENT.get((cell_type, name), {}))


def cell_type_of(layer: xr.Dataset) -> CellType:
    """Which type of cell does a recorded layer have?"""
    found: CellType = layer.attrs.get("cell_type", "LSTM")
    return found


@dataclass(frozen=True)
class Palette:
    """What a figure needs to know about the theme around it."""

    dark: bool
    paper: str
    zero: str  # the colour of a closed gate and of a signed zero
    ink: str
    faint: str  # second-rank text, 4.5:1 on paper
    grid: str
    mark: str  # the selected step
    warm: str  # above zero, of every signed signal
    cool: str  # below zero; in grey, too, it is told from the warm one: it is twice as dark


LIGHT = Palette(False, "#FFFFFF", "#F7F8FA", "#1B2430", "#586474", "#E3E7EC", "#1B2430", "#D55E00", "#1F4E9A")
DARK = Palette(True, "#11161D", "#1A212B", "#E6EAF0", "#A3AFBF", "#2C3644", "#F5F7FA", "#F58A3C", "#2C6FBB")
ACCENT = {False: "#586474", True: "#A3AFBF"}  # surprisal and probabilities: no signal's colour


def palette(dark: bool) -> Palette:
    return DARK if dark else LIGHT


def scale(name: str, *, dark: bool) -> list[tuple[float, str]]:
    """The colour scale of a signal: from nothing to its hue for a gate, from cool through nothing to warm for a signed one."""
    signal, base = SIGNAL[name], palette(dark)
    if signal.gate:
        return [(0.0, base.zero), (0.65, signal.colour), (1.0, _towards(signal.colour, base.ink, 0.4))]
    low, high = _towards(base.cool, base.ink, 0.2), _towards(base.warm, base.ink, 0.2)
    return [(0.0, low), (0.1, base.cool), (0.5, base.zero), (0.9, base.warm), (1.0, high)]


def magnitude_scale(name: str, *, dark: bool) -> list[tuple[float, str]]:
    """From nothing to the hue of a signal, for values without a sign; grey for what is not a signal."""
    base = palette(dark)
    if name not in SIGNAL:
        return probability_scale(dark=dark)
    colour = SIGNAL[name].colour
    return [(0.0, base.zero), (0.65, colour), (1.0, _towards(colour, base.ink, 0.4))]


def probability_scale(*, dark: bool) -> list[tuple[float, str]]:
    base = palette(dark)
    return [(0.0, base.zero), (1.0, _towards(base.zero, base.ink, 0.62))]


def difference_scale(*, dark: bool) -> list[tuple[float, str]]:
    """Less in blue, more in orange, equal in the colour of nothing."""
    return scale("cell", dark=dark)


def limits(name: str, *arrays: xr.DataArray) -> tuple[float, float]:
    """Which values do the ends of a signal's colour scale stand for? Gates 0..1, always; candidate and hidden -1..1.

    The cell state is unbounded: its scale is symmetric around 0, to the 98th percentile of |c| over all `arrays`, rounded
    up to 1, 2, 3, 5 or 8 times a power of ten, so that one extreme unit does not pale the rest; never less than LEAST_CELL.
    The same holds for a candidate and a hidden state beyond 1, as with relu. NaN and infinity do not count.
    """
    if SIGNAL[name].gate:
        return 0.0, 1.0
    if not arrays or (name != "cell" and all(bool((np.abs(array.to_numpy()) <= 1).all()) for array in arrays)):
        return -1.0, 1.0  # nearly always, and found in a tenth of the time
    return symmetric(name, (_percentile(array.to_numpy()) for array in arrays))


def difference_reach(difference: xr.DataArray) -> float:
    """How far from 0 are the ends of a scale for these differences: their 98th percentile, as `limits` has a cell state's."""
    return cell_reach(_percentile(difference.to_numpy()))


def symmetric(name: str, reaches: Iterable[float]) -> tuple[float, float]:
    """The limits of a signed signal whose largest distance from 0 is the largest of `reaches`."""
    reach = max(reaches)
    high = cell_reach(reach) if name == "cell" or reach > 1 else 1.0
    return -high, high


def _percentile(values: np.ndarray) -> float:
    known = np.abs(values)[np.isfinite(values)]
    return float(np.percentile(known, 98)) if known.size else 0.0


def furthest(values: np.ndarray) -> float:
    """The largest finite distance from 0; 0 if no value is finite."""
    known = np.abs(values)[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0


def span(name: str, cell_limit: float) -> tuple[float, float]:
    """The ends of a signal's colour scale, where the cell state's are -`cell_limit` and `cell_limit`."""
    return (-cell_limit, cell_limit) if name == "cell" else limits(name)


def described(name: str, *, ends: tuple[float, float], cell_type: str = "LSTM") -> dict[str, object]:
    """What a component in the browser needs of a signal whose colour scale has these `ends`, as plain JSON."""
    signal = signal_of(name, cell_type)
    return {
        "name": name,
        "title": signal.title,
        "symbol": signal.symbol,
        "colour": signal.colour,
        "meaning": signal.meaning,
        "gate": signal.gate,
        "limits": ends,
        "scale": {mode: scale(name, dark=mode == "dark") for mode in ("light", "dark")},
    }


def inks() -> dict[str, dict[str, str]]:
    """The colours of paper, lines and letters that a component draws with, light and dark."""
    bases = {"light": palette(False), "dark": palette(True)}
    names = ("paper", "zero", "ink", "faint", "grid", "warm", "cool")
    return {mode: {name: getattr(base, name) for name in names} for mode, base in bases.items()}


def rounded_up(value: float) -> float:
    """The next of 1, 2, 3, 5, 8 times a power of ten; 1 for nothing at all."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(float(f"{step * power:.12g}") for step in (1, 2, 3, 5, 8, 10) if step * power >= value * (1 - 1e-9))


def cell_reach(value: float) -> float:
    """The end of a scale for cell states or parts of them: `rounded_up`, and never below LEAST_CELL."""
    return rounded_up(max(value, LEAST_CELL) if value > 0 else 0.0)


def legible(colour: str, *, dark: bool) -> str:
    """The hue of a signal for letters and digits: as near to `colour` as 4.5:1 on the paper allows."""
    base = palette(dark)
    return next(
        mixed
        for mixed in (_towards(colour, base.ink, share / 20) for share in range(21))
        if contrast(mixed, base.paper) >= LEGIBLE
    )


def ink_on(level: float, stops: Sequence[tuple[float, str]], *, dark: bool) -> str:
    """The colour of a letter on the colour at `level` of a scale, 0 to 1: ink or paper, whichever can be read better."""
    base = palette(dark)
    after = next(at for at, (place, _colour) in enumerate(stops) if place >= level)
    (start, low), (end, high) = stops[max(after - 1, 0)], stops[after]
    ground = _towards(low, high, (level - start) / (end - start) if end > start else 0.0)
    return max(base.ink, base.paper, key=lambda one: contrast(one, ground))


def contrast(first: str, second: str) -> float:
    """The ratio of two colours' luminances, as WCAG 2.2 defines it: 1 for the same, 21 for black on white."""
    low, high = sorted(map(_luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _towards(colour: str, goal: str, share: float) -> str:
    """`colour` moved by `share` of the way towards `goal`, both #RRGGBB."""
    mixed = (round(int(colour[at : at + 2], 16) * (1 - share) + int(goal[at : at + 2], 16) * share) for at in (1, 3, 5))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def least_changes(readout: Readout) -> list[float]:
    """The least range of an axis, for each number by which a prediction changes or is wrong: bits, or the value's units."""
    if isinstance(readout, Values):
        return [LEAST_SPREADS * spread for spread in readout.spread]
    return [LEAST_LOSS]


def least_gradient(readout: Readout, of: str | None, *, mean_loss: bool) -> float:
    """The least range of a scale of gradients: of the value `of` in its units, of a loss or log-probability in nats."""
    if mean_loss or not isinstance(readout, Values):
        return LEAST_GRADIENT
    return LEAST_GRADIENT * readout.spread[readout.names.index(of) if of in readout.names else 0]


def axis_top(values: np.ndarray, least: float) -> float:
    """Where an axis from 0 ends: just above the largest of these numbers, at `least` or beyond."""
    return max(least, 1.05 * float(_known(values).max(initial=0)))


def axis_around_zero(values: np.ndarray, least: float) -> tuple[float, float]:
    """Where an axis around 0 ends, below and above: just beyond these numbers, `least` long or longer on one side."""
    known = _known(values)
    low, high = 1.08 * float(known.min(initial=0)), 1.08 * float(known.max(initial=0))
    if max(-low, high) >= least:
        return low, high
    return (-least, least) if low < 0 else (0.0, least)


def axis_ends(values: Iterable[float | None], least: float) -> tuple[float, float]:
    """The ends of an axis that need not include 0: the smallest and the largest value, at least `least` apart.

    None is a gap, like NaN.
    """
    known = _known(np.array(list(values), dtype=np.float64))
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    missing = max(0.0, least - (high - low)) / 2
    return (low - missing, high + missing) if high - low + 2 * missing > 0 else (low - 1, high + 1)


def _known(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)
