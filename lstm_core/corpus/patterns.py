"""find_pattern: where in a corpus do the same units switch on and off together?"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from dask.delayed import delayed
from scipy.stats import false_discovery_control

from lstm_core.corpus.masks import Mask, joined_within, masks_of
from lstm_core.corpus.places import LONGEST, Places, places_of, runs_by_level, together
from lstm_core.corpus.query import Query
from lstm_core.corpus.scheduler import computed
from lstm_core.corpus.store import facts_of

ENOUGH = 1000  # places by chance that scores are compared with


def find_pattern(
    store: str | os.PathLike[str],
    query: Query,
    *,
    layer: str = "layer0",
    most: int = 50,
    share: float = 0.5,
    shuffles: int = 1,
    scheduler: Any = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Where in a corpus do the units of `query` switch on and off together?

    All steps and all candidates are searched, after Strobelt et al. 2018 (LSTMVis, "Match view"), who compare the units that
    are on. Here their runs are compared too. A candidate is a maximal run of steps of one document in which at least k of
    the query's n conditions hold at every step, for every k from `share` * n to n; it is at most 4 times as long as the
    query. Its score is the mean over all conditions of

        J_u = |steps of the place at which u is on| / |the place and the runs of u that meet it|

    (the Jaccard overlap of their spans: 1 only for a unit that switches on and off with the place), times
    min(length, L) / max(length, L) with the query's length L. A unit's run counts before the place only if the query has
    `off_before`, after it only if it has `off_after`, and there for 4 L steps at most. Of candidates that lie in each other
    the best is a place: one that scores higher than all that contain it and no lower than all that lie in it.

    `p_value`: the same search is made `shuffles` times on the units' bits, each unit turned round by a random number of
    steps of the corpus (`seed`). p = (1 + places found there with at least this score) / (1 + places found there).
    Where these are fewer than 1,000, k begins lower, so that there is something to compare with. `fdr` is the false discovery
    rate of the list up to here (Benjamini & Hochberg 1995), over all places: with few occurrences, ask for more `shuffles`.

    Returns the `most` best places, best first, ties by start: document, start, stop (steps of the corpus), score, p_value,
    fdr. Its `attrs` have `places` and `places_by_chance`, the numbers of all, and `together`, the least k. Takes time
    linear in the steps, and keeps a part of the corpus in memory at a time. The bits are kept in the store and used again.
    Raises ValueError for units and signals that there are not, KeyError for such a layer.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import query_of, record_corpus
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT", "SaaabbbT"] * 20, f"{folder}/corpus")
    ...     query = query_of(corpus, 1, 3, signal="forget", threshold=0.5)
    ...     places = find_pattern(f"{folder}/corpus", query, most=3)
    ...     list(places.columns)
    ['document', 'start', 'stop', 'score', 'p_value', 'fdr']
    """
    if most < 1 or shuffles < 1 or not 0 < share <= 1:
        raise ValueError(
            f"`most` and `shuffles` are 1 at least and `share` lies in 0 to 1, not {most}, {shuffles} and {share}"
        )
    path = Path(store)
    offsets = np.array(facts_of(path, layer)["offsets"])
    masks = masks_of(path, layer, query.conditions, offsets, scheduler)
    search = _Search(query, masks, _turns(query, int(offsets[-1]), shuffles, seed))
    parts = [_Part(start, stop, _near(offsets, start, stop, query)) for start, stop in masks[0].parts]
    by_level = sum(computed([delayed(search.levels, pure=False)(part) for part in parts], scheduler))
    least = _least(by_level * shuffles, share)
    found = computed([delayed(search.places, pure=False)(part, least, most) for part in parts], scheduler)
    best, scores, by_chance = zip(*found, strict=True)
    return _table(best, np.concatenate(scores), np.concatenate(by_chance), offsets, most, least)


@dataclass(frozen=True, eq=False)
class _Part:
    """The steps from `start` to `stop`, and where documents begin in and near them."""

    start: int
    stop: int
    offsets: np.ndarray


