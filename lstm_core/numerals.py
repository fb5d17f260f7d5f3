"""Numbers as people write them, as plain ASCII: digits of other scripts, minus signs, spaces inside numbers."""

import unicodedata

_MARKS = {
    "\u2212": "-",  # minus sign
    "\u2012": "-",  # figure dash
    "\u2013": "-",  # en dash
    "\ufe63": "-",
    "\uff0d": "-",
    "\uff0b": "+",
    "\uff0e": ".",
    "\uff0c": ",",
    "\uff1a": ":",
    "\uff05": "%",
    "\uff20": "@",
    "\u2019": "'",
}
JOINING = "\u00a0\u2007\u2009\u202f"
"""Blanks that hold a number together: no-break space, figure space, thin space, narrow no-break space."""


def ascii_number(text: str) -> str:
    """The text with digits, signs and marks as ASCII has them; everything else stays as it is."""
    return text if text.isascii() else "".join(map(_ascii, text))


def _ascii(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return _MARKS.get(character, character) if digit is None else str(digit)


def significant(value: float, digits: int = 7) -> float:
    """The value to so many significant digits, whatever its size: 7.3e-13 stays what it is. NaN and inf stay too."""
    return float(f"{value:.{digits}g}")
