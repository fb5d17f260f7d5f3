"""How did a few units change, step by step? All signals of a layer as lines."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from lstm_core import signals_of
from viz.figures.axes import step_names
from viz.figures.stack import Panel, stacked
from viz.locale import _
from viz.theme import Signal, cell_type_of, furthest, limits, palette, signal_of, symmetric

DASHES = ("dash", "dot", "dashdot", "longdash", "longdashdot")


def traces(
    layer: xr.Dataset,
    *,
    units: Sequence[int],
    selected: tuple[int, int],
    row_height: int = 92,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """A line per unit in each of as many small charts as the layer has signals, above one step axis.

    `selected` = (step, unit): that unit is drawn solid, and its step is marked in every chart. Gates run
    from 0 to 1, candidate and hidden state from -1 to 1 or, where they go beyond, as the cell does: symmetrically around 0.
    """
    step, chosen = selected
    column = layer["step"].to_numpy().tolist().index(step)
    shown = [*(unit for unit in units if unit != chosen), chosen]
    names = step_names(layer)
    panels = [_panel(layer, name, shown, column, names, height=row_height, dark=dark) for name in signals_of(layer)]
    for trace in panels[0].traces[:-1]:
        trace["showlegend"] = True
    legend = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "yref": "paper"}
    layout: dict[str, object] = {"legend": legend, "showlegend": True, "hovermode": "x"}
    return stacked(panels, layer, width=width, dark=dark, top=40, marked=column, layout=layout)


def _panel(
    layer: xr.Dataset, name: str, units: list[int], column: int, names: list[str], *, height: int, dark: bool
) -> Panel:
    """One signal: the last of `units` solid and in colour, with a dot at `column`; the others dashed and grey."""
    signal, base = signal_of(name, cell_type_of(layer)), palette(dark)
    values = layer[name].sel(unit=units).to_numpy()
    lines = [
        _line(unit, line, signal, names, place=None if unit == units[-1] else place, dark=dark)
        for place, (unit, line) in enumerate(zip(units, values.T, strict=True))
    ]
    dot = {
        "type": "scatter",
        "x": [names[column]],
        "y": [values[column, -1]],
        "mode": "markers",
        "marker": {"color": signal.colour, "size": 10, "line": {"color": base.mark, "width": 1.5}},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    # Takes in every value that is drawn.
    low, high = limits(name) if signal.gate else symmetric(name, [furthest(values)])
    room = (high - low) * 0.06
    axis = {"range": [low - room, high + room], "tickvals": [low, (low + high) / 2, high], "zeroline": False}
    return Panel(height, f"<b>{_(signal.title)}</b> {signal.symbol}", [*lines, dot], axis)


def _line(
    unit: int, values: np.ndarray, signal: Signal, names: list[str], *, place: int | None, dark: bool
) -> dict[str, object]:
    """A unit's line; `place` among the grey lines, or None for the selected unit."""
    strong = place is None
    name = (_("unit {unit} (selected)") if strong else _("unit {unit}")).format(unit=unit)
    hover = _("unit {unit}: {symbol} = {value}").format(unit=unit, symbol=signal.symbol, value="%{y:.3f}")
    return {
        "type": "scatter",
        "mode": "lines",
        "x": names,
        "y": values,
        "name": name,
        "legendgroup": str(unit),
        "legendrank": 1 if place is None else place + 2,
        "showlegend": False,
        "opacity": 1 if strong else 0.75,
        "line": {
            "color": signal.colour if strong else palette(dark).faint,
            "width": 2.4 if strong else 1.2,
            "dash": "solid" if place is None else DASHES[place % len(DASHES)],
        },
        "hovertemplate": f"{hover}<extra></extra>",
    }
