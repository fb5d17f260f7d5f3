"""Interventions as a link says them: "forget_0.5_u0-2_s3-9" holds the forget gates of units 0 and 2 at 0.5, at steps 3 to 9."""

import re
from dataclasses import replace

import xarray as xr

from lstm_core import Intervention, signals_of
from lstm_core.analysis import most_varying
from lstm_core.cells import CellType
from viz.theme import SIGNAL, cell_type_of, limits, signal_of

_FORM = re.compile(r"([a-z]+)_([^_]+)(?:_u(\d{1,12}(?:-\d{1,12})*))?(?:_s(\d{1,12})-(\d{0,12}))?")
FURTHEST = 1_000.0  # from 0, of a value without bounds of its own
PRESETS: dict[CellType, tuple[tuple[str, str, float], ...]] = {  # what it does, the signal, its value
    "LSTM": (
        ("Never forget", "forget", 1.0),
        ("Write nothing", "input", 0.0),
        ("Keep quiet", "output", 0.0),
        ("Zero the unit", "hidden", 0.0),
    ),
    "GRU": (("Keep everything", "update", 1.0), ("Ignore the past", "reset", 0.0), ("Zero the unit", "hidden", 0.0)),
    "RNN": (("Zero the unit", "hidden", 0.0),),
}


def written(one: Intervention) -> str:
    """How does a link say it? Its layer is said elsewhere."""
    units = "" if one.units is None else "_u" + "-".join(map(str, one.units))
    last = "" if one.stop is None else one.stop - 1
    steps = "" if not one.start and one.stop is None else f"_s{one.start}-{last}"
    return f"{one.signal}_{one.value:.9g}{units}{steps}"


def told(one: Intervention) -> str:
    """The same for a reader: "forget = 0.5 in units 0, 2 at steps 3 to 9"."""
    units = "" if one.units is None else f" in unit{'s' * (len(one.units) != 1)} {', '.join(map(str, one.units))}"
    steps = f" from step {one.start}" if one.start and one.stop is None else ""
    steps = f" at steps {one.start} to {one.stop - 1}" if one.stop is not None else steps
    return f"{one.signal} = {one.value:g}{units}{steps}"


def read(text: str, layer: str) -> Intervention:
    """The intervention that a link means. Raises ValueError, one sentence, for what makes no sense."""
    found = _FORM.fullmatch(text)
    wrong = f"{text[:40]!r} says no change: one looks like forget_0.5_u0-2_s3-9"
    if found is None:
        raise ValueError(wrong)
    signal, value, units, start, last = found.groups()
    try:
        number = float(value)
    except ValueError:
        raise ValueError(wrong) from None
    if start and last and int(last) < int(start):
        raise ValueError(f"steps go from the first to the last, not from {start} to {last}")
    return Intervention(
        layer,
        signal,
        number,
        tuple(map(int, units.split("-"))) if units else None,
        int(start or 0),
        int(last) + 1 if last else None,
    )


def usual(name: str, layer: xr.Dataset) -> Intervention:
    """What is held until the reader chooses? Of a simple RNN, whose state is all it has, one unit's."""
    match cell_type_of(layer):
        case "LSTM":
            return Intervention(name, "forget", 1.0)
        case "GRU":
            return Intervention(name, "reset", 0.0)
    return Intervention(name, "hidden", 0.0, (most_varying(layer["hidden"], 1)[0],))


def within(one: Intervention, layer: xr.Dataset) -> Intervention:
    """The same, as far as this layer and text have what it holds. Raises ValueError, one sentence, for what they have not."""
    steps, units, has = layer.sizes["step"], layer.sizes["unit"], signals_of(layer)
    if one.signal not in has:
        raise ValueError(f"this layer, of {cell_type_of(layer)} cells, has no {one.signal}: it has {', '.join(has)}")
    beyond = [unit for unit in one.units or () if unit >= units]
    if beyond:
        raise ValueError(f"there is no unit {beyond[0]}: this layer has units 0 to {units - 1}")
    if one.start >= steps:
        raise ValueError(f"there is no step {one.start}: this text has steps 0 to {steps - 1}")
    low, high = reach(one.signal, layer)
    if not low <= one.value <= high:
        raise ValueError(f"the value of {one.signal} goes from {low:g} to {high:g}, and is not {one.value:g}")
    return replace(one, stop=None if one.stop is None or one.stop >= steps else one.stop)


def reach(signal: str, layer: xr.Dataset) -> tuple[float, float]:
    """Between which values can a signal be held? Gates 0 to 1, and what tanh bounds -1 to 1."""
    if SIGNAL[signal].gate:
        return 0.0, 1.0
    bounded = signal != "cell" and limits(signal, layer[signal]) == (-1.0, 1.0)
    return (-1.0, 1.0) if bounded else (-FURTHEST, FURTHEST)


def in_words(one: Intervention, layer: xr.Dataset) -> str:
    """ "f = 0.5", as an equation says it."""
    return f"{signal_of(one.signal, cell_type_of(layer)).symbol} = {one.value:g}"
