"""A checkpoint's tensors: the index says of each its type, its shape and where in the data files its bytes lie.

Source: tensorflow/core/protobuf/tensor_bundle.proto and core/util/tensor_bundle/tensor_bundle.cc.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.protobuf_fields import Fields, Value, message, number, varint
from lstm_core.importers.tensorflow.crc32c import masked_crc32c
from lstm_core.importers.tensorflow.table import entries_of

MAX_FIELDS = 500_000
MAX_RANK = 8
FIRST_FORMAT = (
    "this is a checkpoint in the first format of TensorFlow, of 0.12 and before: with a TensorFlow of 1.x restore it and save it "
    "again, tf.train.Saver().save(session, './model'), and open model.index and model.data-00000-of-00001 together"
)
VERSION = 1  # of bundles, which readers of that age can read
TEXT = 7
# Numbers of tensorflow/core/framework/types.proto: the type, and how it is called there.
FLOATS = {1: ("<f4", "float"), 2: ("<f8", "double"), 14: ("<u2", "bfloat16"), 19: ("<f2", "half")}
SIZES = {3: 4, 4: 1, 5: 2, 6: 1, 8: 8, 9: 8, 10: 1, 17: 2, 18: 16, 22: 4, 23: 8} | {
    kind: np.dtype(one).itemsize for kind, (one, _) in FLOATS.items()
}

Shard = Callable[[int, int], bytes]  # from a place, so many bytes of a data file


@dataclass(frozen=True)
class Entry:
    """Where one tensor lies."""

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int
    sliced: bool

    @property
    def floats(self) -> bool:
        return self.kind in FLOATS


@runtime_checkable
class Described(Protocol):
    """What is known of a tensor before it is read."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def floats(self) -> bool: ...


@runtime_checkable
class Tensors(Protocol):
    """Tensors by their names: a checkpoint's, or others that are called so."""

    @property
    def entries(self) -> Mapping[str, Described]: ...

    def text(self, name: str) -> bytes | None: ...

    def array(self, name: str) -> np.ndarray: ...


