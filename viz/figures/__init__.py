"""Labelled arrays in, a Plotly figure out; one figure per file. No Streamlit, no torch."""

from viz.figures.before_after import before_after
from viz.figures.comparison import comparison
from viz.figures.decays import decays
from viz.figures.distributions import distributions
from viz.figures.followed import followed
from viz.figures.following import following
from viz.figures.gradient_map import gradient_map
from viz.figures.half_lives import half_lives
from viz.figures.heatmaps import heatmaps
from viz.figures.knocked_out import knocked_out
from viz.figures.learning import learning
from viz.figures.ledger import ledger
from viz.figures.remembered import remembered
from viz.figures.saturation_points import saturation_points
from viz.figures.saturations import saturations
from viz.figures.shares import shares
from viz.figures.timescale import timescale
from viz.figures.traces import traces
from viz.figures.unit_memory import unit_memory
from viz.figures.weighed import weighed
from viz.figures.what_if_change import what_if_change

__all__ = [
    "before_after",
    "comparison",
    "decays",
    "distributions",
    "followed",
    "following",
    "gradient_map",
    "half_lives",
    "heatmaps",
    "knocked_out",
    "learning",
    "ledger",
    "remembered",
    "saturation_points",
    "saturations",
    "shares",
    "timescale",
    "traces",
    "unit_memory",
    "weighed",
    "what_if_change",
]
