"""The outermost fields of a protobuf message, found without parsing it: formats of that kind have no signature."""

from pathlib import Path
from typing import IO

MAX_FIELDS = 200
VARINT, EIGHT, LENGTH, FOUR = 0, 1, 2, 5  # wire types


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
