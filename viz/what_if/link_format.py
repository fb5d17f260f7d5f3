"""Interventions as a link has them: "forget_0.5_u0-2_s3-9" clamps f of units 0 and 2 at 0.5 in steps 3 to 9."""

import re
from dataclasses import replace

import xarray as xr

from lstm_core import Intervention, signals_of
from lstm_core.analysis import most_varying
from lstm_core.cells import CellType
from viz.locale import N_, _, ngettext
from viz.theme import SIGNAL, cell_type_of, limits, signal_of

_FORM = re.compile(r"([a-z]+)_([^_]+)(?:_u(\d{1,12}(?:-\d{1,12})*))?(?:_s(\d{1,12})-(\d{0,12}))?")
FURTHEST = 1_000.0  # from 0, of a value without bounds of its own
REMOVE = N_("Remove a unit")
PRESETS: dict[CellType, tuple[tuple[str, str, float], ...]] = {  # what it does, the signal, its value
    "LSTM": (
        (N_("Never forget"), "forget", 1.0),
        (N_("Write nothing"), "input", 0.0),
        (N_("Block the output"), "output", 0.0),
        (REMOVE, "hidden", 0.0),
    ),
    "GRU": (
        (N_("Keep everything"), "update", 1.0),
        (N_("Ignore the past"), "reset", 0.0),
        (REMOVE, "hidden", 0.0),
    ),
    "RNN": ((REMOVE, "hidden", 0.0),),
}


def preset(title: str, signal: str, value: float, before: Intervention, unit: int) -> Intervention:
    """What the preset of that title makes of an intervention: its units and steps stay.

    Without units all are meant, but a unit is removed alone: `unit`, which is let go by the next preset.
    """
    units = before.units
    if title == REMOVE:
        units = units or (unit,)
    elif (before.signal, before.value, units) == ("hidden", 0.0, (unit,)):
        units = None
    return replace(before, signal=signal, value=value, units=units)


def written(one: Intervention) -> str:
    """The intervention in a link's form, without its layer, which has a parameter of its own."""
    units = "" if one.units is None else "_u" + "-".join(map(str, one.units))
    last = "" if one.stop is None else one.stop - 1
    steps = "" if not one.start and one.stop is None else f"_s{one.start}-{last}"
    return f"{one.signal}_{one.value:.9g}{units}{steps}"


def told(one: Intervention) -> str:
    """The same for a reader: "forget = 0.5, units 0, 2, steps 3 to 9"."""
    found = [f"{one.signal} = {one.value:g}"]
    if one.units is not None:
        listed = ", ".join(map(str, one.units))
        found.append(ngettext("unit {units}", "units {units}", len(one.units)).format(units=listed))
    if one.stop is not None:
        found.append(_("steps {first} to {last}").format(first=one.start, last=one.stop - 1))
    elif one.start:
        found.append(_("from step {first}").format(first=one.start))
    return ", ".join(found)


def read(text: str, layer_name: str) -> Intervention:
    """The intervention that a link names. Raises ValueError, one sentence, for text in another form."""
    found = _FORM.fullmatch(text)
    wrong = _("{text} is not an intervention: write it like {example}").format(
        text=repr(text[:40]), example="forget_0.5_u0-2_s3-9"
    )
    if found is None:
        raise ValueError(wrong)
    signal, value, units, start, last = found.groups()
    try:
        number = float(value)
    except ValueError:
        raise ValueError(wrong) from None
    if start and last and int(last) < int(start):
        raise ValueError(_("steps must be in order, not from {first} to {last}").format(first=start, last=last))
    return Intervention(
        layer_name,
        signal,
        number,
        tuple(map(int, units.split("-"))) if units else None,
        int(start or 0),
        int(last) + 1 if last else None,
    )


def usual(name: str, layer: xr.Dataset) -> Intervention:
    """The intervention until the reader chooses. A simple RNN has only its state: there it clamps a single unit."""
    match cell_type_of(layer):
        case "LSTM":
            return Intervention(name, "forget", 1.0)
        case "GRU":
            return Intervention(name, "reset", 0.0)
    return Intervention(name, "hidden", 0.0, (most_varying(layer["hidden"], 1)[0],))


def within(one: Intervention, layer: xr.Dataset) -> Intervention:
    """The same, cut to this layer and text. Raises ValueError, one sentence, if it does not fit them."""
    steps, units, has = layer.sizes["step"], layer.sizes["unit"], signals_of(layer)
    if one.signal not in has:
        raise ValueError(
            _("this {cell} layer has no signal {signal}, only {signals}").format(
                cell=cell_type_of(layer), signal=one.signal, signals=", ".join(has)
            )
        )
    beyond = [unit for unit in one.units or () if unit >= units]
    if beyond:
        message = _("there is no unit {unit}: this layer has units 0 to {last}")
        raise ValueError(message.format(unit=beyond[0], last=units - 1))
    if one.start >= steps:
        message = _("there is no step {step}: this text has steps 0 to {last}")
        raise ValueError(message.format(step=one.start, last=steps - 1))
    low, high = reach(one.signal, layer)
    if not low <= one.value <= high:
        message = _("the value of {signal} must be from {low:g} to {high:g}, not {value:g}")
        raise ValueError(message.format(signal=one.signal, low=low, high=high, value=one.value))
    return replace(one, stop=None if one.stop is None or one.stop >= steps else one.stop)


def reach(signal: str, layer: xr.Dataset) -> tuple[float, float]:
    """Between which values can a signal be clamped? Gates 0 to 1, and what tanh bounds -1 to 1."""
    if SIGNAL[signal].gate:
        return 0.0, 1.0
    bounded = signal != "cell" and limits(signal, layer[signal]) == (-1.0, 1.0)
    return (-1.0, 1.0) if bounded else (-FURTHEST, FURTHEST)


def in_words(one: Intervention, layer: xr.Dataset) -> str:
    """ "f = 0.5", as in an equation."""
    return f"{signal_of(one.signal, cell_type_of(layer)).symbol} = {one.value:g}"
