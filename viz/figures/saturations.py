"""How often is each gate saturated, shut or open?"""

import plotly.graph_objects as go
import xarray as xr

from lstm_core.analysis.saturation import HIGH, LOW, saturation
from viz.figures.axes import escaped
from viz.figures.gates import gate_panels, gates_of
from viz.figures.plotly_template import template
from viz.locale import _
from viz.theme import SIGNAL, palette


def saturations(first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str], dark: bool = False) -> go.Figure:
    """Per gate, the shares of values below 0.1, between, and above 0.9, as one bar to 100% for each model.

    The shares are those of `lstm_core.analysis.saturation` (Karpathy et al. 2015), of the values that are numbers; where
    none is, there is no bar.
    """
    gates = gates_of(first)
    figure = gate_panels(gates)
    base = palette(dark)
    models = [f"{escaped(title)} " for title in titles]
    for column, gate in enumerate(gates, start=1):
        shares = [saturation(layer[gate]) for layer in (first, second)]
        below, above = [share["below"] for share in shares], [share["above"] for share in shares]
        between = [1 - low - high for low, high in zip(below, above, strict=True)]
        parts = (
            (_("nearly shut (below {limit}): {share}").format(limit=LOW, share="%{x:.1%}"), below, base.faint),
            (_("in between: {share}").format(share="%{x:.1%}"), between, base.zero),
            (
                _("nearly open (above {limit}): {share}").format(limit=HIGH, share="%{x:.1%}"),
                above,
                SIGNAL[gate].colour,
            ),
        )
        for hover, values, colour in parts:
            figure.add_trace(
                go.Bar(
                    y=models,
                    x=values,
                    orientation="h",
                    marker={"color": colour, "line": {"width": 1, "color": base.grid}},
                    text=[f"{value:.0%}" if value >= 0.06 else "" for value in values],
                    textposition="inside",
                    insidetextanchor="middle",
                    textangle=0,
                    showlegend=False,
                    hovertemplate=f"{hover}<extra></extra>",
                ),
                1,
                column,
            )
    figure.update_xaxes(range=[0, 1], tickformat=".0%", showgrid=False, tickvals=[0, 0.5, 1])
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(
        template=template(dark=dark),
        barmode="stack",
        bargap=0.35,
        height=190,
        margin={"t": 40, "b": 30, "l": 10, "r": 20},
        hovermode="closest",
    )
    figure.update_yaxes(automargin=True)
    return figure
