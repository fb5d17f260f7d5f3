"""Passage: the reader's text and, where there is one, the text that a model generated after it."""

from dataclasses import dataclass

PORTION = 100  # tokens that a model generates at once
MOST_WRITTEN = 2_000  # tokens
HOTTEST = 5.0  # temperature; beyond it all tokens are about equally likely
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Writing:
    """A continuation: the same four values always give the same text."""

    writer: str  # a model's name
    count: int  # tokens
    temperature: float  # 0 always takes the likeliest
    seed: int


@dataclass(frozen=True)
class Passage:
    text: str
    writing: Writing | None = None
