"""Panels stacked above one step axis: the skeleton that heatmaps and traces share.

A figure is put together as plain dicts and made a Plotly figure once at the end: built piece by piece through
`make_subplots` and `update_*`, the same figure takes ten times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import token_axis
from viz.figures.enlarged import as_wide
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.theme import MONO, palette

GAP = 14  # pixels between panels
LEFT, RIGHT = 104, 74
LETTERS, LEGEND_ROW = 26, 20  # pixels below the panels: letters, and a row of a legend
NARROWEST = 720  # pixels of any figure: curves need them, however short the text
LEAST_WIDTH = "least_width"  # in a layout's "meta": pixels that the figure needs, so that nothing in it overlaps


@dataclass(eq=False)
class Panel:
    """One row of a figure."""

    height: int  # pixels
    title: str
    traces: list[dict[str, object]]
    axis: dict[str, object] = field(default_factory=dict)  # of its values
    beside: str = ""  # what its lines are, to its right


def stacked(
    panels: Sequence[Panel],
    layer: xr.Dataset,
    *,
    width: int,
    dark: bool,
    top: int,
    bottom: int = 30,
    ticks_above: bool = False,
    marked: int | None = None,
    layout: dict[str, object] | None = None,
) -> go.Figure:
    """One figure of `panels`, the first at the top, over the steps of `layer`, whose tokens are the ticks.

    `width` is about what the figure will have, in pixels; `marked` is a column with a dotted line.
    """
    inner = inner_height(panels)
    ink = palette(dark).ink
    x_axis = token_axis(layer, width=round(as_wide(width)) - LEFT - RIGHT)
    least = max(NARROWEST, LEFT + RIGHT + round(x_axis.pop("least")))
    x_axis |= {"tickfont": {"size": x_axis.pop("size"), "family": MONO, "color": ink}, "showgrid": False}
    last = axis_name("y", len(panels))
    axes: dict[str, object] = {"xaxis": {**x_axis, "anchor": last}}
    data: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    for number, panel in enumerate(panels, start=1):
        start, end = domain(panels, number, inner)
        title = {"text": panel.title, "font": {"color": ink, "size": 12}}
        axes["yaxis" + str(number)] = {"domain": [start, end], "title": title, "anchor": "x", **panel.axis}
        data += [{**trace, "xaxis": "x", "yaxis": axis_name("y", number)} for trace in panel.traces]
        if panel.beside:
            notes.append(_note(panel.beside, (start + end) / 2, ink))
    if ticks_above:
        axes["xaxis2"] = {**x_axis, "anchor": "y", "side": "top", "matches": "x"}
        data = [{**trace, "xaxis": "x2"} if trace["yaxis"] == "y" else trace for trace in data]
    line = {"color": palette(dark).mark, "width": 1, "dash": "dot"}
    shape = {"type": "line", "x0": marked, "x1": marked, "y0": 0, "y1": 1, "xref": "x", "yref": "paper", "line": line}
    whole = {
        "template": template(dark=dark),
        "height": inner + top + bottom,
        "margin": {"t": top, "b": bottom, "l": LEFT, "r": RIGHT},
        "showlegend": False,
        "dragmode": "zoom",
        "shapes": [] if marked is None else [shape],
        "annotations": notes,
        "meta": {LEAST_WIDTH: least},
        **axes,
        **(layout or {}),
    }
    return figure(data, whole)


def _note(text: str, middle: float, ink: str) -> dict[str, object]:
    place = {"x": 1.008, "y": middle, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "middle"}
    return {"text": text, "showarrow": False, "align": "left", "font": {"size": 11, "color": ink}, **place}


def inner_height(panels: Sequence[Panel]) -> int:
    return sum(panel.height for panel in panels) + GAP * (len(panels) - 1)


def domain(panels: Sequence[Panel], number: int, inner: int) -> tuple[float, float]:
    """The share of the figure's height, from its bottom, that panel `number` (from 1, the top) takes up."""
    above = sum(panel.height for panel in panels[: number - 1]) + GAP * (number - 1)
    return 1 - (above + panels[number - 1].height) / inner, 1 - above / inner


def axis_name(letter: str, number: int) -> str:
    """x, x2, x3, ...: how a trace refers to an axis."""
    return letter if number == 1 else f"{letter}{number}"


def heading(text: str, middle: float, *, above: int, size: int, colour: str) -> dict[str, object]:
    """A line of text, escaped already, some pixels above a column of panels whose middle is a share of the width."""
    return {
        "text": text,
        "showarrow": False,
        "font": {"size": size, "color": colour},
        "x": middle,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "center",
        "yanchor": "bottom",
        "yshift": above,
    }


def legend_below(panels: Sequence[Panel]) -> tuple[dict[str, object], int]:
    """A legend under the letters, and the room for both in pixels: Plotly makes more for a legend of several rows.

    Its place is a share of the panels' height. Enlarged they may be little higher than usual, and the letters are larger.
    """
    share = LETTERS / inner_height(panels) * (1 if as_wide(1) == 1 else 2)
    return {"orientation": "h", "x": 0, "xanchor": "left", "y": -share, "yanchor": "top"}, LETTERS + LEGEND_ROW


def title_of_blocks(sentence: str, length: int) -> dict[str, object]:
    """The title of a figure whose columns stand for several steps; none where a column is one step.

    `sentence` says what a column is, with a place for the `count`: "Each column is the mean of {count} steps".
    """
    if length == 1:
        return {}
    place = {"x": 0.5, "y": 1, "yanchor": "top", "pad": {"t": 4}, "yref": "container"}
    return {"text": sentence.format(count=length), "font": {"size": 12}, **place}


def place_colour_bars(panels: Sequence[Panel], *, shorter: int = 0) -> None:
    """Put the colour bar of every trace next to its panel, as high as the panel less `shorter` pixels."""
    inner = inner_height(panels)
    for number, panel in enumerate(panels, start=1):
        start, end = domain(panels, number, inner)
        for trace in panel.traces:
            bar = trace.get("colorbar")
            if isinstance(bar, dict):
                bar |= {"y": (start + end) / 2, "len": (panel.height - shorter) / inner, "lenmode": "fraction"}
