"""What torch.save and torch.jit.save wrote, followed with nothing of it executed: the zip format and the one before PyTorch 1.6."""

import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from lstm_core.importers.archive import check_stored, opened_archive
from lstm_core.importers.inert import HOW, follow
from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file
from lstm_core.importers.pytorch.storages import File, Source, legacy, storages_of, too_much
from lstm_core.importers.unsupported.archives import torch_program

ZIP = b"PK\x03\x04"
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickled number that begins what torch.save wrote before 1.6
TAR = b"ustar"
TAR_AGAIN = (
    'save it again, torch.save(torch.load("model.pt", weights_only=False), "again.pt"); that runs what is in the file, so do '
    "it only if you trust whoever made it"
)
HDF5 = b"\x89HDF\r\n\x1a\n"
ENTRY = struct.Struct(
    "<4s22x2H"
)  # in front of an entry: its signature, the lengths of its name and of what follows that


@dataclass(frozen=True)
class Opened:
    """What a file describes, and where its numbers lie."""

    saved: Any  # see `lstm_core.importers.inert.Followed.made`
    source: Source
    format: str
    names: tuple[str, ...] = ()  # of what its pickle imports


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """What torch.save or torch.jit.save wrote into the file, whatever its name. Raises UnreadableFile."""
    size = checked_size(path)
    with path.open("rb") as file:
        start = file.read(512)
        file.seek(0)
        if start.startswith(ZIP):
            with opened_archive(path, stored=False) as archive:
                yield _in_archive(archive, file)
        elif start.startswith(LEGACY):
            found, source = legacy(file, size)
            yield Opened(found.made, source, "state dict (.pt, as before PyTorch 1.6)", tuple(found.names))
        else:
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


def _what_else(start: bytes) -> str:
    if start[257:262] == TAR:
        return f"this file has the tar format of PyTorch before 0.1.10: {TAR_AGAIN}"
    if start[:1] == b"\x80":
        return f"this file is a pickle, but not as torch.save writes it: {HOW}"
    if start[8:10] == b'{"':
        return "this file has the safetensors format, not torch.save's: name it .safetensors and upload it again"
    if start.startswith(HDF5):
        return "this file has the HDF5 format, not PyTorch's: name it .h5 and upload it as a Keras model"
    return f"this file is not one that torch.save wrote (it begins with {start[:8]!r}): {HOW}"


def _in_archive(archive: ZipFile, file: File) -> Opened:
    entries = {entry.filename: entry for entry in archive.infolist()}
    first = min(entries.values(), key=lambda entry: entry.header_offset, default=None)
    if first is None or first.header_offset:
        raise UnreadableFile("there are bytes before the first entry of this archive: save the model again")
    root = first.filename.split("/")[0]
    script = _is_script(root, entries)
    # Of a script the code is compressed; what is read here is not.
    check_stored(archive, (f"{root}/data.pkl", f"{root}/data/") if script else ("",))
    described = entries[f"{root}/data.pkl"]
    if described.file_size > LIMITS.metadata:
        raise UnreadableFile(too_much(described.file_size))
    check_byte_order(archive, f"{root}/byteorder", {name: entry.file_size for name, entry in entries.items()})
    found = follow(BytesIO(_content(file, described)))
    storages_of(found.references)
    return Opened(
        found.made,
        Source(file, _places(file, f"{root}/data/", entries)),
        "TorchScript (.pt)" if script else "state dict (.pt)",
        tuple(found.names),
    )


def _is_script(root: str, entries: Mapping[str, ZipInfo]) -> bool:
    """Is it a TorchScript archive, which has its weights as a pickle beside its code? Raises UnreadableFile for others."""
    if f"{root}/data.pkl" in entries and f"{root}/constants.pkl" in entries:
        return True
    program = torch_program(list(entries))
    if program:
        raise UnreadableFile(program)
    if f"{root}/data.pkl" not in entries:
        raise UnreadableFile(f"this archive is not one that torch.save wrote (it has no data.pkl): {HOW}")
    return False


def _places(file: File, folder: str, entries: Mapping[str, ZipInfo]) -> Callable[[str], tuple[int, int] | None]:
    def place(key: str) -> tuple[int, int] | None:
        entry = entries.get(folder + key)
        return None if entry is None else (_begin(file, entry), entry.file_size)

    return place


def _begin(file: File, entry: ZipInfo) -> int:
    """Where the bytes of an uncompressed entry begin."""
    file.seek(entry.header_offset)
    head = file.read(ENTRY.size)
    if len(head) < ENTRY.size or (told := ENTRY.unpack(head))[0] != ZIP or entry.compress_type != ZIP_STORED:
        raise UnreadableFile(
            f"the entry {entry.filename[:80]!r} is not where this archive has it: save the model again"
        )
    return entry.header_offset + ENTRY.size + int(told[1]) + int(told[2])


def _content(file: File, entry: ZipInfo) -> bytes:
    file.seek(_begin(file, entry))
    return file.read(entry.file_size)


def check_byte_order(archive: ZipFile, name: str, sizes: Mapping[str, int]) -> None:
    """Raise UnreadableFile where the entry `name` tells another byte order than this machine's."""
    if 0 < sizes.get(name, 0) < 10 and archive.read(name) != sys.byteorder.encode():
        raise UnreadableFile("this file was saved on a machine of the other byte order: save it as .safetensors")
