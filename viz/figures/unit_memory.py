"""Who wrote what one unit holds, and how long does it remember one token?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped, step_names
from viz.figures.ledger import contribution_cells, contribution_reach
from viz.figures.remembered import remaining_axis, remaining_band, remaining_line
from viz.figures.stack import GAP, Panel, legend_below, place_colour_bars, stacked
from viz.locale import _
from viz.theme import palette

LONGEST = 12  # characters of a token in a title
STRIP, CURVE = 52, 190  # pixels high
TOP = 26  # pixels of the letters above


def unit_memory(
    layer: xr.Dataset,
    written: xr.Dataset,
    kept: xr.Dataset,
    *,
    unit: int,
    units: Sequence[int] = (),
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """Above, a strip: how much of what `unit` holds each token wrote. Below, a curve: how much remains of one token.

    `layer` is what is drawn, (step, unit) in the order of the text; `written` is what `lstm_core.analysis.ledger` returns and `kept`
    what `remembered` returns, each over some of these steps: elsewhere nothing is drawn. The token of `kept` is framed, and a
    dotted line stands at the step of `written`. The strip's colours are symmetric around 0, to its largest contribution,
    rounded up; the curve goes from 0 to 1, beside it those of other `units` and the band of the middle half. What is NaN or infinite
    is a gap.
    """
    kept, names = kept.sortby("step"), step_names(layer)
    steps = layer["step"].to_numpy().tolist()
    own = _over(written["contribution"].sel(unit=unit), steps)
    strip = contribution_cells(
        names, [_("unit {unit}").format(unit=unit)], own[None], contribution_reach(own, 100), dark=dark
    ) | {"name": "strip"}
    share = kept["left"].transpose("step", "unit")
    band = remaining_band(step_names(kept), share.to_numpy(), dark=dark)
    shown = [*(other for other in units if other != unit), unit]
    lines = [
        remaining_line(
            names,
            _over(share.sel(unit=one), steps),
            one,
            None if one == unit else place,
            _("unit {unit}: fraction remaining {value}"),
            dark=dark,
        )
        | {"showlegend": True}
        for place, one in enumerate(shown)
    ]
    category: dict[str, object] = {"type": "category", "showticklabels": False, "fixedrange": True}
    token = str(kept["token"].sel(step=kept.attrs["of_step"]).item())
    token = token if len(token) <= LONGEST else f"{token[: LONGEST - 1]}…"
    title = _("<b>Who remembers “{token}”</b><br>fraction remaining").format(token=escaped(token))
    panels = [
        Panel(STRIP, _("<b>Who<br>wrote it</b>"), [strip], category),
        Panel(CURVE, title, [*band, *lines], remaining_axis(0, 1)),
    ]
    place_colour_bars(panels)
    bar: Any = strip["colorbar"]
    low, _middle, high = bar["tickvals"]  # no room for three numbers
    bar |= {"ypad": 0, "tickvals": [low, high], "tickfont": {"size": 10}}
    inner = STRIP + GAP + CURVE
    legend, bottom = legend_below(panels)
    place = steps.index(kept.attrs["of_step"])
    ink = palette(dark).mark
    marks = [
        _line(steps.index(written.attrs["of_step"]), ink),
        {
            "type": "rect",
            "x0": place - 0.5,
            "x1": place + 0.5,
            "xref": "x2",
            "y0": 1 - STRIP / inner,
            "y1": 1,
            "yref": "paper",
            "line": {"color": ink, "width": 2},
        },
    ]
    layout: dict[str, object] = {
        "legend": {**legend, "font": {"size": 11}},
        "showlegend": True,
        "hovermode": "x",
        "shapes": marks,
    }
    return stacked(panels, layer, width=width, dark=dark, top=TOP, bottom=bottom, ticks_above=True, layout=layout)


def _line(column: int, ink: str) -> dict[str, object]:
    line = {"color": ink, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": column, "x1": column, "y0": 0, "y1": 1, "xref": "x", "yref": "paper", "line": line}


def _over(values: xr.DataArray, steps: Sequence[int]) -> np.ndarray:
    """The values at these steps, NaN where there are none."""
    known = dict(zip(values["step"].to_numpy().tolist(), values.to_numpy().tolist(), strict=True))
    return np.array([known.get(step, np.nan) for step in steps], dtype=np.float64)
