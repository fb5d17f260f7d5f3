"""Characters of a fixed vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.encoders.tokens import Tokens, groups_of, visible
from lstm_core.given import checked


@dataclass(frozen=True)
class CharacterEncoder:
    """Reads the characters of a fixed vocabulary, one step and one class each.

    >>> CharacterEncoder(("a", "b")).encode("abba").ids.tolist()
    [0, 1, 1, 0]
    """

    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", tuple(self.vocabulary))  # a text is its characters
        wrong = [entry for entry in self.vocabulary if len(entry) != 1]
        if wrong or not self.vocabulary:
            raise ValueError(f"a vocabulary is a list of single characters, not {wrong[:5] or 'empty'}")
        if len(set(self.vocabulary)) != len(self.vocabulary):
            twice = sorted({entry for entry in self.vocabulary if self.vocabulary.count(entry) > 1})
            raise ValueError(f"the vocabulary holds these characters more than once: {twice[:10]}")

    @classmethod
    def of(cls, text: str) -> "CharacterEncoder":
        """The encoder for the characters that occur in `text`, in code point order."""
        return cls(tuple(sorted(set(text))))

    @property
    def size(self) -> int:
        return len(self.vocabulary)

    @property
    def class_labels(self) -> tuple[str, ...]:
        return tuple(visible(character) for character in self.vocabulary)

    @checked
    def encode(self, text: str) -> Tokens:
        """Which class is read at each step? Raises ValueError for characters outside the vocabulary."""
        number = {character: index for index, character in enumerate(self.vocabulary)}
        unknown = [character for character in dict.fromkeys(text) if character not in number]
        if unknown:
            shown = " ".join(visible(character) for character in unknown[:10])
            raise ValueError(
                f"{len(unknown)} of the text's characters are not in this model's vocabulary of {self.size} "
                f"({shown}{' …' if len(unknown) > 10 else ''}): leave them out, or use a byte model, which reads any text"
            )
        return Tokens(
            ids=np.array([number[character] for character in text], dtype=np.int64),
            labels=tuple(visible(character) for character in text),
            groups=groups_of([1] * len(text)),
        )

    def tokens(self, ids: np.ndarray) -> Tokens:
        """Which characters are these classes?"""
        labels = tuple(visible(self.vocabulary[int(index)]) for index in ids)
        return Tokens(ids=np.asarray(ids, dtype=np.int64), labels=labels, groups=groups_of([1] * len(labels)))

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """Which text do these classes spell?"""
        return "".join(self.vocabulary[int(index)] for index in ids)

    def to_json(self) -> dict[str, object]:
        return {"kind": "character", "vocabulary": list(self.vocabulary)}
