"""Vocabularies that a user supplies: pasted text or JSON to entries in class order."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from lstm_core.importers.limits import LIMITS

ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\s": " ", "\\\\": "\\"}

INSIDE = (
    "stoi",
    "word2idx",
    "token_to_id",
    "char_to_idx",
    "word_index",
    "vocab",
    "vocabulary",
    "model",
    "config",
    "itos",
)
MAX_DEPTH = 4  # of these inside one another


def too_long(name: str, entries: int) -> list[str]:
    """The note on an embedding of more entries than are read; none where they are not too many."""
    if entries <= LIMITS.vocabulary:
        return []
    most = f"{LIMITS.vocabulary:,}"
    return [
        f"{name} has {entries:,} entries; Gatescope opens vocabularies of up to {most}, so numbers are read in its place."
    ]


def taken_of(names: Sequence[str], reader: str) -> list[str]:
    """The note on the embedding that was taken, the first of `names`, where others fit `reader` as well."""
    chosen, *others = names
    if not others:
        return []
    return [f"The file does not tell which embedding {reader} reads: {chosen} is taken, not {', '.join(others[:3])}."]


def read_vocabulary(text: str) -> tuple[str, ...]:
    """The entries that a text lists, in class order.

    JSON: a list of entries, or an object of entries to class numbers, or of numbers to entries. Else one entry a line,
    where \\n, \\t and \\s stand for a line end, a tab and a blank; a text of one line lists its characters, these
    among them. Raises ValueError, saying what is wrong, for anything else.

    >>> read_vocabulary('{"b": 1, "a": 0}')
    ('a', 'b')
    """
    if not text.strip():
        raise ValueError("the vocabulary is empty: give its entries in the order of their classes, one a line")
    if len(text) > LIMITS.metadata:
        raise ValueError(f"the vocabulary has {len(text):,} characters; at most {LIMITS.metadata:,} are read")
    entries = _from_json(text) if _looks_like_json(text) else _from_lines(text)
    if len(entries) > LIMITS.vocabulary:
        raise ValueError(f"the vocabulary has {len(entries):,} entries; at most {LIMITS.vocabulary:,} are read")
    return entries


def _looks_like_json(text: str) -> bool:
    whole = text.strip()
    return whole[0] in "[{" and (whole[-1] in "]}" or "\n" not in whole)


def _from_lines(text: str) -> tuple[str, ...]:
    lines = text.removesuffix("\n").replace("\r\n", "\n").split("\n")
    if len(lines) == 1:
        return _from_characters(lines[0])
    return tuple(ESCAPES.get(line, line) for line in lines)


def _from_characters(line: str) -> tuple[str, ...]:
    entries = tuple(ESCAPES.get(piece, piece) for piece in re.findall(r"\\[ntrs\\]|.", line, re.DOTALL))
    twice = [entry for entry, count in Counter(entries).items() if count > 1]
    if twice:
        raise ValueError(
            f"one line lists the characters of a vocabulary, and this one has {twice[0]!r} more than once: "
            "give longer entries one a line, or as JSON"
        )
    return entries


def _from_json(text: str) -> tuple[str, ...]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:  # Python refuses numbers of thousands of digits with the former
        raise ValueError(
            f"the vocabulary begins like JSON but is not ({error}): correct it, or paste one entry a line"
        ) from error
    return listed(given)


def listed(given: object) -> tuple[str, ...]:
    """The entries of a list, of entries by class number or of class numbers by entry, in the order of the classes.

    Classes that are not named are empty. Raises ValueError for anything else.
    """
    given = _inner(given)
    if isinstance(given, list) and all(isinstance(entry, str) for entry in given):
        return tuple(given)
    if isinstance(given, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in given):
        given = {str(entry): number for entry, number in given}
    if not isinstance(given, dict):
        raise ValueError("a vocabulary is a list of texts, or an object of entries and their class numbers")
    pairs = [(key, value) if isinstance(value, int) else (value, key) for key, value in given.items()]
    numbered: dict[int, str] = {}
    for entry, number in pairs:
        if not isinstance(entry, str) or isinstance(number, bool) or not str(number).isdecimal():
            raise ValueError(
                f"a vocabulary gives each entry its class number, from 0 upwards, not {str(entry)[:40]!r}: {str(number)[:40]!r}"
            )
        if int(number) in numbered:
            raise ValueError(f"the vocabulary has two entries of class {int(number)}: give each a class of its own")
        numbered[int(number)] = entry
    last = max(numbered, default=-1)
    if last >= LIMITS.vocabulary:
        raise ValueError(f"the vocabulary has a class {last:,}; at most {LIMITS.vocabulary:,} classes are read")
    return tuple(numbered.get(number, "") for number in range(last + 1))


def _inner(given: object) -> object:
    """The vocabulary inside of what other libraries write: under one of INSIDE, or as JSON within JSON (Keras's Tokenizer)."""
    for _ in range(MAX_DEPTH):
        if isinstance(given, str):
            with suppress(ValueError, RecursionError):
                given = json.loads(given)
        key = next(
            (key for key in INSIDE if isinstance(given, dict) and isinstance(given.get(key), dict | list | str)), None
        )
        if key is None or not isinstance(given, dict):
            break
        given = given[key]
    return given
