"""What does a cell of a table hold: a number, a date, nothing, or text?"""

import re

from lstm_core.numerals import JOINING, ascii_number

GAPS = frozenset(
    {"", "na", "n/a", "n.a.", "nan", "nat", "null", "none", "nil", "missing", "<na>", "\\n", "?", ".", "..", "…", "-", "--", "–", "—"}
    | {"#n/a", "#na", "#null!", "#div/0!", "#value!", "#ref!", "#num!"}
)  # fmt: skip
"""Cells, in small letters, that say that a number is missing."""

CURRENCIES = "$€£¥₹"
_BLANKS = " " + JOINING
_GROUPS = rf"(?:[1-9][0-9]{{0,2}}(?:(?P<t>[{_BLANKS}'OTHER])[0-9]{{3}})(?:(?P=t)[0-9]{{3}})*)"
_BODY = rf"(?:{_GROUPS}(?:MARK[0-9]*)?|[0-9]+(?:MARK[0-9]*)?|MARK[0-9]+)(?:[eE][+-]?[0-9]+)?"
_CELL = (
    rf"(?P<sign>[+-]?)\s?(?P<before>[{CURRENCIES}]?)\s?(?P<sign2>[+-]?)(?P<body>{_BODY})\s?(?P<after>[%‰{CURRENCIES}]?)"
)


def _pattern(mark: str, other: str) -> re.Pattern[str]:
    return re.compile(_CELL.replace("MARK", re.escape(mark)).replace("OTHER", other))


NUMBER = {".": _pattern(".", ","), ",": _pattern(",", ".")}
"""By its decimal mark, what a number looks like: with thousands marks in groups of three, a currency or per cent sign."""


def is_gap(cell: str) -> bool:
    return not cell or cell.lower() in GAPS


def number_in(cell: str, mark: str) -> tuple[float, str] | None:
    """The number in a cell with decimal mark `mark`, and its unit ("" for none); None if it holds no number."""
    found = NUMBER[mark].fullmatch(ascii_number(cell))
    if found is None or (found["before"] and found["after"]) or (found["sign"] and found["sign2"]):
        return None
    body = found["body"]
    if found["t"]:
        body = body.replace(found["t"], "")
    value = float(body.replace(mark, "."))
    if value == float("inf"):
        return None
    return -value if "-" in (found["sign"], found["sign2"]) else value, found["before"] or found["after"]


def is_number(cell: str) -> bool:
    """Does the cell hold a number, with whichever decimal mark?"""
    return number_in(cell, ".") is not None or number_in(cell, ",") is not None
