"""Untrusted HDF5 files: every link, shape and filter is checked before anything is read."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from math import prod
from types import ModuleType
from typing import Any

import numpy as np

from lstm_core.importers.limits import LIMITS, UnreadableFile

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_GROUP_DEPTH = 32  # groups within groups
MAX_COMPRESSION = 200  # times as large as what is stored of it, at most: weights hardly compress at all
MAX_CHUNK_BYTES = 64_000_000  # bytes
DEFLATE, SHUFFLE = 1, 2  # the numbers of HDF5's filters


@dataclass(eq=False)
class Hdf5:
    """The groups and datasets of a file, by their paths ("" is the root), none of which points elsewhere."""

    size: int  # of the file, in bytes
    groups: dict[str, Any]  # h5py's; None for one that is only on the way to another
    datasets: dict[str, Any]
    inside: dict[str, list[str]]  # the names of all that lies right in a group
    read: int = 0  # numbers that were read so far

    def place(self, path: str) -> None:
        """Tell each group on the way to `path` what lies in it. Raises UnreadableFile where something lies there already."""
        if path in self.datasets or self.groups.get(path) is not None:
            raise UnreadableFile(f"{path[:80]!r} occurs twice in this file: save the model again")
        if path.count("/") >= MAX_GROUP_DEPTH:
            raise UnreadableFile(
                f"the groups of this file are nested more than {MAX_GROUP_DEPTH} deep: save the model again"
            )
        while path:
            parent, _, name = path.rpartition("/")
            if parent in self.datasets:
                raise UnreadableFile(f"{parent[:80]!r} is a tensor and a group at once: save the model again")
            inside = self.inside.setdefault(parent, [])
            if name not in inside:
                inside.append(name)
            self.groups.setdefault(parent, None)
            path = parent

    def shape(self, path: str) -> tuple[int, ...]:
        with _damage():
            shape = self._dataset(path).shape
            if shape is None:
                raise UnreadableFile(f"{path[:80]!r} is an empty tensor: save the model again")
            return tuple(int(length) for length in shape)

    def array(self, path: str) -> np.ndarray:
        """The numbers of a dataset as float32. Raises UnreadableFile before memory is taken for one that is none."""
        dataset, shape = self._dataset(path), self.shape(path)
        self.read += prod(shape)
        if self.read > LIMITS.parameters:
            raise UnreadableFile(
                f"the weights up to {path[:80]!r} are {self.read:,} numbers; Gatescope reads up to {LIMITS.parameters:,}"
            )
        with _damage():
            brain = _brain_float(dataset, path)
            filters = _filters(dataset, path)
            _check_storage(dataset, path, self.size, packed=DEFLATE in filters)
            found = _unpacked(dataset, path, filters) if filters else dataset[()]
            if brain:  # float32's upper half
                return (np.asarray(found).view(np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(shape)
            with np.errstate(over="ignore"):
                return np.ascontiguousarray(found, dtype=np.float32).reshape(shape)

    def text(self, path: str, name: str) -> str | None:
        """A text among a group's attributes; None where it has none of that name."""
        found = self._attribute(path, name)
        with _damage():
            return None if found is None else _decoded(found.item() if isinstance(found, np.ndarray) else found)

    def texts(self, path: str, name: str) -> list[str] | None:
        """A list of texts among a group's attributes, which Keras cuts up as name0, name1, ... where it is long."""
        whole = self._attribute(path, name)
        if whole is not None:
            return [_decoded(one) for one in np.asarray(whole).reshape(-1)]
        pieces: list[str] = []
        for number in range(LIMITS.tensors):
            piece = self._attribute(path, f"{name}{number}")
            if piece is None:
                return pieces if number else None
            pieces += [_decoded(one) for one in np.asarray(piece).reshape(-1)]
        raise UnreadableFile(f"the list {name} is in more than {LIMITS.tensors:,} pieces: save the model again")

    def _attribute(self, path: str, name: str) -> Any:
        with _damage():
            group = self.groups.get(path)
            if group is None or name not in group.attrs:
                return None
            described = group.attrs.get_id(name)
            length = prod(described.shape or (1,)) * described.dtype.itemsize
            if length > LIMITS.metadata:
                raise UnreadableFile(
                    f"the attribute {name} has {length:,} bytes; Gatescope reads up to {LIMITS.metadata:,}"
                )
            return group.attrs[name]

    def _dataset(self, path: str) -> Any:
        try:
            return self.datasets[path]
        except KeyError as error:
            raise UnreadableFile(f"the file has no tensor {path[:80]!r}: save the model again") from error


@contextmanager
def opened_hdf5(file: BufferedIOBase) -> Iterator[Hdf5]:
    """The HDF5 file in `file`, all of its links checked.

    Raises UnreadableFile without h5py, for a damaged file, and for one with links that lead elsewhere or in circles,
    tensors stored in other files, or too many parts.
    """
    h5py = _h5py()
    size = file.seek(0, 2)
    file.seek(0)
    with _damage():
        opened = h5py.File(file, "r")
    try:
        with _damage():
            found = _walked(h5py, opened, size)
        yield found
    finally:
        with _damage():
            opened.close()


def _h5py() -> ModuleType:
    try:
        import h5py
    except ImportError as error:
        raise UnreadableFile('Keras files are read with h5py: pip install "gatescope[keras]"') from error
    found: ModuleType = h5py
    return found


