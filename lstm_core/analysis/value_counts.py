"""How often does each unit take each of its values? Counted over a corpus, in memory that does not grow with it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

LEVELS = 255  # of a gate that is stored in uint8
SIGN = np.uint16(0x8000)  # of a float16
TOGETHER = 1 << 22  # numbers that are read at a time
FEWEST, MOST = 1 << 11, 1 << 16  # steps that are read at a time


@dataclass(frozen=True, eq=False)
class Scale:
    """The values that a signal can have, from the lowest to the highest; a value's place among them is its code.

    Gates that are stored in uint8 have 256, and all other signals those of a float16. What is stored so is exact; float32 is rounded.
    """

    levels: np.ndarray  # (code,), float64; what is not finite stands at both ends
    bytewise: bool

    @property
    def finite(self) -> np.ndarray:
        return np.asarray(np.isfinite(self.levels))

    def codes(self, numbers: np.ndarray) -> np.ndarray:
        """The code of each number, uint16."""
        if self.bytewise:
            return np.asarray(np.rint(np.multiply(numbers, LEVELS, dtype=np.float32)).astype(np.uint16))
        with np.errstate(over="ignore"):
            bits = np.ascontiguousarray(numbers, dtype=np.float16).view(np.uint16)
        found = bits ^ (
            -(bits >> 15) | SIGN
        )  # all bits turned below zero, the sign alone above: in the order of the values
        found += found == SIGN - 1  # -0 becomes 0
        return np.asarray(found)


def scale_of(signal: xr.DataArray) -> Scale:
    """The scale of a signal of a corpus."""
    if np.dtype(signal.encoding.get("dtype", signal.dtype)) == np.uint8:
        return Scale(np.arange(LEVELS + 1) / LEVELS, bytewise=True)
    codes = np.arange(1 << 16, dtype=np.uint16)
    bits = np.where(codes & SIGN, codes ^ SIGN, ~codes).astype(np.uint16)
    return Scale(bits.view(np.float16).astype(np.float64), bytewise=False)


def blocks(signal: xr.DataArray) -> Iterator[tuple[int, np.ndarray]]:
    """A signal over ("step", "unit"), part by part: the first step, and the numbers, (step, unit)."""
    steps, units = signal.sizes["step"], signal.sizes["unit"]
    data = signal.transpose("step", "unit").data
    size = min(max(TOGETHER // units, FEWEST), MOST) // FEWEST * FEWEST
    for start in range(0, steps, size):
        yield start, np.asarray(data[start : start + size])


def coded_blocks(signal: xr.DataArray, scale: Scale) -> Iterator[tuple[int, np.ndarray]]:
    """`blocks` as codes, (unit, step)."""
    for start, numbers in blocks(signal):
        yield start, np.ascontiguousarray(scale.codes(numbers).T)


def value_counts(signal: xr.DataArray, scale: Scale, part: np.ndarray | None = None) -> np.ndarray:
    """How many steps have each value? (unit, code), int32; with `part`, (step,) of 0 to n - 1, (n, unit, code)."""
    size, parts = len(scale.levels), 1 if part is None else int(part.max()) + 1
    counts = np.zeros((parts, signal.sizes["unit"], size), dtype=np.int32)
    for start, codes in coded_blocks(signal, scale):
        own = None if part is None else part[start : start + codes.shape[1]]
        for number in range(parts):
            chosen = codes if own is None else codes[:, own == number]
            for unit, line in enumerate(chosen):
                if len(line):
                    low = int(line.min())
                    found = np.bincount(line - line.dtype.type(low))
                    counts[number, unit, low : low + len(found)] += found.astype(np.int32)
    return counts if part is not None else counts[0]


def broken_units(counts: np.ndarray, scale: Scale) -> np.ndarray:
    """Which units are NaN or infinite at some step? (unit,) of bool, from counts (unit, code)."""
    return np.asarray(counts[:, ~scale.finite].any(axis=1))


def document_starts(corpus: xr.Dataset) -> np.ndarray:
    """The steps at which documents begin, and the number of all steps last."""
    numbers = np.asarray(corpus["document"].data)
    return np.concatenate([[0], np.flatnonzero(np.diff(numbers)) + 1, [len(numbers)]])
