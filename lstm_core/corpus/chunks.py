"""Rows that come in any order, written as whole chunks."""

from typing import Any

import numpy as np
import zarr


class ChunkWriter:
    """Keeps the rows of an array from `start` to `stop` until a chunk of them is whole, and writes it then."""

    def __init__(self, array: zarr.Array[Any], start: int, stop: int) -> None:
        self._array = array
        self._chunk = array.chunks[0]
        self._bounds = start, stop
        self._open: dict[int, tuple[np.ndarray, int]] = {}  # by number: the chunk, and how many of its rows came

    def put(self, at: int, rows: np.ndarray) -> None:
        """Take rows that belong from `at` on; what lies outside of the bounds is left out."""
        start, stop = self._bounds
        rows, at = rows[max(start - at, 0) : max(stop - at, 0)], max(at, start)
        while len(rows):
            number = at // self._chunk
            first = max(number * self._chunk, start)
            last = min((number + 1) * self._chunk, stop)
            fitting = rows[: last - at]
            chunk, filled = self._open.get(number) or (np.empty((last - first, *rows.shape[1:]), self._array.dtype), 0)
            chunk[at - first : at - first + len(fitting)] = fitting
            filled += len(fitting)
            if filled == len(chunk):
                self._array[first:last] = chunk
                self._open.pop(number, None)
            else:
                self._open[number] = chunk, filled
            rows, at = rows[len(fitting) :], at + len(fitting)

    def finish(self) -> None:
        if self._open:
            raise AssertionError(f"{len(self._open)} chunks are not whole")
