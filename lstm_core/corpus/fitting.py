"""fitting_query: which units switch on and off with a marked span, and at which threshold do most of them?"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from lstm_core.corpus.query import Query, query_of

BOTH, BEFORE, AFTER, NEITHER = (True, True), (True, False), (False, True), (False, False)  # where they are off
ENOUGH = 8  # units that are on in the span, whatever they do outside of it: a higher threshold is then more telling


def fitting_query(
    layer: xr.Dataset,
    start: int,
    stop: int,
    *,
    signal: str,
    thresholds: Sequence[float],
    off: tuple[bool, bool] | None = None,
) -> Query:
    """Which units switch on and off with the steps from `start` up to, not including, `stop`?

    `query_of` with the one of `thresholds` that fits most units, the first of several. `layer` is a layer of a `Recording`.
    `off` says whether they are off just before and just after. Without it: both, the side that fits more units, or neither,
    whichever first fits two units, as the runs of a single unit are no rarer than by chance. If neither is asked, the
    threshold is the highest that fits 8 units, since most units are always on at a low one. Raises as `query_of`.

    >>> import pretrained
    >>> from lstm_core import record
    >>> layer = record(pretrained.load("anbn", device="cpu"), "SaaabbbT").layers["layer0"]
    >>> found = fitting_query(layer, 1, 4, signal="cell", thresholds=[0.5, 2.0])
    >>> found.units, found.off_before, found.off_after
    ((3, 1), False, True)
    """
    first = max(start - 1, 0)
    values = layer[signal].isel(step=slice(first, stop + 1)).transpose("step", "unit").to_numpy()
    best = {}
    for ends in (BOTH, BEFORE, AFTER, NEITHER) if off is None else (off,):
        counts = {one: _fitting(values, start - first, stop - first, one, *ends) for one in thresholds}
        threshold = max(counts, key=lambda one: counts[one])
        if ends == NEITHER:
            threshold = max(one for one in counts if counts[one] >= min(counts[threshold], ENOUGH))
        best[ends] = counts[threshold], threshold
    if off is None:
        outside = (start > 0, stop < layer.sizes["step"])  # are there steps just before and just after?
        asked = {one: best[one][0] if any(np.logical_and(one, outside)) else 0 for one in (BOTH, BEFORE, AFTER)}
        off = _usual(asked)
    before, after = ends = off
    threshold = best[ends][1]
    return query_of(layer, start, stop, threshold=threshold, signal=signal, off_before=before, off_after=after)


def _usual(counts: Mapping[tuple[bool, bool], int]) -> tuple[bool, bool]:
    one_sided = BEFORE if counts[BEFORE] >= counts[AFTER] else AFTER
    return next((ends for ends in (BOTH, one_sided) if counts[ends] >= 2), NEITHER)


def _fitting(values: np.ndarray, begin: int, end: int, threshold: float, before: bool, after: bool) -> int:
    """How many units are on in the rows from `begin` to `end`, and off in the row before and after where that is asked?"""
    at = np.float32(threshold)
    count = 0
    for on in (values > at, values < -at):
        wanted = on[begin:end].all(axis=0)
        if before and begin:
            wanted &= ~on[begin - 1]
        if after and end < len(on):
            wanted &= ~on[end]
        count += int(wanted.sum())
    return count
