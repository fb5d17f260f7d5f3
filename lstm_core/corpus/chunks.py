"""Rows that come in any order, written as whole chunks."""

from pathlib import Path
from typing import Any

import numpy as np
import zarr


class ChunkWriter:
    """Keeps the rows of a stored signal from `start` to `stop` until a chunk of them is whole, and writes it then.

    A chunk that is not packed is a file of its numbers (zarr's specification, version 3: codec "bytes"), and is written as one:
    through zarr it takes two to three times as long.
    """

    def __init__(self, folder: Path, array: "zarr.Array[Any]", start: int, stop: int) -> None:
        self._folder = folder
        self._bounds = start, stop
        self._shape = array.chunks
        self._dtype = np.dtype(array.dtype).newbyteorder("<")
        self._open: dict[int, tuple[np.ndarray, int]] = {}  # by number: the chunk, and how many of its rows are missing

    def put(self, at: int, rows: np.ndarray) -> None:
        """Take rows that belong from `at` on; what lies outside of the bounds is left out."""
        start, stop = self._bounds
        rows, at = rows[max(start - at, 0) : max(stop - at, 0)], max(at, start)
        size = self._shape[0]
        while len(rows):
            number, within = divmod(at, size)
            fitting = rows[: size - within]
            chunk, missing = self._open.pop(number) if number in self._open else self._new(number)
            chunk[within : within + len(fitting)] = fitting
            missing -= len(fitting)
            if missing:
                self._open[number] = chunk, missing
            else:
                self._write(number, chunk)
            rows, at = rows[len(fitting) :], at + len(fitting)

    def finish(self) -> None:
        if self._open:
            raise AssertionError(f"{len(self._open)} chunks are not whole")

    def _new(self, number: int) -> tuple[np.ndarray, int]:
        missing = min(self._shape[0], self._bounds[1] - number * self._shape[0])
        return np.zeros(self._shape, self._dtype), missing

    def _write(self, number: int, chunk: np.ndarray) -> None:
        chunk.tofile(self._folder / f"{number}.0")
