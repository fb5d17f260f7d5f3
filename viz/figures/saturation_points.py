"""Which units' gates are saturated, shut or open? A point for each unit."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from lstm_core.analysis.saturation import HIGH, LOW
from viz.figures.axes import escaped
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.figures.stack import axis_name, heading
from viz.locale import _
from viz.theme import SIGNAL, palette

GAP = 0.05  # of the width, between two gates
EDGE = 0.04  # room around 0 and 1, for points that lie there


def saturation_points(
    shares: Sequence[xr.Dataset],
    *,
    titles: Sequence[str],
    chosen: int | None = None,
    height: int = 360,
    dark: bool = False,
) -> go.Figure:
    """A panel for each gate: to the right, the fraction of steps at which a unit's gate is saturated open; up, shut.

    `shares` are what `lstm_core.analysis.unit_saturation` returns of one or more models with the same gates, one `title` each:
    the first is drawn in the gate's colour, the others as rings. Both axes go from 0 to 1; no point lies above the line from
    1 to 1. A unit whose shares are NaN has no point. A unit `chosen` is marked in the first. Raises ValueError when titles and models are not as many.
    """
    if len(shares) != len(titles):
        raise ValueError(f"{len(titles)} titles but {len(shares)} models: give one for each")
    gates = [str(gate) for gate in shares[0]["gate"].to_numpy()]
    width = (1 - GAP * (len(gates) - 1)) / len(gates)
    base, axes, headings = palette(dark), {}, []
    data: list[dict[str, object]] = []
    for column, gate in enumerate(gates):
        start = column * (width + GAP)
        signal = SIGNAL.get(gate)
        colour = base.faint if signal is None else signal.colour
        name = _("{name} gate").format(name=gate.capitalize())
        name = name if signal is None else f"{_(signal.title)} {signal.symbol}"
        headings.append(heading(name, start + width / 2, above=6, size=13, colour=base.ink))
        ends = {"xaxis": axis_name("x", column + 1), "yaxis": axis_name("y", column + 1)}
        data.append({**_limit(base.grid), **ends})
        for number, (share, title) in enumerate(zip(shares, titles, strict=True)):
            points = _points(share.sel(gate=gate), escaped(title), colour if number == 0 else base.ink, number, chosen)
            data.append({**points, **ends, "showlegend": column == 0})
        side = {"range": [-EDGE, 1 + EDGE], "tickvals": [0, 0.5, 1], "tickformat": ".0%", "zeroline": False}
        axes[f"xaxis{column + 1}"] = {
            **side,
            "domain": [start, start + width],
            "anchor": ends["yaxis"],
            "title": {"text": _("steps saturated open (above {limit})").format(limit=HIGH)},
        }
        shut = {"text": "" if column else _("steps saturated shut (below {limit})").format(limit=LOW)}
        axes[f"yaxis{column + 1}"] = {**side, "anchor": ends["xaxis"], "title": shut, "showticklabels": column == 0}
    layout = {
        "template": template(dark=dark),
        "height": height,
        "margin": {"t": 70, "b": 48, "l": 70, "r": 20},
        "legend": {"orientation": "h", "x": 0, "y": 1.1, "yanchor": "bottom"},
        "hovermode": "closest",
        "annotations": headings,
        **axes,
    }
    return figure(data, layout)


def _points(share: xr.Dataset, title: str, colour: str, number: int, chosen: int | None) -> dict[str, object]:
    units = share["unit"].to_numpy()
    wide = np.where(units == chosen, 3.0, 0.0) if number == 0 and chosen is not None else np.zeros(len(units))
    marker: dict[str, object] = {"color": colour, "size": 7 + 2 * wide, "opacity": 0.75}
    if number:
        marker = {"color": colour, "size": 7, "symbol": "circle-open", "opacity": 0.6}
    hover = _("{model}, unit {unit}<br>open at {open}, shut at {shut} of the steps").format(
        model=title, unit="%{customdata}", open="%{x:.1%}", shut="%{y:.1%}"
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "pick",
        "name": title,
        "legendgroup": title,
        "x": share["above"].to_numpy(),
        "y": share["below"].to_numpy(),
        "customdata": units,
        "marker": marker,
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _limit(colour: str) -> dict[str, object]:
    line = {"color": colour, "width": 1, "dash": "dot"}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [1, 0],
        "line": line,
        "hoverinfo": "skip",
        "showlegend": False,
    }
