"""How high are the heatmaps of Compare, so that all signals fit one screen?"""

from lstm_core.analysis.telling import TELLING
from viz.figures.comparison import BOTTOM
from viz.figures.stack import GAP

HEIGHT = 452  # pixels of all heatmaps together: what a projector's screen has below the widgets
TOP = 42  # of these above the first: headings and letters
LEAST_HEIGHT = 40  # pixels of a signal's heatmaps
ROW = 3  # pixels of a unit at least: all units of a large layer are scrolled through
TALLEST = 700  # of a signal's heatmaps


def row_height(signals: int, units: int) -> int:
    """How many pixels has each signal, so that all fit a screen; more where all units of a large layer have a row."""
    fits = (HEIGHT - TOP - BOTTOM - GAP * (signals - 1)) // signals
    return max(fits, LEAST_HEIGHT, min(ROW * units, TALLEST) if units > TELLING else 0)
