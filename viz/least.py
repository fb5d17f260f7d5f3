"""How short may an axis or a colour scale be? Below these, next to nothing would be drawn as large as what matters."""

from collections.abc import Iterable

import numpy as np

from lstm_core.readouts import Readout, Values

LEAST_BITS = 1.0  # of surprise: the answer to one yes-or-no question
LEAST_NATS = 0.01  # of a loss or a divergence: a probability that changes by a hundredth of itself
LEAST_CELL = 0.01  # of a cell state: it moves its hidden state by at most a hundredth of what that can be
LEAST_GRADIENT = (
    1e-6  # dL/dc: moving the cell by its whole scale, 1, changes L by about what single precision rounds away
)
LEAST_SPREADS = 0.01  # of a value in its own units: a hundredth of the spread that the model was taught
LEAST_SCORE = 0.01  # of a score: a hundredth of the largest


def least_changes(readout: Readout) -> list[float]:
    """The least range of an axis of each number by which a model's output changes or is wrong: nats, or own units."""
    return [LEAST_SPREADS * spread for spread in readout.spread] if isinstance(readout, Values) else [LEAST_NATS]


def least_gradient(readout: Readout, of: str | None, *, mean_loss: bool) -> float:
    """The least range of a scale of gradients: of the value `of` in its own units, of a loss or log-probability in nats."""
    if mean_loss or not isinstance(readout, Values):
        return LEAST_GRADIENT
    return LEAST_GRADIENT * readout.spread[readout.names.index(of) if of in readout.names else 0]


def top(values: np.ndarray, least: float) -> float:
    """Where an axis from 0 ends: just above the largest of these numbers, at `least` or beyond."""
    return max(least, 1.05 * float(_known(values).max(initial=0)))


def around(values: np.ndarray, least: float) -> tuple[float, float]:
    """Where an axis around 0 ends, below and above: just beyond these numbers, `least` long or longer on one side."""
    known = _known(values)
    low, high = 1.08 * float(known.min(initial=0)), 1.08 * float(known.max(initial=0))
    if max(-low, high) >= least:
        return low, high
    return (-least, least) if low < 0 else (0.0, least)


def ends(values: Iterable[float | None], least: float) -> tuple[float, float]:
    """Where an axis ends that need not hold 0: at the smallest and the largest of these, at least `least` apart.

    None is a gap, as NaN is.
    """
    known = _known(np.array(list(values), dtype=np.float64))
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    missing = max(0.0, least - (high - low)) / 2
    return (low - missing, high + missing) if high - low + 2 * missing > 0 else (low - 1, high + 1)


def _known(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)
