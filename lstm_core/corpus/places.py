"""Where are many of some units on together, and how alike are their runs? On bits, by run lengths."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lstm_core.corpus.query import Query
from lstm_core.equality import by_value

LONGEST = 4  # times the query's length: longer places, which score a quarter at most, are left out


@by_value
class Runs(NamedTuple):
    """The runs of steps in which something is on, in order: each from its start up to, not including, its stop."""

    starts: np.ndarray
    stops: np.ndarray


@by_value
class Places(NamedTuple):
    """Runs with a score each."""

    starts: np.ndarray
    stops: np.ndarray
    scores: np.ndarray


def runs(on: np.ndarray, joined: np.ndarray) -> Runs:
    """The runs of a row of bits. `joined` says of each step whether the one before is in its document: no run goes across.

    >>> on, joined = np.array([1, 1, 0, 1, 1, 1], bool), np.array([0, 1, 1, 1, 1, 0], bool)
    >>> [one.tolist() for one in runs(on, joined)]
    [[0, 3, 5], [2, 5, 6]]
    """
    changes = np.zeros(len(on) + 1, bool)
    changes[0], changes[-1] = on[:1].any(), on[-1:].any()
    np.not_equal(on[1:], on[:-1], out=changes[1:-1])
    edges = np.flatnonzero(changes)
    borders = np.flatnonzero(~joined[1:]) + 1
    cut = borders[on[borders] & on[borders - 1]]  # a run ends here and another begins
    if len(cut):
        edges = np.sort(np.concatenate([edges, cut, cut]))
    return Runs(edges[0::2], edges[1::2])


def together(rows: Sequence[np.ndarray]) -> np.ndarray:
    """How many of these rows of bits are on at each step."""
    count = np.zeros(len(rows[0]), np.uint8 if len(rows) < 256 else np.uint16)
    for row in rows:
        np.add(count, row, out=count)
    return count


def runs_by_level(count: np.ndarray, joined: np.ndarray, units: int) -> np.ndarray:
    """How many runs are there of steps in which at least k are on? For k = 0 to `units`; that of 0 is 0."""
    before = np.zeros_like(count)
    before[1:] = count[:-1] * joined[1:]
    rises = count > before
    found = np.bincount(count[rises], minlength=units + 1) - np.bincount(before[rises], minlength=units + 1)
    found = found[::-1].cumsum()[::-1]
    found[0] = 0
    return found


def places_of(rows: Sequence[np.ndarray], joined: np.ndarray, query: Query, least: int) -> Places:
    """All places of some steps, by start; see `find_pattern`. `rows` has a row of bits for each of the query's conditions."""
    count = together(rows)
    levels = [runs(count >= k, joined) for k in range(least, int(count.max(initial=0)) + 1)]
    if not levels:
        return Places(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    parents = [np.zeros(0, np.int64)]
    for outer, inner in pairwise(levels):
        parents.append(np.searchsorted(outer.starts, inner.starts, "right") - 1)
    scores = _scores_by_level(levels, parents, rows, joined, query)
    kept = _best_of_nested(scores, parents)
    starts, stops = _joined(levels, kept)
    found = np.concatenate([own[keep] for own, keep in zip(scores, kept, strict=True)])
    order = np.argsort(starts, kind="stable")
    return Places(starts[order], stops[order], found[order])


def _scores_by_level(
    levels: Sequence[Runs],
    parents: Sequence[np.ndarray],
    rows: Sequence[np.ndarray],
    joined: np.ndarray,
    query: Query,
) -> list[np.ndarray]:
    """The score of every run; -inf for those that are too long. A run that is also one of the level before is scored once."""
    new = []
    for number, (one, parent) in enumerate(zip(levels, parents, strict=True)):
        fitting = one.stops - one.starts <= LONGEST * query.length
        if number:
            before = levels[number - 1]
            fitting &= (before.starts[parent] != one.starts) | (before.stops[parent] != one.stops)
        new.append(fitting)
    chosen = _joined(levels, new)
    found = scored(*_near(chosen, rows, joined, query), query)
    scores: list[np.ndarray] = []
    at = 0
    for number, (one, parent, fitting) in enumerate(zip(levels, parents, new, strict=True)):
        own = scores[number - 1][parent] if number else np.full(len(one.starts), -np.inf)
        own[one.stops - one.starts > LONGEST * query.length] = -np.inf
        more = int(fitting.sum())
        own[fitting] = found[at : at + more]
        at += more
        scores.append(own)
    return scores


def _joined(levels: Sequence[Runs], chosen: Sequence[np.ndarray]) -> Runs:
    """The chosen runs of all levels, one level after the other."""
    starts = [one.starts[which] for one, which in zip(levels, chosen, strict=True)]
    stops = [one.stops[which] for one, which in zip(levels, chosen, strict=True)]
    return Runs(np.concatenate(starts), np.concatenate(stops))


def _near(places: Runs, rows: Sequence[np.ndarray], joined: np.ndarray, query: Query) -> tuple[Runs, list[Runs]]:
    """The places, and the runs of each row, with the steps left out that no score depends on."""
    reach = LONGEST * query.length + 1
    edges = np.zeros(len(joined) + 1, np.int32)
    np.add.at(edges, np.maximum(places.starts - reach, 0), 1)
    np.add.at(edges, np.minimum(places.stops + reach, len(joined)), -1)
    near = np.cumsum(edges)[:-1] > 0
    if 2 * np.count_nonzero(near) > len(near):
        return places, [runs(row, joined) for row in rows]
    steps = np.flatnonzero(near)
    goes_on = joined[steps]  # over a gap too: a run that reaches one counts for no longer
    short = Runs(np.searchsorted(steps, places.starts), np.searchsorted(steps, places.stops - 1) + 1)
    return short, [runs(row[steps], goes_on) for row in rows]


def scored(places: Runs, units: Sequence[Runs], query: Query) -> np.ndarray:
    """How alike are a place and the runs of the units? From 0 to 1; see `find_pattern` for the equation."""
    starts, stops = places
    length, reach = stops - starts, LONGEST * query.length
    total: np.ndarray = np.zeros(len(starts))
    for one in units:
        if not len(one.starts):
            continue
        first = np.searchsorted(one.stops, starts, "right")  # the first run that ends after the place begins
        after = np.searchsorted(one.starts, stops, "left")  # the first that begins after the place has ended
        meets = first < after
        on = np.append(0, np.cumsum(one.stops - one.starts))
        before = np.maximum(starts - one.starts[np.minimum(first, len(one.starts) - 1)], 0) * meets
        beyond = np.maximum(one.stops[np.maximum(after - 1, 0)] - stops, 0) * meets
        within = (on[after] - on[first]) * meets - before - beyond
        span = length.copy()
        if query.off_before:
            span += np.minimum(before, reach)
        if query.off_after:
            span += np.minimum(beyond, reach)
        total += within / span
    alike: np.ndarray = np.minimum(length, query.length) / np.maximum(length, query.length)
    found: np.ndarray = total / len(units) * alike
    return found


def _best_of_nested(scores: Sequence[np.ndarray], parents: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Which runs score higher than all that contain them, and no lower than all that lie in them?"""
    outer = [np.full(len(scores[0]), -np.inf)]
    for number in range(1, len(scores)):
        outer.append(np.maximum(scores[number - 1], outer[-1])[parents[number]])
    inner = np.full(len(scores[-1]), -np.inf)
    kept: list[np.ndarray] = []
    for number in range(len(scores) - 1, -1, -1):
        kept.append((scores[number] > outer[number]) & (scores[number] >= inner))
        if number:
            best = np.maximum(scores[number], inner)
            inner = np.full(len(scores[number - 1]), -np.inf)
            np.maximum.at(inner, parents[number], best)
    return kept[::-1]
