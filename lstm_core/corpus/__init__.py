"""What a model does over a whole corpus: recorded once, kept on disk, read by the part."""

from lstm_core.corpus.fitting import fitting_query
from lstm_core.corpus.numbers import USUAL
from lstm_core.corpus.passage_values import PassageValues, passage_values
from lstm_core.corpus.patterns import find_pattern, passages, share_on
from lstm_core.corpus.query import Condition, Query, conditions_met, query_of
from lstm_core.corpus.record_captured import record_captured
from lstm_core.corpus.record_corpus import record_corpus
from lstm_core.corpus.store import open_corpus

__all__ = [
    "USUAL",
    "Condition",
    "PassageValues",
    "Query",
    "conditions_met",
    "find_pattern",
    "fitting_query",
    "open_corpus",
    "passage_values",
    "passages",
    "query_of",
    "record_captured",
    "record_corpus",
    "share_on",
]
