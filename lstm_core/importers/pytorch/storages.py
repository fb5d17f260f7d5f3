"""Blocks of numbers in what torch.save wrote: where they lie in a file, and the format before PyTorch 1.6."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from typing import Any

import torch
from torch import Tensor

from lstm_core.importers.inert import HOW, Followed, Global, follow
from lstm_core.importers.limits import LIMITS, UnreadableFile

File = BufferedReader | BytesIO
OLD = "it was saved by an old or unusual version: load it there and save it again with torch.save"
MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of the old format
VERSION = 1001
MAX_NUMBERS = 2**62  # of a block
DTYPES = {
    "torch FloatStorage": torch.float32, "torch DoubleStorage": torch.float64, "torch HalfStorage": torch.float16,
    "torch BFloat16Storage": torch.bfloat16, "torch ByteStorage": torch.uint8, "torch CharStorage": torch.int8,
    "torch BoolStorage": torch.bool, "torch ShortStorage": torch.int16, "torch IntStorage": torch.int32,
    "torch LongStorage": torch.int64, "torch ComplexFloatStorage": torch.complex64,
    "torch ComplexDoubleStorage": torch.complex128, "torch QInt8Storage": torch.int8, "torch QUInt8Storage": torch.uint8,
    "torch QInt32Storage": torch.int32,
}  # fmt: skip


@dataclass(frozen=True)
class Storage:
    """A block of numbers elsewhere in the file."""

    key: str
    kind: str  # one of DTYPES
    numbers: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.numbers * DTYPES[self.kind].itemsize


@dataclass(eq=False)
class Source:
    """Where the blocks of numbers of a file lie, each of which is read once."""

    file: File
    place: Callable[[str], tuple[int, int] | None]  # of a key: where its bytes begin, and how many there are
    blocks: dict[str, Tensor] = field(default_factory=dict)
    within: dict[int, tuple[bytes, "Source", Storage]] = field(default_factory=dict)  # files in the file, by their id

    def numbers(self, storage: Storage) -> Tensor:
        """The numbers of a block. Raises UnreadableFile if the file does not hold them all."""
        if storage.key not in self.blocks:
            begin, there = self.place(storage.key) or (0, 0)
            if there < storage.size:
                raise UnreadableFile(cut_off(storage, there))
            self.file.seek(begin)
            content = bytearray(self.file.read(storage.size))
            if len(content) < storage.size:
                raise UnreadableFile(cut_off(storage, len(content)))
            dtype = DTYPES[storage.kind]
            self.blocks[storage.key] = (
                torch.frombuffer(content, dtype=dtype) if content else torch.empty(0, dtype=dtype)
            )
        return self.blocks[storage.key]

    def embedded(self, content: bytes) -> tuple["Source", Storage]:
        """The storage that a plain pickle holds as a file of its own, in the format before PyTorch 1.6."""
        if id(content) not in self.within:
            followed, source = legacy(BytesIO(content), len(content))
            storage = next(iter(storages_of(followed.references).values()), None)
            if storage is None:
                raise UnreadableFile(f"this file refers to something that is not a tensor's storage: {HOW}")
            self.within[id(content)] = (content, source, storage)
        _, source, storage = self.within[id(content)]
        return source, storage


def nowhere(_: str) -> None:
    """The place of every block of a file that has none."""


def storage_of(reference: tuple[Any, ...]) -> Storage | None:
    """The storage that a pickle refers to, None if it is of a type that is not read. Raises UnreadableFile."""
    match reference:
        case ("storage", Global(name=kind), str(key), str(), int(numbers), *views):
            if (
                type(numbers) is not int
                or not 0 <= numbers < MAX_NUMBERS
                or any(view is not None for view in views)
                or len(views) > 1
            ):
                raise UnreadableFile(f"this file describes its storage {key[:20]!r} in an unusual way: {OLD}")
            return Storage(key, kind, numbers) if kind in DTYPES else None
    return None


def storages_of(references: Iterable[tuple[Any, ...]]) -> dict[str, Storage]:
    """All storages that a pickle refers to, by their keys. Raises UnreadableFile where one is described in two ways."""
    found: dict[str, Storage] = {}
    for reference in references:
        storage = storage_of(reference)
        if storage is not None and found.setdefault(storage.key, storage) != storage:
            raise UnreadableFile(f"this file describes its storage {storage.key[:20]!r} twice, differently: {OLD}")
    return found


def legacy(file: File, size: int) -> tuple[Followed, Source]:
    """What a file of the old format describes: five pickles, then the blocks, each with the count of its numbers before it.

    Raises UnreadableFile for one that is damaged, and where the blocks are not those that the tensors need.
    """
    start = BytesIO(file.read(LIMITS.metadata))
    try:
        magic, version, _ = (follow(start) for _ in range(3))
        found, keys = follow(start), follow(start).made
    except UnreadableFile as error:
        if size > LIMITS.metadata and start.tell() == LIMITS.metadata:
            raise UnreadableFile(too_much(size)) from error
        raise
    if (magic.made, version.made) != (MAGIC, VERSION) or not _are_texts(keys):
        raise UnreadableFile(f"this file's parts are not in the order in which torch.save writes them: {OLD}")
    storages = storages_of(found.references)
    if sorted(keys) != sorted(storages):
        raise UnreadableFile(f"this file stores other blocks of numbers than its tensors need: {OLD}")
    places: dict[str, tuple[int, int]] = {}
    position = start.tell()
    for key in keys:
        storage = storages[key]
        file.seek(position)
        told = int.from_bytes(file.read(8), "little")
        places[key] = (position + 8, storage.size)
        position += 8 + storage.size
        if told != storage.numbers or position > size:
            raise UnreadableFile(cut_off(storage, max(0, size - position + storage.size)))
    return found, Source(file, places.get)


def _are_texts(keys: Any) -> bool:
    return isinstance(keys, list) and all(isinstance(key, str) for key in keys)


def too_much(size: int) -> str:
    return (
        f"what stands in this file beside its numbers has {size / 1e6:,.1f} MB; Gatescope reads up to "
        f"{LIMITS.metadata / 1e6:,.0f} MB: {HOW}"
    )


def cut_off(storage: Storage, there: int) -> str:
    return (
        f"this file is damaged or cut off: of the {storage.size:,} bytes of its storage {storage.key[:20]!r} it holds "
        f"{there:,}; save the model again and upload it whole"
    )
