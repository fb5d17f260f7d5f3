"""Labelled arrays in, a Plotly figure out; one figure per file. No Streamlit, no torch."""

from viz.figures.comparison import comparison
from viz.figures.distributions import distributions
from viz.figures.heatmaps import heatmaps
from viz.figures.learning import learning
from viz.figures.saturations import saturations
from viz.figures.traces import traces

__all__ = ["comparison", "distributions", "heatmaps", "learning", "saturations", "traces"]
