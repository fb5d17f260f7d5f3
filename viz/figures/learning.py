"""When did each unit learn to open and to shut a gate? Units by training steps."""

from collections.abc import Sequence

import plotly.graph_objects as go
import xarray as xr

from lstm_core.analysis.saturation import HIGH, LOW
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.figures.stack import axis_name, heading
from viz.locale import _
from viz.theme import SIGNAL, palette, probability_scale, scale

TOP, BOTTOM, LEFT, RIGHT = 56, 62, 64, 54
GAP = 0.07  # of the width: room for a colour bar
PANEL = (1 - 2 * GAP) / 3


def learning(
    learnt: xr.Dataset, *, gate: str, order: Sequence[int], row_height: int = 6, dark: bool = False
) -> go.Figure:
    """A gate's mean, and its shares of steps shut and open, a row a unit and a column a checkpoint.

    `learnt` is what `lstm_core.analysis.learning` makes of that gate; rows stand in `order`. Colours run from 0 to 1,
    always; the columns are categories, since the steps of the checkpoints are doubled from one to the next. What is NaN is
    a gap without a hover label.
    """
    signal = SIGNAL[gate]
    steps = [f"{step:,}" for step in learnt["training_step"].to_numpy().tolist()]
    units = [str(unit) for unit in order]
    height = min(max(len(units) * row_height, 200), 420)
    panels = (
        (
            "mean",
            _("Mean of the<br>{gate}").format(gate=_(signal.title).lower()),
            _("mean of {symbol} = {value}").format(symbol=signal.symbol, value="%{z:.3f}"),
            scale(gate, dark=dark),
        ),
        (
            "shut",
            _("Nearly shut<br>(below {limit})").format(limit=LOW),
            _("{share} of the steps below {limit}").format(share="%{z:.1%}", limit=LOW),
            probability_scale(dark=dark),
        ),
        (
            "open",
            _("Nearly open<br>(above {limit})").format(limit=HIGH),
            _("{share} of the steps above {limit}").format(share="%{z:.1%}", limit=HIGH),
            scale(gate, dark=dark),
        ),
    )
    place = _("unit {unit}, training step {step}").format(unit="%{y}", step="%{x}")
    data = [
        {
            "type": "heatmap",
            "name": name,
            "x": steps,
            "y": units,
            "z": learnt[name].sel(unit=list(order)).transpose("unit", "training_step").to_numpy(),
            "zmin": 0,
            "zmax": 1,
            "colorscale": stops,
            "colorbar": _colour_bar(column, height, shares=name != "mean", dark=dark),
            "hoverongaps": False,
            "hovertemplate": f"{place}<br>{hover}<extra></extra>",
            "xaxis": axis_name("x", column + 1),
            "yaxis": axis_name("y", column + 1),
        }
        for column, (name, _title, hover, stops) in enumerate(panels)
    ]
    layout = _layout([panel[1] for panel in panels], units, steps, height, dark=dark)
    return figure(data, layout)


def _colour_bar(column: int, height: int, *, shares: bool, dark: bool) -> dict[str, object]:
    return {
        "x": (column + 1) * PANEL + column * GAP + 0.004,
        "xanchor": "left",
        "xpad": 0,
        "y": 0.5,
        "ypad": 4,
        "len": height,
        "lenmode": "pixels",
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": [0, 0.5, 1],
        "tickformat": ".0%" if shares else "",
        "tickfont": {"size": 10, "color": palette(dark).faint},
    }


def _layout(titles: list[str], units: list[str], steps: list[str], height: int, *, dark: bool) -> dict[str, object]:
    ink = palette(dark).ink
    axes: dict[str, object] = {}
    headings = []
    for column, title in enumerate(titles):
        start = column * (PANEL + GAP)
        axes[f"xaxis{column + 1}"] = {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": steps,
            "domain": [start, start + PANEL],
            "anchor": axis_name("y", column + 1),
            "title": {"text": _("Training step"), "standoff": 8},
            "showgrid": False,
            **({"matches": "x"} if column else {}),
        }
        axes[f"yaxis{column + 1}"] = {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": units,
            "autorange": "reversed",
            "anchor": axis_name("x", column + 1),
            "nticks": 9,
            "showticklabels": column == 0,
            "title": {"text": "" if column else _("Unit")},
            "showgrid": False,
            **({"matches": "y"} if column else {}),
        }
        headings.append(heading(title, start + PANEL / 2, above=6, size=13, colour=ink))
    return {
        "template": template(dark=dark),
        "height": height + TOP + BOTTOM,
        "margin": {"t": TOP, "b": BOTTOM, "l": LEFT, "r": RIGHT},
        "showlegend": False,
        "hovermode": "closest",
        "annotations": headings,
        **axes,
    }
