"""A place of a corpus as a text that the model reads, so that a page can open it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from lstm_core import SequenceModel
from lstm_core.analysis.value_counts import document_starts
from lstm_core.corpus.store import array
from lstm_core.encoders import NumberEncoder
from viz.shared.corpora import Corpus

BEFORE, AFTER = 240, 60  # tokens of the text before and after the place


@dataclass(frozen=True, eq=False)
class CorpusText:
    """The tokens of a corpus, and the model that read them."""

    ids: Any  # (step,): the array of class numbers in the store, None for a model that reads numbers
    edges: np.ndarray  # the steps at which documents begin, with the number of all steps last
    group: np.ndarray  # (step,): bytes of one character have the same
    model: SequenceModel

    @classmethod
    def of(cls, corpus: Corpus, recording: xr.Dataset, model: SequenceModel) -> "CorpusText":
        """`recording` is that of the corpus, which it takes a moment to open."""
        numbers = isinstance(model.config.encoder, NumberEncoder)
        ids = None if numbers else array(corpus.store, "tokens/id")
        return cls(ids, document_starts(recording), recording["group"].to_numpy(), model)

    def within(self, step: int, start: int, stop: int) -> tuple[int, int]:
        """The steps from `start` to `stop` that lie in the document of `step`."""
        number = int(np.searchsorted(self.edges, step, "right"))
        return max(start, int(self.edges[number - 1])), min(stop, int(self.edges[number]))

    def around(self, start: int, stop: int) -> tuple[str, tuple[int, int]] | None:
        """The text that opens at a place, and the place in it; None where the model would not read it in the same steps."""
        if self.ids is None:
            return None
        first, last = self.within(start, start - BEFORE, stop + AFTER)
        while first < start and not self._begins(first):  # a character of several bytes is not cut
            first += 1
        while last > stop and not self._begins(last):
            last -= 1
        ids = np.asarray(self.ids[first:last])
        text = self.model.config.class_encoder.decode(ids)
        if not np.array_equal(self.model.encode(text).ids, ids):
            return None
        return text, (start - first, stop - first)

    def _begins(self, step: int) -> bool:
        """Does a character begin at this step, or end before it?"""
        if step in self.edges:
            return True
        return bool(self.group[step] != self.group[step - 1])