class Bundle:
    """The tensors of a checkpoint, read one by one."""

    def __init__(
        self, index: bytes, shards: Mapping[int, tuple[int, Shard]], again: str, *, alone: bool = False
    ) -> None:
        """`shards`: of each data file its size and its bytes, none where the index is `alone`. `again`: what to do where
        one is damaged.

        Raises UnreadableFile for an index that is damaged or that does not fit the data files.
        """
        self._shards, self._again, self._taken = shards, again, 0
        try:
            found = entries_of(memoryview(index))
            fields = Fields(MAX_FIELDS)
            _check_header(fields, found.pop(b"", None))
            self.entries = {
                str(key, "utf-8"): _entry(fields, value) for key, value in found.items() if key[:1] != b"\0"
            }
        except UnreadableFile:
            raise
        except ValueError as error:  # UnicodeDecodeError among them
            raise UnreadableFile(f"the index of this checkpoint is damaged ({str(error)[:100]}): {again}") from error
        if not alone:
            self._check_places()

    def array(self, name: str) -> np.ndarray:
        """A tensor of numbers, as float32. Raises UnreadableFile for anything else, and for a checksum that does not fit."""
        entry = self.entries[name]
        if entry.sliced:
            raise UnreadableFile(
                f"{name[:80]!r} is saved in several slices (a partitioned variable): save the model again without a partitioner"
            )
        if not entry.floats:
            raise UnreadableFile(f"{name[:80]!r} holds no weights but numbers of the type {entry.kind} of TensorFlow")
        self._taken += math.prod(entry.shape)
        if self._taken > LIMITS.parameters:
            raise UnreadableFile(
                f"{name[:80]!r} and what is read before it have {self._taken:,} parameters; "
                f"Gatescope opens up to {LIMITS.parameters:,}"
            )
        content = self._bytes(name, entry)
        if masked_crc32c(content) != entry.crc:
            raise self._damaged(name, "its checksum does not fit")
        kind, called = FLOATS[entry.kind]
        found = np.frombuffer(content, kind)
        if called == "bfloat16":
            found = (found.astype("<u4") << 16).view("<f4")
        return found.astype(np.float32).reshape(entry.shape)

    def text(self, name: str) -> bytes | None:
        """A tensor of a single text; None where there is none of that name. Raises UnreadableFile for a damaged one."""
        entry = self.entries.get(name)
        if entry is None or entry.kind != TEXT or entry.shape or entry.sliced:
            return None
        if entry.size > LIMITS.metadata:
            raise UnreadableFile(f"{name[:80]!r} has {entry.size:,} bytes; Gatescope reads up to {LIMITS.metadata:,}")
        content = self._bytes(name, entry)
        try:
            length, position = varint(memoryview(content), 0)
        except ValueError as error:
            raise self._damaged(name, str(error)) from error
        # The checksums take lengths as numbers of four bytes, or of eight where they need so many.
        told = length.to_bytes(4 if length < 1 << 32 else 8, "little")
        crc, whole = content[position : position + 4], content[position + 4 :]
        if len(whole) != length or int.from_bytes(crc, "little") != masked_crc32c(told):
            raise self._damaged(name, "its length does not fit")
        if masked_crc32c(told, crc, whole) != entry.crc:
            raise self._damaged(name, "its checksum does not fit")
        return whole

    def _bytes(self, name: str, entry: Entry) -> bytes:
        content = self._shards[entry.shard][1](entry.offset, entry.size)
        if len(content) != entry.size:
            raise self._damaged(name, f"{len(content):,} of its {entry.size:,} bytes are there")
        return content

    def _damaged(self, name: str, why: str) -> UnreadableFile:
        return UnreadableFile(f"{name[:80]!r} in this checkpoint is damaged ({why}): {self._again}")

    def _check_places(self) -> None:
        """Raise UnreadableFile for tensors outside the data files, over one another, or of another size than their shape."""
        before: dict[int, int] = {}
        for name, entry in sorted(self.entries.items(), key=lambda one: (one[1].shard, one[1].offset, one[1].size)):
            if entry.sliced:
                continue
            if entry.shard not in self._shards:
                raise UnreadableFile(
                    f"{name[:80]!r} is in the data file number {entry.shard + 1} of this checkpoint, which is missing: "
                    "choose all of its files at once"
                )
            wanted = math.prod(entry.shape) * SIZES.get(entry.kind, 0)
            if entry.kind in SIZES and entry.size != wanted:
                raise self._damaged(name, f"it has {entry.size:,} bytes where its shape needs {wanted:,}")
            if entry.offset < before.get(entry.shard, 0):
                raise self._damaged(name, "it lies over another tensor")
            before[entry.shard] = entry.offset + entry.size
            size = self._shards[entry.shard][0]
            if before[entry.shard] > size:
                raise self._damaged(
                    name, f"it should end at byte {before[entry.shard]:,} of a data file that has {size:,}"
                )


def _check_header(fields: Fields, header: memoryview | None) -> None:
    if header is None:
        raise ValueError("it does not begin with how many data files there are")
    told = fields.named(header, {1: "shards", 2: "endianness", 3: "version"})
    if told["shards"] and not isinstance(told["shards"][0], int):
        raise UnreadableFile(FIRST_FORMAT)
    if any(map(number, told["endianness"])):
        raise UnreadableFile(
            "this checkpoint was saved on a big-endian machine, whose numbers Gatescope does not read: "
            "restore it on another and save it again"
        )
    for version in told["version"]:
        needs = fields.named(message(version), {2: "reader"})["reader"]
        if needs and number(needs[-1]) > VERSION:
            raise UnreadableFile("this checkpoint is in a newer format than Gatescope knows: save it with TensorFlow 2")


def _entry(fields: Fields, content: memoryview) -> Entry:
    names = {1: "kind", 2: "shape", 3: "shard", 4: "offset", 5: "size", 6: "crc", 7: "slices"}
    told = fields.named(content, names)
    shape: list[int] = []
    for one in told["shape"]:
        shape += _shape(fields, message(one))
    if len(shape) > MAX_RANK or any(size >= 1 << 40 for size in shape):
        raise ValueError("a tensor has a shape that makes no sense")

    def last(name: str) -> int:
        values: list[Value] = told[name]
        return number(values[-1]) if values else 0

    return Entry(
        kind=last("kind"),
        shape=tuple(shape),
        shard=last("shard"),
        offset=last("offset"),
        size=last("size"),
        crc=last("crc"),
        sliced=bool(told["slices"]),
    )


def _shape(fields: Fields, content: memoryview) -> list[int]:
    """The sizes of a TensorShapeProto; a size of 0 is not written."""
    sizes = []
    for dimension in fields.named(content, {2: "dimensions"})["dimensions"]:
        size = fields.named(message(dimension), {1: "size"})["size"]
        sizes.append(number(size[-1]) if size else 0)
    return sizes
