"""What did the model predict after one step, without and with a change? The likeliest tokens or labels of both."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.figures.stack import LEAST_WIDTH
from viz.locale import _
from viz.theme import ACCENT, MONO, SIGNAL, palette

ROW = 34  # pixels: a pair of bars
CLOSE = 26  # closer pairs have their bars as far from each other as from the next
TOP, BOTTOM = 30, 24
LONGEST = 14  # characters of a label


def before_after(
    before: xr.Dataset, after: xr.Dataset, *, step: int, count: int = 5, height: int | None = None, dark: bool = False
) -> go.Figure:
    """A pair of bars, probabilities from 0 to 1, for each class that is among the `count` likeliest of either, or came next.

    `before` and `after` are the predictions of two recordings of the same text, by models that predict probabilities. The
    classes are in the order of `before` or, where that is NaN, of `after`; the class that came next is in [brackets]. A
    probability that is NaN has no bar, and "–" for its number.
    """
    first, second = (one["probability"].sel(step=step).to_numpy().astype(np.float64) for one in (before, after))
    orders = [np.argsort(-chances, kind="stable") for chances in (first, second)]  # NaN last
    known = [order for order, chances in zip(orders, (first, second), strict=True) if not np.isnan(chances).all()]
    came = int(before["next_class"].sel(step=step))
    best = {came} | {int(one) for order in known or orders[:1] for one in order[:count]}
    rows = [int(one) for one in (known or orders)[0] if one in best]
    labels = [_label(str(before["class"].to_numpy()[one]), came=one == came) for one in rows]
    parts = ((_("original"), first, ACCENT[dark]), (_("with the change"), second, SIGNAL["cell"].colour))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": chances[rows],
            "y": list(range(len(rows))),
            "customdata": labels,
            "text": [escaped(percent(one)) for one in chances[rows]],
            "textposition": "outside",
            "cliponaxis": False,
            "constraintext": "none",
            "textfont": {"size": 10, "color": palette(dark).ink},
            "marker": {"color": colour},
            "hovertemplate": f"%{{customdata}} {name}: %{{x:.3~p}}<extra></extra>",
        }
        for name, chances, colour in parts
    ]
    return figure(data, _layout(labels, height, dark=dark))


def percent(probability: float) -> str:
    """A probability in per cent. Only zero is shown as 0, and NaN as "–"."""
    if np.isnan(probability):
        return "–"
    rounded = f"{probability:.0%}" if probability >= 0.1 else f"{probability:.1%}"
    return "<0.1%" if probability > 0 and rounded == "0.0%" else rounded


def _label(label: str, *, came: bool) -> str:
    shown = escaped(label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…")
    return f"<b>[{shown}]</b>" if came else shown


def _layout(labels: list[str], height: int | None, *, dark: bool) -> dict[str, object]:
    shown = height or len(labels) * ROW + TOP + BOTTOM
    return {
        "template": template(dark=dark),
        "height": shown,
        "margin": {"t": TOP, "b": BOTTOM, "l": 48, "r": 44},
        "meta": {LEAST_WIDTH: 320},
        "barmode": "group",
        "bargap": 0.25 if shown >= len(labels) * CLOSE + TOP + BOTTOM else 0.08,  # or their numbers would touch
        "legend": {"orientation": "h", "x": -0.2, "y": 1, "yanchor": "bottom", "font": {"size": 11}},
        "xaxis": {"range": [0, 1], "tickformat": ".0%", "fixedrange": True},
        "yaxis": {
            "autorange": "reversed",
            "tickvals": list(range(len(labels))),
            "ticktext": labels,
            "tickfont": {"family": MONO, "size": 13, "color": palette(dark).ink},
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
    }
