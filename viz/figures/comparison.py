"""Where do two models differ on the same text? Heatmaps side by side, and their difference."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped, step_names, token_axis
from viz.figures.blocks import block_length, blocks
from viz.figures.enlarged import as_wide
from viz.figures.gaps import with_gaps
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.figures.stack import GAP, LEAST_WIDTH, axis_name, heading
from viz.locale import _
from viz.theme import MONO, Signal, cell_type_of, difference_reach, difference_scale, limits, palette, scale, signal_of

TOP, BOTTOM, LEFT, RIGHT = 62, 8, 84, 60
NOTE = 18  # pixels, above the titles, for what a column is where it is several steps
COLUMN_GAP = 0.055  # of the width: room for a colour bar
PANEL = (1 - 2 * COLUMN_GAP) / 3
TITLE_CHARACTER = 7.0  # pixels of a character above a column
ROOMY = 80  # pixels of a row in which its title has one line
MAX_CELLS = 600_000


def comparison(
    first: xr.Dataset,
    second: xr.Dataset,
    *,
    titles: tuple[str, str],
    signals: Sequence[str],
    order: Sequence[int],
    row_height: int = 170,
    top: int = TOP,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """`first`, `second` and `first` minus `second`, a row of heatmaps for each of `signals`.

    Both are layers of the same steps and units. The two share one colour scale; each row's differences have a scale of their
    own, symmetric around 0, to the 98th percentile of their size, rounded up to 1, 2, 3, 5 or 8 times a power of ten, and
    never below LEAST_CELL: it is written beside them. What is NaN or infinite is a gap, also in the difference.

    Beyond MAX_CELLS numbers, columns are means of several steps, and the figure says so. Raises
    ValueError when steps or units differ.
    """
    if dict(first.sizes) != dict(second.sizes):
        raise ValueError(f"only layers of one size can be compared, not {dict(first.sizes)} and {dict(second.sizes)}")
    block = block_length(first, heatmaps=3 * len(signals), most=MAX_CELLS)
    first, second = (
        blocks(layer[list(signals)], block).sel(unit=list(order)).transpose("unit", "step", ...)
        for layer in (first, second)
    )
    if block > 1:  # room for the note, which the rows give
        top, row_height = top + NOTE, row_height - NOTE // len(signals)
    places = {"x": step_names(first), "y": [str(unit) for unit in order]}
    inner = len(signals) * row_height + GAP * (len(signals) - 1)
    data = []
    for row, name in enumerate(signals):
        middle = 1 - (row * (row_height + GAP) + row_height / 2) / inner
        low, high = limits(name, first[name], second[name])
        colours = scale(name, dark=dark)
        with np.errstate(invalid="ignore"):  # infinity less infinity: a gap
            difference = first[name] - second[name]
        reach = difference_reach(difference)
        parts = (
            (first[name], (low, high), colours),
            (second[name], (low, high), colours),
            (difference, (-reach, reach), difference_scale(dark=dark)),
        )
        for column, (values, ends, stops) in enumerate(parts):
            cells = _cells(values, signal_of(name, cell_type_of(first)), column, ends) | places
            bar = _colour_bar(column, ends, middle, (row_height - 6) / inner, dark=dark)
            axes = {"xaxis": axis_name("x", column + 1), "yaxis": axis_name("y", row + 1)}
            data.append({**cells, **axes, "colorscale": stops, "colorbar": bar})
    layout = _layout(first, signals, order, titles, row_height, inner, above=top, width=width, dark=dark)
    if block > 1:
        note = _("Each column is the mean of {count} steps").format(count=block)
        layout["title"] = {"text": note, "font": {"size": 12}, "x": 0.5, "y": 0.995, "yanchor": "top"}
    return figure(data, layout)


def _cells(values: xr.DataArray, signal: Signal, column: int, ends: tuple[float, float]) -> dict[str, object]:
    hover = f"{signal.symbol} = %{{z:.3f}}"
    if column == 2:
        hover = _("difference of {symbol} = {value}").format(symbol=signal.symbol, value="%{z:+.3f}")
    place = _("{signal}, unit {unit}").format(signal=_(signal.title), unit="%{y}")
    return {
        "type": "heatmap",
        "z": with_gaps(values.to_numpy()),
        "zmin": ends[0],
        "zmax": ends[1],
        "name": f"{signal.name} {column + 1}",
        "showscale": column > 0,
        "hovertemplate": f"{place}<br>%{{x}}<br>{hover}<extra></extra>",
    }


def _colour_bar(
    column: int, ends: tuple[float, float], middle: float, length: float, *, dark: bool
) -> dict[str, object]:
    return {
        "x": (column + 1) * PANEL + column * COLUMN_GAP + 0.004,
        "xanchor": "left",
        "xpad": 0,
        "y": middle,
        "ypad": 4,
        "len": length,
        "lenmode": "fraction",
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": [ends[0], sum(ends) / 2, ends[1]],
        "ticktext": [f"−{ends[1]:g}", "0", f"+{ends[1]:g}"] if column == 2 else None,
        "tickfont": {"size": 10, "color": palette(dark).faint},
    }


def _layout(
    layer: xr.Dataset,
    signals: Sequence[str],
    order: Sequence[int],
    titles: tuple[str, str],
    row_height: int,
    inner: int,
    *,
    above: int,
    width: int,
    dark: bool,
) -> dict[str, object]:
    ink = palette(dark).ink
    steps = token_axis(layer, width=int((as_wide(width) - LEFT - RIGHT) * PANEL))
    least = max(steps.pop("least"), *(len(title) * TITLE_CHARACTER for title in titles_of(titles)))
    steps |= {"tickfont": {"size": steps.pop("size"), "family": MONO, "color": ink}, "showgrid": False}
    axes: dict[str, object] = {}
    headings = []
    for column, title in enumerate(titles_of(titles)):
        start = column * (PANEL + COLUMN_GAP)
        anchor = {"anchor": "y", "side": "top", "domain": [start, start + PANEL]}
        axes[f"xaxis{column + 1}"] = {**steps, **anchor, **({"matches": "x"} if column else {})}
        headings.append(heading(escaped(title), start + PANEL / 2, above=20, size=13, colour=ink))
    units, roomy = [str(unit) for unit in order], as_wide(row_height) >= ROOMY
    for row, name in enumerate(signals):
        top = 1 - row * (row_height + GAP) / inner
        signal = signal_of(name, cell_type_of(layer))
        axes[f"yaxis{row + 1}"] = {
            "domain": [max(0.0, top - row_height / inner), top],
            "title": {"text": _row_title(signal, roomy=roomy), "font": {"color": ink}},
            "type": "category",
            "categoryorder": "array",
            "categoryarray": units,
            "autorange": "reversed",
            "nticks": 5 if roomy else 3,
            **({"matches": "y"} if row else {}),
        }
    return {
        "template": template(dark=dark),
        "height": inner + above + BOTTOM,
        "margin": {"t": above, "b": BOTTOM, "l": LEFT, "r": RIGHT},
        "showlegend": False,
        "hovermode": "closest",
        "annotations": headings,
        "meta": {LEAST_WIDTH: LEFT + RIGHT + round(least / PANEL)},
        **axes,
    }


def _row_title(signal: Signal, *, roomy: bool) -> str:
    title = _(signal.title)
    return f"<b>{title if roomy else title.replace(' ', '<br>', 1)}</b> {signal.symbol}"


def titles_of(titles: tuple[str, str]) -> tuple[str, str, str]:
    """What stands above the three columns."""
    return *titles, _("difference (left minus middle)")
