"""Zip archives from strangers: what their directory says is checked before anything in them is read."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from lstm_core.importers.limits import LIMITS, UnreadableFile, largest_file

RATIO = 200  # times as large as its compressed form, at most: weights hardly compress at all
SYMLINK = 0o120000


@contextmanager
def opened_archive(path: Path, *, stored: bool) -> Iterator[zipfile.ZipFile]:
    """The zip archive at `path`, its directory checked; with `stored` every entry must lie in it uncompressed.

    Raises UnreadableFile for a damaged archive, one that is encrypted, unpacks to too much, or has entries that lie
    outside it, occur twice or are links.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive.infolist(), stored=stored)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, OSError) as error:
        raise UnreadableFile(
            f"this archive is damaged or cut off ({error}): save the model again and upload it whole"
        ) from error


def _check(entries: list[zipfile.ZipInfo], *, stored: bool) -> None:
    if len(entries) > LIMITS.tensors:
        raise UnreadableFile(f"this archive has {len(entries):,} entries; Gatescope reads up to {LIMITS.tensors:,}")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableFile(f"this archive has two entries of one name ({twice[:80]!r}): save the model again")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise UnreadableFile(f"the entry {entry.filename[:80]!r} points outside its archive: it is not read")
        if entry.flag_bits & 0x1:
            raise UnreadableFile("this archive is encrypted: save the model without a password")
        if (entry.external_attr >> 16) & 0o170000 == SYMLINK:
            raise UnreadableFile(f"the entry {entry.filename[:80]!r} is a link, not a file: it is not read")
        if stored and (entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size):
            raise UnreadableFile("this archive is compressed, as torch.save never does: save the model with torch.save")
        if entry.file_size > RATIO * max(entry.compress_size, 1_000):
            raise UnreadableFile(
                f"the entry {entry.filename[:80]!r} unpacks {entry.compress_size:,} bytes to {entry.file_size:,}: "
                "no model compresses so well, so it is not read"
            )
    total = sum(entry.file_size for entry in entries)
    if total > 2 * largest_file():
        raise UnreadableFile(
            f"this archive unpacks to {total / 1e6:,.0f} MB; Gatescope reads up to {2 * largest_file() / 1e6:,.0f}"
        )
