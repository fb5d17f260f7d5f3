"""Labelled arrays in, a Plotly figure out; one figure per file. No Streamlit, no torch."""

from viz.figures.comparison import comparison
from viz.figures.decays import decays
from viz.figures.distributions import distributions
from viz.figures.followed import followed
from viz.figures.following import following
from viz.figures.gradient_map import gradient_map
from viz.figures.heatmaps import heatmaps
from viz.figures.learning import learning
from viz.figures.ledger import ledger
from viz.figures.remembered import remembered
from viz.figures.saturation_points import saturation_points
from viz.figures.saturations import saturations
from viz.figures.timescale import timescale
from viz.figures.traces import traces

__all__ = [
    "comparison",
    "decays",
    "distributions",
    "followed",
    "following",
    "gradient_map",
    "heatmaps",
    "learning",
    "ledger",
    "remembered",
    "saturation_points",
    "saturations",
    "timescale",
    "traces",
]
