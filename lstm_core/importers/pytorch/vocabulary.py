"""The vocabulary that a checkpoint brings with its model."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lstm_core.importers.inert import array_in
from lstm_core.importers.limits import LIMITS

MAX_DEPTH = 3  # dicts within one another
MAX_VISITED = 10_000  # entries looked at on the way
LETTERS = r"(chars?|characters?|letters?|alphabet|charset|symbols?)"
TOKENS = rf"({LETTERS}|tokens?|words?|vocab(ulary)?|wordlist|dictionary)"
NUMBERS = r"(i|ids?|ix|idx|index|indices|int|ints|num|number)"
CALLED = re.compile(
    rf"(stoi|itos|s2i|i2s|w2i|i2w|c2i|i2c|ch2i|{TOKENS}((to|2)?{NUMBERS}|list|s)?|{NUMBERS}(to|2)?{TOKENS})"
)
AROUND = re.compile(
    r"^(src|tgt|trg|source|target|input|output|encoder|decoder|text|all|train|the)+|(dict|map|mapping|lookup)$"
)


def vocabulary_in(saved: Any, classes: int) -> tuple[tuple[str, ...], str]:
    """The entries in the order of their classes, and what they are called in what was saved; else () and "".

    It is a dict of numbers by token, of tokens by number, a list of tokens or a text of characters, called as one; its
    numbers go from 0 to fewer than `classes`, and name at least half of them. One that names them all goes first.
    """
    found = [
        (entries, name)
        for name, value in _called(saved)
        if (entries := entries_of(value)) and classes <= 2 * len(entries) and len(entries) <= classes
    ]
    return max(found, key=lambda one: len(one[0]), default=((), ""))


def read_metadata(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Texts of a file's metadata as what they hold, where they are JSON."""
    found: dict[str, Any] = {}
    for name, text in metadata.items():
        found[name] = text
        if text.lstrip()[:1] in ("{", "["):
            try:
                found[name] = json.loads(text)
            except (ValueError, RecursionError):
                continue
    return found


def entries_of(value: Any) -> tuple[str, ...]:
    """The entries in the order of their numbers, "" for a number that has none; () when `value` is no vocabulary."""
    array = array_in(value)
    match value if array is None or array.ndim != 1 or array.size > LIMITS.vocabulary else _entries(array):
        case str() | list() | tuple() as value:
            numbered: list[tuple[Any, Any]] = list(enumerate(value))
        case Mapping() as value:
            numbered = list(value.items())
            if numbered and isinstance(numbered[0][1], int):
                numbered = [(number, token) for token, number in numbered]
        case _:
            return ()
    if not 2 <= len(numbered) <= LIMITS.vocabulary or not all(_is_token(token) for _, token in numbered):
        return ()
    tokens = {_number(number): token for number, token in numbered}
    named = [token for token in tokens.values() if token]
    if (
        len(tokens) != len(numbered)
        or len(set(named)) != len(named)
        or min(tokens) < 0
        or max(tokens) >= 2 * len(tokens)
    ):
        return ()
    return tuple(tokens.get(number, "") for number in range(max(tokens) + 1))


def _entries(array: np.ndarray) -> list[Any]:
    try:
        found: list[Any] = array.tolist()
    except ValueError:  # a text of NumPy's may hold numbers that are no letters
        found = []
    return found


def _is_token(token: object) -> bool:
    # Half of a pair of surrogates is no text that a page can show.
    return isinstance(token, str) and not re.search(r"[\ud800-\udfff]", token)


def _number(number: object) -> int:
    """-1 for what is no number; JSON has its keys as texts."""
    if isinstance(number, str):
        return int(number) if re.fullmatch(r"[0-9]{1,9}", number) else -1
    return number if type(number) is int else -1


def _called(saved: Any) -> Iterator[tuple[str, Any]]:
    """Everything at shallow depth that is called like a vocabulary, with its name."""
    level = [("", saved)]
    visited = 0
    for _ in range(MAX_DEPTH):
        below = []
        for start, value in level:
            if not isinstance(value, Mapping):
                continue
            for name, one in value.items():
                visited += 1
                if visited > MAX_VISITED:
                    return
                if not isinstance(name, str) or len(name) > 100 or not name.isprintable():
                    continue
                plain = re.sub(r"[^a-z0-9]", "", name.lower())
                if CALLED.fullmatch(plain) or CALLED.fullmatch(AROUND.sub("", plain)):
                    yield start + name, one
                if isinstance(one, Mapping):
                    below.append((f"{start}{name}.", one))
        level = below
