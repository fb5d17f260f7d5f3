"""What torch.save wrote, read with nothing of it executed: the zip format and the one before PyTorch 1.6."""

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, BinaryIO
from zipfile import ZipFile

import torch

from lstm_core.importers.archive import check_stored, opened_archive
from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file
from lstm_core.importers.pytorch.pickle_outline import HOW, OLD, Made, Storage, outline
from lstm_core.importers.unsupported_archives import torch_program

ZIP = b"PK\x03\x04"
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickled number that begins what torch.save wrote before 1.6
TAR = b"ustar"
HDF5 = b"\x89HDF\r\n\x1a\n"


def loaded(path: Path) -> tuple[Any, str]:
    """What torch.save wrote into the file, tensors on the CPU, and its format; the file's name does not matter.

    Of the zip format tensors lie in the file, mapped, and are read when they are used. Raises UnreadableFile.
    """
    size = checked_size(path)
    with path.open("rb") as file:
        start = file.read(512)
        if start.startswith(ZIP):
            _check_archive(path)
            return _torch_load(path, mapped=path.suffix != ".safetensors"), "state dict (.pt)"
        if start.startswith(LEGACY):
            file.seek(0)
            _check_legacy(file, size)
            return _torch_load(path, mapped=False), "state dict (.pt, as before PyTorch 1.6)"
    raise UnreadableFile(_what_else(start))


def checked_size(path: Path) -> int:
    """The size of the file in bytes. Raises UnreadableFile if it is empty or too large."""
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path.name[:80]!r}")
    size = path.stat().st_size
    if not size:
        raise UnreadableFile("this file is empty: upload it again")
    if size > largest_file():
        raise UnreadableFile(
            f"this file has {size / 1e6:,.0f} MB; Gatescope opens up to {largest_file() / 1e6:,.0f} MB: "
            "save the weights alone, without the optimizer's state"
        )
    return size


def _torch_load(path: Path, *, mapped: bool) -> Any:
    try:
        with path.open("rb") as file:
            # torch takes any path that ends in .safetensors for one; only a path can be mapped.
            return torch.load(str(path) if mapped else file, map_location="cpu", weights_only=True, mmap=mapped)
    except (
        UnpicklingError,
        RuntimeError,
        MemoryError,
        EOFError,
        OSError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        reason = str(error).strip().split("\n", 1)[0][:150]
        raise UnreadableFile(f"torch.load cannot read this file ({type(error).__name__}: {reason}): {HOW}") from error


def _what_else(start: bytes) -> str:
    if start[257:262] == TAR:
        return f"this file has the tar format of PyTorch before 0.1.10: {OLD}"
    if start[:1] == b"\x80":
        return f"this file is a pickle, but not as torch.save writes it (with its own pickle protocol): {HOW}"
    if start[8:10] == b'{"':
        return "this file has the safetensors format, not torch.save's: name it .safetensors and upload it again"
    if start.startswith(HDF5):
        return "this file has the HDF5 format, not PyTorch's: name it .h5 and upload it as a Keras model"
    return f"this file is not one that torch.save wrote (it begins with {start[:8]!r}): {HOW}"


def _check_archive(path: Path) -> None:
    """Raise UnreadableFile unless torch.load can read this archive within its size and without code."""
    with opened_archive(path, stored=False) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        first = min(archive.infolist(), key=lambda entry: entry.header_offset, default=None)
        # Else Python and torch, which reads the archive again, might see two different ones in it.
        if first is None or first.header_offset:
            raise UnreadableFile("there are bytes before the first entry of this archive: save the model again")
        root = first.filename.split("/")[0]
        described = f"{root}/data.pkl"
        _check_kind(root, sizes)
        check_stored(archive)
        if sizes[described] > LIMITS.metadata:
            raise UnreadableFile(_too_much(sizes[described]))
        found = outline(BytesIO(archive.read(described)))
        check_byte_order(archive, f"{root}/byteorder", sizes)
    for storage in found.storages.values():
        there = sizes.get(f"{root}/data/{storage.key}")
        if there is None or there < storage.size:
            raise UnreadableFile(_cut_off(storage, there or 0))


def _check_kind(root: str, sizes: dict[str, int]) -> None:
    program = torch_program(list(sizes))
    if program:
        raise UnreadableFile(program)
    if f"{root}/data.pkl" not in sizes:
        raise UnreadableFile(f"this archive is not one that torch.save wrote (it has no data.pkl): {HOW}")


def check_byte_order(archive: ZipFile, name: str, sizes: Mapping[str, int]) -> None:
    """Raise UnreadableFile where the entry `name` tells another byte order than this machine's."""
    if 0 < sizes.get(name, 0) < 10 and archive.read(name) != sys.byteorder.encode():
        raise UnreadableFile("this file was saved on a machine of the other byte order: save it as .safetensors")


def _check_legacy(file: BinaryIO, size: int) -> None:
    """The same for the older format: five pickles, then the storages, each with the count of its numbers before it."""
    start = BytesIO(file.read(LIMITS.metadata))
    try:
        _, version, _ = (outline(start) for _ in range(3))
        found, keys = outline(start), outline(start).made
    except UnreadableFile as error:
        if size > LIMITS.metadata and start.tell() == LIMITS.metadata:
            raise UnreadableFile(_too_much(size)) from error
        raise
    if version.made != 1001 or not isinstance(keys, Made) or not all(isinstance(key, str) for key in keys.items):
        raise UnreadableFile(f"this file's parts are not in the order in which torch.save writes them: {OLD}")
    position = start.tell()
    if sorted(keys.items) != sorted(found.storages):
        raise UnreadableFile(f"this file stores other blocks of numbers than its tensors need: {OLD}")
    for key in keys.items:
        storage = found.storages[key]
        file.seek(position)
        told = int.from_bytes(file.read(8), "little")
        position += 8 + storage.size
        if told != storage.numbers or position > size:
            raise UnreadableFile(_cut_off(storage, max(0, size - position + storage.size)))


def _too_much(size: int) -> str:
    return (
        f"what stands in this file beside its numbers has {size / 1e6:,.1f} MB; Gatescope reads up to "
        f"{LIMITS.metadata / 1e6:,.0f} MB: {HOW}"
    )


def _cut_off(storage: Storage, there: int) -> str:
    return (
        f"this file is damaged or cut off: of the {storage.size:,} bytes of its storage {storage.key[:20]!r} it holds "
        f"{there:,}; save the model again and upload it whole"
    )