@dataclass(frozen=True, eq=False)
class _Search:
    """What a worker is asked to do, for one part of the corpus at a time."""

    query: Query
    masks: Sequence[Mask]
    turns: np.ndarray  # (shuffle, condition): steps by which each is turned round

    def levels(self, part: _Part) -> np.ndarray:
        """How many runs of at least k units are there by chance, for each k?"""
        low = max(part.start - 1, 0)
        rows, joined = self._bits(part, low, part.stop, self.turns[0])
        count = together(rows)
        own = runs_by_level(count, joined, len(rows))
        return own if part.start == low else own - runs_by_level(count[:1], joined[:1], len(rows))

    def places(self, part: _Part, least: int, most: int) -> tuple[Places, np.ndarray, np.ndarray]:
        """The best places that begin here, the scores of all, and the scores of those by chance."""
        reach = 2 * LONGEST * self.query.length + 1  # all that a place depends on lies so near
        low, high = max(part.start - reach, 0), min(part.stop + reach, self.masks[0].steps)
        found = []
        for turns in (np.zeros(len(self.masks), np.int64), *self.turns):
            rows, joined = self._bits(part, low, high, turns)
            starts, stops, scores = places_of(rows, joined, self.query, least)
            own = slice(*np.searchsorted(starts + low, [part.start, part.stop]))
            found.append(Places(starts[own] + low, stops[own] + low, scores[own]))
        every = found[0]
        best = np.argsort(-every.scores, kind="stable")[:most]
        return (
            Places(*(one[best] for one in every)),
            every.scores,
            np.concatenate([one.scores for one in found[1:]]),
        )

    def _bits(self, part: _Part, low: int, high: int, turns: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        rows = [
            mask.read(one.unit, low - int(turn), high - int(turn))
            for one, mask, turn in zip(self.query.conditions, self.masks, turns, strict=True)
        ]
        return rows, joined_within(part.offsets, low, high)


def _near(offsets: np.ndarray, start: int, stop: int, query: Query) -> np.ndarray:
    reach = 2 * LONGEST * query.length + 1
    return offsets[slice(*np.searchsorted(offsets, [start - reach, stop + reach + 1]))]


def _turns(query: Query, steps: int, shuffles: int, seed: int) -> np.ndarray:
    """A number of steps for each shuffle and condition; conditions of one unit are turned together."""
    drawn = np.random.default_rng(seed).integers(0, steps, (shuffles, len(query.units)))
    return drawn[:, [query.units.index(one.unit) for one in query.conditions]]


def _least(by_level: np.ndarray, share: float) -> int:
    """The least k: `share` of all, or the most below it with which chance finds ENOUGH places."""
    wanted = max(ceil(share * (len(by_level) - 1) - 1e-9), 1)
    enough = np.flatnonzero(by_level[: wanted + 1] >= ENOUGH)
    return int(enough[-1]) if len(enough) else 1


def _table(
    best: Sequence[Places], scores: np.ndarray, by_chance: np.ndarray, offsets: np.ndarray, most: int, least: int
) -> pd.DataFrame:
    by_chance, ranked = np.sort(by_chance), np.sort(scores)[::-1]
    as_good = len(by_chance) - np.searchsorted(by_chance, ranked, "left")
    p = (1 + as_good) / (1 + len(by_chance))
    fdr = false_discovery_control(p) if len(p) else p
    starts, stops, own = (np.concatenate(one) for one in zip(*best, strict=True))
    order = np.lexsort((starts, -own))[:most]
    columns = {
        "document": np.searchsorted(offsets, starts[order], "right") - 1,
        "start": starts[order],
        "stop": stops[order],
        "score": own[order],
        "p_value": p[: len(order)],
        "fdr": fdr[: len(order)],
    }
    found = pd.DataFrame(columns)
    found.attrs.update(places=len(scores), places_by_chance=len(by_chance), together=least)
    return found


def share_on(
    store: str | os.PathLike[str], query: Query, spans: Sequence[tuple[int, int]], *, layer: str = "layer0"
) -> list[np.ndarray]:
    """Which share of the conditions of `query` hold at each step of these spans of a corpus? From 0 to 1.

    A span is its first step and the one after its last. Reads the bits that `find_pattern` keeps in the store.

    >>> import tempfile, pretrained
    >>> from lstm_core.corpus import Condition, record_corpus
    >>> query = Query((Condition(1, "forget", 0.5),), length=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = record_corpus(pretrained.load("anbn", device="cpu"), ["SaabbT"] * 20, f"{folder}/corpus")
    ...     share_on(f"{folder}/corpus", query, [(0, 6)])[0].tolist()
    [0.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    """
    path = Path(store)
    masks = masks_of(path, layer, query.conditions, np.array(facts_of(path, layer)["offsets"]))
    pairs = list(zip(query.conditions, masks, strict=True))
    return [
        np.mean([mask.read(one.unit, start, stop) for one, mask in pairs], axis=0, dtype=float) for start, stop in spans
    ]


def passages(corpus: xr.Dataset, places: pd.DataFrame, around: int = 30) -> pd.DataFrame:
    """What stands at each place, before it and after it?

    `places` is what `find_pattern` found, `corpus` the dataset of `open_corpus`. Adds `before`, `within` and `after`: the
    labels of the tokens, at most `around` before and after, none of another document; with blanks between them where a
    token has several letters.
    """
    starts, stops = places["start"].to_numpy(), places["stop"].to_numpy()
    windows = [
        np.arange(max(a - around, 0), min(b + around, corpus.sizes["step"]))
        for a, b in zip(starts.tolist(), stops.tolist(), strict=True)
    ]
    steps = np.unique(np.concatenate([*windows, np.zeros(0, np.int64)]))
    near = corpus[["token", "document"]].isel(step=steps)
    token, document = near["token"].to_numpy(), near["document"].to_numpy()
    between = " " if any(len(one) > 1 for one in token) else ""
    texts: dict[str, list[str]] = {"before": [], "within": [], "after": []}
    for window, start, stop in zip(windows, starts, stops, strict=True):
        at = np.searchsorted(steps, window)
        own = document[at] == document[np.searchsorted(steps, start)]
        spans = (window < start, (window >= start) & (window < stop), window >= stop)
        for name, span in zip(texts, spans, strict=True):
            texts[name].append(between.join(token[at[span & own]]))
    return places.assign(**texts)
