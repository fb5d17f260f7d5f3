"""In which order should the units be shown?"""

import numpy as np
import xarray as xr
from scipy.cluster.hierarchy import leaves_list, linkage

from lstm_core.given import checked

ORDERS = ("index", "variability", "similarity")


@checked
def most_varying(signal: xr.DataArray, count: int) -> list[int]:
    """Which units change most over the steps? The largest standard deviation first, ties by index.

    `signal` is (step, unit); returns at most `count` unit labels. Units that are NaN or infinite at some step come last.

    >>> import xarray as xr
    >>> signal = xr.DataArray([[0.0, 0.1], [1.0, 0.2]], dims=("step", "unit"), coords={"unit": [0, 1]})
    >>> most_varying(signal, count=1)
    [0]
    """
    spread = _numbers(signal).std("step").to_numpy()
    best = np.argsort(-np.where(_known(signal), spread, -1), kind="stable")[:count]
    return [int(unit) for unit in signal["unit"].to_numpy()[best]]


@checked
def row_order(signal: xr.DataArray, by: str) -> list[int]:
    """The units in the order of a heatmap's rows, from the top.

    `by` is one of ORDERS: "index"; "variability", the most varying first; "similarity", so that units which
    rise and fall together stand together: average linkage of 1 - Pearson correlation over the steps, with
    optimal leaf ordering (Bar-Joseph, Gifford & Jaakkola 2001). Units that never change come after these,
    and units that are NaN or infinite at some step come last.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import row_order
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> row_order(layer.cell, "index")
    [0, 1, 2, 3, 4]
    """
    units = signal["unit"].to_numpy()
    if by == "index":
        return [int(unit) for unit in units]
    if by == "variability":
        return most_varying(signal, len(units))
    if by != "similarity":
        raise ValueError(f"rows can be ordered by {', '.join(ORDERS)}, not by {by!r}")
    values = _numbers(signal).transpose("unit", "step").to_numpy().astype(np.float64)
    moving = np.flatnonzero(values.std(axis=1) > 1e-9)
    still = np.setdiff1d(np.arange(len(units)), moving)
    still = still[np.argsort(~_known(signal)[still], kind="stable")]
    if len(moving) > 2:
        tree = linkage(values[moving], method="average", metric="correlation", optimal_ordering=True)
        moving = moving[leaves_list(tree)]
    return [int(unit) for unit in units[np.concatenate([moving, still])]]


def _numbers(signal: xr.DataArray) -> xr.DataArray:
    """The signal with zeros for every unit that is NaN or infinite at some step."""
    known = _known(signal)
    return signal if known.all() else signal.where(xr.DataArray(known, dims="unit"), 0)


def _known(signal: xr.DataArray) -> np.ndarray:
    """Which units are finite at every step? (unit,)."""
    return np.asarray(np.isfinite(signal.transpose("step", "unit").to_numpy()).all(axis=0))
