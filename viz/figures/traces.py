"""How did a few units move, step by step? All six signals as lines."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from lstm_core import SIGNALS
from viz.figures.axes import step_names, token_axis
from viz.figures.heatmaps import GAP, LEFT, RIGHT
from viz.theme import MONO, SIGNAL, limits, palette, rounded_up, template

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
    """A line per unit in each of six small charts, one per signal, above one step axis.

    `selected` = (step, unit): that unit is drawn solid, and its step is marked in every chart. Gates run
    from 0 to 1, candidate and hidden state from -1 to 1, the cell symmetrically around 0.
    """
    step, chosen = selected
    names = step_names(layer)
    column = int(np.flatnonzero(layer["step"].to_numpy() == step)[0])
    others = [unit for unit in units if unit != chosen]
    inner = len(SIGNALS) * row_height + GAP * (len(SIGNALS) - 1)
    figure = make_subplots(rows=len(SIGNALS), cols=1, shared_xaxes=True, vertical_spacing=GAP / inner)
    for row, name in enumerate(SIGNALS, start=1):
        signal = SIGNAL[name]
        for place, unit in enumerate([*others, chosen]):
            strong = unit == chosen
            figure.add_trace(
                go.Scatter(
                    x=names,
                    y=layer[name].sel(unit=unit).to_numpy(),
                    mode="lines",
                    name=f"unit {unit}" + (" (selected)" if strong else ""),
                    legendgroup=str(unit),
                    legendrank=0 if strong else place + 1,
                    showlegend=row == 1,
                    opacity=1 if strong else 0.75,
                    line={
                        "color": signal.colour if strong else palette(dark).faint,
                        "width": 2.4 if strong else 1.2,
                        "dash": "solid" if strong else DASHES[place % len(DASHES)],
                    },
                    hovertemplate=f"unit {unit}: {signal.symbol} = %{{y:.3f}}<extra></extra>",
                ),
                row,
                1,
            )
        value = float(layer[name].sel(unit=chosen).isel(step=column))
        figure.add_trace(
            go.Scatter(
                x=[names[column]],
                y=[value],
                mode="markers",
                marker={"color": signal.colour, "size": 10, "line": {"color": palette(dark).mark, "width": 1.5}},
                showlegend=False,
                hoverinfo="skip",
            ),
            row,
            1,
        )
        low, high = _range(name, layer[name].sel(unit=[*others, chosen]))
        room = (high - low) * 0.06
        figure.update_yaxes(
            row=row,
            col=1,
            range=[low - room, high + room],
            tickvals=[low, (low + high) / 2, high],
            title={"text": f"<b>{signal.title}</b> {signal.symbol}", "font": {"size": 11, "color": palette(dark).ink}},
            zeroline=False,
        )
    _lay_out(figure, layer, column, inner, width=width, dark=dark)
    return figure


def _range(name: str, values: xr.DataArray) -> tuple[float, float]:
    """The limits of a signal's chart; the cell's take in every value that is drawn."""
    if name != "cell":
        return limits(name)
    high = rounded_up(float(np.abs(values).max()))
    return -high, high


def _lay_out(figure: go.Figure, layer: xr.Dataset, column: int, inner: int, *, width: int, dark: bool) -> None:
    axis = token_axis(layer, width=width - LEFT - RIGHT)
    axis["tickfont"] = {**axis["tickfont"], "family": MONO, "color": palette(dark).ink}  # type: ignore[dict-item]
    figure.update_xaxes(**axis)
    figure.add_vline(column, line={"color": palette(dark).mark, "width": 1, "dash": "dot"}, row="all", col="all")
    top, bottom = 40, 30
    figure.update_layout(
        template=template(dark=dark),
        height=inner + top + bottom,
        margin={"t": top, "b": bottom, "l": LEFT, "r": RIGHT},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "yref": "paper"},
        hovermode="x",
        dragmode="zoom",
    )
