"""What does each token add to an output? Bars above and below zero, a bar for each token of the text."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import step_names
from viz.figures.gaps import with_gaps
from viz.figures.stack import Panel, stacked
from viz.locale import _
from viz.theme import axis_around_zero, palette

LEAST = 0.01  # of a logit: an axis is no shorter
HEIGHT = 190


def shares(found: xr.DataArray, *, step: int | None = None, width: int = 1200, dark: bool = False) -> go.Figure:
    """A bar for each step of `found`, over ("step",) with its tokens: orange raises the output, blue lowers it.

    `step` is marked: the prediction after it is the one that is explained. What is NaN is a gap.
    """
    values = with_gaps(found.to_numpy().astype(np.float64))
    colours = palette(dark)
    bars: dict[str, object] = {
        "type": "bar",
        "x": step_names(found),
        "y": values,
        "marker": {"color": [colours.warm if value >= 0 else colours.cool for value in values]},
        "hovertemplate": _("{step}<br>adds {value}").format(step="%{x}", value="%{y:+.3f}") + "<extra></extra>",
    }
    axis: dict[str, object] = {
        "range": axis_around_zero(values, LEAST),
        "zeroline": True,
        "zerolinecolor": colours.faint,
        "fixedrange": True,
        "gridcolor": colours.grid,
    }
    marked = None if step is None else int(np.searchsorted(found["step"].to_numpy(), step))
    layout: dict[str, object] = {"showlegend": False, "bargap": 0.15}
    panels = [Panel(HEIGHT, _("Adds"), [bars], axis)]
    return stacked(panels, found.to_dataset(name="share"), width=width, dark=dark, top=14, marked=marked, layout=layout)
