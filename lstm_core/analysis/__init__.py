"""Functions of labelled arrays, one question a file."""

from lstm_core.analysis.expectation import expected_change, said_change, surprise, top_expected
from lstm_core.analysis.learning import learning
from lstm_core.analysis.ordering import ORDERS, most_varying, row_order
from lstm_core.analysis.preactivation import TERMS, preactivation_terms, previous
from lstm_core.analysis.saturation import saturation

__all__ = [
    "ORDERS",
    "TERMS",
    "expected_change",
    "learning",
    "most_varying",
    "preactivation_terms",
    "previous",
    "row_order",
    "said_change",
    "saturation",
    "surprise",
    "top_expected",
]
