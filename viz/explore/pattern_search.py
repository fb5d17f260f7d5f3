"""Find this pattern: the places of a longer text, found once for each pattern, with what the browser draws of them."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
import xarray as xr

from lstm_core.corpus import Query, find_pattern, share_on
from lstm_core.corpus.masks import drop_masks
from viz.explore.pattern_link import written
from viz.locale import N_, Deferred
from viz.shared.cached import load_model
from viz.shared.corpora import Corpus
from viz.shared.corpus_text import CorpusText
from viz.theme import SIGNAL

LISTED = 30  # lines
BEST = 300  # places that they are of
SHUFFLES = 20  # at most: with fewer, no single place can have a false-discovery rate of 5 %
WORK = 1.2e8  # steps times (units + 40) of all shuffles together: half a second
MASKS = 60  # for each layer, which take an eighth of a byte a unit and step each
AROUND, AROUND_APART = (26, 44), (7, 12)  # tokens shown before a place, and from its begin on
SAMPLED = 7  # every seventh step says which values are usual
LIKELY = 0.05  # false-discovery rate
NEXT = 6  # tokens that came next, of those that did most often

_one_search = threading.Lock()  # masks are deleted only while no search reads them


@dataclass(frozen=True, eq=False)
class Found:
    """The best places for a pattern in a corpus."""

    every: int  # how many places there are
    best: int  # of how many the rest says something
    likely: int  # how many of these have a false-discovery rate of at most LIKELY
    shown: list[dict[str, Any]]  # what the browser draws: a line for each, or for several that read the same
    next: list[tuple[str, int]]  # the tokens that came next at the listed places, most often first


def thresholds(corpus: Corpus, signal: str) -> list[float]:
    """Values that are tried as a threshold: of a gate tenths, the middle first; of a state its own deciles over the corpus."""
    if SIGNAL[signal].gate:
        return [0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.9, 0.1]
    return _deciles(corpus.id, signal, _corpus=corpus)


@st.cache_data(max_entries=32, show_spinner=False)
def _deciles(corpus_id: str, signal: str, _corpus: Corpus) -> list[float]:  # noqa: ARG001 (the cache key, for _corpus)
    values = np.abs(_corpus.recording[signal].isel(step=slice(None, None, SAMPLED)).to_numpy().astype(np.float32))
    known = values[np.isfinite(values)]
    if not known.size:
        return [0.5]
    middle_first = (0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2, 0.9, 0.1)
    return [float(f"{one:.3g}") for one in np.quantile(known, middle_first)]


def search(corpus: Corpus, query: Query, *, layer_name: str, model_name: str, apart: bool) -> Found:
    """The best places of a corpus for a pattern."""
    key = f"{corpus.id} {written(query.conditions)} {query.length} {query.off_before} {query.off_after}"
    return _search(key, layer_name, model_name, apart, _corpus=corpus, _query=query)


@st.cache_resource(max_entries=24, show_spinner=Deferred(N_("Searching the text …")))
def _search(key: str, layer_name: str, model_name: str, apart: bool, _corpus: Corpus, _query: Query) -> Found:  # noqa: ARG001 (the cache key)
    store, recording = _corpus.store, _corpus.recording
    text = CorpusText.of(_corpus, recording, load_model(model_name))
    before, after = AROUND_APART if apart else AROUND
    with _one_search:
        drop_masks(store, layer_name, MASKS)
        shuffles = int(WORK / (recording.sizes["step"] * (len(_query.conditions) + 40)))
        shuffles = min(max(shuffles, 1), SHUFFLES)
        places = find_pattern(store, _query, layer=layer_name, most=BEST, shuffles=shuffles)
        spans = [text.within(one, one - before, one + after) for one in places["start"].tolist()]
        lines = _distinct(places, spans, _labels(recording, spans))
        shares = share_on(store, _query, [line.span for line in lines], layer=layer_name)
    shown = []
    for line, share in zip(lines, shares, strict=True):
        start, stop = line.span
        framed = {"before": line.start - start, "length": line.stop - line.start}
        opened = text.around(line.start, line.stop)
        shown.append(
            {
                **framed,
                "tokens": line.tokens,
                "share": [round(float(one), 3) for one in share],
                "begins": bool(start in text.edges),
                "ends": bool(stop in text.edges),
                "score": line.score,
                "p": line.p,
                "fdr": line.fdr,
                "count": line.count,
                **({} if opened is None else {"text": opened[0], "span": opened[1]}),
            }
        )
    likely = int((places["fdr"] <= LIKELY).sum())
    return Found(places.attrs["places"], len(places), likely, shown, _next(shown))


@dataclass
class _Line:
    """Places that read the same, with as much around them as is shown: the best of them, and how many there are."""

    start: int
    stop: int
    score: float
    p: float
    fdr: float
    span: tuple[int, int]  # what is shown
    tokens: list[str]
    count: int = 1


def _distinct(places: pd.DataFrame, spans: Sequence[tuple[int, int]], labels: Sequence[list[str]]) -> list[_Line]:
    """The first lines of a list of places, each once."""
    found: dict[tuple[object, ...], _Line] = {}
    columns = (places[name].tolist() for name in ("start", "stop", "score", "p_value", "fdr"))
    for start, stop, score, p, fdr, span, tokens in zip(*columns, spans, labels, strict=True):
        same = found.get(key := (*tokens, start - span[0], stop - span[0]))
        if same is not None:
            same.count += 1
        elif len(found) < LISTED:
            found[key] = _Line(start, stop, score, p, fdr, span, tokens)
    return list(found.values())


def _labels(recording: xr.Dataset, spans: Sequence[tuple[int, int]]) -> list[list[str]]:
    """The labels of the tokens of each span."""
    steps = np.unique(np.concatenate([np.zeros(0, int), *(np.arange(*one) for one in spans)]))
    labels = recording["token"].isel(step=steps).to_numpy()
    return [[str(one) for one in labels[np.searchsorted(steps, np.arange(*span))]] for span in spans]


def _next(shown: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    """Which tokens came just after the places that are listed?"""
    came: Counter[str] = Counter()
    for one in shown:
        for token in one["tokens"][one["before"] + one["length"] :][:1]:
            came[token] += one["count"]
    return came.most_common(NEXT)