@contextmanager
def _damage() -> Iterator[None]:
    """What h5py raises of a damaged file, which is nearly anything, as the one error of importers."""
    try:
        yield
    except UnreadableFile:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError) as error:
        raise _damaged(error) from error
    except (ValueError, zlib.error) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> UnreadableFile:
    return UnreadableFile(
        f"this HDF5 file is damaged or cut off ({str(error)[:120]}): save the model again and upload it whole"
    )


def _walked(h5py: ModuleType, opened: Any, size: int) -> Hdf5:
    walked = Hdf5(size, groups={"": opened["/"]}, datasets={}, inside={})
    visited = {_address(h5py, walked.groups[""])}
    waiting = [""]
    while waiting:
        path = waiting.pop()
        for name in walked.groups[path]:
            full = (f"{path}/{name}" if path else name).replace(
                "\\", "/"
            )  # Keras on Windows wrote "layers\\lstm\\vars"
            found = _linked(h5py, walked.groups[path], name, full)
            if (address := _address(h5py, found)) in visited:
                raise UnreadableFile(f"{full[:80]!r} is linked from two places or in a circle: save the model again")
            visited.add(address)
            if len(visited) > LIMITS.tensors:
                raise UnreadableFile(f"this file has more than {LIMITS.tensors:,} parts, the most that Gatescope reads")
            walked.place(full)
            if isinstance(found, h5py.Dataset):
                _check_at_home(found, full)
                walked.datasets[full] = found
            elif isinstance(found, h5py.Group):
                walked.groups[full] = found
                waiting.append(full)
    return walked


def _linked(h5py: ModuleType, group: Any, name: str, full: str) -> Any:
    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise UnreadableFile(f"{full[:80]!r} is a link to another file: it is not followed; save the model again")
    if not isinstance(link, h5py.HardLink):
        raise UnreadableFile(f"{full[:80]!r} is a soft link, which Keras never writes: save the model again")
    return group[name]


def _address(h5py: ModuleType, found: Any) -> int:
    return int(h5py.h5o.get_info(found.id).addr)


def _check_at_home(dataset: Any, path: str) -> None:
    if dataset.external:
        raise UnreadableFile(f"the numbers of {path[:80]!r} are stored in another file: save the model in a single one")
    if dataset.is_virtual:
        raise UnreadableFile(f"{path[:80]!r} is a view of other files' tensors: save the model in a single file")


def _brain_float(dataset: Any, path: str) -> bool:
    """Is it bfloat16, as Keras stores it? Raises UnreadableFile for anything that is no float."""
    if dataset.dtype.kind == "V" and dataset.dtype.itemsize == 2 and dataset.dtype.names is None:
        return True
    if dataset.dtype.kind != "f" or dataset.dtype.itemsize not in (2, 4, 8):
        raise UnreadableFile(
            f"{path[:80]!r} holds {str(dataset.dtype)[:40]}; Gatescope reads float16, float32, float64 and bfloat16"
        )
    return False


def _filters(dataset: Any, path: str) -> list[int]:
    created = dataset.id.get_create_plist()
    found = [created.get_filter(index)[0] for index in range(created.get_nfilters())]
    if other := set(found) - {DEFLATE, SHUFFLE}:
        raise UnreadableFile(
            f"{path[:80]!r} is packed by HDF5's filter {min(other)}; Gatescope reads gzip and shuffle only: save it without"
        )
    return found


def _check_storage(dataset: Any, path: str, size: int, *, packed: bool) -> None:
    declared, stored = prod(dataset.shape) * dataset.dtype.itemsize, dataset.id.get_storage_size()
    if stored > size:
        raise UnreadableFile(f"{path[:80]!r} says that it has {stored:,} bytes in a file of {size:,}: it is cut off")
    if declared > (MAX_COMPRESSION * max(stored, 1_000) if packed else stored):
        raise UnreadableFile(
            f"{path[:80]!r} is declared with {declared:,} bytes but {stored:,} are stored: it is not read"
        )
    if dataset.chunks is not None and (chunk := prod(dataset.chunks) * dataset.dtype.itemsize) > MAX_CHUNK_BYTES:
        raise UnreadableFile(f"{path[:80]!r} has chunks of {chunk:,} bytes; Gatescope reads up to {MAX_CHUNK_BYTES:,}")


def _unpacked(dataset: Any, path: str, filters: list[int]) -> np.ndarray:
    """A filtered dataset, unpacked here: HDF5's own inflating takes as much memory as the packed bytes ask for."""
    found = np.zeros(dataset.shape, dataset.dtype)
    offsets: list[tuple[int, ...]] = []
    dataset.id.chunk_iter(lambda info: offsets.append(info.chunk_offset))
    wanted = prod(dataset.chunks) * dataset.dtype.itemsize
    for offset in offsets:
        skipped, packed = dataset.id.read_direct_chunk(offset)
        for index in reversed(range(len(filters))):
            if skipped >> index & 1:
                continue
            if filters[index] == DEFLATE:
                inflater = zlib.decompressobj()
                packed = inflater.decompress(packed, wanted + 1)
            else:
                shuffled = np.frombuffer(packed, np.uint8).reshape(dataset.dtype.itemsize, -1)
                packed = np.ascontiguousarray(shuffled.T).tobytes()
        if len(packed) != wanted:
            raise UnreadableFile(
                f"a piece of {path[:80]!r} does not unpack to the {wanted:,} bytes that it should have"
            )
        chunk = np.frombuffer(packed, dataset.dtype).reshape(dataset.chunks)
        place = tuple(slice(start, start + length) for start, length in zip(offset, dataset.chunks, strict=True))
        target = found[place]
        target[...] = chunk[tuple(slice(0, length) for length in target.shape)]
    return found


def _decoded(found: Any) -> str:
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
