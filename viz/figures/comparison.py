"""Where do two models differ on the same text? Heatmaps side by side, and their difference."""

from collections.abc import Sequence

import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from viz.figures.axes import escaped, step_names, token_axis
from viz.figures.heatmaps import blocks
from viz.theme import MONO, SIGNAL, difference_scale, limits, palette, scale, template

GAP = 14
TOP, BOTTOM, LEFT, RIGHT = 62, 30, 84, 60
COLUMN_GAP = 0.055  # of the width: room for a colour bar
MAX_CELLS = 600_000


def comparison(
    first: xr.Dataset,
    second: xr.Dataset,
    *,
    titles: tuple[str, str],
    signals: Sequence[str],
    order: Sequence[int],
    row_height: int = 170,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """`first`, `second` and `first` minus `second`, a row of heatmaps for each of `signals`.

    Both are layers of the same steps and units. The two share one colour scale; differences have a scale
    of their own, symmetric around 0: from -1 to 1 for gates, from -2 to 2 for candidate and hidden
    state, twice the cell's limits for the cell.

    Beyond MAX_CELLS numbers, columns are means of several steps, and the figure says so. Raises
    ValueError when steps or units differ.
    """
    if dict(first.sizes) != dict(second.sizes):
        raise ValueError(f"only layers of one size can be compared, not {dict(first.sizes)} and {dict(second.sizes)}")
    columns = max(1, MAX_CELLS // (3 * max(1, len(signals)) * first.sizes["unit"]))
    block = -(-first.sizes["step"] // columns)
    first, second = blocks(first, block), blocks(second, block)
    inner = len(signals) * row_height + GAP * (len(signals) - 1)
    difference = "difference (left minus middle)"
    figure = make_subplots(
        rows=len(signals),
        cols=3,
        shared_xaxes=True,
        vertical_spacing=GAP / inner if len(signals) > 1 else 0,
        horizontal_spacing=COLUMN_GAP,
        column_titles=[escaped(title) for title in (*titles, difference)],
    )
    names, units = step_names(first), [str(unit) for unit in order]
    for row, name in enumerate(signals, start=1):
        low, high = limits(name, first[name], second[name])
        reach = high - low if low < 0 else high
        both = [(one[name], low, high, scale(name, dark=dark)) for one in (first, second)]
        parts = [*both, (first[name] - second[name], -reach, reach, difference_scale(dark=dark))]
        for column, (array, start, end, colours) in enumerate(parts, start=1):
            signal = SIGNAL[name]
            said = f"{signal.symbol} = %{{z:.3f}}" if column < 3 else f"difference of {signal.symbol} = %{{z:+.3f}}"
            figure.add_trace(
                go.Heatmap(
                    x=names,
                    y=units,
                    z=array.sel(unit=list(order)).transpose("unit", "step").to_numpy(),
                    zmin=start,
                    zmax=end,
                    colorscale=colours,
                    name=f"{name} {column}",
                    showscale=column > 1,
                    hovertemplate=f"{signal.title}, unit %{{y}}<br>%{{x}}<br>{said}<extra></extra>",
                    colorbar=_colorbar(row, column, start, end, row_height, inner, dark=dark),
                ),
                row,
                column,
            )
    _lay_out(figure, first, signals, units, inner, width=width, dark=dark)
    if block > 1:
        note = f"Each column is the mean of {block} steps"
        figure.layout.title = {"text": note, "font": {"size": 12}, "x": 0.5, "y": 0.995, "yanchor": "top"}
    return figure


def _colorbar(
    row: int, column: int, low: float, high: float, height: int, inner: int, *, dark: bool
) -> dict[str, object]:
    panel = (1 - 2 * COLUMN_GAP) / 3
    return {
        "x": column * panel + (column - 1) * COLUMN_GAP + 0.004,
        "xanchor": "left",
        "xpad": 0,
        "y": 1 - ((row - 1) * (height + GAP) + height / 2) / inner,
        "len": height - 6,
        "lenmode": "pixels",
        "ypad": 4,
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": [low, (low + high) / 2, high],
        "tickfont": {"size": 10, "color": palette(dark).faint},
    }


def _lay_out(
    figure: go.Figure,
    layer: xr.Dataset,
    signals: Sequence[str],
    units: list[str],
    inner: int,
    *,
    width: int,
    dark: bool,
) -> None:
    axis = token_axis(layer, width=int((width - LEFT - RIGHT) * (1 - 2 * COLUMN_GAP) / 3))
    axis["tickfont"] = {**axis["tickfont"], "family": MONO, "color": palette(dark).ink}  # type: ignore[dict-item]
    figure.update_xaxes(**axis, matches="x")
    figure.layout.xaxis.matches = None
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=units,
        autorange="reversed",
        nticks=5,
        showticklabels=False,
        matches="y",
    )
    figure.layout.yaxis.matches = None
    for row, name in enumerate(signals, start=1):
        signal = SIGNAL[name]
        title = {"text": f"<b>{signal.title}</b> {signal.symbol}", "font": {"color": palette(dark).ink}}
        figure.update_yaxes(row=row, col=1, title=title, showticklabels=True)
    for annotation in figure.layout.annotations:
        annotation.update(font={"size": 14, "color": palette(dark).ink}, yshift=4)
    figure.update_layout(
        template=template(dark=dark),
        height=inner + TOP + BOTTOM,
        margin={"t": TOP, "b": BOTTOM, "l": LEFT, "r": RIGHT},
        showlegend=False,
        hovermode="closest",
    )
