"""Functions of labelled arrays, one question a file."""

from lstm_core.analysis.expectation import expected_change, said_change, surprise, top_expected
from lstm_core.analysis.features import marking, text_features
from lstm_core.analysis.following import best_followers, following
from lstm_core.analysis.learning import learning
from lstm_core.analysis.ledger import best_remembered, keepers, ledger, ledger_error, remembered
from lstm_core.analysis.memory import excerpt
from lstm_core.analysis.ordering import ORDERS, most_varying, row_order
from lstm_core.analysis.preactivation import TERMS, preactivation_terms, previous
from lstm_core.analysis.saturation import saturation, unit_saturation
from lstm_core.analysis.timescale import half_life, timescale

__all__ = [
    "ORDERS",
    "TERMS",
    "best_followers",
    "best_remembered",
    "excerpt",
    "expected_change",
    "following",
    "half_life",
    "keepers",
    "learning",
    "ledger",
    "ledger_error",
    "marking",
    "most_varying",
    "preactivation_terms",
    "previous",
    "remembered",
    "row_order",
    "said_change",
    "saturation",
    "surprise",
    "text_features",
    "timescale",
    "top_expected",
    "unit_saturation",
]
