"""read_table(...): the numbers and dates of a table as people write it, and what was assumed to read them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstm_core.tables.columns import Column, columns_of
from lstm_core.tables.decoding import any_text, zero_byte_line
from lstm_core.tables.limits import LIMITS, Limits
from lstm_core.tables.lines import rows_of
from lstm_core.tables.order import in_order
from lstm_core.tables.shape import shaped

MAX_NOTES = 8
SEPARATOR_NAMES = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", " ": "blanks"}


@dataclass(frozen=True, eq=False)
class Table:
    """A table, its rows in order of time where it has dates."""

    columns: tuple[Column, ...]  # at least one, with a value in each row
    lines: np.ndarray  # (row,) int64: the line of each row in the file, from 1
    named: bool  # whether the file names its columns
    dates: np.ndarray | None  # (row,) datetime64[s], NaT where there is none; None without dates
    notes: tuple[str, ...]  # sentences: what was assumed

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def numeric(self) -> tuple[Column, ...]:
        """The columns of numbers, without those of dates."""
        return tuple(column for column in self.columns if column.is_numbers and not column.is_dates)

    def column(self, name: str) -> Column:
        """The column of that name, its numbers with NaN for gaps.

        Raises ValueError naming the columns there are, or the first line that holds no number.
        """
        found = next((column for column in self.columns if name in (column.name, column.head)), None)
        if found is None:
            raise ValueError(f"there is no column {name!r}: choose one of {', '.join(self.names[:10])}")
        if not found.is_numbers:
            raise ValueError(found.problem)
        return found

    def first_gap(self, column: Column) -> int:
        """The line of the file, from 1, with the first gap of that column; 0 where it has none."""
        lines = self.lines[column.gaps]
        return int(lines.min()) if lines.size else 0

    def rows(self, chosen: np.ndarray) -> "Table":
        """The table with the rows where `chosen`, (row,) booleans or places, says so."""
        return replace(
            self,
            columns=tuple(column.rows(chosen) for column in self.columns),
            lines=self.lines[chosen],
            dates=None if self.dates is None else self.dates[chosen],
        )


def read_table(content: str | bytes, limits: Limits = LIMITS) -> Table:
    """The table in a text, or in the bytes of a file.

    Read are UTF-8, UTF-16 and Windows-1252; commas, semicolons, tabs, bars or blanks between columns, or what a `sep=` line
    says; decimal points and commas, thousands marks, currencies and per cent; gaps (blank, NA, ?, -); dates, by which rows
    are put in order. What the file leaves open is decided by the whole column, then by the other columns, and noted. Raises
    ValueError, one sentence, for what is no table: with the number of the line where one is wrong.
    """
    limits.check_size(len(content))
    text, assumed = (content.removeprefix("\ufeff"), ()) if isinstance(content, str) else any_text(content)
    zero = zero_byte_line(text)
    if zero is not None:
        raise ValueError(f"line {zero} holds a zero byte: this is not text; give a CSV file")
    rows = rows_of(text, limits)
    if not rows.rows:
        raise ValueError("there are no numbers: give a line for each step, with a column for each number")
    shape = shaped(rows)
    if not shape.columns:
        raise ValueError(
            "there are no numbers, only one line of names: a table has a line of column names and then a line for each step"
        )
    lines = np.array(shape.lines, dtype=np.int64)
    columns, notes = columns_of(shape.names, shape.columns, shape.lines, rows.separator)
    table = Table(tuple(columns), lines, shape.named, None, ())
    order, dates, more = in_order(table.columns, lines)
    blank = _blank(rows.skipped) if len(columns) == 1 else []
    noted = [*assumed, *_separated(rows.separator), *shape.notes, *notes, *blank, *more]
    if len(noted) > MAX_NOTES:
        noted = [*noted[:MAX_NOTES], f"And {len(noted) - MAX_NOTES} more such notes."]
    table = replace(table, notes=tuple(noted), dates=dates)
    return table if order is None else table.rows(order)


def _separated(separator: str) -> list[str]:
    name = SEPARATOR_NAMES.get(separator, "" if separator in ("", ",") else f"{separator!r}")
    return [f"The columns are separated by {name}."] if name else []


def _blank(skipped: Sequence[int]) -> list[str]:
    if not skipped:
        return []
    many = f"{len(skipped):,} blank lines were" if len(skipped) > 1 else "A blank line was"
    return [f"{many} skipped (the first is line {skipped[0]})."]
