"""Snappy, with which TensorFlow's first checkpoints compress their lists of tensors: unpacked here, within limits.

Source: github.com/google/snappy/blob/main/format_description.txt.
"""

from lstm_core.importers.protobuf_fields import varint

LITERAL, NEAR, FAR = 0, 1, 2  # and 3, farther


def unpacked(packed: memoryview, most: int) -> bytes:
    """What was compressed. Raises ValueError for damaged data and for more than `most` bytes.

    >>> unpacked(memoryview(b"\\x06\\x04ab\\x01\\x02"), 10)  # six bytes: "ab", and four from two back
    b'ababab'
    """
    wanted, position = varint(packed, 0)
    if wanted > most:
        raise ValueError(f"it unpacks to {wanted:,} bytes")
    found = bytearray()
    while position < len(packed):
        tag = packed[position]
        position += 1
        if tag & 3 == LITERAL:
            length, position = _literal(packed, tag >> 2, position)
            if length > len(packed) - position:
                raise ValueError("it is cut off")
            found += packed[position : position + length]
            position += length
        else:
            length, back, position = _copy(packed, tag, position)
            if not 0 < back <= len(found):
                raise ValueError("it repeats what was not there")
            start = len(found) - back
            while length > 0:  # what is repeated may be what is being written
                piece = found[start : start + min(length, back)]
                found += piece
                start += len(piece)
                length -= len(piece)
        if len(found) > wanted:
            raise ValueError(f"more than its {wanted} bytes are there")
    if len(found) != wanted:
        raise ValueError(f"{len(found)} of {wanted} bytes are there")
    return bytes(found)


def _literal(packed: memoryview, told: int, position: int) -> tuple[int, int]:
    """How many bytes follow as they are, and where."""
    if told < 60:
        return told + 1, position
    width = told - 59
    return int.from_bytes(packed[position : position + width], "little") + 1, position + width


def _copy(packed: memoryview, tag: int, position: int) -> tuple[int, int, int]:
    """How many bytes are repeated, from how far back, and where the next tag is."""
    if tag & 3 == NEAR:
        if position >= len(packed):
            raise ValueError("it is cut off")
        return (tag >> 2 & 7) + 4, tag >> 5 << 8 | packed[position], position + 1
    width = 2 if tag & 3 == FAR else 4
    return (tag >> 2) + 1, int.from_bytes(packed[position : position + width], "little"), position + width
