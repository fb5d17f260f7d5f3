"""What a model does over a whole corpus: recorded once, kept on disk, read by the part."""

from lstm_core.corpus.record_corpus import USUAL, record_corpus
from lstm_core.corpus.store import open_corpus

__all__ = ["USUAL", "open_corpus", "record_corpus"]
