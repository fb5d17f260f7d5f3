"""In which order should the units be shown?"""

import numpy as np
import xarray as xr
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from lstm_core.analysis.leaf_order import leaf_order
from lstm_core.given import checked

ORDERS = ("index", "variability", "similarity", "timescale")
STILL = 1e-9  # a standard deviation below this is rounding: the unit never changes
GRAINS = 1e9  # distances are whole numbers of 1e-9, so that rounding decides no order


@checked
def most_varying(signal: xr.DataArray, count: int) -> list[int]:
    """Which units change most over the steps? The largest standard deviation first, ties by index.

    `signal` is (step, unit); returns at most `count` unit labels. Units that are NaN or infinite at some step come last.

    >>> import xarray as xr
    >>> signal = xr.DataArray([[0.0, 0.1], [1.0, 0.2]], dims=("step", "unit"), coords={"unit": [0, 1]})
    >>> most_varying(signal, count=1)
    [0]
    """
    return _labels(signal, largest_first(_numbers(signal).std(axis=0), known_units(signal))[:count])


@checked
def row_order(signal: xr.DataArray, by: str, *, keep: xr.DataArray | None = None) -> list[int]:
    """The units in the order of a heatmap's rows, from the top.

    `by` is one of ORDERS: "index"; "variability", the most varying first; "similarity", so that units which
    rise and fall together stand together: average linkage of 1 - Pearson correlation over the steps, with
    optimal leaf ordering (Bar-Joseph, Gifford & Jaakkola 2001); "timescale", the unit that remembers longest first. That is the
    one with the longest half-life by the gate `keep` (see `keep_gate` and `timescale`): with the largest mean of ln f. Without
    such a gate, as in a simple RNN, it is the one whose signal follows itself best: with the largest autocorrelation from one step
    to the next. Units that never change come after those that have a correlation; units that are NaN or infinite at some
    step, of the signal or the gate, come last; equals stand by index.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import keep_gate, row_order
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> row_order(layer.cell, "index")
    [0, 1, 2, 3, 4]
    >>> row_order(layer.cell, "timescale", keep=keep_gate(layer))[0]  # one that counts
    0
    """
    if by == "index":
        return _labels(signal, np.arange(signal.sizes["unit"]))
    if by == "variability":
        return most_varying(signal, signal.sizes["unit"])
    if by == "similarity":
        return _labels(signal, _by_similarity(signal))
    if by == "timescale":
        return _labels(signal, _by_timescale(signal, keep))
    raise ValueError(f"rows can be ordered by {', '.join(ORDERS)}, not by {by!r}")


def _by_similarity(signal: xr.DataArray) -> np.ndarray:
    values, known = _numbers(signal), known_units(signal)
    moves = values.std(axis=0) > STILL
    moving = np.flatnonzero(moves)
    if len(moving) > 2:
        values = values[:, moving] - values[:, moving].mean(axis=0)
        values /= np.sqrt((values**2).sum(axis=0))
        distances = np.maximum(np.round((1 - values.T @ values) * GRAINS), 0)
        np.fill_diagonal(distances, 0)
        tree = linkage(squareform(distances, checks=False), method="average")
        moving = moving[leaf_order(tree, distances)]
    return np.concatenate([moving, np.flatnonzero(~moves & known), np.flatnonzero(~known)])


def _by_timescale(signal: xr.DataArray, keep: xr.DataArray | None) -> np.ndarray:
    known = known_units(signal)
    if keep is not None:
        gate = keep.transpose("step", "unit").to_numpy().astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            lasting = np.log(gate).mean(axis=0)
        return np.lexsort((-lasting, ~(known & ~np.isnan(lasting))))
    values = _numbers(signal)
    values = values - values.mean(axis=0)
    moves = values.std(axis=0) > STILL
    follows = (values[1:] * values[:-1]).sum(axis=0) / np.where(moves, (values**2).sum(axis=0), 1)
    return np.lexsort((-follows, ~moves, ~known))


def largest_first(spread: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The places of the largest standard deviations, ties by index, those of units that are not known last."""
    return np.argsort(-np.where(known, np.where(spread > STILL, spread, 0), -1), kind="stable")


def known_units(signal: xr.DataArray) -> np.ndarray:
    """Which units are finite at every step? (unit,)."""
    return np.asarray(np.isfinite(signal.transpose("step", "unit").to_numpy()).all(axis=0))


def _numbers(signal: xr.DataArray) -> np.ndarray:
    """The signal, (step, unit), in float64, with zeros for every unit that is NaN or infinite at some step."""
    return np.where(known_units(signal), signal.transpose("step", "unit").to_numpy().astype(np.float64), 0)


def _labels(signal: xr.DataArray, places: np.ndarray) -> list[int]:
    return [int(unit) for unit in signal["unit"].to_numpy()[places]]
