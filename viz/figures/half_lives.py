"""At which steps does a unit keep its memory, and at which does it erase it? Its half-life at each."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from lstm_core.analysis import half_life
from viz.figures.axes import step_names
from viz.figures.stack import Panel, stacked
from viz.figures.timescale import half_life_axis, within
from viz.locale import _, ngettext
from viz.theme import signal_of


def half_lives(
    keep: xr.DataArray,
    *,
    steps: int,
    row_height: int = 180,
    width: int = 1200,
    dark: bool = False,
    selected: int | None = None,
) -> go.Figure:
    """One unit's half-life at each step, ln(1/2) / ln(f), in steps: a line on a logarithmic axis.

    `keep` is the unit's forget gate over ("step",), of a GRU its update gate, named as the signal is. The axis is the one of
    `timescale` for a text of so many `steps`: what is longer than ten times the text, or infinite, stands at its upper
    end, half-lives below a twentieth of a step at its lower end; NaN is a gap. `selected` is a step to be marked.
    """
    names, found = step_names(keep), half_life(keep).to_numpy()
    signal = signal_of(str(keep.name))
    known = _("half-life: {half_life}").format(half_life="%{customdata[1]}")
    line: dict[str, object] = {
        "type": "scatter",
        "mode": "lines" if len(names) > 1 else "markers",
        "name": "half-life",
        "x": names,
        "y": within(found, steps),
        "line": {"color": signal.colour, "width": 1.8},
        "customdata": [
            ["–" if np.isnan(gate) else f"{gate:.6g}", in_steps(value)]
            for gate, value in zip(keep.to_numpy(), found, strict=True)
        ],
        "hovertemplate": f"{signal.symbol} = %{{customdata[0]}}<br>{known}<extra></extra>",
    }
    title = _("<b>Half-life</b> (timesteps)<br>unit {unit}").format(unit=keep["unit"].item())
    marked = None if selected is None else keep["step"].to_numpy().tolist().index(selected)
    return stacked(
        [Panel(row_height, title, [line], half_life_axis(steps))],
        keep.to_dataset(name="keep"),
        width=width,
        dark=dark,
        top=18,
        marked=marked,
        layout={"hovermode": "x"},
    )


def in_steps(half_life: float) -> str:
    """A half-life in words: "1 step", "12,345 steps", "infinite", "not a number"."""
    if np.isnan(half_life):
        return _("not a number")
    if np.isinf(half_life):
        return _("infinite")
    known = f"{half_life:,.0f}" if 1_000 <= half_life < 1e6 else f"{half_life:.3g}"
    return ngettext("{count} step", "{count} steps", 1 if known == "1" else 2).format(count=known)
