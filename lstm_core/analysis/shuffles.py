"""A feature in another order: what would a unit's score be by chance?"""

import numpy as np

from lstm_core.analysis.corpus_features import run_starts
from lstm_core.analysis.selectivity import LEAST_TURN

MOST_BLOCKS = 1024  # runs that follow each other stay together where there are more: that keeps memory bounded


class Shuffles:
    """A column of a feature, shuffled `count` times: its runs in another order, and the whole turned round by an eighth at least.

    As `selectivity.shuffled_runs` does; of a column with more than 1,024 runs, blocks of runs change places.
    """

    def __init__(self, column: np.ndarray, count: int, numbers: np.random.Generator) -> None:
        self._column = column
        starts = run_starts(column)
        if len(starts) > MOST_BLOCKS:
            starts = starts[np.linspace(0, len(starts), MOST_BLOCKS, endpoint=False).astype(np.int64)]
        lengths = np.diff(np.append(starts, len(column)))
        order = np.array([numbers.permutation(len(starts)) for _ in range(count)], np.int64).reshape(count, len(starts))
        self._ends = np.cumsum(lengths[order], axis=1)
        self._shift = starts[order] - (self._ends - lengths[order])  # from a place in the new order to one in the old
        least = max(1, len(column) // LEAST_TURN)
        self._turn = numbers.integers(least, max(least, len(column) - least), count, endpoint=True)

    def columns(self, start: int, stop: int) -> np.ndarray:
        """All shuffles from a step on to before another, (shuffle, step), float64."""
        found = np.empty((len(self._turn), stop - start))
        for number, row in enumerate(found):
            row[:] = self._one(number, start, stop)
        return found

    def _one(self, number: int, start: int, stop: int) -> np.ndarray:
        steps = len(self._column)
        begin = (start - int(self._turn[number])) % steps
        end = begin + stop - start
        if end <= steps:
            return self._part(number, begin, end)
        return np.concatenate([self._part(number, begin, steps), self._part(number, 0, end - steps)])

    def _part(self, number: int, start: int, stop: int) -> np.ndarray:
        ends = self._ends[number]
        first, last = np.searchsorted(ends, [start, stop - 1], side="right")
        edges = np.clip(ends[first : last + 1], start, stop)
        lengths = np.diff(edges, prepend=start)
        return np.asarray(
            self._column[np.arange(start, stop) + np.repeat(self._shift[number, first : last + 1], lengths)]
        )
