"""TensorFlow's tables and tensors: what a writer of our own writes is read, and what was tampered with is refused."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from lstm_core.importers import LIMITS, UnreadableFile
from lstm_core.importers.protobuf_fields import Fields
from lstm_core.importers.tensorflow import bundle as bundle_module
from lstm_core.importers.tensorflow import table
from lstm_core.importers.tensorflow.bundle import Bundle
from lstm_core.importers.tensorflow.crc32c import PIECE_BYTES, crc32c, masked_crc32c
from lstm_core.importers.tensorflow.object_graph import ObjectGraph
from lstm_core.importers.tensorflow.snappy import unpacked
from lstm_core.importers.tensorflow.table import entries_of
from tests.support import tensorflow_files as made
from tests.support.tensorflow_files import field, varint

ENTRIES = [
    (f"layer/{number:03}/{'kernel' * (number % 4)}".encode(), bytes([number % 256]) * (number % 50))
    for number in range(300)
]
TENSORS = {
    "a/kernel": np.arange(12, dtype=np.float32).reshape(3, 4),
    "a/step": np.array(7, np.int64),
    "b": np.ones(5, np.float32),
}


@pytest.mark.parametrize("size", [0, 1, 7, PIECE_BYTES - 1, PIECE_BYTES, 1_000, 4_097, 20_001])
def test_checksums_are_those_of_the_definition(size):
    content = np.random.default_rng(size).bytes(size)
    assert crc32c(content) == made.crc32c(content) == crc32c(content[: size // 3], content[size // 3 :])
    assert masked_crc32c(content) == made.masked(content)


def test_checksums_are_those_that_were_published():
    """RFC 3720, appendix B.4."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E


@pytest.mark.parametrize(
    "options",
    [{}, {"snappy": True}, {"each": 7}, {"each": 1, "snappy": True}, {"restart": 1}, {"each": 50, "restart": 3}],
)
def test_a_table_is_read_however_it_is_cut_into_blocks(options):
    found = entries_of(memoryview(made.table(ENTRIES, **options)))
    assert [(key, bytes(value)) for key, value in found.items()] == ENTRIES


@pytest.mark.parametrize("content", [b"", b"abc", bytes(1_000), b"abcdabcdabcdabcdx" * 20, bytes(range(256)) * 3])
def test_snappy_is_unpacked(content):
    assert unpacked(memoryview(made.as_snappy(content)), 10_000) == content


def test_snappy_takes_long_literals_and_copies_of_every_width():
    literal = bytes(range(200))
    packed = (
        varint(200 + 11 + 64)
        + bytes([60 << 2, 199])
        + literal
        + bytes([(11 - 4) << 2 | 1, 200])
        + bytes([63 << 2 | 3])
        + struct.pack("<I", 211)
    )
    assert unpacked(memoryview(packed), 10_000) == literal + literal[:11] + (literal + literal[:11])[:64]


SPOILT_SNAPPY = {
    "promises more": (varint(1 << 40) + b"\0a", "unpacks to 1,099,511,627,776 bytes"),
    "has more": (varint(1) + b"\x04ab", "more than its 1 bytes"),
    "has less": (varint(9) + b"\x04ab", "2 of 9 bytes"),
    "repeats nothing": (varint(9) + b"\x04ab\x01\x07", "repeats what was not there"),
    "repeats from 0": (varint(9) + b"\x04ab\x01\x00", "repeats what was not there"),
    "is cut off": (varint(90) + b"\xf4", "cut off"),
    "is cut off in a copy": (varint(90) + b"\x04ab\x01", "cut off"),
    "has no end": (b"\xff" * 20, "does not end"),
}


@pytest.mark.parametrize("kind", SPOILT_SNAPPY)
def test_spoilt_snappy_is_refused(kind):
    packed, message = SPOILT_SNAPPY[kind]
    with pytest.raises(ValueError, match=message):
        unpacked(memoryview(packed), 1_000)


def sealed(content: bytes) -> bytes:
    """A block with its five bytes."""
    return content + b"\0" + struct.pack("<I", made.masked(content + b"\0"))


def footed(blocks: bytes, index: tuple[int, int], meta: tuple[int, int] = (0, 0)) -> bytes:
    """A table of these blocks, of which one lists the others."""
    handles = b"".join(map(varint, (*meta, *index)))
    return blocks + handles.ljust(40, b"\0") + made.MAGIC


def listing(*handles: tuple[int, int]) -> bytes:
    return made.block([(bytes([97 + n]), varint(start) + varint(size)) for n, (start, size) in enumerate(handles)])


GOOD = made.table(ENTRIES, each=50)
PLAIN = made.block([(b"a", b"1")])
LAST = len(sealed(PLAIN))  # where what lists the blocks begins


def of_blocks(*handles: tuple[int, int], first: bytes = PLAIN) -> bytes:
    index = listing(*handles)
    return footed(sealed(first) + sealed(index), (len(sealed(first)), len(index)))


