"""Which models a browser reads with: those whose weights are few enough to be sent, or put into a page."""

import os

from lstm_core import SequenceModel

__all__ = ["LIMIT", "fits", "limit", "megabytes"]

LIMIT = "GATESCOPE_LIVE_MEGABYTES"  # the environment variable: larger models are read on the server
USUAL_LIMIT = 16.0
MEGABYTE = 1_000_000


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
