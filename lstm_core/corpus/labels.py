"""The labels of many steps, as numbers."""

from collections.abc import Sequence

import numpy as np
from pandas import factorize


def distinct(labels: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """The place of each label among the different ones, and these, in the order in which they come first.

    >>> codes, different = distinct(["a", "b", "a"])
    >>> codes.tolist(), different
    ([0, 1, 0], ['a', 'b'])
    """
    codes, different = factorize(np.array(labels, dtype=object))
    return codes, different.tolist()
