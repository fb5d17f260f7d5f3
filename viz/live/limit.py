"""Which models a browser reads with: those whose weights are few enough to be sent, or put into a page."""

import os
from collections.abc import Sequence

from lstm_core import SequenceModel
from lstm_core.costs import recurrent_weights
from viz.locale import _

__all__ = ["LIMIT", "fits", "limit", "megabytes", "most_steps", "obstacle"]

LIMIT = "GATESCOPE_LIVE_MEGABYTES"  # the environment variable: larger models are read on the server
USUAL_LIMIT = 16.0
MEGABYTE = 1_000_000
MOST_STEPS = 4_000
MOST_PRODUCTS = 600_000_000  # weights times steps at a key: 0.1 s in WebAssembly, 0.3 s on a slow machine


def fits(model: SequenceModel) -> bool:
    """Are the weights few enough?"""
    return megabytes(model) <= limit()


def megabytes(model: SequenceModel) -> float:
    """How much do the weights take?"""
    size: int = sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
    return size / MEGABYTE


def limit() -> float:
    """How many megabytes may they take?"""
    return float(os.environ.get(LIMIT, USUAL_LIMIT))


def most_steps(models: Sequence[SequenceModel]) -> int:
    """How many steps are read in the browser at a key; longer texts go by the server."""
    return min(MOST_STEPS, MOST_PRODUCTS // max(sum(map(recurrent_weights, models)), 1))


def obstacle(models: Sequence[SequenceModel], steps: int) -> str:
    """Why does the browser not read so many steps with these models by itself? A sentence; empty if it does."""
    if not all(map(fits, models)):
        return _(
            "This model is too large for the browser, so the server reads the text: it follows your typing a little later."
        )
    if steps > most_steps(models):
        return _(
            "This text is too long for the browser, so the server reads it: it follows your typing a little later."
        )
    return ""
