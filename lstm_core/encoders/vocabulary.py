"""Any vocabulary of any model: its entries in the order of their classes, be they characters, words or marks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from lstm_core.encoders.tokens import Tokens, groups_of, visible
from lstm_core.encoders.word import WORD
from lstm_core.given import checked, no_text

UNKNOWN = ("<unk>", "[unk]", "<oov>", "[oov]", "<unknown>", "[unknown]", "(unknown)", "unk", "oov")


@dataclass(frozen=True)
class VocabularyEncoder:
    """Reads the entries of a vocabulary, one step and one class each; an empty entry stands for a class without a name.

    Where most entries are single characters (marks such as <pad> aside), a text is read character by character, else
    word by word: what stands between blanks is looked up as it is, then in lower case, then cut at punctuation. What
    is not an entry is read as the entry for the unknown (<unk>, [UNK] and the like) where there is one.

    >>> VocabularyEncoder(("yes", "no"), "words").encode("no yes no").ids.tolist()
    [1, 0, 1]
    """

    entries: tuple[str, ...]
    cut: Literal["", "characters", "words"] = ""  # what a text is cut into; "" for what most entries are

    def __post_init__(self) -> None:
        no_text(entries=self.entries)
        if not any(self.entries):
            raise ValueError("a vocabulary needs at least one entry; this one is empty")
        twice = [entry for entry, count in Counter(filter(None, self.entries)).items() if count > 1]
        if twice:
            raise ValueError(f"the vocabulary holds these entries more than once: {twice[:10]}")

    @property
    def size(self) -> int:
        return len(self.entries)

    @cached_property
    def pieces(self) -> Literal["characters", "words"]:
        """What is a text cut into?"""
        if self.cut:
            return self.cut
        plain = [entry for entry in self.entries if entry and not _is_mark(entry)]
        single = sum(len(entry) == 1 for entry in plain)
        return "characters" if plain and 2 * single > len(plain) else "words"

    @cached_property
    def unknown(self) -> int | None:
        """The class for what is not an entry; None where there is none."""
        return next((index for index, entry in enumerate(self.entries) if entry.lower() in UNKNOWN), None)

    @cached_property
    def class_labels(self) -> tuple[str, ...]:
        return tuple(_shown(entry) or f"#{index}" for index, entry in enumerate(self.entries))

    @checked
    def encode(self, text: str) -> Tokens:
        """Which entry is read at each step? One read as the unknown is labelled with a "?" after it.

        Raises ValueError, naming them, for pieces that are no entry of a vocabulary without an unknown.
        """
        found = self.looked_up(text)
        missing = list(dict.fromkeys(piece for piece, index in found if index is None))
        if missing and self.unknown is None:
            shown = " ".join(_shown(piece) for piece in missing[:10])
            raise ValueError(
                f"{len(missing)} of the text's {self.pieces} are not in this model's vocabulary of {self.size:,} "
                f"({shown}{' …' if len(missing) > 10 else ''}), which has no entry for the unknown: leave them out"
            )
        ids = [self.unknown if index is None else index for _, index in found]
        labels = tuple(_shown(piece) + ("?" if index is None else "") for piece, index in found)
        return Tokens(ids=np.array(ids, dtype=np.int64), labels=labels, groups=groups_of([1] * len(labels)))

    def looked_up(self, text: str) -> list[tuple[str, int | None]]:
        """The pieces that a text is cut into, each with its class; None where it is no entry."""
        return list(self._characters(text) if self.pieces == "characters" else self._words(text))

    def tokens(self, ids: np.ndarray) -> Tokens:
        """Which entries are these classes?"""
        names = self.class_labels
        labels = tuple(names[int(index)] for index in ids)
        return Tokens(ids=np.asarray(ids, dtype=np.int64), labels=labels, groups=groups_of([1] * len(labels)))

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """Which text do these classes spell? Words with a blank between two of them."""
        pieces = [self.entries[int(index)] or f"#{int(index)}" for index in ids]
        return ("" if self.pieces == "characters" else " ").join(pieces)

    def to_json(self) -> dict[str, object]:
        return {"kind": "vocabulary", "entries": list(self.entries), "cut": self.cut}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {entry: index for index, entry in enumerate(self.entries) if entry}

    def _characters(self, text: str) -> Iterator[tuple[str, int | None]]:
        longer = [entry for entry in self._numbers if len(entry) > 1]
        position = 0
        while position < len(text):
            mark = max((entry for entry in longer if text.startswith(entry, position)), key=len, default=None)
            piece = mark or text[position]
            yield piece, self._numbers.get(piece)
            position += len(piece)

    def _words(self, text: str) -> Iterator[tuple[str, int | None]]:
        for piece in text.split():
            known = self._number(piece)
            if known is not None:
                yield piece, known
                continue
            for word in WORD.findall(piece):
                yield word, self._number(word)

    def _number(self, word: str) -> int | None:
        return self._numbers.get(word, self._numbers.get(word.lower()))


def _is_mark(entry: str) -> bool:
    return len(entry) > 2 and (entry[0], entry[-1]) in (("<", ">"), ("[", "]"))


def _shown(entry: str) -> str:
    return "".join(visible(character) for character in entry)
