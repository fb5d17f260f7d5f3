"""Functions of labelled arrays, one question a file."""

from lstm_core.analysis.backward import backward, difference
from lstm_core.analysis.contextual_decomposition import ContextualDecomposition, contextual_decomposition
from lstm_core.analysis.corpus_following import corpus_following
from lstm_core.analysis.corpus_timescale import corpus_timescale
from lstm_core.analysis.decay import decay, furthest_reaching, paths
from lstm_core.analysis.expectation import expected_change, prediction_change, surprise, top_expected
from lstm_core.analysis.features import marking, text_features
from lstm_core.analysis.gate_drivers import gate_drivers
from lstm_core.analysis.gradients import gradients, signal_gradients, weight_gradients
from lstm_core.analysis.importance import importance
from lstm_core.analysis.integrated_gradients import integrated_gradients
from lstm_core.analysis.intervention_effect import change, divergence, losses
from lstm_core.analysis.knock_out import KnockedOut, knock_out
from lstm_core.analysis.learning import learning
from lstm_core.analysis.ledger import best_remembered, keepers, ledger, ledger_error, remembered
from lstm_core.analysis.mean_difference import MeanDifference, mean_difference
from lstm_core.analysis.memory import excerpt, keep_gate
from lstm_core.analysis.nearest_units import nearest_units
from lstm_core.analysis.ordering import ORDERS, most_varying, row_order
from lstm_core.analysis.preactivation import TERMS, preactivation_terms, previous
from lstm_core.analysis.promoted import promoted
from lstm_core.analysis.saturation import saturation, unit_saturation
from lstm_core.analysis.selectivity import best_followers, feature_selectivity
from lstm_core.analysis.shares import token_shares, unit_shares
from lstm_core.analysis.target import LOSS, Target
from lstm_core.analysis.telling import most_telling
from lstm_core.analysis.timescale import half_life, timescale
from lstm_core.analysis.unit_card import card_json, unit_card, unit_cards
from lstm_core.analysis.unit_costs import unit_costs
from lstm_core.analysis.unit_histograms import unit_histograms
from lstm_core.analysis.unit_line import unit_line
from lstm_core.analysis.unit_passages import passage_spans, unit_passages
from lstm_core.analysis.unit_training import gates_over_training, learnt_at

__all__ = [
    "LOSS",
    "ORDERS",
    "TERMS",
    "ContextualDecomposition",
    "KnockedOut",
    "MeanDifference",
    "Target",
    "backward",
    "best_followers",
    "best_remembered",
    "card_json",
    "change",
    "contextual_decomposition",
    "corpus_following",
    "corpus_timescale",
    "decay",
    "difference",
    "divergence",
    "excerpt",
    "expected_change",
    "feature_selectivity",
    "furthest_reaching",
    "gate_drivers",
    "gates_over_training",
    "gradients",
    "half_life",
    "importance",
    "integrated_gradients",
    "keep_gate",
    "keepers",
    "knock_out",
    "learning",
    "learnt_at",
    "ledger",
    "ledger_error",
    "losses",
    "marking",
    "mean_difference",
    "most_telling",
    "most_varying",
    "nearest_units",
    "passage_spans",
    "paths",
    "preactivation_terms",
    "prediction_change",
    "previous",
    "promoted",
    "remembered",
    "row_order",
    "saturation",
    "signal_gradients",
    "surprise",
    "text_features",
    "timescale",
    "token_shares",
    "top_expected",
    "unit_card",
    "unit_cards",
    "unit_costs",
    "unit_histograms",
    "unit_line",
    "unit_passages",
    "unit_saturation",
    "unit_shares",
    "weight_gradients",
]
