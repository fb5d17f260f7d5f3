"""Passage: what is read. The reader's own text and, where there is one, how a model went on."""

from dataclasses import dataclass

PORTION = 100  # tokens that a model writes at once
MOST_WRITTEN = 2_000  # tokens
HOTTEST = 5.0  # temperature; beyond it all tokens are about equally likely
LARGEST_SEED = 2**31 - 1


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
