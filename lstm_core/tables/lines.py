"""From the text of a table to rows of cells, each with the number of its line in the file."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from lstm_core.tables.cells import is_gap, is_number
from lstm_core.tables.dates import is_date
from lstm_core.tables.decoding import unix_lines
from lstm_core.tables.limits import Limits

SEPARATORS = ("\t", ";", "|", ",", " ")  # " " is any number of blanks; of equally good ones the first is taken
SAMPLE = 100  # lines that show which one it is
_ERROR = re.compile(r"#(N/A|NA\b|NULL!|DIV/0!|VALUE!|REF!|NUM!)", re.IGNORECASE)  # of Excel: a gap, not a comment
_RULE = re.compile(r"[\s|:+-]*-[\s|:+-]*")  # the line below the head of a table in Markdown


class Row(NamedTuple):
    line: int  # in the file, from 1
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        """The number of cells, without empty ones at the end."""
        count = len(self.cells)
        while count and not self.cells[count - 1]:
            count -= 1
        return count


@dataclass(frozen=True, eq=False)
class Rows:
    rows: list[Row]  # those that hold something
    separator: str  # "" for a single column
    comment: Row | None = None  # the last line of comments above the table, which may name its columns
    skipped: list[int] = field(default_factory=list)  # blank lines between rows


def rows_of(text: str, limits: Limits) -> Rows:
    """The rows of a table's text. Comments (#), a `sep=` line and blank lines are left out.

    Raises ValueError, with the number of the line, for what is too large or has a quotation mark that is not closed.
    """
    lines = unix_lines(text).split("\n")
    for number, line in enumerate(lines, start=1):
        limits.check_line(number, line)
    told, first = _told(lines)
    content = [(number, line) for number, line in enumerate(lines, start=1) if number > first and _holds(line)]
    separator = told or _separator([line for _, line in content[:SAMPLE]])
    rows, blank = [], []
    for row in _parsed(content, separator):
        if not any(row.cells):
            blank.append(row.line)
            continue
        rows.append(row)
        limits.check_row(row.line, len(rows) - 1, len(row.cells))
    if separator == "":
        rows = _without_last_mark(rows)
    skipped = [] if not rows else [line for line in [*_blank(lines), *blank] if rows[0].line < line < rows[-1].line]
    return Rows(rows, separator, _comment(lines, content, separator), sorted(skipped))


def _told(lines: Sequence[str]) -> tuple[str, int]:
    """The separator of Excel's `sep=` line, and the number of lines read for it; "" and 0 without one."""
    told = re.fullmatch(r'\s*"?sep=([,;|:\t ^~])"?\s*', lines[0], flags=re.IGNORECASE)
    return (told[1], 1) if told else ("", 0)


def _holds(line: str) -> bool:
    return bool(line.strip()) and not _is_comment(line) and not ("|" in line and _RULE.fullmatch(line))


def _is_comment(line: str) -> bool:
    own = line.lstrip()
    return own.startswith("#") and not _ERROR.match(own)


def _blank(lines: Sequence[str]) -> list[int]:
    return [number for number, line in enumerate(lines, start=1) if not line.strip()]


def _comment(lines: Sequence[str], content: Sequence[tuple[int, str]], separator: str) -> Row | None:
    above = lines[: content[0][0] - 1] if content else []
    found = [(number, line.strip()) for number, line in enumerate(above, start=1) if _is_comment(line)]
    if not found or not separator:
        return None
    number, line = found[-1]
    try:
        own = next(_parsed([(number, line[1:])], separator), None)
    except ValueError:
        return None
    if own is None or not own.cells:
        return None
    return Row(number, (own.cells[0] or "#", *own.cells[1:]))


def _parsed(content: Iterable[tuple[int, str]], separator: str) -> Iterator[Row]:
    """The cells of each line. A cell in quotation marks may hold separators, and line ends."""
    if not separator:
        yield from (Row(number, (_unquoted(line.strip()),)) for number, line in content)
        return
    at = [0, 0]  # the line that was read last, and where the row began

    def fed() -> Iterator[str]:
        for number, line in content:
            at[0] = number
            at[1] = at[1] or number
            yield " ".join(line.split()) if separator == " " else line + "\n"

    reader = csv.reader(fed(), delimiter=separator, skipinitialspace=separator != " ", strict=True)
    while True:
        at[1] = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(
                f"line {at[1] or at[0]} cannot be parsed ({error}): check its quotation marks, and double those "
                "inside a cell"
            ) from error
        yield Row(at[1], tuple(map(str.strip, cells)))


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"').strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _separator(lines: Sequence[str]) -> str:
    """The separator that splits most lines into the same number of cells, two or more, with numbers; "" for none."""
    best, chosen = (0.0, 0.0), ""
    for separator in SEPARATORS:
        try:
            rows = list(islice(_parsed(enumerate(lines, start=1), separator), SAMPLE))
        except ValueError:
            rows = [Row(number, tuple(line.split(separator))) for number, line in enumerate(lines, start=1)]
        if not rows or len(rows[0].cells) < 2:
            continue
        width = Counter(len(row.cells) for row in rows[1:] or rows).most_common(1)[0][0]
        if width < 2:
            continue
        agree = sum(width in (len(row.cells), row.filled) for row in rows)
        cells = [cell for row in rows for cell in row.cells if not is_gap(cell)]
        known = sum(is_number(cell) or is_date(cell) for cell in cells) / max(1, len(cells))
        found = (round(agree / len(rows), 2), round(known, 2))
        if found > best:
            best, chosen = found, separator
    return chosen


def _without_last_mark(rows: list[Row]) -> list[Row]:
    """A single column of which every line but the first ends with the same mark: the mark separates it from nothing."""
    ends = {row.cells[0][-1] for row in rows[1:]}
    if len(ends) != 1 or not ends <= {",", ";", "|"}:
        return rows
    mark = next(iter(ends))
    return [Row(row.line, (row.cells[0].removesuffix(mark).strip(),)) for row in rows]
