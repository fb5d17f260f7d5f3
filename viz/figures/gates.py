"""Panels side by side, one for each gate."""

from collections.abc import Sequence

import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from lstm_core import signals_of
from viz.locale import _
from viz.theme import SIGNAL


def gates_of(layer: xr.Dataset) -> list[str]:
    """The gates of a recorded layer, in the usual order; none for a simple RNN."""
    return [name for name in signals_of(layer) if SIGNAL[name].gate]


def gate_panels(gates: Sequence[str]) -> go.Figure:
    """An empty figure with a column for each of `gates`, under its name, all on one vertical axis.

    Raises ValueError where there are none.
    """
    if not gates:
        raise ValueError("a layer without gates has no panels of gates: compare its hidden state")
    titles = [f"{_(SIGNAL[gate].title)} {SIGNAL[gate].symbol}" for gate in gates]
    return make_subplots(rows=1, cols=len(gates), shared_yaxes=True, horizontal_spacing=0.03, column_titles=titles)
