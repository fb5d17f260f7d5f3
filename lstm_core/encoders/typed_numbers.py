"""Numbers as people type them in a line: which commas separate numbers, and which are decimal marks."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from lstm_core.numerals import JOINING, ascii_number

MAX_NUMBER = 1e100  # of a number, so that its square is one too
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_BOTH = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{3})+\.[0-9]+)")  # 1.234,5 and 1,234.5
_JOINED = re.compile(rf"(?<=[0-9])[{JOINING}'](?=[0-9]{{3}}(?![0-9]))")
_ZEROS = re.compile(r"0[0-9]{2}")
_SHORT = re.compile(r"[+-]?[1-9][0-9]{0,2}")


def pieces_of(text: str, numbers: int) -> list[str]:
    """The steps of a typed text with `numbers` numbers a step, each written with a decimal point.

    Blanks, line ends and semicolons separate steps. A comma does too ("1,2,3"; "1, 2"), unless it stands between two digits
    in a text whose steps blanks separate already and whose every step can be read with decimal commas, at most one in a
    number ("20,7 17,9"). No-break and thin blanks within a number are thousands marks, as in "1 000". Raises ValueError, a
    question, where both ways are as likely: "1,234 5,678", "1, 2,3", and "1 000" with a plain blank.
    """
    pieces, decimal = _cut(text, numbers)
    if decimal:
        return [piece.strip(",").replace(",", ".") for piece in pieces]
    for before, after in pairwise(pieces):
        if _SHORT.fullmatch(before) and _ZEROS.fullmatch(after):
            raise ValueError(
                f"'{before} {after}' may be one number or two: write {before}{after} for one, {before} {int(after)} for two"
            )
    return [one for piece in pieces for one in piece.split(",") if one]


def about_commas(text: str, numbers: int) -> str:
    """One sentence on how the commas of a typed text were read, if they are ambiguous; else ""."""
    try:
        pieces, decimal = _cut(text, numbers)
    except ValueError:
        return ""  # it is refused, with a question
    tight = [piece.strip(",") for piece in pieces if "," in piece.strip(",")]
    if decimal:
        return f"Commas are read as decimal marks: {tight[0]} is {tight[0].replace(',', '.')}."
    if len(pieces) == 1 and tight and _is_decimal(tight[0], numbers):
        return f"The comma is read as separating two steps. For one number write {tight[0].replace(',', '.')}."
    return ""


def _cut(text: str, numbers: int) -> tuple[list[str], bool]:
    """The text cut at blanks and semicolons, and whether the commas left in the pieces are decimal marks."""
    pieces = _JOINED.sub("", ascii_number(text)).replace(";", " ; ").split()
    semicolons = ";" in pieces
    pieces = [piece for piece in pieces if piece.strip(",;")]
    inner = [piece.strip(",") for piece in pieces]
    tight = [piece for piece in inner if "," in piece]
    apart = semicolons or len(pieces) > 1
    both = next((part for piece in tight for part in piece.split(":") if _BOTH.fullmatch(part)), "")
    if both:
        one = re.sub(r"[.,](?=.*[.,])", "", both).replace(",", ".")
        raise ValueError(f"{both!r} may be one number or several: write {one} for one, or blanks between several")
    several = next((piece for piece in tight if _THOUSANDS.fullmatch(piece) and piece.count(",") > 1), "")
    if several and apart:
        raise ValueError(_question(several))
    if not tight or not apart or not all(_is_decimal(piece, numbers) for piece in inner):
        return pieces, False
    commas = [part for piece in tight for part in piece.split(":") if "," in part]
    if all(_THOUSANDS.fullmatch(part) for part in commas):
        raise ValueError(_question(tight[0]))
    if len(tight) < len(pieces) and inner[:-1] != pieces[:-1]:
        raise ValueError(
            f"{tight[0]!r} may be one number or two: write {tight[0].replace(',', '.')} for one, or a blank between two"
        )
    return pieces, True


def _is_decimal(piece: str, numbers: int) -> bool:
    parts = piece.split(":")
    return piece.startswith("@") or (len(parts) == numbers and all(map(_DECIMAL.fullmatch, parts)))


def _question(piece: str) -> str:
    example = next(part for part in piece.split(":") if "," in part)
    joined = example.replace(",", "")
    if example.count(",") > 1:
        return f"{piece!r} may be one number or several: write {joined} for one, or blanks between several"
    return f"{piece!r} may have a decimal comma or a thousands mark: write {example.replace(',', '.')} or {joined}"


def number_of(text: str, advice: str) -> float:
    """The number in a piece of text. Raises ValueError with `advice` if it is none, or with the limits if out of range."""
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(advice) from error
    if not math.isfinite(number) or abs(number) > MAX_NUMBER:
        raise ValueError(f"{text} is out of range: numbers go from {-MAX_NUMBER:g} to {MAX_NUMBER:g}")
    return number


def typed(number: float, spread: float, *, beyond: int = 8, least: int = 6) -> str:
    """The number with enough digits to tell it apart in a series of that spread, without trailing zeros.

    To `beyond` digits below the spread, float32's own by default, and at least `least` significant digits.
    """
    if number == 0 or not math.isfinite(number):
        return f"{number + 0.0:g}"
    digits = max(least, math.floor(math.log10(abs(number))) - math.floor(math.log10(spread)) + 1 + beyond)
    return repr(number).removesuffix(".0") if digits > 16 else f"{number:.{digits}g}"


def row_typed(row: Sequence[float], spread: Sequence[float], *, beyond: int = 8, least: int = 6) -> str:
    """The numbers of one step as they are typed: with colons between them."""
    pairs = zip(row, spread, strict=True)
    return ":".join(typed(float(number), float(own), beyond=beyond, least=least) for number, own in pairs)
