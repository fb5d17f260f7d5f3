"""Passage: what is read. The reader's own text and, where there is one, how a model went on."""

from dataclasses import dataclass

MOST_WRITTEN = 2_000  # tokens


@dataclass(frozen=True)
class Writing:
    """Who wrote on, how much and how: the same four always give the same text."""

    writer: str  # a model's name
    count: int  # tokens
    temperature: float  # 0 always takes the likeliest
    seed: int


@dataclass(frozen=True)
class Passage:
    text: str
    writing: Writing | None = None
