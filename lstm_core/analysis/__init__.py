"""Functions of labelled arrays, one question a file."""

from lstm_core.analysis.backward import backward, difference
from lstm_core.analysis.decay import decay, paths
from lstm_core.analysis.expectation import expected_change, said_change, surprise, top_expected
from lstm_core.analysis.gradients import gradients, weight_gradients
from lstm_core.analysis.learning import learning
from lstm_core.analysis.ordering import ORDERS, most_varying, row_order
from lstm_core.analysis.preactivation import TERMS, preactivation_terms, previous
from lstm_core.analysis.saturation import saturation
from lstm_core.analysis.target import LOSS, Target

__all__ = [
    "LOSS",
    "ORDERS",
    "TERMS",
    "Target",
    "backward",
    "decay",
    "difference",
    "expected_change",
    "gradients",
    "learning",
    "most_varying",
    "paths",
    "preactivation_terms",
    "previous",
    "row_order",
    "said_change",
    "saturation",
    "surprise",
    "top_expected",
    "weight_gradients",
]
