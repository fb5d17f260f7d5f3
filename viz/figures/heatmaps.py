"""What did every unit do at every step? Surprise, expectation and all signals on one step axis."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped, step_names
from viz.figures.blocks import block_length, blocks
from viz.figures.stack import Panel, domain, inner_height, stacked
from viz.theme import ACCENT, MONO, SIGNAL, limits, palette, probability_scale, scale

SURPRISE, EXPECTED = 56, 96  # pixels high
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
    `lstm_core.analysis`) stand above, over the same steps. `selected` = (step, unit) is marked by a line at
    its step, for pictures that are not live. A gate's colours always run from 0 to 1.

    Beyond MAX_CELLS numbers, columns are means of as many steps as bring the figure below; its title
    says so, and surprise and expectation are left out.
    """
    block = block_length(layer, heatmaps=len(signals), most=MAX_CELLS)
    shown = blocks(layer, block)
    names = step_names(shown)
    panels = []
    if surprise is not None and block == 1:
        panels.append(_surprise(surprise, names, dark=dark))
    if expected is not None and block == 1:
        panels.append(_expected(expected, names, dark=dark))
    first = len(panels) + 1
    for row, name in enumerate(signals, start=first):
        panels.append(_signal(shown, name, order, names, height=row_height, dark=dark))
        if row > first:
            panels[-1].axis["matches"] = "y" if first == 1 else f"y{first}"
    _place_colour_bars(panels)
    note = f"Each column is the mean of {block} steps"
    title = {
        "text": note,
        "font": {"size": 12},
        "x": 0.5,
        "y": 1,
        "yanchor": "top",
        "pad": {"t": 4},
        "yref": "container",
    }
    return stacked(
        panels,
        shown,
        width=width,
        dark=dark,
        top=26 if block == 1 else 44,
        ticks_above=len(panels) > 1,
        marked=None if selected is None or block > 1 else shown["step"].to_numpy().tolist().index(selected[0]),
        layout={"bargap": 0.15, "hovermode": "closest", "title": title if block > 1 else {}},
    )


def _surprise(surprise: xr.DataArray, names: list[str], *, dark: bool) -> Panel:
    bars = {
        "type": "bar",
        "x": names,
        "y": np.nan_to_num(surprise.to_numpy()),
        "marker": {"color": ACCENT[dark], "line": {"width": 0}},
        "hovertemplate": "%{x}<br>surprise %{y:.2f} bits<extra></extra>",
    }
    return Panel(SURPRISE, "Surprise<br>(bits)", [bars], {"nticks": 3, "rangemode": "tozero", "fixedrange": True})


def _expected(expected: xr.Dataset, names: list[str], *, dark: bool) -> Panel:
    """Five rows of characters, darker the likelier; the one that did come next is bold and in brackets."""
    labels, probability, came = (
        expected[name].transpose("rank", "step").to_numpy() for name in ("label", "probability", "came")
    )
    text = [
        [f"<b>[{escaped(label)}]</b>" if hit else escaped(label) for label, hit in zip(line, hits, strict=True)]
        for line, hits in zip(labels.tolist(), came.tolist(), strict=True)
    ]
    cells = {
        "type": "heatmap",
        "x": names,
        "y": [f"{rank}." for rank in expected["rank"].to_numpy()],
        "z": probability,
        "zmin": 0,
        "zmax": 1,
        "colorscale": probability_scale(dark=dark),
        "showscale": False,
        "text": text,
        "texttemplate": "%{text}" if len(names) <= TEXT_STEPS else "",
        "textfont": {"family": MONO, "size": 11},
        "hovertemplate": "after %{x}<br>expected next: %{text}, %{z:.1%}<extra></extra>",
    }
    return Panel(
        EXPECTED, "Expected<br>next", [cells], {"type": "category", "autorange": "reversed", "fixedrange": True}
    )


def _signal(layer: xr.Dataset, name: str, order: Sequence[int], names: list[str], *, height: int, dark: bool) -> Panel:
    signal, units = SIGNAL[name], [str(unit) for unit in order]
    low, high = limits(name, layer[name])
    cells = {
        "type": "heatmap",
        "x": names,
        "y": units,
        "z": layer[name].sel(unit=list(order)).transpose("unit", "step").to_numpy(),
        "zmin": low,
        "zmax": high,
        "colorscale": scale(name, dark=dark),
        "name": name,
        "hovertemplate": f"{signal.title}, unit %{{y}}<br>%{{x}}<br>{signal.symbol} = %{{z:.3f}}<extra></extra>",
        "colorbar": {
            "x": 1.008,
            "xanchor": "left",
            "xpad": 0,
            "ypad": 4,
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": [low, (low + high) / 2, high],
            "tickfont": {"size": 11, "color": palette(dark).faint},
        },
    }
    axis = {
        "type": "category",
        "autorange": "reversed",
        "nticks": 5,
    }
    return Panel(height, f"<b>{signal.title}</b> {signal.symbol}", [cells], axis)


def _place_colour_bars(panels: list[Panel]) -> None:
    inner = inner_height(panels)
    for number, panel in enumerate(panels, start=1):
        start, end = domain(panels, number, inner)
        for trace in panel.traces:
            bar = trace.get("colorbar")
            if isinstance(bar, dict):
                bar |= {"y": (start + end) / 2, "len": panel.height - 6, "lenmode": "pixels"}
