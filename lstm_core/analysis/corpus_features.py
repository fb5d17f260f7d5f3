"""The features of a corpus's tokens, document by document, and the two halves of it: one to choose by, one to measure on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.analysis.features import document_features, kind_of_tokens
from lstm_core.analysis.value_counts import document_starts

FEWEST_RUNS = 8  # of a feature in each half: one that only rises, or comes once, is followed by whatever drifts
SMALLEST = 4  # a half has at least this fraction of the steps, or it is cut at the middle step


@dataclass(frozen=True, eq=False)
class CorpusFeatures:
    """Features that vary in both halves, each over (step,), and the half of each step."""

    names: list[str]
    columns: list[np.ndarray]  # bool, int32 or float64
    binary: np.ndarray  # (feature,)
    half: np.ndarray  # (step,), uint8: 0 to choose by, 1 to measure on
    left_out: list[str]  # the features that come too seldom in one of the halves

    def at(self, steps: np.ndarray, half: np.ndarray) -> "CorpusFeatures":
        """At some of the steps, which have halves of their own."""
        return CorpusFeatures(self.names, [one[steps] for one in self.columns], self.binary, half, self.left_out)

    def only(self, kept: np.ndarray) -> "CorpusFeatures":
        """Those features of which `kept`, (feature,), is true."""
        names = [name for name, keep in zip(self.names, kept, strict=True) if keep]
        columns = [column for column, keep in zip(self.columns, kept, strict=True) if keep]
        left_out = self.left_out + [name for name in self.names if name not in names]
        return CorpusFeatures(names, columns, self.binary[kept], self.half, left_out)


def corpus_features(corpus: xr.Dataset, *, numbers: Sequence[str] = ()) -> CorpusFeatures:
    """The features of all documents. `numbers` names the numbers of a step, where the model reads numbers."""
    labels, groups, edges = np.asarray(corpus["token"].data), np.asarray(corpus["group"].data), document_starts(corpus)
    codes, different = pd.factorize(labels)
    kind = kind_of_tokens(list(different), np.bincount(codes), numeric=bool(numbers))
    columns: dict[str, np.ndarray] = {}
    for start, stop in pairwise(edges.tolist()):
        found = document_features(labels[start:stop].tolist(), groups[start:stop], kind, numbers=numbers)
        for name, values in found.items():
            kept = values if values.dtype == bool else values.astype(np.int32 if values.dtype.kind == "i" else float)
            whole = columns.setdefault(name, np.zeros(len(labels), kept.dtype))
            if not np.can_cast(kept.dtype, whole.dtype):
                whole = columns[name] = whole.astype(kept.dtype)
            whole[start:stop] = kept
    half = halves(edges)
    binary = [((column == 0) | (column == 1)).all() for column in columns.values()]
    every = CorpusFeatures(list(columns), list(columns.values()), np.array(binary, dtype=bool), half, [])
    return every.only(np.array([often(every, place) for place in range(len(columns))], dtype=bool))


def often(features: CorpusFeatures, place: int) -> bool:
    """Has this feature enough runs in each half?"""
    column, half = features.columns[place], features.half
    return min(len(run_starts(column[half == part])) for part in (0, 1)) >= FEWEST_RUNS


def halves(edges: np.ndarray) -> np.ndarray:
    """Each document goes to the half with fewer steps so far; where that leaves one too small, the middle step parts them."""
    half, sizes = np.zeros(edges[-1], np.uint8), [0, 0]
    for start, stop in pairwise(edges.tolist()):
        own = int(sizes[1] < sizes[0])
        half[start:stop] = own
        sizes[own] += stop - start
    if min(sizes) * SMALLEST < edges[-1]:
        half[:] = np.arange(edges[-1]) >= edges[-1] // 2
    return half


def run_starts(column: np.ndarray) -> np.ndarray:
    """Where a run begins: at 0, and wherever the values come back to the lowest one; none where all are alike."""
    if not len(column) or (column == column[0]).all():
        return np.empty(0, np.int64)
    low = column == column.min()
    begins = low & ~np.append(True, low[:-1])
    begins[0] = True
    return np.flatnonzero(begins)
