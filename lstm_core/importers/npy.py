"""The arrays in an .npz, as numpy.savez writes it: a zip archive with one .npy each, whose headers are not evaluated."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from lstm_core.importers.limits import LIMITS, UnreadableFile

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 10_000
HEADER = re.compile(
    r"\{'descr': '(?P<type>[<>|=]?[a-zA-Z]\d{0,6})', 'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>[\d ,L]{0,400})\),? ?\}\s*"
)
FLOATS = re.compile(r"[<>=|]?f[248]")
SUFFIX = ".npy"


@dataclass(frozen=True)
class Header:
    """What an .npy says of its array."""

    type: str  # "<f4"
    shape: tuple[int, ...]
    fortran: bool
    start: int  # of the numbers, in bytes

    @property
    def floats(self) -> bool:
        return FLOATS.fullmatch(self.type) is not None


class Arrays:
    """The arrays of an archive by their names, in its order; numbers are read when they are asked for."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Raises UnreadableFile for an entry that is no array, or one of objects."""
        self._archive = archive
        self._read = 0  # numbers, so far
        self.headers: Mapping[str, Header] = {
            name.removesuffix(SUFFIX): _header(archive, name) for name in archive.namelist()
        }

    @property
    def names(self) -> list[str]:
        """Of the arrays of real numbers."""
        return [name for name, header in self.headers.items() if header.floats]

    def shape(self, name: str) -> tuple[int, ...]:
        return self.headers[name].shape

    def array(self, name: str) -> np.ndarray:
        """The numbers of an array as float32. Raises UnreadableFile for more than are read of one file."""
        with np.errstate(over="ignore"):
            return np.array(self.stored(name), np.float32, order="C")

    def stored(self, name: str) -> np.ndarray:
        """The numbers of an array, as they are stored. Raises UnreadableFile for more than are read of one file."""
        header = self.headers[name]
        self._read += prod(header.shape)
        if self._read > LIMITS.parameters:
            raise UnreadableFile(
                f"the arrays up to {name[:80]!r} are {self._read:,} numbers; Gatescope reads up to {LIMITS.parameters:,}"
            )
        found = np.frombuffer(self._archive.read(f"{name}{SUFFIX}"), header.type, offset=header.start)
        return found.reshape(header.shape, order="F" if header.fortran else "C")


def is_npz(names: list[str]) -> bool:
    """Is an archive with these entries one of numpy.savez?"""
    return bool(names) and all(name.endswith(SUFFIX) for name in names)


def _header(archive: zipfile.ZipFile, name: str) -> Header:
    with archive.open(name) as file:
        start = file.read(12)
        wide = start[6:7] == b"\x02"
        length = int.from_bytes(start[8:12] if wide else start[8:10], "little")
        text = (start[12 if wide else 10 :] + file.read(min(length, MAX_HEADER_BYTES)))[:length]
    if not start.startswith(MAGIC) or start[6:7] not in b"\x01\x02" or length > MAX_HEADER_BYTES:
        raise UnreadableFile(
            f"{name[:80]!r} in this .npz is no array of NumPy's: save the arrays again with numpy.savez"
        )
    found = HEADER.fullmatch(text.decode("latin-1"))
    own = name.removesuffix(SUFFIX)
    if b"'descr': '|O'" in text:
        raise UnreadableFile(
            f"{own[:80]!r} is an array of Python objects, which NumPy pickles and Gatescope does not load: save each array by "
            'itself, numpy.savez("model.npz", *model.get_weights())'
        )
    if found is None:
        raise UnreadableFile(f"{own[:80]!r} is no plain array of numbers: leave it out of the .npz")
    shape = tuple(int(one.strip("L")) for one in re.findall(r"\d+L?", found["shape"]))
    header = Header(found["type"], shape, found["fortran"] == "True", (12 if wide else 10) + length)
    if header.floats:
        wanted = prod(shape) * np.dtype(header.type).itemsize
        size = archive.getinfo(name).file_size - header.start
        if not all(shape) or size != wanted:
            raise UnreadableFile(
                f"{own[:80]!r} has the shape {shape} and so {wanted:,} bytes of numbers, but {size:,} are stored: save the arrays again"
            )
    return header
