"""From the cells of a column to its numbers: which decimal mark, which thousands marks, which unit?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.tables.cells import is_gap, number_in

_PLAIN = re.compile(r"[-+0-9.eE\n]*")
_THREE = re.compile(r"[-+]?[1-9][0-9]{0,2}\.[0-9]{3}")  # with a point as the thousands mark, a number too
MARKS = (".", ",")
TEXT_CELLS = 50  # cells: a column of which so many hold text, and none a number, is text


@dataclass(frozen=True, eq=False)
class Reading:
    """The numbers of a column as one decimal mark gives them."""

    values: np.ndarray  # (row,) float64, NaN for gaps
    unit: str  # of all of them; "" for none
    other: int | None  # the first row whose value another decimal mark would change; None for none


@dataclass(frozen=True, eq=False)
class Readings:
    """The ways to read a column's cells as numbers, by decimal mark; empty if they are none."""

    by_mark: dict[str, Reading]
    wrong: int = -1  # the first row that holds no number; -1 where there is none
    wrong_rows: int = 0  # how many such rows there are
    mixed: str = ""  # what is mixed up in the column, where each cell alone is a number: the end of a sentence
    share: float = 1.0  # of the cells that are no gaps, how many are numbers

    @property
    def ambiguous(self) -> bool:
        """Do two readings give different numbers?"""
        return len(self.by_mark) == 2 and self.by_mark["."].other is not None

    @property
    def mark(self) -> str:
        """The only decimal mark that fits the column; "" where both or none do."""
        return next(iter(self.by_mark)) if len(self.by_mark) == 1 else ""


def readings(cells: Sequence[str]) -> Readings:
    """The ways in which these cells can be read as one column of numbers."""
    return _plain(cells) or _written(cells)


def _plain(cells: Sequence[str]) -> Readings | None:
    """Numbers as programs write them, without gaps: the usual case, parsed fast. None otherwise."""
    if not _PLAIN.fullmatch("\n".join(cells)):
        return None
    try:
        values = np.array(cells, dtype=object).astype(np.float64)
    except ValueError:
        return None
    if not np.isfinite(values).all():
        return None
    pointed = [cell for cell in cells if "." in cell]
    if not pointed:
        same = Reading(values, "", None)
        return Readings({".": same, ",": same})
    if all(_THREE.fullmatch(cell) for cell in pointed):
        return None
    return Readings({".": Reading(values, "", None)})


def _written(cells: Sequence[str]) -> Readings:
    """Numbers as people write them: cell by cell, with either decimal mark."""
    values = {mark: np.full(len(cells), np.nan) for mark in MARKS}
    units: list[str] = []
    only: dict[str, int] = {}  # the first row that only this mark can read
    other: int | None = None
    wrong, wrong_rows, seen = -1, 0, 0
    for row, cell in enumerate(cells):
        if is_gap(cell):
            continue
        seen += 1
        found = {mark: one for mark in MARKS if (one := number_in(cell, mark)) is not None}
        if not found:
            wrong, wrong_rows = (row if wrong < 0 else wrong), wrong_rows + 1
            if wrong_rows == seen == TEXT_CELLS:
                return Readings({}, wrong, sum(not is_gap(one) for one in cells), share=0.0)
            continue
        for mark, (value, _) in found.items():
            values[mark][row] = value
        units.append(next(iter(found.values()))[1])
        if len(found) == 1:
            only.setdefault(next(iter(found)), row)
        elif other is None and found["."][0] != found[","][0]:
            other = row
    share = (seen - wrong_rows) / seen if seen else 0.0
    if wrong_rows or not seen:
        return Readings({}, wrong, wrong_rows, share=share)
    mixed = _mixed(cells, only, sorted(set(units)))
    if mixed:
        return Readings({}, mixed=mixed)
    marks = list(only) or list(MARKS)
    unit = next((one for one in units if one), "")
    return Readings({mark: Reading(values[mark], unit, other) for mark in marks})


def _mixed(cells: Sequence[str], only: dict[str, int], units: list[str]) -> str:
    if len(only) == 2:
        examples = " and ".join(repr(cells[only[mark]][:40]) for mark in MARKS)
        return f"mixes decimal points and decimal commas ({examples}): write all its numbers one way"
    named = [unit for unit in units if unit]
    if len(named) > 1:
        return f"mixes {' and '.join(named)}: give all its numbers in one unit"
    if len(units) > 1 and named[0] in "%‰":
        return f"has {named[0]} after some numbers and not after others: write all of them one way"
    return ""
