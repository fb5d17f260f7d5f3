"""What a model does over a whole corpus: recorded once, kept on disk, read by the part."""

from lstm_core.corpus.numbers import USUAL
from lstm_core.corpus.record_captured import record_captured
from lstm_core.corpus.record_corpus import record_corpus
from lstm_core.corpus.store import open_corpus

__all__ = ["USUAL", "open_corpus", "record_captured", "record_corpus"]
