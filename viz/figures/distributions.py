"""Which values does each gate take, before training and after?"""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped
from viz.figures.gates import gate_panels, gates_of
from viz.figures.plotly_template import template
from viz.locale import _
from viz.theme import SIGNAL, palette

BINS = 50


def distributions(first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str], dark: bool = False) -> go.Figure:
    """For each gate, the fraction of all its values (every step, every unit) in 50 equal bins from 0 to 1.

    Only values that are numbers count (without any, there is no line); `first` is filled in the gate's colour, `second` is a line; both share one vertical axis.
    """
    gates = gates_of(first)
    figure = gate_panels(gates)
    edges = np.linspace(0, 1, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    for column, gate in enumerate(gates, start=1):
        for layer, title, own in ((first, titles[0], True), (second, titles[1], False)):
            counts, _bins = np.histogram(layer[gate].to_numpy(), bins=edges)
            colour = SIGNAL[gate].colour if own else palette(dark).ink
            figure.add_trace(
                go.Scatter(
                    x=middles,
                    y=counts / (counts.sum() or np.nan),
                    mode="lines",
                    line={
                        "shape": "hvh",
                        "color": colour,
                        "width": 1.2 if own else 1.8,
                        "dash": "solid" if own else "dot",
                    },
                    fill="tozeroy" if own else None,
                    fillcolor=_with_alpha(colour, 0.45) if own else None,
                    name=escaped(title),
                    legendgroup=escaped(title),
                    showlegend=column == 1,
                    hovertemplate=_("{share} of values near {value}").format(share="%{y:.1%}", value="%{x:.2f}"),
                ),
                1,
                column,
            )
        figure.update_xaxes(row=1, col=column, range=[0, 1], tickvals=[0, 0.1, 0.5, 0.9, 1])
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(row=1, col=1, title={"text": _("fraction of values")})
    figure.update_layout(
        template=template(dark=dark),
        height=320,
        margin={"t": 70, "b": 36, "l": 70, "r": 20},
        legend={"orientation": "h", "x": 0, "y": 1.14, "yanchor": "bottom"},
        hovermode="x unified",
    )
    return figure


def _with_alpha(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
