"""Untrusted zip archives: their directory is checked before anything in them is read."""

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file

MAX_COMPRESSION = 200  # times as large as its compressed form, at most: weights hardly compress at all
SYMLINK = 0o120000
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags: with a password, strongly, the directory itself


@contextmanager
def as_file(content: bytes) -> Iterator[Path]:
    """What lay within another file, in a file of its own, deleted afterwards: for a reader that wants a path."""
    with TemporaryDirectory(prefix="gatescope-within-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "model")
        path.write_bytes(content)
        yield path


@contextmanager
def opened_archive(path: Path, *, stored: bool) -> Iterator[zipfile.ZipFile]:
    """The zip archive at `path`, its directory checked; with `stored` every entry must be uncompressed.

    Raises UnreadableFile for a damaged archive, one that is encrypted, unpacks to too much, or has entries that lie
    outside it, over one another, occur twice or are links.
    """
    with _cautious(path) as file, _opened(file) as archive:
        file.most = None
        _with_slashes(archive)
        _check(archive.infolist(), path.stat().st_size)
        if stored:
            check_stored(archive)
        try:
            yield archive
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            UnicodeDecodeError,
        ) as error:
            raise UnreadableFile(_damaged(error)) from error


def _with_slashes(archive: zipfile.ZipFile) -> None:
    """Write the names of the entries with slashes: some programs of Windows write backslashes."""
    for entry in archive.infolist():
        entry.filename = entry.filename.replace(
            "\\", "/"
        )  # what stands before the entry is compared with orig_filename
    archive.NameToInfo = {entry.filename: entry for entry in archive.infolist()}


def check_stored(archive: zipfile.ZipFile, read: tuple[str, ...] = ("",)) -> None:
    """Raise UnreadableFile unless every entry whose name begins with one of `read` is uncompressed."""
    for entry in archive.infolist():
        if not entry.filename.startswith(read):
            continue
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            raise UnreadableFile("this archive is compressed, as torch.save never does: save the model with torch.save")


class _Cautious(BufferedReader):
    """A file that returns at most `most` bytes per read.

    `zipfile` takes a directory of any length in one gulp and makes an object of each entry, which takes ten times as
    much memory, before it can be asked how many there are.
    """

    most: int | None = LIMITS.metadata

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is not None and size is not None and size > self.most:
            raise UnreadableFile(
                f"the directory of this archive has {size:,} bytes; Gatescope reads up to {self.most:,}: "
                "save the model again"
            )
        return super().read(size)


def _cautious(path: Path) -> _Cautious:
    try:
        return _Cautious(FileIO(path))
    except OSError as error:
        raise UnreadableFile(_damaged(error)) from error


def _opened(file: BufferedReader) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except UnreadableFile:
        raise
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        NotImplementedError,
        OSError,
        struct.error,
        ValueError,
        OverflowError,
    ) as error:
        raise UnreadableFile(_damaged(error)) from error


def _damaged(error: Exception) -> str:
    return f"this archive is damaged or cut off ({str(error)[:100]}): save the model again and upload it whole"


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > LIMITS.tensors:
        raise UnreadableFile(
            f"this archive has {len(entries):,} entries; Gatescope reads up to {LIMITS.tensors:,}: save the recurrent layers alone"
        )
    name, count = Counter(entry.filename for entry in entries).most_common(1)[0] if entries else ("", 0)
    if count > 1:
        raise UnreadableFile(f"this archive has two entries of one name ({name[:80]!r}): save the model again")
    for entry in entries:
        _check_entry(entry, size)
    packed = sum(entry.compress_size for entry in entries)
    if packed > size:
        raise UnreadableFile(
            f"the entries of this archive overlap ({packed:,} bytes in a file of {size:,}): save the model again"
        )
    total = sum(entry.file_size for entry in entries)
    if total > 2 * largest_file():
        raise UnreadableFile(
            f"this archive unpacks to {total / 1e6:,.0f} MB; Gatescope reads up to {2 * largest_file() / 1e6:,.0f}: save the recurrent "
            "layers alone"
        )


def _check_entry(entry: zipfile.ZipInfo, size: int) -> None:
    if not 0 <= entry.header_offset < size:
        raise UnreadableFile(
            f"the entry {entry.filename[:80]!r} should begin at byte {entry.header_offset:,} of an archive of {size:,}: "
            "save the model again and upload it whole"
        )
    name = PurePosixPath(entry.filename)
    if name.is_absolute() or ".." in name.parts:
        raise UnreadableFile(f"the entry {entry.filename[:80]!r} points outside its archive: it is not read")
    if entry.flag_bits & ENCRYPTED:
        raise UnreadableFile("this archive is encrypted: save the model without a password")
    if (entry.external_attr >> 16) & 0o170000 == SYMLINK:
        raise UnreadableFile(f"the entry {entry.filename[:80]!r} is a link, not a file: it is not read")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(
            f"the entry {entry.filename[:80]!r} is compressed in a way that no framework uses: save the model again"
        )
    if entry.file_size > MAX_COMPRESSION * max(entry.compress_size, 1_000):
        raise UnreadableFile(
            f"the entry {entry.filename[:80]!r} unpacks {entry.compress_size:,} bytes to {entry.file_size:,}: "
            "no model compresses so well, so it is not read"
        )
