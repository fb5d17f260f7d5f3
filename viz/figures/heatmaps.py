"""What did every unit do at every step? The model's predictions and all signals on one step axis."""

from collections.abc import Sequence

import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import step_names
from viz.figures.blocks import block_length, blocks
from viz.figures.enlarged import as_wide
from viz.figures.gaps import with_gaps
from viz.figures.predictions import colour_bar, expected_panel, output_panels, surprise_panel
from viz.figures.stack import LEFT, RIGHT, Panel, place_colour_bars, stacked, title_of_blocks
from viz.locale import _
from viz.theme import cell_type_of, limits, scale, signal_of

MAX_CELLS = 600_000  # beyond, columns are means of several steps


def heatmaps(
    layer: xr.Dataset,
    *,
    signals: Sequence[str],
    order: Sequence[int],
    surprise: xr.DataArray | None = None,
    expected: xr.Dataset | None = None,
    prediction: xr.Dataset | None = None,
    least: Sequence[float] = (),
    row_height: int = 150,
    width: int = 1200,
    dark: bool = False,
    selected: tuple[int, int] | None = None,
) -> go.Figure:
    """A row of pixels per unit and a column per step for each of `signals`, in the rows' `order`.

    `layer` is (step, unit), as in `Recording.layers`; `surprise` and `expected` (from
    `lstm_core.analysis`) stand above, over the same steps, or `prediction`, of a recording whose model
    predicts labels, a few legal tokens, or values, whose axes are no shorter than `least`. `selected` = (step, unit) is
    marked by a line at its step, for pictures that are not live. A gate's colours always run from 0 to 1. What is NaN or
    infinite is a gap.

    Beyond MAX_CELLS numbers, columns are means of as many steps as bring the figure below; its title
    says so, and the predictions are left out.
    """
    block = block_length(layer, heatmaps=len(signals), most=MAX_CELLS)
    shown = blocks(layer, block)
    names = step_names(shown)
    panels = []
    if surprise is not None and block == 1:
        panels.append(surprise_panel(surprise, names, dark=dark))
    if expected is not None and block == 1:
        room = (as_wide(width) - LEFT - RIGHT) / len(names)
        panels.append(expected_panel(expected, names, room=room, dark=dark))
    if prediction is not None and block == 1:
        panels += output_panels(prediction, names, least=least, dark=dark)
    first = len(panels) + 1
    for row, name in enumerate(signals, start=first):
        panels.append(_signal(shown, name, order, names, height=row_height, dark=dark))
        if row > first:
            panels[-1].axis["matches"] = "y" if first == 1 else f"y{first}"
    place_colour_bars(panels, shorter=6)
    return stacked(
        panels,
        shown,
        width=width,
        dark=dark,
        top=26 if block == 1 else 44,
        ticks_above=len(panels) > 1,
        marked=None if selected is None or block > 1 else shown["step"].to_numpy().tolist().index(selected[0]),
        layout={
            "bargap": 0.15,
            "hovermode": "closest",
            "title": title_of_blocks(_("Each column is the mean of {count} steps"), block),
        },
    )


def _signal(layer: xr.Dataset, name: str, order: Sequence[int], names: list[str], *, height: int, dark: bool) -> Panel:
    signal, units = signal_of(name, cell_type_of(layer)), [str(unit) for unit in order]
    low, high = limits(name, layer[name])
    place = _("{signal}, unit {unit}").format(signal=_(signal.title), unit="%{y}")
    cells = {
        "type": "heatmap",
        "x": names,
        "y": units,
        "z": with_gaps(layer[name].sel(unit=list(order)).transpose("unit", "step").to_numpy()),
        "zmin": low,
        "zmax": high,
        "colorscale": scale(name, dark=dark),
        "name": name,
        "hovertemplate": f"{place}<br>%{{x}}<br>{signal.symbol} = %{{z:.3f}}<extra></extra>",
        "colorbar": colour_bar(low, high, dark=dark),
    }
    axis = {
        "type": "category",
        "autorange": "reversed",
        "nticks": 5,
    }
    return Panel(height, f"<b>{_(signal.title)}</b> {signal.symbol}", [cells], axis)
