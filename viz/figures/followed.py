"""Does a unit track a feature? The unit's signal over the text, the steps that have the feature shaded."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped, step_names
from viz.figures.stack import Panel, stacked
from viz.locale import _
from viz.theme import ACCENT, SIGNAL, cell_reach, furthest, limits, palette

FEATURE = 74  # pixels high, where it is a number
MAX_SHADES = 400  # runs beyond which a text is too long to shade


def followed(
    signal: xr.DataArray,
    feature: xr.DataArray,
    *,
    row_height: int = 150,
    width: int = 1200,
    dark: bool = False,
    selected: int | None = None,
) -> go.Figure:
    """One unit's `signal` over ("step",), a line; behind it the steps where a 0/1 `feature` is 1, or another feature above it.

    `signal` is a layer's variable at one unit, named as the signal is; `feature` one of `text_features`. A gate's axis goes from 0 to 1,
    candidate and hidden state from -1 to 1, the cell symmetrically around 0, as far as numbers go; what is NaN or
    infinite is a gap. `selected` is a step to be marked. Raises
    ValueError when they are not of the same steps.
    """
    if not np.array_equal(signal["step"].to_numpy(), feature["step"].to_numpy()):
        raise ValueError(f"the signal has {signal.sizes['step']} steps, the feature {feature.sizes['step']} others")
    names, values, marks = step_names(signal), signal.to_numpy(), feature.to_numpy()
    name, title = str(signal.name), escaped(str(feature.name))
    known = SIGNAL.get(name)
    colour = ACCENT[dark] if known is None else known.colour
    low, high = _ends(name, values)
    line: dict[str, object] = {
        "type": "scatter",
        "mode": "lines" if len(names) > 1 else "markers",
        "x": names,
        "y": values,
        "line": {"color": colour, "width": 1.8},
        "customdata": marks,
        "hovertemplate": f"%{{x}}<br>{_title_of(name)} %{{y:.4f}}<br>{title}: %{{customdata:.4~g}}<extra></extra>",
    }
    room = (high - low) * 0.06
    axis = {"range": [low - room, high + room], "tickvals": [low, (low + high) / 2, high], "zeroline": False}
    unit = _("unit {unit}").format(unit=signal["unit"].item()) if "unit" in signal.coords else ""
    panels = [Panel(row_height, f"<b>{_title_of(name)}</b><br>{unit}", [line], axis)]
    binary = bool(np.isin(marks, (0, 1)).all())
    if binary and np.count_nonzero(np.diff(marks)) <= 2 * MAX_SHADES:
        panels[0].traces.insert(0, _shade(names, marks, (low - room, high + room), title, dark=dark))
    else:
        panels.insert(0, _feature_panel(names, marks, title, dark=dark))
    marked = None if selected is None else signal["step"].to_numpy().tolist().index(selected)
    layout: dict[str, object] = {"hovermode": "x", "bargap": 0}
    return stacked(
        panels, signal.to_dataset(name="signal"), width=width, dark=dark, top=18, marked=marked, layout=layout
    )


def _title_of(name: str) -> str:
    """The signal's title, or its name with a capital if it is not in SIGNAL; escaped."""
    return escaped(_(SIGNAL[name].title) if name in SIGNAL else name.capitalize())


def _ends(name: str, values: np.ndarray) -> tuple[float, float]:
    if name != "cell" and name in SIGNAL:
        low, high = limits(name)
        if furthest(values) <= 1:
            return low, high
    gate = name in ("reset", "update")
    high = 1.0 if gate else cell_reach(furthest(values))
    return (0.0 if gate else -high), high


def _shade(
    names: list[str], marks: np.ndarray, ends: tuple[float, float], title: str, *, dark: bool
) -> dict[str, object]:
    """Bars from the bottom to the top of the panel wherever the feature is 1."""
    return {
        "type": "bar",
        "x": names,  # all of them, as the first trace decides in which order steps stand
        "y": np.where(marks == 1, ends[1] - ends[0], 0.0),
        "base": ends[0],
        "name": title,
        "marker": {"color": palette(dark).grid, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _feature_panel(names: list[str], values: np.ndarray, title: str, *, dark: bool) -> Panel:
    line: dict[str, object] = {
        "type": "scatter",
        "mode": "lines",
        "x": names,
        "y": values,
        "name": title,
        "line": {"color": palette(dark).faint, "width": 1.5},
        "hoverinfo": "skip",
    }
    words, lines = title.split(), [""]
    for word in words:
        lines = [*lines[:-1], f"{lines[-1]} {word}".strip()] if len(lines[-1] + word) < 14 else [*lines, word]
    return Panel(FEATURE, "<br>".join(lines), [line], {"nticks": 3, "zeroline": False})
