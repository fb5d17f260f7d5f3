"""From rows of cells to named columns: is the first row a header, and how many columns are there?"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lstm_core.tables.cells import is_gap, is_number
from lstm_core.tables.dates import is_date
from lstm_core.tables.lines import Row, Rows

_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?![0-9])")
SAMPLE = 200  # rows that show what a column holds


@dataclass(frozen=True, eq=False)
class Shape:
    names: tuple[str, ...]  # of the columns, all different; as in the file, or "column 1" and so on
    named: bool  # whether the file names its columns
    columns: list[tuple[str, ...]]  # the cells of each
    lines: tuple[int, ...]  # of the file, from 1: of each row
    notes: tuple[str, ...]


def shaped(found: Rows) -> Shape:
    """The columns of these rows.

    The first row is a header if it has words where the rows below it have numbers or dates, or words everywhere. Columns
    without a name and without content are left out, as a separator at the end of every line makes them. Raises ValueError,
    naming the line, where a row has too many cells or too few.
    """
    rows = found.rows
    years = _are_years(rows)
    header = rows[0] if years or _is_header(rows) else None
    body = rows[1:] if header else rows
    notes = (
        ["The first line holds years, and no other line does: they were read as the names of the columns."]
        if years
        else []
    )
    if header is None and found.comment is not None and body and len(found.comment.cells) == len(body[0].cells):
        header = found.comment
        notes.append(f"The columns are named by the comment in line {header.line}.")
    if not body:
        return Shape(header.cells if header else (), header is not None, [], (), ())
    width = _width(header, body)
    _check(header, body, width)
    cells = [row.cells[:width] for row in body]
    columns = list(zip(*cells, strict=True))
    heads = _padded(header, width)
    used = [at for at in range(width) if heads[at] or not all(cell == "" for cell in columns[at])]
    if len(used) < min(len(row.cells) for row in body) > len(header.cells if header else ()):
        notes.append("Every row ends with a separator; nothing follows it, so there is no further column.")
    names, more = _names([heads[at] for at in used], named=header is not None)
    return Shape(
        names, header is not None, [columns[at] for at in used], tuple(row.line for row in body), (*notes, *more)
    )


def _is_header(rows: Sequence[Row]) -> bool:
    first, below = rows[0].cells, rows[1 : SAMPLE + 1]
    numbers = False
    for at, cell in enumerate(first):
        if is_gap(cell):
            continue
        if _is_value(cell):
            numbers = True
            continue
        under = [row.cells[at] for row in below if at < len(row.cells) and not is_gap(row.cells[at])]
        if under and sum(map(_is_value, under)) > len(under) / 2:
            return True
    return not numbers and any(not is_gap(cell) for cell in first)


def _are_years(rows: Sequence[Row]) -> bool:
    """Is the first row one of years that follow on each other, as names of columns, and no cell below it such a year?"""
    first, below = rows[0].cells, rows[1 : SAMPLE + 1]
    if len(first) < 2 or not below or not all(_YEAR.fullmatch(cell) for cell in first):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(first)}
    return steps <= {1} and not any(_YEAR.match(cell) for row in below for cell in row.cells)


def _is_value(cell: str) -> bool:
    return is_number(cell) or is_date(cell)


def _width(header: Row | None, body: Sequence[Row]) -> int:
    if header is None:
        return Counter(len(row.cells) for row in body).most_common(1)[0][0]
    return max(header.filled, min(len(header.cells), max(row.filled for row in body)))


def _check(header: Row | None, body: Sequence[Row], width: int) -> None:
    for row in body:
        if len(row.cells) == width or row.filled <= width <= len(row.cells):
            continue
        wanted = f"line {header.line} names {width:,}" if header else f"most have {width:,}"
        have = len(row.cells) if len(row.cells) < width else row.filled
        advice = ""
        if header and sum(other.filled > width for other in body) == len(body):
            advice = ". If its numbers have decimal commas, separate the columns by semicolons; if a column has no name, give it one"
        raise ValueError(
            f"line {row.line} has {have:,} column{'s' if have != 1 else ''}, but {wanted}: correct it or leave it out{advice}"
        )


def _padded(header: Row | None, width: int) -> list[str]:
    cells = list(header.cells[:width]) if header else []
    return cells + [""] * (width - len(cells))


def _names(heads: Sequence[str], *, named: bool) -> tuple[tuple[str, ...], list[str]]:
    """A name for each column, all different, and what was done to have them."""
    notes = []
    if not named:
        count = len(heads)
        called = "column 1" if count == 1 else f"column 1 {'to' if count > 2 else 'and'} column {count}"
        notes.append(
            f"The first line holds numbers and no names: the column{'s are' if count > 1 else ' is'} called {called}."
        )
    names: list[str] = []
    for at, head in enumerate(heads):
        name = head or f"column {at + 1}"
        number = 1
        while name in names:
            number += 1
            name = f"{head or f'column {at + 1}'} ({number})"
        if named and name != head:
            notes.append(
                f"Column {at + 1} has no name; it is called {name!r}."
                if not head
                else f"Two columns are named {head!r}; the later one is called {name!r}."
            )
        names.append(name)
    return tuple(names), notes
