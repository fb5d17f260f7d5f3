"""What did every unit do at every step? Surprise, expectation and all signals on one step axis."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from viz.figures.axes import escaped, step_names, token_axis
from viz.theme import ACCENT, MONO, SIGNAL, limits, palette, probability_scale, scale, template

SURPRISE, EXPECTED = 56, 96  # pixels high
GAP = 14
TOP, BOTTOM, LEFT, RIGHT = 26, 30, 104, 74
MAX_CELLS = 600_000  # beyond, columns are means of several steps
TEXT_STEPS = 110  # up to here an expected character fits its column


def heatmaps(
    layer: xr.Dataset,
    *,
    signals: Sequence[str],
    order: Sequence[int],
    surprise: xr.DataArray | None = None,
    expected: xr.Dataset | None = None,
    row_height: int = 150,
    width: int = 1200,
    dark: bool = False,
    selected: tuple[int, int] | None = None,
) -> go.Figure:
    """A row of pixels per unit and a column per step for each of `signals`, in the rows' `order`.

    `layer` is (step, unit), as in `Recording.layers`; `surprise` and `expected` (from
    `lstm_core.analysis`) stand above, over the same steps. `selected` = (step, unit) is drawn as a cross,
    for pictures that are not live. A gate's colours always run from 0 to 1.

    Beyond MAX_CELLS numbers, columns are means of as many steps as bring the figure below; its title
    says so.
    """
    block = block_length(layer, signals)
    shown = blocks(layer, block)
    names = step_names(shown)
    top = (
        []
        if block > 1
        else [
            part for part in ("surprise", "expected") if {"surprise": surprise, "expected": expected}[part] is not None
        ]
    )
    heights = [SURPRISE if part == "surprise" else EXPECTED for part in top] + [row_height] * len(signals)
    inner = sum(heights) + GAP * (len(heights) - 1)
    figure = make_subplots(
        rows=len(heights),
        cols=1,
        shared_xaxes=True,
        row_heights=heights,
        vertical_spacing=GAP / inner if len(heights) > 1 else 0,
    )
    for row, part in enumerate(top, start=1):
        if part == "surprise" and surprise is not None:
            _add_surprise(figure, row, surprise, names, dark=dark)
        elif expected is not None:
            _add_expected(figure, row, expected, names, dark=dark)
    _add_signals(figure, shown, signals, order, names, first=len(top) + 1, heights=heights, dark=dark)
    _lay_out(figure, shown, heights, width=width, dark=dark)
    if block > 1:
        figure.layout.title = {
            "text": f"Each column is the mean of {block} steps",
            "font": {"size": 12},
            "x": 0.5,
            "y": 0.995,
        }
    if selected is not None and block == 1:
        _mark(figure, shown, selected, first=len(top) + 1, rows=len(signals), order=order, dark=dark)
    return figure


def block_length(layer: xr.Dataset, signals: Sequence[str]) -> int:
    """How many steps share a column, so that the figure stays below MAX_CELLS numbers?"""
    columns = max(1, MAX_CELLS // (max(1, len(signals)) * layer.sizes["unit"]))
    return -(-layer.sizes["step"] // columns)


def blocks(layer: xr.Dataset, length: int) -> xr.Dataset:
    """Means over blocks of `length` steps (the last may be shorter); each is named by its first step."""
    if length == 1:
        return layer
    steps = layer.sizes["step"]
    edges = np.arange(0, steps, length)
    counts = np.diff(np.append(edges, steps))[:, None]
    means = {
        name: (
            ("step", "unit"),
            (np.add.reduceat(array.to_numpy().astype(np.float64), edges) / counts).astype(np.float32),
        )
        for name, array in layer.data_vars.items()
        if array.dims == ("step", "unit")
    }
    first = layer.isel(step=edges)
    return xr.Dataset(
        means, coords={name: first[name] for name in ("step", "token", "group", "unit")}, attrs=layer.attrs
    )


def _add_surprise(figure: go.Figure, row: int, surprise: xr.DataArray, names: list[str], *, dark: bool) -> None:
    bits = surprise.to_numpy()
    hover = "%{x}<br>surprise %{y:.2f} bits<extra></extra>"
    figure.add_trace(
        go.Bar(
            x=names, y=np.nan_to_num(bits), marker={"color": ACCENT[dark], "line": {"width": 0}}, hovertemplate=hover
        ),
        row,
        1,
    )
    figure.update_yaxes(
        row=row, col=1, title={"text": "Surprise<br>(bits)"}, nticks=3, rangemode="tozero", fixedrange=True
    )


def _add_expected(figure: go.Figure, row: int, expected: xr.Dataset, names: list[str], *, dark: bool) -> None:
    """Five rows of characters, darker the likelier; the one that did come next is set in bold."""
    labels, probability, came = (
        expected[name].transpose("rank", "step").to_numpy() for name in ("label", "probability", "came")
    )
    text = [
        [f"<b>[{escaped(label)}]</b>" if hit else escaped(label) for label, hit in zip(line, hits, strict=True)]
        for line, hits in zip(labels.tolist(), came.tolist(), strict=True)
    ]
    figure.add_trace(
        go.Heatmap(
            x=names,
            y=[f"{rank}." for rank in expected["rank"].to_numpy()],
            z=probability,
            zmin=0,
            zmax=1,
            colorscale=probability_scale(dark=dark),
            showscale=False,
            text=text,
            texttemplate="%{text}" if len(names) <= TEXT_STEPS else None,
            textfont={"family": MONO, "size": 11},
            hovertemplate="after %{x}<br>expected next: %{text}, %{z:.1%}<extra></extra>",
        ),
        row,
        1,
    )
    figure.update_yaxes(
        row=row, col=1, title={"text": "Expected<br>next"}, type="category", autorange="reversed", fixedrange=True
    )


def _add_signals(
    figure: go.Figure,
    layer: xr.Dataset,
    signals: Sequence[str],
    order: Sequence[int],
    names: list[str],
    *,
    first: int,
    heights: Sequence[int],
    dark: bool,
) -> None:
    units = [str(unit) for unit in order]
    inner = sum(heights) + GAP * (len(heights) - 1)
    for row, name in enumerate(signals, start=first):
        signal = SIGNAL[name]
        values = layer[name].sel(unit=list(order)).transpose("unit", "step").to_numpy()
        low, high = limits(name, layer[name])
        above = sum(heights[: row - 1]) + GAP * (row - 1)
        figure.add_trace(
            go.Heatmap(
                x=names,
                y=units,
                z=values,
                zmin=low,
                zmax=high,
                colorscale=scale(name, dark=dark),
                name=name,
                hovertemplate=f"{signal.title}, unit %{{y}}<br>%{{x}}<br>{signal.symbol} = %{{z:.3f}}<extra></extra>",
                colorbar={
                    "x": 1.008,
                    "xanchor": "left",
                    "xpad": 0,
                    "y": 1 - (above + heights[row - 1] / 2) / inner,
                    "len": heights[row - 1] - 6,
                    "lenmode": "pixels",
                    "ypad": 4,
                    "thickness": 10,
                    "outlinewidth": 0,
                    "tickvals": [low, (low + high) / 2, high],
                    "tickfont": {"size": 11, "color": palette(dark).faint},
                },
            ),
            row,
            1,
        )
        figure.update_yaxes(
            row=row,
            col=1,
            title={"text": f"<b>{signal.title}</b> {signal.symbol}", "font": {"color": palette(dark).ink}},
            type="category",
            categoryorder="array",
            categoryarray=units,
            autorange="reversed",
            nticks=5,
            matches=None if row == first else ("y" if first == 1 else f"y{first}"),
        )


def _lay_out(figure: go.Figure, layer: xr.Dataset, heights: Sequence[int], *, width: int, dark: bool) -> None:
    axis = token_axis(layer, width=width - LEFT - RIGHT)
    axis["tickfont"] = {**axis["tickfont"], "family": MONO, "color": palette(dark).ink}  # type: ignore[dict-item]
    figure.update_xaxes(**axis)
    figure.update_xaxes(row=1, col=1, side="top", showticklabels=True)
    figure.update_xaxes(row=len(heights), col=1, side="bottom" if len(heights) > 1 else "top", showticklabels=True)
    figure.update_layout(
        template=template(dark=dark),
        height=sum(heights) + GAP * (len(heights) - 1) + TOP + BOTTOM,
        margin={"t": TOP, "b": BOTTOM, "l": LEFT, "r": RIGHT},
        showlegend=False,
        bargap=0.15,
        dragmode="zoom",
        hovermode="closest",
    )


def _mark(
    figure: go.Figure,
    layer: xr.Dataset,
    selected: tuple[int, int],
    *,
    first: int,
    rows: int,
    order: Sequence[int],
    dark: bool,
) -> None:
    step, unit = selected
    column = int(np.flatnonzero(layer["step"].to_numpy() == step)[0])
    line = {"color": palette(dark).mark, "width": 1, "dash": "dot"}
    for row in range(first, first + rows):
        figure.add_vline(column, row=row, col=1, line=line)
        figure.add_hline(list(order).index(unit), row=row, col=1, line=line)
