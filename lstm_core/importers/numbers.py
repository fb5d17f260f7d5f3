"""Numbers that a reader supplies, pasted or as a CSV file: one line a step, one column a feature."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BYTES = 5_000_000
ROWS = 20_000
LONGEST_LINE = 100_000  # characters


@dataclass(frozen=True, eq=False)
class Table:
    names: tuple[str, ...]  # of the columns; empty where the first line names none
    rows: np.ndarray  # (step, feature) float64


def read_numbers(content: str | bytes, features: int) -> Table:
    """Which numbers, (step, feature), does a CSV text hold, and what are its columns called?

    Commas, semicolons, tabs or blanks stand between columns; a first line without numbers names them. Raises ValueError,
    with the number of the line, for what is no table of `features` columns of finite numbers.
    """
    lines = list(_lines(_decoded(content)))
    names: tuple[str, ...] = ()
    rows: list[list[float]] = []
    for number, cells in lines:
        if not rows and not names and not any(map(_is_number, cells)):
            names = tuple(cells)
            continue
        if len(cells) != features:
            raise ValueError(
                f"line {number} has {len(cells):,} column{'s' if len(cells) != 1 else ''}, but this model reads {features} "
                f"number{'s' if features > 1 else ''} a step: give one column for each"
            )
        wrong = next((cell for cell in cells if not _is_number(cell)), None)
        if wrong is not None:
            raise ValueError(
                f"line {number} holds {wrong[:40]!r}, which is no number: correct it or leave the line out"
            )
        rows.append([float(cell) for cell in cells])
    if not rows:
        raise ValueError("there are no numbers: give one line a step, with one column for each number the model reads")
    if names and len(names) != features:
        raise ValueError(f"the first line names {len(names):,} columns, but this model reads {features} numbers a step")
    return Table(names, np.array(rows, dtype=np.float64))


def _decoded(content: str | bytes) -> str:
    if len(content) > BYTES:
        raise ValueError(
            f"this table has {len(content) / 1e6:,.1f} MB; at most {BYTES / 1e6:.0f} MB are read: take its beginning"
        )
    if isinstance(content, str):
        return content
    line = 1
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line += content[: error.start].count(b"\n")
        raise ValueError(f"line {line} is not UTF-8 text: save the table as UTF-8") from error
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each line that holds something."""
    found = 0
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    for number, line in enumerate(text.splitlines(), start=1):
        if "\0" in line:
            raise ValueError(f"line {number} holds a zero byte: this is no text; give a CSV file")
        if len(line) > LONGEST_LINE:
            raise ValueError(
                f"line {number} has {len(line):,} characters; at most {LONGEST_LINE:,} are read: one line is one step"
            )
        if not line.strip():
            continue
        found += 1
        if found > ROWS + 1:
            raise ValueError(f"this table has more than {ROWS:,} lines: give at most as many steps")
        cells = next(csv.reader([line], delimiter=separator)) if separator in first else line.split()
        yield number, [cell.strip() for cell in cells]


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
