"""Tokens: one sequence as a model reads it, with the labels a person reads."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstm_core.equality import ByValue

_NAMED = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\x7f": "␡"}


@dataclass(frozen=True, eq=False)
class Tokens(ByValue):
    """One sequence as a model reads it: a class number or a row of numbers, a label and a group for each step.

    Two are equal when all of these are.

    >>> from lstm_core import WordEncoder
    >>> tokens = WordEncoder(("we", "met")).encode("We met Ann")
    >>> tokens.labels, tokens.ids.tolist()
    (('we', 'met', 'ann?'), [1, 2, 0])
    """

    ids: np.ndarray  # (step,) int64, the class read at the step; all 0 for a model that reads numbers
    labels: tuple[str, ...]  # (step,) what a person reads; never empty
    groups: np.ndarray  # (step,) int64, 0, 0, 1, ...: steps of one group make up one character
    values: np.ndarray | None = None  # (step, feature) float32, what a model of numbers reads, standardised

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that equality compares, computed once: caches use it as their key."""
        total = hashlib.sha256(repr(self.labels).encode())
        for part in (self.ids, self.groups, self.values):
            if part is not None:
                total.update(f"{part.dtype.str}{part.shape}".encode())
                total.update(np.ascontiguousarray(part).tobytes())
        return total.hexdigest()

    def until(self, stop: int) -> "Tokens":
        """The first `stop` steps of this sequence."""
        values = None if self.values is None else self.values[:stop]
        return Tokens(self.ids[:stop], self.labels[:stop], self.groups[:stop], values)

    def followed_by(self, others: "Tokens") -> "Tokens":
        """This sequence, then another."""
        first = int(self.groups[-1]) + 1 if len(self) else 0
        return Tokens(
            ids=np.concatenate([self.ids, others.ids]),
            labels=self.labels + others.labels,
            groups=np.concatenate([self.groups, others.groups + first]),
            values=None
            if self.values is None or others.values is None
            else np.concatenate([self.values, others.values]),
        )


def visible(character: str) -> str:
    """A visible label for one character, even for spaces and control characters.

    Space, newline and tab become ␣ ⏎ ⇥, other control characters their Unicode control pictures (NUL is
    ␀), a combining mark sits on a dotted circle, and what has no glyph at all (zero-width characters,
    direction marks, variation selectors, lone surrogates, unassigned code points) is spelled as U+200B.
    """
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code < 0x20:
        return chr(0x2400 + code)
    category = unicodedata.category(character)
    selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF  # changes the glyph before it, has none itself
    if category in ("Mn", "Me") and not selector:
        return "◌" + character
    if category[0] in "CZ" or selector:
        return f"U+{code:04X}"
    return character


def groups_of(lengths: Sequence[int]) -> np.ndarray:
    """The group of each step, where the k-th group has lengths[k] steps."""
    return np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
