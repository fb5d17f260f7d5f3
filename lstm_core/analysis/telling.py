"""Which units tell most about this text?"""

import numpy as np
import xarray as xr

from lstm_core.analysis.ordering import known_units, largest_first
from lstm_core.given import checked

TELLING = 24  # rows that a reader can take in at once


@checked
def most_telling(layer: xr.Dataset, count: int = TELLING) -> list[int]:
    """Which units tell most about this text: whose output varies with more than the token that was just read?

    Every unit answers to each token as it comes, and most answer together: that is the rhythm that they share, and what a
    reader sees in any row. So, of each unit's hidden state h, over the steps t:

    1. r_t = h_t minus the mean of h at the other steps with the same token; of a token that comes once, minus the mean
       over all steps. What is left depends on where the token stands.
    2. y_t = (r_t + r_{t-1}) / 2, with y_0 = r_0. What flickers from step to step cancels; what lasts stays.
    3. The unit with the largest standard deviation of y comes first; of equals, the first unit.

    Every kind of cell has a hidden state; it is bounded, so that no unit dominates, and it is all that others see of a unit. Returns at most `count` unit labels. Units that are NaN or infinite at some step come last. Where all tokens differ, as
    numbers do, or none is known, step 1 takes away the mean alone.

    `benchmarks/telling.py` compares this rule with others by where they put units that are known to count, to follow
    quotation marks or to follow the line.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import most_telling
    >>> layer = record(pretrained.load("anbn"), "SaaaaaaaabbbbbbbbT").layers["layer0"]
    >>> sorted(most_telling(layer, 2))  # the two that count
    [0, 2]
    """
    hidden = layer["hidden"].transpose("step", "unit").to_numpy().astype(np.float64)
    known = known_units(layer["hidden"])
    left = beyond_token(np.where(known, hidden, 0), token_numbers(layer))
    best = largest_first(lasting(left).std(axis=0), known)[:count]
    return [int(unit) for unit in layer["unit"].to_numpy()[best]]


def token_numbers(layer: xr.Dataset) -> np.ndarray:
    """A number for each step, the same for the same token; all 0 where no token is known."""
    if "token" not in layer.coords:
        return np.zeros(layer.sizes["step"], dtype=np.int64)
    return np.unique(layer["token"].to_numpy().astype(str), return_inverse=True)[1]


def beyond_token(values: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """(step, unit): each value minus the mean of the other steps with the same token, or of all where there is none."""
    values = values - values.mean(axis=0)
    times = np.bincount(tokens)
    sums = np.zeros((len(times), values.shape[1]))
    np.add.at(sums, tokens, values)
    others = np.maximum(times - 1, 1)[tokens, None]
    return np.where(times[tokens, None] > 1, values - (sums[tokens] - values) / others, values)


def lasting(values: np.ndarray) -> np.ndarray:
    """(step, unit): the mean of each value and the one before it; the first as it is."""
    found = values.copy()
    found[1:] = (values[1:] + values[:-1]) / 2
    return found
