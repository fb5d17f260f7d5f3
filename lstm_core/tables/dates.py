"""From the cells of a column to dates: which of the usual ways of writing them fits the whole column?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.numerals import ascii_number
from lstm_core.tables.cells import is_gap

_TIME = r"(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,][0-9]+)?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?:\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2}))?"
_YEAR = r"(?P<y>[0-9]{4}|[0-9]{2})"
_WAYS = (
    r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})(?:[-/.](?P<d>[0-9]{1,2}))?",
    rf"(?P<d>[0-9]{{1,2}})\.(?P<m>[0-9]{{1,2}})\.{_YEAR}",
    rf"(?P<first>[0-9]{{1,2}})(?P<s>[-/])(?P<second>[0-9]{{1,2}})(?P=s){_YEAR}",
    rf"(?P<d>[0-9]{{1,2}})[- ](?P<name>[A-Za-z]{{3,9}})[- ,]+{_YEAR}",
    rf"(?P<name>[A-Za-z]{{3,9}})\.?[- ]+(?:(?P<d>[0-9]{{1,2}}),? +)?{_YEAR}",
    r"(?P<m>[0-9]{1,2})[/-](?P<y>[0-9]{4})",
    r"(?P<y>[0-9]{4})[- ]?Q(?P<q>[1-4])",
    r"(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
)
_DATES = [re.compile(rf"{way}(?:[T ,]\s*{_TIME}{_ZONE})?") for way in _WAYS]
_CLOCK = re.compile(_TIME)
_NAMES = (
    ["january", "february", "march", "april", "may", "june"],
    ["july", "august", "september", "october", "november", "december"],
)
_MONTHS = {
    short: 6 * half + number + 1
    for half, names in enumerate(_NAMES)
    for number, name in enumerate(names)
    for short in (name[:3], name[:4], name)
}
CENTURY = 69  # two-digit years from here on are of the 20th century


@dataclass(frozen=True, eq=False)
class Dates:
    """The dates of a column."""

    values: np.ndarray  # (row,) datetime64[s], NaT for gaps
    note: str = ""  # how an ambiguous way of writing them was read


def is_date(cell: str) -> bool:
    return any(way.fullmatch(ascii_number(cell)) for way in _DATES) or _CLOCK.fullmatch(cell) is not None


def dates_in(cells: Sequence[str]) -> Dates | None:
    """The dates of these cells, if all that are no gaps are written one way; None otherwise.

    03/04/2020 is a day and a month, or a month and a day: the whole column decides. Where it does not, the month comes
    first, and `note` says so.
    """
    known = [row for row, cell in enumerate(cells) if not is_gap(cell)]
    if not known:
        return None
    way = next((one for one in _DATES if one.fullmatch(ascii_number(cells[known[0]]))), None)
    if way is None:
        return None
    found = []
    for row in known:
        match = way.fullmatch(ascii_number(cells[row]))
        if match is None:
            return None
        found.append(match.groupdict())
    note = ""
    if "first" in found[0]:
        swapped = any(int(one["second"]) > 12 for one in found)
        unclear = not swapped and all(int(one["first"]) <= 12 for one in found)
        month, day = ("first", "second") if swapped or unclear else ("second", "first")
        found = [one | {"m": one[month], "d": one[day]} for one in found]
        example = cells[known[0]][:40]
        note = f"{example!r} could be month/day or day/month; it was read as month/day" if unclear else ""
    values = np.full(len(cells), np.datetime64("NaT", "s"))
    values[known] = _moments(found)
    return None if np.isnat(values[known]).any() else Dates(values, note)


def clock_in(cells: Sequence[str]) -> np.ndarray | None:
    """The times of day of these cells, (row,) timedelta64[s]; None unless every cell holds one."""
    found = []
    for cell in cells:
        match = _CLOCK.fullmatch(cell)
        if match is None:
            return None
        found.append(_seconds(match.groupdict()))
    return np.array(found).astype("timedelta64[s]") if found else None


def day(year: np.ndarray, month: np.ndarray, date: np.ndarray) -> np.ndarray:
    """The days of years, months and dates, (row,) datetime64[s]; NaT where there is no such day."""
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1).astype("timedelta64[M]")
    found = first.astype("datetime64[D]") + (date - 1).astype("timedelta64[D]")
    wrong = (month < 1) | (month > 12) | (found.astype("datetime64[M]") != first)
    return np.asarray(np.where(wrong, np.datetime64("NaT", "s"), found.astype("datetime64[s]")))


def _moments(found: Sequence[dict[str, str | None]]) -> np.ndarray:
    parts = np.array([(_full(one["y"]), _month(one), int(one.get("d") or 1)) for one in found], dtype=np.int64)
    seconds = np.array([_seconds(one) if one["H"] else 0 for one in found], dtype=np.int64)
    zones = {one["zone"] for one in found}
    ahead = [_ahead(one["zone"]) if len(zones) > 1 else 0 for one in found]  # in one zone, days are those of its clocks
    moments = day(*parts.T) + (seconds - ahead).astype("timedelta64[s]")
    return np.asarray(np.where(seconds < 0, np.datetime64("NaT", "s"), moments))


def _full(year: str | None) -> int:
    number = int(year or 0)
    return number + (1900 if number >= CENTURY else 2000) if len(year or "") == 2 else number


def _month(one: dict[str, str | None]) -> int:
    if one.get("name"):
        return _MONTHS.get(str(one["name"]).lower(), 0)
    if one.get("q"):
        return 3 * int(one["q"] or 1) - 2
    return int(one["m"] or 0)


def _seconds(one: dict[str, str | None]) -> int:
    """Since midnight; far below 0 for what is no time of day."""
    hour, minute, second = (int(one[part] or 0) for part in "HMS")
    if one["half"]:
        hour = hour % 12 + (12 if one["half"] in "Pp" else 0)
    return hour * 3600 + minute * 60 + second if hour <= 24 and minute < 60 and second < 61 else -(10**9)


def _ahead(zone: str | None) -> int:
    """Seconds that a time zone is ahead of Greenwich."""
    if zone is None or zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
