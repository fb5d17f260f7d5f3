"""Features of each character of a text, from the text alone."""

from collections.abc import Collection

import numpy as np

MAX_SYMBOLS = 8  # distinct characters; a text of no more, and no blank, is a string of symbols and not of words
VOWELS = frozenset("aeiouAEIOU")
OPENING, CLOSING = "([{", ")]}"
CLOSED_BY = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}
TRIPLE = ('"""', "'''")
APOSTROPHES = "'‘"
QUOTED = "inside quotation marks"
QUOTED_BY = ("inside single quotation marks", "inside double quotation marks")
FAR_INTO_LINE = 20  # characters; about half a line of verse
INDENT = 4  # blanks; more of them are the indentation of a block within a block
BEGINS = "S"  # with it a sequence of a counting task begins


def character_features(text: str, *, symbols: Collection[str] = ()) -> dict[str, np.ndarray]:
    """The features of each character, by a name for a reader: bool for yes or no, else whole numbers.

    Of a text: what kind of character it is; whether it stands inside quotation marks (the opening one counts, the closing one
    no more; an apostrophe is none), inside single or double ones, in a docstring (three marks) or in a comment that begins with "# "; the place in its line (0
    at the line end) and whether that is beyond 20; the blanks that the line began with and whether those are more than 4; and
    the letters of the word so far. Of a string of at most 8 symbols: which one it is
    and, of a's, b's and c's, how many came so far. Of both: how many brackets are open. `symbols` are those of all texts,
    where this is one of several.
    """
    found: dict[str, np.ndarray] = {}
    symbols = set(symbols) or set(text)
    if len(symbols) <= MAX_SYMBOLS and not any(map(str.isspace, symbols)):
        found |= _symbols(text, symbols)
    else:
        found |= _kinds(text) | _of_words(text) | _of_lines(text) | _quoted(text)
    depth = _depth(text)
    return found | {"inside brackets": depth > 0, "bracket depth": depth}


def _kinds(text: str) -> dict[str, np.ndarray]:
    tests = {
        "blank": lambda one: one == " ",
        "line end": lambda one: one == "\n",
        "letter": str.isalpha,
        "upper case": str.isupper,
        "vowel": VOWELS.__contains__,
        "digit": str.isdigit,
        "sign of punctuation": lambda one: not (one.isalnum() or one.isspace()),
    }
    return {name: np.array([test(one) for one in text], dtype=bool) for name, test in tests.items()}


def _of_words(text: str) -> dict[str, np.ndarray]:
    letters = _since([not (one.isalnum() or one == "_") for one in text])
    return {"beginning of a word": letters == 1, "letters of the word so far": letters}


def _of_lines(text: str) -> dict[str, np.ndarray]:
    place = _since([one == "\n" for one in text])
    indentation = np.zeros(len(text), dtype=np.int64)
    within = np.zeros(len(text), dtype=bool)
    for at, one in enumerate(text):
        before = indentation[at - 1] if place[at] > 1 else 0
        within[at] = one in " \t" and before == place[at] - 1
        indentation[at] = before + within[at]
    return {
        "place in the line": place,
        "far into the line": place > FAR_INTO_LINE,
        "in the indentation": within,
        "indentation": indentation,
        "deep in the code": indentation > INDENT,
    }


def _since(ends: list[bool]) -> np.ndarray:
    """How many characters since the last of `ends`, which counts 0."""
    count, counts = 0, []
    for end in ends:
        count = 0 if end else count + 1
        counts.append(count)
    return np.array(counts, dtype=np.int64)


def _depth(text: str) -> np.ndarray:
    depth, depths = 0, []
    for one in text:
        depth = max(0, depth + (one in OPENING) - (one in CLOSING))  # one that closes nothing is passed over
        depths.append(depth)
    return np.array(depths, dtype=np.int64)


def _quoted(text: str) -> dict[str, np.ndarray]:
    """Whether each character stands inside quotation marks, in a docstring, or in a comment."""
    names = (QUOTED, *QUOTED_BY, "inside a docstring", "inside a comment")
    found = {name: np.zeros(len(text), dtype=bool) for name in names}
    quotation, single, double, docstring, comment = found.values()
    at = 0
    while at < len(text):
        end = at + 1
        if text[at : at + 3] in TRIPLE and (close := text.find(text[at : at + 3], at + 3)) >= 0:
            docstring[at:close] = True
            end = close + 3
        elif text[at] in CLOSED_BY and (last := _closing(text, at)) is not None:
            quotation[at:last] = True
            (single if text[at] in APOSTROPHES else double)[at:last] = True
            end = last + 1
        elif text.startswith("# ", at) and (at == 0 or text[at - 1].isspace()):
            end = _line_end(text, at)
            comment[at:end] = True
        at = end
    return found


def _closing(text: str, at: int) -> int | None:
    """Where a quotation that begins here ends. One in apostrophes ends in the same line and not within a word."""
    wanted, apostrophe = CLOSED_BY[text[at]], text[at] in APOSTROPHES
    if apostrophe and at > 0 and (text[at - 1].isalnum() or text[at - 1] == "\\"):
        return None
    limit = _line_end(text, at) if apostrophe else len(text)
    found = text.find(wanted, at + 1, limit)
    while found >= 0:
        within_word = found + 1 < len(text) and text[found + 1].isalnum()
        if text[found - 1] != "\\" and not (apostrophe and (within_word or text[found - 1].isspace())):
            return found
        found = text.find(wanted, found + 1, limit)
    return None


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _symbols(text: str, symbols: set[str]) -> dict[str, np.ndarray]:
    read = np.array(list(text), dtype=object)
    found: dict[str, np.ndarray] = {f"reads {symbol}": read == symbol for symbol in sorted(symbols)}
    if not {"a", "b"} <= symbols <= set("SabcT"):
        return found
    counts = {}
    for letter in "abc":
        total = np.cumsum(read == letter)
        begun = np.maximum.accumulate(np.where(read == BEGINS, np.arange(len(text)), -1))
        counts[letter] = total - np.where(begun >= 0, total[np.maximum(begun, 0)], 0)
    found |= {"a's so far": counts["a"], "a's minus b's": counts["a"] - counts["b"]}
    return found | ({"b's minus c's": counts["b"] - counts["c"]} if "c" in symbols else {})
