"""What goes in: text to class numbers and back, and the labels a person reads."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_NAMED = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\x7f": "␡"}


@dataclass(frozen=True)
class Tokens:
    """One sequence as a model reads it: a class number, a label and a group for each step."""

    ids: np.ndarray  # (step,) int64, the class read at the step
    labels: tuple[str, ...]  # (step,) what a person reads; never empty
    groups: np.ndarray  # (step,) int64, 0, 0, 1, ...: steps of one group make up one character

    def __len__(self) -> int:
        return len(self.labels)

    def followed_by(self, others: "Tokens") -> "Tokens":
        """This sequence, then another."""
        first = int(self.groups[-1]) + 1 if len(self) else 0
        return Tokens(
            ids=np.concatenate([self.ids, others.ids]),
            labels=self.labels + others.labels,
            groups=np.concatenate([self.groups, others.groups + first]),
        )


def visible(character: str) -> str:
    """How does one character look when it must be seen, even if it is a blank or a control character?

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


def _groups(lengths: Sequence[int]) -> np.ndarray:
    return np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)


@dataclass(frozen=True)
class ByteEncoder:
    """Reads any text at all: one step per byte of its UTF-8 form, 256 classes."""

    @property
    def size(self) -> int:
        return 256

    @property
    def class_labels(self) -> tuple[str, ...]:
        """The label of each class: the character up to 0x7F, then the byte as 0xC3."""
        return tuple(visible(chr(byte)) if byte < 0x80 else f"0x{byte:02X}" for byte in range(256))

    def encode(self, text: str) -> Tokens:
        """Which byte is read at each step? A character of several bytes gives several steps of one group.

        Every step of such a group carries the character as its label. A lone surrogate, which UTF-8 proper
        cannot hold, is read as the three bytes that `surrogatepass` gives.
        """
        encoded = [character.encode("utf-8", "surrogatepass") for character in text]
        lengths = [len(piece) for piece in encoded]
        labels = [visible(character) for character, length in zip(text, lengths, strict=True) for _ in range(length)]
        ids = np.frombuffer(b"".join(encoded), dtype=np.uint8).astype(np.int64)
        return Tokens(ids=ids, labels=tuple(labels), groups=_groups(lengths))

    def tokens(self, ids: np.ndarray) -> Tokens:
        """Which characters do these bytes make up? What is not UTF-8 stays a byte of its own, labelled as 0xC3."""
        raw = bytes(int(byte) for byte in ids)
        labels: list[str] = []
        lengths: list[int] = []
        for character in raw.decode("utf-8", "surrogateescape"):
            code = ord(character)
            stray = 0xDC80 <= code <= 0xDCFF  # where surrogateescape puts a byte that is not UTF-8
            lengths.append(1 if stray else len(character.encode("utf-8")))
            labels += [f"0x{code - 0xDC00:02X}" if stray else visible(character)] * lengths[-1]
        return Tokens(ids=np.asarray(ids, dtype=np.int64), labels=tuple(labels), groups=_groups(lengths))

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """Which text do these classes spell? Bytes that are not UTF-8 become U+FFFD."""
        return bytes(int(byte) for byte in ids).decode("utf-8", "replace")

    def to_json(self) -> dict[str, object]:
        return {"kind": "byte"}


@dataclass(frozen=True)
class CharacterEncoder:
    """Reads the characters of a fixed vocabulary, one step and one class each."""

    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
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
            groups=_groups([1] * len(text)),
        )

    def tokens(self, ids: np.ndarray) -> Tokens:
        """Which characters are these classes?"""
        labels = tuple(visible(self.vocabulary[int(index)]) for index in ids)
        return Tokens(ids=np.asarray(ids, dtype=np.int64), labels=labels, groups=_groups([1] * len(labels)))

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """Which text do these classes spell?"""
        return "".join(self.vocabulary[int(index)] for index in ids)

    def to_json(self) -> dict[str, object]:
        return {"kind": "character", "vocabulary": list(self.vocabulary)}


Encoder = ByteEncoder | CharacterEncoder


def encoder_from_json(fields: object) -> Encoder:
    """Which encoder did `to_json` describe? Raises ValueError for anything else."""
    match fields:
        case {"kind": "byte"}:
            return ByteEncoder()
        case {"kind": "character", "vocabulary": list(vocabulary)} if all(isinstance(v, str) for v in vocabulary):
            return CharacterEncoder(tuple(vocabulary))
    raise ValueError(f"no encoder is described by {str(fields)[:100]}: the kinds are 'byte' and 'character'")
