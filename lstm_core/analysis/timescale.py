"""How long does each unit remember?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.memory import memory
from lstm_core.given import checked

HALF = float(np.log(0.5))
QUARTILES = (0.25, 0.5, 0.75)
ROUNDING = 1e-9  # of a sum of logarithms: a product of exactly 1/2 counts as half


@checked
def half_life(forget: xr.DataArray) -> xr.DataArray:
    """After how many steps would half of the memory be gone if the gate kept this value?

    ln(1/2) / ln(f), elementwise, float64, in steps: 0 for f = 0, infinite for f = 1.

    >>> import xarray as xr
    >>> half_life(xr.DataArray([0.0, 0.5, 1.0])).values.tolist()
    [0.0, 1.0, inf]
    """
    return forget.copy(data=_half_lives(_logarithm(forget.to_numpy()))).assign_attrs(units="step")


@checked
def timescale(layer: xr.Dataset) -> xr.Dataset:
    """How many steps does each unit remember on this text, by its forget gate and as measured?

    Returns, over ("unit",) and in steps: `half_life`, from the mean of ln f over the text (0 where one f is 0, infinite where
    all are 1); `quartiles` over ("quartile", "unit"), the half-lives that a quarter, a half and three quarters of its steps do
    not exceed; `measured`, the median number of steps until half of what was written at a step was gone in the ledger; and
    `censored`, the share 0..1 of steps of which that never was seen, as the text ended first. The median follows
    Kaplan & Meier 1958, "Nonparametric estimation from incomplete observations", eq. 2b: a step that was cut short counts
    for as long as it was seen. It is infinite where at least half is never seen to be gone. `rank` is 1 for the unit
    that remembers longest by `half_life`; of equals, by `measured`, then by unit.

    Of a GRU, z stands for f. Units with NaN have NaN for all. Raises ValueError for a simple layer.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import timescale
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> timescale(layer).half_life.dims
    ('unit',)
    """
    keep = memory(layer).keep
    logs = _logarithm(keep)
    known = ~np.isnan(logs).any(axis=0)
    lasted, seen = _lifetimes(np.where(known, logs, 0))
    # A half-life rises with f: the quartiles of f give its quartiles, without any arithmetic on infinities.
    quartiles = _half_lives(_logarithm(np.quantile(np.where(known, keep, 1), QUARTILES, axis=0)))
    found = {
        "half_life": _half_lives(logs.mean(axis=0)),
        "measured": np.where(known, _median_lifetime(lasted, seen), np.nan),
        "censored": np.where(known, 1 - seen.mean(axis=0), np.nan),
    }
    rank = np.empty(len(known), dtype=np.int64)
    rank[np.lexsort((-found["measured"], -found["half_life"]))] = np.arange(1, len(known) + 1)
    return xr.Dataset(
        {name: ("unit", values) for name, values in found.items()}
        | {"quartiles": (("quartile", "unit"), np.where(known, quartiles, np.nan)), "rank": ("unit", rank)},
        coords={"unit": layer["unit"], "quartile": list(QUARTILES)},
        attrs={**layer.attrs, "units": "step", "steps": layer.sizes["step"]},
    )


def _logarithm(forget: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(forget.astype(np.float64))


def _half_lives(logs: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.abs(HALF / logs)  # the sign of a zero must not make an infinity negative


def _lifetimes(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(step, unit): after how many steps half of what was written was gone, or the text ended; and whether it was gone.

    A factor below 1/2 is taken as 1/2: it halves at once, as it did, and sums of logarithms stay finite and exact.
    """
    steps, units = logs.shape
    falling = np.cumsum(np.maximum(logs, HALF), axis=0).T
    places = np.arange(steps)
    ends = np.empty((units, steps), dtype=np.int64)
    for line, end in zip(-falling, ends, strict=True):
        end[:] = np.searchsorted(line, line - HALF - ROUNDING)
    gone = ends < steps
    return np.where(gone, ends, steps - 1).T - places[:, None], gone.T


def _median_lifetime(lasted: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The first number of steps that at most half outlive, (unit,)."""
    steps, units = lasted.shape
    size = (steps + 1) * units
    cells = lasted * units + np.arange(units)
    ended = np.bincount(cells.reshape(-1), minlength=size).reshape(-1, units)
    halved = np.bincount(cells[seen], minlength=size).reshape(-1, units)
    at_risk = ended[::-1].cumsum(axis=0)[::-1]
    outlived = np.cumprod(1 - halved / np.maximum(at_risk, 1), axis=0)
    half = outlived <= 0.5 + ROUNDING
    return np.where(half.any(axis=0), half.argmax(axis=0), np.inf)
