"""Functions of labelled arrays, one question a file."""

from lstm_core.analysis.expectation import surprise, top_expected
from lstm_core.analysis.ordering import ORDERS, most_varying, row_order
from lstm_core.analysis.saturation import saturation

__all__ = ["ORDERS", "most_varying", "row_order", "saturation", "surprise", "top_expected"]
