"""Numbers that a user supplies, pasted or as a CSV file: one line a step, one column a feature."""

from dataclasses import dataclass

import numpy as np

from lstm_core.tables import Limits, check_way, filled, read_table

MAX_BYTES = 5_000_000
MAX_ROWS = 20_000
MAX_LINE_CHARS = 100_000  # characters
LIMITS = Limits(size=MAX_BYTES, rows=MAX_ROWS, line=MAX_LINE_CHARS)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of numbers, and what was assumed to read them.

    >>> import numpy as np
    >>> Table(("temperature",), np.array([[20.7], [17.9]])).rows.shape
    (2, 1)
    """

    names: tuple[str, ...]  # of the columns; empty where the table names none
    rows: np.ndarray  # (step, feature) float64
    notes: tuple[str, ...] = ()  # sentences: what was assumed
    gaps: int = 0  # rows in which numbers were missing
    first_gap: int = 0  # the line of the first of them, from 1; 0 for none


def read_numbers(content: str | bytes, features: int, *, gaps: str = "last") -> Table:
    """The numbers in a table, (step, feature), and the names of its columns.

    It is read as `lstm_core.tables.read_table` reads it; columns of dates order the rows and are not read themselves. `gaps`
    is how gaps are filled ("last", "interpolate") or their rows dropped ("drop"). Raises ValueError, with the number of the line, for what is
    no table of `features` columns of numbers.

    >>> read_numbers("date;temperature\\n1981-01-01;20,7\\n1981-01-02;17,9\\n", features=1).rows.tolist()
    [[20.7], [17.9]]
    """
    check_way(gaps)
    table = read_table(content, LIMITS)
    columns = table.numeric
    if len(columns) != features and len(table.columns) == features:
        columns = table.columns  # a year, too, can be what a model reads
    wrong = next((column.problem for column in columns if column.problem), "") or next(
        (column.problem for column in table.columns if column.nearly and len(columns) < features), ""
    )
    if wrong:
        raise ValueError(wrong)
    if len(columns) != features:
        have = f"{len(columns):,} column{'s' if len(columns) != 1 else ''} of numbers"
        raise ValueError(
            f"the table has {have}, but this model reads {features} number{'s' if features > 1 else ''} a step: give one "
            "column for each"
        )
    numbers = np.column_stack([column.numbers for column in columns])
    missing = np.isnan(numbers).any(axis=1)
    rows, _ = filled(numbers, gaps)
    if not len(rows):
        raise ValueError("there are no numbers left: every row has a gap")
    notes = table.notes
    if len(columns) < len(table.columns):
        left = [column.head for column in table.columns if all(column is not one for one in columns)]
        notes = (*notes, f"Not read as numbers: {', '.join(left[:10])}.")
    return Table(
        names=tuple(column.name for column in columns) if table.named else (),
        rows=rows,
        notes=notes,
        gaps=int(missing.sum()),
        first_gap=int(table.lines[missing].min()) if missing.any() else 0,
    )
