"""Hostile archives: what their directory says is enough to refuse them."""

import stat
import struct
import zipfile

import pytest

from lstm_core.importers import UnreadableFile
from lstm_core.importers.archive import opened_archive


def refused(path, message, *, stored=False):
    with pytest.raises(UnreadableFile, match=message), opened_archive(path, stored=stored):
        pass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.zip"


def write(path, entries, *, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in entries:
            file.writestr(name, content)


def test_an_archive_is_opened_and_read(path):
    write(path, [("a/b", b"weights"), ("a/c", b"")])
    with opened_archive(path, stored=True) as archive:
        assert archive.read("a/b") == b"weights"


def test_a_bomb_is_refused_before_it_is_unpacked(path):
    write(path, [("weights", bytes(512_000_000 // 8))], compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    refused(path, "unpacks .* bytes to 64,000,000: no model compresses so well")


def test_many_bombs_of_a_modest_ratio_are_refused_by_their_sum(path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    content = b"".join(bytes([number % 251]) * 100 for number in range(2_000))
    write(path, [(f"part{number}", content) for number in range(11)], compression=zipfile.ZIP_DEFLATED)
    refused(path, "unpacks to 2 MB; Gatescope reads up to 2")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "..\\secret"])
def test_names_that_point_outside_are_refused(path, name):
    write(path, [(name, b"x")])
    refused(path, "points outside its archive")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(path):
    write(path, [("data.pkl", b"good"), ("data.pkl", b"evil")])
    refused(path, "has two entries of one name \\('data.pkl'\\)")


def test_names_with_backslashes_are_paths(path):
    write(path, [("a\\b", b"weights"), ("a\\", b"")])
    with opened_archive(path, stored=True) as archive:
        assert archive.namelist() == ["a/b", "a/"]
        assert archive.read("a/b") == b"weights"
    write(path, [("a/b", b"good"), ("a\\b", b"evil")])
    refused(path, "has two entries of one name \\('a/b'\\)")


@pytest.mark.parametrize("place", [10_000, 1 << 40, 1 << 63, (1 << 64) - 1])
def test_an_entry_that_begins_beyond_the_end_is_refused(path, place):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/b", b"weights")
        file.infolist()[0].header_offset = place
    refused(path, f"'a/b' should begin at byte {place:,} of an archive of")


def test_links_are_refused(path):
    link = zipfile.ZipInfo("data.pkl")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    write(path, [(link, b"/etc/passwd")])
    refused(path, "is a link, not a file")


def changed(path, place, value):
    """One field of the first entry of the directory, written over."""
    content = bytearray(path.read_bytes())
    start = content.index(b"PK\x01\x02") + place
    content[start : start + len(value)] = value
    path.write_bytes(content)


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2000])
def test_encrypted_archives_are_refused(path, flag):
    write(path, [("data.pkl", b"weights")])
    changed(path, 8, struct.pack("<H", flag))
    refused(path, "this archive is encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 93])
def test_rare_compressions_are_refused(path, method):
    write(path, [("data.pkl", b"weights")])
    changed(path, 10, struct.pack("<H", method))
    refused(path, "compressed in a way that no framework uses")


def test_entries_over_one_another_are_refused(path):
    write(path, [("a", b"x" * 600), ("b", b"y" * 100)])
    changed(path, 20, struct.pack("<LL", 900, 900))
    refused(path, "overlap")


def test_compressed_entries_are_refused_where_none_may_be(path):
    write(path, [("data.pkl", b"weights" * 10)], compression=zipfile.ZIP_DEFLATED)
    refused(path, "this archive is compressed", stored=True)
    with opened_archive(path, stored=False) as archive:
        assert archive.read("data.pkl") == b"weights" * 10


def test_too_many_entries_are_refused(path):
    write(path, [(str(number), b"") for number in range(20_001)])
    refused(path, "this archive has 20,001 entries; Gatescope reads up to 20,000")


def test_a_huge_directory_is_refused_before_it_is_read(path):
    size = 9_000_000
    path.write_bytes(b"PK\x03\x04" + bytes(size) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, size, 4, 0))
    refused(path, "the directory of this archive has 9,000,000 bytes; Gatescope reads up to 8,000,000")


@pytest.mark.parametrize("keep", [0, 3, 20, 40, -1, -30])
def test_truncated_archives_are_named(path, keep):
    write(path, [("a", b"x" * 600)])
    path.write_bytes(path.read_bytes()[:keep])
    refused(path, "damaged or cut off")


def test_no_file_and_a_damaged_entry_are_named(path):
    refused(path, "damaged or cut off")
    write(path, [("a", b"x" * 600)])
    path.write_bytes(path.read_bytes().replace(b"x" * 600, b"y" * 600))
    with pytest.raises(UnreadableFile, match="damaged or cut off"), opened_archive(path, stored=True) as archive:
        archive.read("a")
