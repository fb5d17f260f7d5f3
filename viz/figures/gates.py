"""Three panels side by side, one for each gate."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lstm_core import GATES
from viz.theme import SIGNAL


def gate_panels() -> go.Figure:
    """An empty figure with a column for each of GATES, under its name, all on one vertical axis."""
    titles = [f"{SIGNAL[gate].title} {SIGNAL[gate].symbol}" for gate in GATES]
    return make_subplots(rows=1, cols=len(GATES), shared_yaxes=True, horizontal_spacing=0.03, column_titles=titles)
