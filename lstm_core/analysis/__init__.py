"""Functions of labelled arrays, one question a file."""

from lstm_core.analysis.backward import backward, difference
from lstm_core.analysis.decay import decay, paths
from lstm_core.analysis.expectation import expected_change, said_change, surprise, top_expected
from lstm_core.analysis.gradients import gradients, weight_gradients
from lstm_core.analysis.knock_out import KnockedOut, knock_out
from lstm_core.analysis.learning import learning
from lstm_core.analysis.ordering import ORDERS, most_varying, row_order
from lstm_core.analysis.preactivation import TERMS, preactivation_terms, previous
from lstm_core.analysis.saturation import saturation
from lstm_core.analysis.target import LOSS, Target
from lstm_core.analysis.what_if import change, divergence, losses

__all__ = [
    "LOSS",
    "ORDERS",
    "TERMS",
    "KnockedOut",
    "Target",
    "backward",
    "change",
    "decay",
    "difference",
    "divergence",
    "expected_change",
    "gradients",
    "knock_out",
    "learning",
    "losses",
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
