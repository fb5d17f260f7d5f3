"""The light and dark Plotly templates."""

from functools import cache

import plotly.graph_objects as go

from viz.theme import palette

FONT = "Source Sans, Source Sans Pro, Segoe UI, Helvetica, Arial, sans-serif"


@cache
def template(*, dark: bool) -> go.layout.Template:
    """Background, fonts, axes and hover labels of every figure."""
    base = palette(dark)
    axis = {
        "gridcolor": base.grid,
        "linecolor": base.grid,
        "zerolinecolor": base.grid,
        "tickcolor": base.grid,
        "tickfont": {"color": base.faint, "size": 11},
        "title": {"font": {"color": base.faint, "size": 12}},
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": base.paper,
            "plot_bgcolor": base.paper,
            "font": {"family": FONT, "color": base.ink, "size": 13},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": base.paper,
                "bordercolor": base.faint,
                "font": {"family": FONT, "color": base.ink, "size": 13},
            },
            "legend": {"font": {"color": base.ink, "size": 12}, "bgcolor": "rgba(0,0,0,0)"},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": base.faint, "activecolor": base.ink},
        }
    )
