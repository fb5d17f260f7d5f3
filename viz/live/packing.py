"""Weights as text that a page can carry: lossless, and as small as that may be.

Trained weights are float32 numbers whose fractions look random and whose exponents do not, so the bytes are sorted by their
place in the number before they are compressed. Four bytes of the result become five letters (base 85) that mean nothing in
HTML: neither a tag, an entity, a quote nor a backslash can arise. `packing.js` is the way back.
"""

import string
import zlib

import numpy as np

__all__ = ["LETTERS", "packed"]

PLANES = 4  # bytes of a number
BASE = 85
LETTERS = string.digits + string.ascii_letters + "!#$%()*+-.:;=?@[]^_{|}~"


def packed(content: bytes) -> str:
    """The number of compressed bytes, a space, and these bytes as letters."""
    planes = b"".join(content[plane::PLANES] for plane in range(PLANES))
    small = zlib.compress(planes, 9)
    groups = np.frombuffer(small + bytes(-len(small) % 4), ">u4").astype(np.uint32)
    powers = np.array([BASE**power for power in (4, 3, 2, 1, 0)], np.uint32)
    digits = groups[:, None] // powers % BASE
    return f"{len(small)} {np.frombuffer(LETTERS.encode(), np.uint8)[digits].tobytes().decode()}"
