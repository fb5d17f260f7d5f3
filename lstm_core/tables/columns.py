"""From cells to columns of numbers and dates. What is ambiguous in one column is decided by the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstm_core.tables.dates import clock_in, dates_in
from lstm_core.tables.numbers import Readings, readings

OTHER = {".": ",", ",": "."}
NEARLY = 0.5  # of the cells, or more, are numbers: then the others are likely mistakes


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a table: numbers, dates, both (years) or neither (text)."""

    name: str  # with the unit of its cells: "price ($)"
    head: str  # as the file has it
    numbers: np.ndarray  # (row,) float64, NaN for gaps; empty where it holds no numbers
    dates: np.ndarray  # (row,) datetime64[s], NaT for gaps; empty where it holds none
    clock: np.ndarray  # (row,) timedelta64[s], times of day; empty where it holds none
    problem: str = ""  # why it is no column of numbers, a sentence with the line; "" where it is one
    nearly: bool = False  # do most of its cells hold numbers, though not all?

    @property
    def is_numbers(self) -> bool:
        return not self.problem

    @property
    def is_dates(self) -> bool:
        return bool(self.dates.size)

    @property
    def gaps(self) -> np.ndarray:
        """Where are numbers missing? (row,) booleans."""
        return np.asarray(np.isnan(self.numbers))

    def rows(self, chosen: np.ndarray) -> "Column":
        numbers, dates, clock = (one[chosen] if one.size else one for one in (self.numbers, self.dates, self.clock))
        return replace(self, numbers=numbers, dates=dates, clock=clock)


def columns_of(
    names: Sequence[str], cells: Sequence[Sequence[str]], lines: Sequence[int], separator: str
) -> tuple[list[Column], list[str]]:
    """The columns of these cells, and notes on how their numbers and dates were read.

    A decimal mark that only other columns show is theirs. Where none shows it, "1,234" is a thousand and "1.234" is one and
    a bit; with semicolons between columns, as where commas are decimal marks, "1,234" is one and a bit too. A note says so.
    """
    found = [readings(own) for own in cells]
    shown = {one.mark for one in found if one.mark}
    settled = next(iter(shown)) if len(shown) == 1 else ""
    columns, notes, commas = [], [], False
    for name, own, read in zip(names, cells, found, strict=True):
        column, note, mark = _column(name, own, read, lines, settled, separator)
        columns.append(column)
        notes += note
        commas = commas or mark == ","
    return columns, ["Decimal commas were read."] * commas + notes


def _column(
    name: str, cells: Sequence[str], read: Readings, lines: Sequence[int], settled: str, separator: str
) -> tuple[Column, list[str], str]:
    """The column, notes on it, and its decimal mark where it shows."""
    none = np.empty(0)
    dated, clock = dates_in(cells), None
    if read.by_mark and dated is not None and not _is_compact(cells):
        dated = None  # 2020.10 is a number
    if not read.by_mark and dated is None:
        clock = clock_in(cells)
    dates = none.astype("datetime64[s]") if dated is None else dated.values
    times = none.astype("timedelta64[s]") if clock is None else clock
    notes = [f"Column {name!r}: {dated.note}."] if dated is not None and dated.note else []
    if not read.by_mark:
        problem, nearly = _problem(name, cells, read, lines), read.share >= NEARLY or bool(read.mixed)
        if dated is not None or clock is not None:
            problem = f"column {name!r} holds {'dates' if clock is None else 'times'}: choose a column of numbers"
        return Column(name, name, none, dates, times, problem, nearly), notes, ""
    mark = read.mark or settled or _usual(cells, read, separator)
    chosen = read.by_mark[mark]
    if read.ambiguous and not read.mark and not settled:
        notes.append(_doubt(name, cells, read, mark, lines))
    called = name if not chosen.unit or chosen.unit in name else f"{name} ({chosen.unit})"
    return Column(called, name, chosen.values, dates, times), notes, mark if read.mark or read.ambiguous else ""


def _is_compact(cells: Sequence[str]) -> bool:
    """Are these dates such as 20200131, of which there are many?"""
    return len(cells) > 1 and all(cell.isdigit() or not cell for cell in cells)


def _usual(cells: Sequence[str], read: Readings, separator: str) -> str:
    row = read.by_mark["."].other
    return "," if row is not None and "," in cells[row] and separator == ";" else "."


def _doubt(name: str, cells: Sequence[str], read: Readings, mark: str, lines: Sequence[int]) -> str:
    row = read.by_mark[mark].other or 0
    value, other = (f"{read.by_mark[one].values[row]:.15g}" for one in (mark, OTHER[mark]))
    return (
        f"Column {name!r}: nothing in the file tells whether {cells[row][:40]!r} (line {lines[row]}) is {value} or {other}; "
        f"it was read as {value}."
    )


def _problem(name: str, cells: Sequence[str], read: Readings, lines: Sequence[int]) -> str:
    if read.mixed:
        return f"column {name!r} {read.mixed}"
    if read.wrong < 0:
        return f"column {name!r} is empty: choose another column"
    return (
        f"column {name!r} holds {cells[read.wrong][:40]!r} in line {lines[read.wrong]}, which is no number: "
        f"choose another column, or leave out such lines ({read.wrong_rows:,} in all)"
    )
