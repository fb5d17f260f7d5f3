"""TensorFlow's table: sorted keys and their values in blocks, as LevelDB has them. It is what `.index` files are.

A block holds entries, each with what its key has in common with the one before (a count), the rest of the key and the
value; after these the places where nothing is in common. Its last five bytes say how it is compressed and its
checksum. The last 48 bytes of the file say where the block is that lists all others.
Source: tensorflow/core/lib/io/format.cc, block.cc and table.cc; github.com/google/leveldb, doc/table_format.md.
"""

from collections.abc import Iterator

from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.protobuf_fields import varint
from lstm_core.importers.tensorflow.crc32c import masked_crc32c
from lstm_core.importers.tensorflow.snappy import unpacked

FOOTER = 48
TRAILER = 5  # bytes after each block
MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
MAX_KEY_BYTES = 2_000
PLAIN, SNAPPY = 0, 1

Handle = tuple[int, int]  # where a block begins and how long it is


def entries_of(content: memoryview) -> dict[bytes, memoryview]:
    """All keys and their values. Raises ValueError, which says in half a sentence what is wrong, for a damaged table.

    Raises UnreadableFile where it is beyond the limits.
    """
    if len(content) > LIMITS.metadata:
        raise UnreadableFile(
            f"the index of this checkpoint has {len(content):,} bytes; Gatescope reads up to {LIMITS.metadata:,}"
        )
    index, blocks = _handles(content)
    _check_apart([index, *blocks], len(content) - FOOTER)
    found: dict[bytes, memoryview] = {}
    last, total = b"", 0
    for handle in blocks:
        block = _block(content, handle)
        total += len(block)
        if total > LIMITS.metadata:
            raise UnreadableFile(
                f"the index of this checkpoint unpacks to more than {LIMITS.metadata:,} bytes, and Gatescope reads no more"
            )
        for key, value in _entries(block):
            if found and key <= last:
                raise ValueError("its names are not in order")
            last = key
            found[key] = value
            if len(found) > LIMITS.tensors:
                raise UnreadableFile(
                    f"this checkpoint has more than {LIMITS.tensors:,} tensors, and Gatescope reads no more"
                )
    return found


def _handles(content: memoryview) -> tuple[Handle, list[Handle]]:
    """The block that lists all others, and these."""
    if len(content) < FOOTER or content[-len(MAGIC) :] != MAGIC:
        raise ValueError("it does not end as an index does")
    footer = content[-FOOTER : -len(MAGIC)]
    _, position = _handle(footer, 0)  # of a block about the table itself, which nobody fills
    index, _ = _handle(footer, position)
    _check_apart([index], len(content) - FOOTER)
    blocks = []
    for _, value in _entries(_block(content, index)):
        blocks.append(_handle(value, 0)[0])
        if len(blocks) > LIMITS.tensors:
            raise ValueError(f"it has more than {LIMITS.tensors:,} blocks")
    return index, blocks


def _handle(content: memoryview, position: int) -> tuple[Handle, int]:
    start, position = varint(content, position)
    size, position = varint(content, position)
    return (start, size), position


def _check_apart(handles: list[Handle], end: int) -> None:
    """Raise ValueError for blocks that lie outside the file or over one another: they could be read without end."""
    before = 0
    for start, size in sorted(handles):
        if start < before:
            raise ValueError("two of its blocks lie over one another")
        before = start + size + TRAILER
        if before > end:
            raise ValueError(f"a block of {size:,} bytes should begin at byte {start:,} of {end:,}")


def _block(content: memoryview, handle: Handle) -> memoryview:
    start, size = handle
    block, kind = content[start : start + size], content[start + size]
    stored = int.from_bytes(content[start + size + 1 : start + size + TRAILER], "little")
    if masked_crc32c(content[start : start + size + 1]) != stored:
        raise ValueError("a checksum does not fit")
    if kind == SNAPPY:
        return memoryview(unpacked(block, LIMITS.metadata))
    if kind != PLAIN:
        raise ValueError(f"a block is compressed in a way ({kind}) that TensorFlow does not know")
    return block


def _entries(block: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    if len(block) < 4:
        raise ValueError("a block is too short")
    end = len(block) - 4 - 4 * int.from_bytes(block[-4:], "little")
    if end < 0:
        raise ValueError("a block has more places than bytes")
    position, key = 0, b""
    while position < end:
        common, position = varint(block, position)
        rest, position = varint(block, position)
        size, position = varint(block, position)
        if common > len(key) or rest + size > end - position:
            raise ValueError("an entry goes on beyond its block")
        if common + rest > MAX_KEY_BYTES:
            raise ValueError(f"a name has {common + rest:,} bytes")
        key = key[:common] + bytes(block[position : position + rest])
        position += rest
        yield key, block[position : position + size]
        position += size
