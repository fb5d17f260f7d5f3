"""Who remembers this token? What is left, step by step, of what was written at it."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import step_names
from viz.figures.stack import Panel, stacked
from viz.figures.traces import DASHES
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
    """Above, the share that is left; below, what it comes to in the memory. A line for each of `units`, `chosen` in colour.

    `found` is what `lstm_core.analysis.remembered` returns, drawn in the order of the text. The share's axis goes
    from 0 to 1, and its band holds the middle half of all units that are numbers throughout; the other's is symmetric
    around 0. What is NaN or infinite is a gap.
    """
    found = found.sortby("step")
    names = step_names(found)
    shown = [*(unit for unit in units if unit != chosen), chosen]
    share, size = (found[name].transpose("step", "unit") for name in ("left", "contribution"))
    lines = [
        [
            _line(names, values.sel(unit=unit).to_numpy(), unit, None if unit == chosen else place, sign, dark=dark)
            for place, unit in enumerate(shown)
        ]
        for values, sign in ((share, "share left"), (size, "left of what was written"))
    ]
    for line in lines[0]:
        line["showlegend"] = True
    reach = cell_reach(furthest(size.sel(unit=shown).to_numpy()))
    panels = [
        Panel(row_height, "<b>Share<br>left</b>", [*_band(names, share.to_numpy(), dark=dark), *lines[0]], _axis(0, 1)),
        Panel(row_height, "<b>Left in<br>the memory</b>", lines[1], _axis(-reach, reach)),
    ]
    legend = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "yref": "paper"}
    layout: dict[str, object] = {"legend": legend, "showlegend": True, "hovermode": "x"}
    marked = found["step"].to_numpy().tolist().index(found.attrs["of_step"])
    return stacked(panels, found, width=width, dark=dark, top=40, marked=marked, layout=layout)


def _axis(low: float, high: float) -> dict[str, object]:
    room = (high - low) * 0.06
    return {"range": [low - room, high + room], "tickvals": [low, (low + high) / 2, high], "zeroline": low < 0}


def _line(
    names: list[str], values: np.ndarray, unit: int, place: int | None, what: str, *, dark: bool
) -> dict[str, object]:
    """A unit's line; `place` among the grey ones, or None for the one that is chosen."""
    strong = place is None
    return {
        "type": "scatter",
        "mode": "lines" if len(names) > 1 else "markers",
        "x": names,
        "y": values,
        "name": f"unit {unit}" + (" (selected)" if strong else ""),
        "legendgroup": str(unit),
        "showlegend": False,
        "opacity": 1 if strong else 0.8,
        "line": {
            "color": SIGNAL["cell"].colour if strong else palette(dark).faint,
            "width": 2.4 if strong else 1.2,
            "dash": "solid" if place is None else DASHES[place % len(DASHES)],
        },
        "hovertemplate": f"unit {unit}: {what} %{{y:.4f}}<extra></extra>",
    }


def _band(names: list[str], share: np.ndarray, *, dark: bool) -> list[dict[str, object]]:
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
        "name": "middle half of all units",
        "showlegend": True,
    }
    return [{**edge, "y": low, "name": "lower quartile"}, {**edge, "y": high, **filled}]
