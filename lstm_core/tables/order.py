"""The order of a table's rows: by date, the oldest first."""

from collections.abc import Sequence

import numpy as np

from lstm_core.tables.columns import Column
from lstm_core.tables.dates import day

YEARS = frozenset(("year", "years", "yr", "jahr", "année", "annee", "año", "ano", "anno"))
MONTHS = frozenset(("month", "months", "mo", "monat", "mois", "mes", "mese"))
DAYS = frozenset(("day", "days", "tag", "jour", "día", "dia", "giorno"))


def in_order(columns: Sequence[Column], lines: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None, list[str]]:
    """The order of the rows, (row,) places, or None where they stay as they are; their dates in the file's order; and notes.

    Rows that are newest first are turned round, others are sorted. Where dates are missing, or repeat in rows that are out
    of order, as when several series share one table, the rows stay as they are.
    """
    name, dates = _dates(columns)
    if dates is None:
        return None, None, _countdown(columns)
    known = dates[~np.isnat(dates)]
    steps = np.diff(known)
    none = np.timedelta64(0, "s")
    repeated = len(known) - len(np.unique(known))
    if (steps >= none).all():
        return None, dates, _repeats(name, dates, lines, repeated)
    if (steps <= none).all():
        order = np.arange(len(dates))[::-1]
        note = f"The rows are newest first; they were put in order of time, by {name!r}."
        return order, dates, [note, *_repeats(name, dates, lines, repeated)]
    at = int(np.flatnonzero(steps < none)[0]) + 1
    line = int(lines[~np.isnat(dates)][at])
    if len(known) < len(dates) or repeated:
        why = "some dates are missing" if len(known) < len(dates) else "dates repeat"
        return (
            None,
            dates,
            [
                f"The dates in {name!r} go back in line {line}, and {why}: the rows were left in the file's order. "
                "If the table holds several series, give one of them."
            ],
        )
    note = f"The dates in {name!r} go back in line {line}; the rows were put in order of time."
    return np.argsort(dates, kind="stable"), dates, [note]


def _repeats(name: str, dates: np.ndarray, lines: np.ndarray, repeated: int) -> list[str]:
    if not repeated:
        return []
    known, many = ~np.isnat(dates), f"{repeated:,} date{'s' if repeated > 1 else ''}"
    again = int(np.flatnonzero(np.diff(dates[known]) == np.timedelta64(0, "s"))[0]) + 1
    return [
        f"{many} in {name!r} {'repeat' if repeated > 1 else 'repeats'} an earlier one (the first in line {lines[known][again]}); all rows were kept."
    ]


def _dates(columns: Sequence[Column]) -> tuple[str, np.ndarray | None]:
    """The dates of the rows and the column they are from, with the times of a column of times; "" and None without."""
    for column in columns:
        if column.is_dates:
            dates, clock = column.dates, next((one.clock for one in columns if one.clock.size), None)
            known = dates[~np.isnat(dates)]
            if clock is not None and (known == known.astype("datetime64[D]")).all():
                dates = dates + clock
            return column.head, dates
    year = _called(columns, YEARS, 1000, 2999)
    if year is None:
        return "", None
    month, date = _called(columns, MONTHS, 1, 12), _called(columns, DAYS, 1, 31)
    if month is None and len(np.unique(year.numbers)) < len(year.numbers):
        return "", None
    first = np.ones(len(year.numbers), dtype=np.int64)
    parts = [first if one is None else one.numbers.astype(np.int64) for one in (year, month, date if month else None)]
    return year.head, day(*parts)


def _called(columns: Sequence[Column], names: frozenset[str], least: int, most: int) -> Column | None:
    """The column of one of these names whose numbers are whole and from `least` to `most`."""
    for column in columns:
        numbers = column.numbers
        if column.head.casefold() not in names or not numbers.size or column.gaps.any():
            continue
        if (numbers == np.round(numbers)).all() and numbers.min() >= least and numbers.max() <= most:
            return column
    return None


def _countdown(columns: Sequence[Column]) -> list[str]:
    first = columns[0]
    if len(columns) < 2 or not first.is_numbers or len(first.numbers) < 3 or not (np.diff(first.numbers) < 0).all():
        return []
    return [
        f"The numbers in {first.name!r} go down from row to row; if the newest row is first, sort the table by time."
    ]