SPOILT_TABLES = {
    "cut off": (GOOD[:-10], "does not end as an index"),
    "short": (made.MAGIC, "does not end as an index"),
    "a bit": (GOOD[:100] + bytes([GOOD[100] ^ 4]) + GOOD[101:], "a checksum does not fit"),
    "a footer of nothing": (bytes(40) + made.MAGIC, "should begin at byte 0 of 0"),
    "a footer beyond": (footed(b"", (1 << 50, 9)), "should begin at byte 1,125,899,906,842,624 of 0"),
    "a footer without end": (b"\xff" * 40 + made.MAGIC, "does not end"),
    "a block beyond": (of_blocks((0, 1 << 40)), "a block of 1,099,511,627,776 bytes"),
    "a block within another": (of_blocks((0, len(PLAIN)), (2, 5)), "lie over one another"),
    "a block twice": (of_blocks((0, len(PLAIN)), (0, len(PLAIN))), "lie over one another"),
    "a circle": (of_blocks((LAST, len(listing((LAST, 3))))), "lie over one another"),
    "another compression": (of_blocks((0, len(PLAIN)))[: len(PLAIN)] + b"\x07" + struct.pack("<I", made.masked(PLAIN + b"\x07")) + of_blocks((0, len(PLAIN)))[LAST:], "compressed in a way"),
    "no room for places": (of_blocks((0, 2), first=b"ab"), "a block is too short"),
    "more places than bytes": (of_blocks((0, 4), first=b"\xff\xff\xff\x7f"), "more places than bytes"),
    "nothing in common": (of_blocks((0, 12), first=b"\x09\x01\x00a" + bytes(4) + b"\1\0\0\0"), "goes on beyond its block"),
    "a huge value": (of_blocks((0, 17), first=b"\x00\x01" + varint(1 << 40) + b"a" + b"\1\0\0\0" * 2), "goes on beyond its block"),
    "a long name": (made.table([(b"x" * 3_000, b"")]), "a name has 3,000 bytes"),
    "out of order": (made.table([(b"b", b""), (b"a", b"")]), "not in order"),
    "twice": (made.table([(b"b", b""), (b"b", b"")]), "not in order"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SPOILT_TABLES)
def test_a_spoilt_table_is_refused(kind):
    content, message = SPOILT_TABLES[kind]
    with pytest.raises(ValueError, match=message):
        entries_of(memoryview(content))


def test_a_table_beyond_the_limits_is_refused_before_it_is_read(monkeypatch):
    with pytest.raises(UnreadableFile, match="has 8,000,001 bytes; Gatescope reads up to 8,000,000"):
        entries_of(memoryview(bytes(LIMITS.metadata + 1)))
    monkeypatch.setattr(table, "LIMITS", replace(LIMITS, metadata=15_000, tensors=200))
    with pytest.raises(UnreadableFile, match="more than 200 tensors"):
        entries_of(memoryview(GOOD))
    with pytest.raises(ValueError, match="it has more than 200 blocks"):
        entries_of(memoryview(made.table([(b"%03d" % number, b"") for number in range(201)], each=1)))
    for sizes, message in (((9_000, 9_000), "unpacks to more than 15,000 bytes"), ((20_000,), "unpacks to 20,0")):
        bomb = made.table([(b"%d" % number, bytes(size)) for number, size in enumerate(sizes)], each=1, snappy=True)
        assert len(bomb) < 3_000
        with pytest.raises(ValueError, match=message):
            entries_of(memoryview(bomb))


def bundle(files: dict[str, bytes]) -> Bundle:
    shards = {}
    for name, content in files.items():
        if ".data-" in name:
            shards[int(name[-14:-9])] = len(content), lambda start, size, whole=content: whole[start : start + size]
    [index] = [content for name, content in files.items() if name.endswith(".index")]
    return Bundle(index, shards, "do this")


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_tensors_are_read_from_as_many_files_as_there_are(shards):
    found = bundle(made.checkpoint({**TENSORS, "text": b"hello"}, shards=shards))
    np.testing.assert_array_equal(found.array("a/kernel"), TENSORS["a/kernel"])
    assert found.text("text") == b"hello"
    assert found.text("b") is None
    with pytest.raises(UnreadableFile, match="'a/step' holds no weights but numbers of the type 9"):
        found.array("a/step")


def test_halves_of_floats_are_read():
    """bfloat16, which numpy does not know: the upper half of a float32."""
    values = np.array([1.5, -2.0, 0.0], np.float32)
    content = (values.view("<u4") >> 16).astype("<u2").tobytes()
    index = made.table([(b"", made.header()), (b"x", made.entry(14, (3,), 0, content))])
    found = Bundle(index, {0: (len(content), lambda start, size: content[start : start + size])}, "")
    np.testing.assert_array_equal(found.array("x"), values)


def of_entries(*entries: tuple[bytes, bytes], data: bytes = bytes(64), header: bytes | None = None) -> dict[str, bytes]:
    index = made.table([(b"", made.header() if header is None else header), *entries])
    return {"m.index": index, "m.data-00000-of-00001": data}


DATA = bytes(16)
SPOILT_BUNDLES = {
    "no header": ({"m.index": made.table([(b"a", made.entry(1, (4,), 0, DATA))])}, "does not begin with how many data files"),
    "cut off": (of_entries((b"a", made.entry(1, (4,), 0, DATA)), data=bytes(9)), "should end at byte 16 of a data file that has 9"),
    "a wrong checksum": (of_entries((b"a", made.entry(1, (4,), 0, DATA, crc=7))), "its checksum does not fit"),
    "beyond": (of_entries((b"a", made.entry(1, (4,), 1 << 45, DATA))), "should end at byte 35,184,372,088,848"),
    "over another": (of_entries((b"a", made.entry(1, (4,), 0, DATA)), (b"b", made.entry(1, (4,), 8, DATA))), "lies over another"),
    "the same bytes": (of_entries((b"a", made.entry(1, (4,), 0, DATA)), (b"b", made.entry(1, (4,), 0, DATA))), "lies over another"),
    "another size": (of_entries((b"a", made.entry(1, (5,), 0, DATA))), "has 16 bytes where its shape needs 20"),
    "a huge shape": (of_entries((b"a", made.entry(1, (1 << 39, 1 << 39), 0, DATA))), "where its shape needs 1,208,925"),
    "a shape below 0": (of_entries((b"a", made.entry(1, ((1 << 64) - 1,), 0, DATA))), "a shape that makes no sense"),
    "of many dimensions": (of_entries((b"a", made.entry(1, (1,) * 9, 0, DATA[:4]))), "a shape that makes no sense"),
    "another file": (of_entries((b"a", made.entry(1, (4,), 0, DATA, shard=3))), "in the data file number 4"),
    "a slice": (of_entries((b"a", made.entry(1, (4,), 0, DATA) + field(7, b""))), "in several slices"),
    "big-endian": (of_entries((b"a", b""), header=made.header(endianness=1)), "a big-endian machine"),
    "of the future": (of_entries((b"a", b""), header=made.header(reader=2)), "in a newer format"),
    "the first format": (of_entries((b"a", b""), header=field(1, b"abc")), "the first format of TensorFlow, of 0.12 and before"),
    "no message": (of_entries((b"a", b"\xff\xff")), "the index of this checkpoint is damaged"),
    "a name that is no text": (of_entries((b"\xff", made.entry(1, (4,), 0, DATA))), "the index of this checkpoint is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SPOILT_BUNDLES)
def test_spoilt_tensors_are_refused(kind):
    files, message = SPOILT_BUNDLES[kind]
    with pytest.raises(UnreadableFile) as refused:
        bundle(files).array("a")
    assert message in str(refused.value)


def test_more_weights_than_are_opened_are_refused_before_they_are_read(monkeypatch):
    monkeypatch.setattr(bundle_module, "LIMITS", replace(LIMITS, parameters=7))
    files = of_entries((b"a", made.entry(1, (4,), 0, DATA)), (b"b", made.entry(1, (4,), 16, DATA)))
    found = bundle(files)
    assert not found.array("a").any()
    with pytest.raises(UnreadableFile, match="have 8 parameters; Gatescope opens up to 7"):
        found.array("b")


def test_a_text_whose_length_is_not_its_own_is_refused():
    content = made.texted(b"hello")
    for spoilt in (content[:-1], b"\x06" + content[1:], content[:2] + b"\0" + content[3:], b"\xff" * 20):
        index = made.table([(b"", made.header()), (b"t", made.entry(7, (), 0, spoilt))])
        one = Bundle(
            index, {0: (len(spoilt), lambda start, size, whole=spoilt: whole[start : start + size])}, "do this"
        )
        with pytest.raises(UnreadableFile, match="'t' in this checkpoint is damaged"):
            one.text("t")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (field(1, field(1, field(1, 7))), "objects that it does not have"),
        (field(1, 3), "a number in the place of a message"),
        (field(1, field(1, field(1, b"x"))), "a message in the place of a number"),
        (b"\x0a\x7f", "goes on beyond its message"),
        (field(1, field(1, field(2, b"\xff"))), "the object graph of this checkpoint is damaged"),
    ],
)
def test_a_spoilt_object_graph_is_refused(content, message):
    with pytest.raises(UnreadableFile, match=message):
        ObjectGraph(content)


def test_objects_that_hold_one_another_are_walked_over_once():
    circle = field(1, field(1, field(1, 1) + field(2, "a"))) + field(
        1, field(1, field(2, "b")) + field(1, field(1, 1) + field(2, "c"))
    )
    assert ObjectGraph(circle).variables() == []
    assert ObjectGraph(b"").variables() == []


def test_many_small_fields_are_not_walked_over_without_end():
    with pytest.raises(ValueError, match="too many fields"):
        Fields(1_000).named(memoryview(b"\x0a\x00" * 2_000), {1: "a"})
