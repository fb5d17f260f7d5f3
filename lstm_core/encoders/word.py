"""Words of a fixed vocabulary; any other word is read as the unknown one."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.encoders.tokens import Tokens, groups_of, visible
from lstm_core.given import checked, no_text

UNKNOWN = "(unknown)"
# As the Penn Treebank has it: "isn't" is two words, "is" and "n't", and a sign of punctuation is a word.
WORD = re.compile(r"n't\b|'(?:s|re|ve|ll|d|m)\b|[^\W_]+(?=n't\b)|[^\W_]+(?:-[^\W_]+)*|\.{2,}|--+|\S")


def split_words(text: str) -> list[str]:
    """Which words, in lower case, does a text consist of? Punctuation marks are words of their own.

    Clitics are split as in the Penn Treebank: "Isn't it?" is is, n't, it, ?.
    """
    return WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


@dataclass(frozen=True)
class WordEncoder:
    """Reads words, one step each: class 0 is any word outside the vocabulary, class k its k-th word.

    >>> WordEncoder.of(["to be or not to be"]).vocabulary
    ('be', 'to')
    """

    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        no_text(vocabulary=self.vocabulary)
        wrong = [word for word in self.vocabulary if not word or word != word.lower() or any(map(str.isspace, word))]
        if wrong or not self.vocabulary:
            raise ValueError(f"a vocabulary is a list of words in lower case, not {wrong[:5] or 'empty'}")
        if len(set(self.vocabulary)) != len(self.vocabulary):
            twice = [word for word, count in Counter(self.vocabulary).items() if count > 1]
            raise ValueError(f"the vocabulary holds these words more than once: {twice[:10]}")

    @classmethod
    def of(cls, texts: Iterable[str], *, least: int = 2) -> "WordEncoder":
        """The encoder for the words that occur at least `least` times in `texts`, the most frequent first."""
        counts = Counter(word for text in texts for word in split_words(text))
        frequent = sorted(
            (word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word)
        )
        return cls(tuple(frequent))

    @property
    def size(self) -> int:
        return len(self.vocabulary) + 1

    @property
    def class_labels(self) -> tuple[str, ...]:
        return (UNKNOWN, *(_shown(word) for word in self.vocabulary))

    @checked
    def encode(self, text: str) -> Tokens:
        """Which word is read at each step? One that is not in the vocabulary is labelled with a "?" after it."""
        words = split_words(text)
        number = {word: index for index, word in enumerate(self.vocabulary, start=1)}
        ids = np.array([number.get(word, 0) for word in words], dtype=np.int64)
        labels = tuple(_shown(word) if word in number else f"{_shown(word)}?" for word in words)
        return Tokens(ids=ids, labels=labels, groups=groups_of([1] * len(words)))

    def tokens(self, ids: np.ndarray) -> Tokens:
        """Which words are these classes?"""
        labels = tuple(self.class_labels[int(index)] for index in ids)
        return Tokens(ids=np.asarray(ids, dtype=np.int64), labels=labels, groups=groups_of([1] * len(labels)))

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """Which text do these classes spell, with a blank between two words?"""
        return " ".join(UNKNOWN if index == 0 else self.vocabulary[int(index) - 1] for index in ids)

    def to_json(self) -> dict[str, object]:
        return {"kind": "word", "vocabulary": list(self.vocabulary)}


def _shown(word: str) -> str:
    return "".join(visible(character) for character in word)
