"""Protobuf messages, field by field, without a description of them: what TensorFlow writes, and what has no signature."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

MAX_FIELDS = 200
VARINT, EIGHT, LENGTH, FOUR = 0, 1, 2, 5  # wire types

Value = int | memoryview  # a number, or the bytes of a text, of packed numbers or of a message


def fields_of(path: Path) -> list[tuple[int, int]]:
    """The number and the wire type of each field, in order; the last one may be cut off. Empty for what is no message.

    Looks at no more than the first 200. Source: protobuf.dev/programming-guides/encoding.
    """
    found: list[tuple[int, int]] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size and len(found) < MAX_FIELDS:
            tag = _varint(file)
            if tag is None or not 0 < tag >> 3 < 1 << 29:
                return []
            found.append((tag >> 3, tag & 7))
            step = {VARINT: 0, EIGHT: 8, LENGTH: None, FOUR: 4}.get(tag & 7, -1)
            if step == -1:
                return []
            value = _varint(file) if tag & 7 in (VARINT, LENGTH) else 0
            if value is None:
                return []
            file.seek(min(file.tell() + (value if step is None else step), size))
    return found


def _varint(file: IO[bytes]) -> int | None:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    return None


class TooManyFieldsError(ValueError):
    """A message, or those in it, has more fields than are walked over."""


class Fields:
    """Walks over messages, and gives up after so many fields in all: two bytes are one, and become a hundred.

    >>> [(number, value) for number, value in Fields(10).of(memoryview(b"\\x08\\x96\\x01"))]
    [(1, 150)]
    """

    def __init__(self, most: int) -> None:
        self._left = most

    def of(self, content: memoryview) -> Iterator[tuple[int, Value]]:
        """The number and value of each field of a message, in order. Raises ValueError for what is no message."""
        position, end = 0, len(content)
        while position < end:
            self._left -= 1
            if self._left < 0:
                raise TooManyFieldsError("too many fields")
            tag, position = varint(content, position)
            wire = tag & 7
            value: Value
            if wire == VARINT:
                value, position = varint(content, position)
            elif wire == LENGTH:
                length, position = varint(content, position)
                value = content[position : position + length]
                position += length
            elif wire in (EIGHT, FOUR):
                length = 8 if wire == EIGHT else 4
                value = int.from_bytes(content[position : position + length], "little")
                position += length
            else:
                raise ValueError("a field of a kind that is not written any more")
            if position > end:
                raise ValueError("a field that goes on beyond its message")
            yield tag >> 3, value

    def named(self, content: memoryview, names: dict[int, str]) -> dict[str, list[Value]]:
        """The values of the fields that have a name, all of each, in order. Raises ValueError for what is no message."""
        found: dict[str, list[Value]] = {name: [] for name in names.values()}
        for number, value in self.of(content):
            if number in names:
                found[names[number]].append(value)
        return found


def varint(content: memoryview, position: int) -> tuple[int, int]:
    """A number and where it ends. Raises ValueError where it has no end, or more than 64 bits."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(content):
            raise ValueError("a number that is cut off")
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position
    raise ValueError("a number that does not end")


def message(value: Value) -> memoryview:
    """A message within another. Raises ValueError for a number in its place."""
    if isinstance(value, int):
        raise ValueError("a number in the place of a message")
    return value


def number(value: Value) -> int:
    """A number. Raises ValueError for a message in its place."""
    if not isinstance(value, int):
        raise ValueError("a message in the place of a number")
    return value


def text(value: Value) -> str:
    """A text. Raises ValueError for anything else, UnicodeDecodeError among it."""
    return str(message(value), "utf-8")
