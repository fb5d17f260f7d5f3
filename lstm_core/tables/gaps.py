"""How are the gaps in a column of numbers filled, or their rows dropped?"""

import numpy as np

GAPS = ("last", "interpolate", "drop")
WAYS = {
    "last": "filled by the last value before",
    "interpolate": "filled by interpolation",
    "drop": "dropped",
}


def filled(numbers: np.ndarray, way: str) -> tuple[np.ndarray, np.ndarray]:
    """The rows of `numbers`, (row,) or (row, column), NaN for gaps, that are left, and which these are, (row,) booleans.

    "last" repeats the last number before a gap. "interpolate" draws a straight line, row by row, from it to the next number.
    "drop" leaves out every row with a gap. A gap with no number before it, and for "interpolate" one with none after it,
    cannot be filled: its row is left out too.
    """
    columns = numbers.reshape(len(numbers), -1)
    if way != "drop":
        columns = np.column_stack([_filled(column, way) for column in columns.T])
    complete = ~np.isnan(columns).any(axis=1)
    return columns[complete].reshape(-1, *numbers.shape[1:]), complete


def _filled(column: np.ndarray, way: str) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(column))
    if not len(known):
        return column
    rows = np.arange(len(column))
    if way == "interpolate":
        return np.asarray(np.interp(rows, known, column[known], left=np.nan, right=np.nan))
    before = np.searchsorted(known, rows, side="right") - 1
    return np.asarray(np.where(before >= 0, column[known[before]], np.nan))


def check_way(way: str) -> None:
    if way and way not in GAPS:
        raise ValueError(f"gaps can be {', '.join(GAPS[:-1])} or {GAPS[-1]}, not {way!r}")
