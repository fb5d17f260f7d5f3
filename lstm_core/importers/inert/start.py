"""Is a file a pickle? As its first bytes tell."""

import re
import zlib

BINARY = re.compile(rb"\x80[\x02-\x05]")  # protocol 2 and later says which it is
TEXT = re.compile(  # protocols 0 and 1: a class, a list or a dictionary to begin with
    rb"c[A-Za-z_][\w.]*\r?\n[A-Za-z_][\w.]*\r?\n|\(i[A-Za-z_][\w.]*\r?\n|\([dl]p?\d*\r?\n|\(c[a-z_]+\r?\n|[}\]]q\x00"
)
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def is_pickle(head: bytes) -> bool:
    """Does a file begin like a pickle, of any protocol, or like one that joblib has compressed?"""
    if head.startswith(ZLIB):
        try:
            return is_pickle(zlib.decompressobj().decompress(head, 100))
        except zlib.error:
            return False
    return bool(BINARY.match(head) or TEXT.match(head))
