"""Any text, byte by byte."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.encoders.tokens import Tokens, groups_of, visible
from lstm_core.given import checked


@dataclass(frozen=True)
class ByteEncoder:
    """Reads any text at all: one step per byte of its UTF-8 form, 256 classes.

    >>> ByteEncoder().encode("hé").ids.tolist()
    [104, 195, 169]
    """

    @property
    def size(self) -> int:
        return 256

    @property
    def class_labels(self) -> tuple[str, ...]:
        """The label of each class: the character up to 0x7F, then the byte as 0xC3."""
        return tuple(visible(chr(byte)) if byte < 0x80 else f"0x{byte:02X}" for byte in range(256))

    @checked
    def encode(self, text: str) -> Tokens:
        """Which byte is read at each step? A character of several bytes gives several steps of one group.

        Every step of such a group carries the character as its label. A lone surrogate, which UTF-8 proper
        cannot hold, is read as the three bytes that `surrogatepass` gives.
        """
        encoded = [character.encode("utf-8", "surrogatepass") for character in text]
        lengths = [len(piece) for piece in encoded]
        labels = [visible(character) for character, length in zip(text, lengths, strict=True) for _ in range(length)]
        ids = np.frombuffer(b"".join(encoded), dtype=np.uint8).astype(np.int64)
        return Tokens(ids=ids, labels=tuple(labels), groups=groups_of(lengths))

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
        return Tokens(ids=np.asarray(ids, dtype=np.int64), labels=tuple(labels), groups=groups_of(lengths))

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """Which text do these classes spell? Bytes that are not UTF-8 become U+FFFD."""
        return bytes(int(byte) for byte in ids).decode("utf-8", "replace")

    def to_json(self) -> dict[str, object]:
        return {"kind": "byte"}
