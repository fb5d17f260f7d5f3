"""Which units remember this token? How much of what it wrote remains, step by step."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import step_names
from viz.figures.stack import Panel, stacked
from viz.figures.traces import DASHES
from viz.locale import _
from viz.theme import SIGNAL, cell_reach, furthest, palette


def remembered(
    found: xr.Dataset,
    *,
    units: Sequence[int],
    chosen: int,
    row_height: int = 130,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """Above, the fraction that remains; below, the amount in the memory. A line for each of `units`, `chosen` in colour.

    `found` is what `lstm_core.analysis.remembered` returns, drawn in the order of the text. The fraction's axis goes
    from 0 to 1, and its band holds the middle 50 % of the units without NaN; the other axis is symmetric
    around 0. What is NaN or infinite is a gap.
    """
    found = found.sortby("step")
    names = step_names(found)
    shown = [*(unit for unit in units if unit != chosen), chosen]
    share, size = (found[name].transpose("step", "unit") for name in ("left", "contribution"))
    lines = [
        [
            remaining_line(
                names, values.sel(unit=unit).to_numpy(), unit, None if unit == chosen else place, sign, dark=dark
            )
            for place, unit in enumerate(shown)
        ]
        for values, sign in (
            (share, _("unit {unit}: fraction remaining {value}")),
            (size, _("unit {unit}: amount remaining {value}")),
        )
    ]
    for line in lines[0]:
        line["showlegend"] = True
    reach = cell_reach(furthest(size.sel(unit=shown).to_numpy()))
    panels = [
        Panel(
            row_height,
            _("<b>Fraction<br>remaining</b>"),
            [*remaining_band(names, share.to_numpy(), dark=dark), *lines[0]],
            remaining_axis(0, 1),
        ),
        Panel(row_height, _("<b>Amount<br>remaining</b>"), lines[1], remaining_axis(-reach, reach)),
    ]
    legend = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "yref": "paper"}
    layout: dict[str, object] = {"legend": legend, "showlegend": True, "hovermode": "x"}
    marked = found["step"].to_numpy().tolist().index(found.attrs["of_step"])
    return stacked(panels, found, width=width, dark=dark, top=40, marked=marked, layout=layout)


def remaining_axis(low: float, high: float) -> dict[str, object]:
    room = (high - low) * 0.06
    return {"range": [low - room, high + room], "tickvals": [low, (low + high) / 2, high], "zeroline": low < 0}


def remaining_line(
    names: list[str], values: np.ndarray, unit: int, place: int | None, what: str, *, dark: bool
) -> dict[str, object]:
    """A unit's line; `place` among the grey lines, or None for the chosen unit."""
    strong = place is None
    return {
        "type": "scatter",
        "mode": "lines" if len(names) > 1 else "markers",
        "x": names,
        "y": values,
        "name": (_("unit {unit} (selected)") if strong else _("unit {unit}")).format(unit=unit),
        "legendgroup": str(unit),
        "showlegend": False,
        "opacity": 1 if strong else 0.8,
        "line": {
            "color": SIGNAL["cell"].colour if strong else palette(dark).faint,
            "width": 2.4 if strong else 1.2,
            "dash": "solid" if place is None else DASHES[place % len(DASHES)],
        },
        "hovertemplate": f"{what.format(unit=unit, value='%{y:.4f}')}<extra></extra>",
    }


def remaining_band(names: list[str], share: np.ndarray, *, dark: bool) -> list[dict[str, object]]:
    known = share[:, np.isfinite(share).all(axis=0)]  # (step, unit)
    low, high = np.quantile(known, (0.25, 0.75), axis=1) if known.size else np.full((2, len(share)), np.nan)
    edge: dict[str, object] = {
        "type": "scatter",
        "mode": "lines",
        "x": names,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    filled = {
        "fill": "tonexty",
        "fillcolor": palette(dark).grid,
        "name": _("middle 50 % of units (interquartile range)"),
        "showlegend": True,
    }
    return [{**edge, "y": low, "name": _("lower quartile")}, {**edge, "y": high, **filled}]
