"""HDF5 files that mean harm, made here: each is refused in a sentence of its own, before memory is taken for it."""

import builtins
import io
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from lstm_core.importers import LIMITS, Limits, UnreadableFile
from lstm_core.importers.keras.hdf5 import MAX_GROUP_DEPTH, Hdf5, opened_hdf5


def made(write: Callable[[Any], object], **options: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        write(file)
    return buffer


def read(write: Callable[[Any], object]) -> np.ndarray:
    with opened_hdf5(made(write)) as file:
        return file.array("x")


NUMBERS = np.random.default_rng(0).normal(size=(40, 30))


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4", ">f8"])
def test_floats_of_every_size_and_byte_order_are_read(kind):
    wanted = NUMBERS.astype(kind)
    found = read(lambda file: file.create_dataset("x", data=wanted))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, wanted.astype(np.float32))


@pytest.mark.parametrize(
    "options",
    [
        {"chunks": (7, 9)},
        {"chunks": (7, 9), "compression": "gzip"},
        {"chunks": (7, 9), "compression": "gzip", "shuffle": True},
        {"chunks": (64, 64), "maxshape": (None, None), "shuffle": True},
        {"chunks": (40, 30), "compression": 9},
    ],
)
def test_chunks_gzip_and_shuffle_are_read(options):
    np.testing.assert_array_equal(
        read(lambda file: file.create_dataset("x", data=NUMBERS, **options)), NUMBERS.astype("f4")
    )


def test_chunks_that_were_never_written_are_zeros():
    def write(file):
        dataset = file.create_dataset("x", (40, 30), "f4", chunks=(10, 30), compression="gzip")
        dataset[10:20] = NUMBERS[10:20]

    found = read(write)
    np.testing.assert_array_equal(found[10:20], NUMBERS[10:20].astype("f4"))
    assert not found[:10].any()
    assert not found[20:].any()


def test_numbers_that_are_none_are_read_as_they_are():
    found = read(lambda file: file.create_dataset("x", data=[np.nan, np.inf, 1e300]))
    np.testing.assert_array_equal(found, np.array([np.nan, np.inf, np.inf], "f4"))


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "secret", (4,))
    file.create_virtual_dataset("x", layout)


def circle(file: Any) -> None:
    below = file.create_group("a/b")
    below["up"] = file["a"]


def deep(file: Any) -> None:
    file.create_group("/".join("g" * (MAX_GROUP_DEPTH + 2)))


HOSTILE = {
    "a link to another file": (
        lambda file: file.__setitem__("x", h5py.ExternalLink("secret.h5", "/secret")),
        "'x' is a link to another file: it is not followed",
    ),
    "a soft link": (lambda file: file.__setitem__("x", h5py.SoftLink("/y")), "'x' is a soft link"),
    "numbers in another file": (
        lambda file: file.create_dataset("x", (4,), "f4", external=[("/etc/passwd", 0, 16)]),
        "the numbers of 'x' are stored in another file",
    ),
    "a view of another file": (virtual, "'x' is a view of other files' tensors"),
    "groups in a circle": (circle, "'a/b/up' is linked from two places or in a circle"),
    "one tensor twice": (
        lambda file: file.__setitem__("y", file.create_dataset("x", data=[1.0])),
        "'y' is linked from two places",
    ),
    "groups too deep": (deep, f"nested more than {MAX_GROUP_DEPTH} deep"),
    "much declared, nothing stored": (
        lambda file: file.create_dataset("x", (6_000, 6_000), "f8"), "declared with 288,000,000 bytes but 0 are stored"
    ),
    "much declared, chunks of it stored": (
        lambda file: file.create_dataset("x", (6_000, 6_000), "f4", chunks=(10, 10)).__setitem__((0, 0), 1),
        "declared with 144,000,000 bytes but 400 are stored",
    ),
    "a bomb": (
        lambda file: file.create_dataset("x", data=np.zeros((1_000, 1_000), "f4"), compression="gzip", chunks=(1_000, 1_000)),
        "'x' is declared with 4,000,000 bytes but",
    ),
    "more numbers than the limit": (
        lambda file: file.create_dataset("x", (900_000, 1_000), "f4"), "are 900,000,000 numbers; Gatescope reads up to 50,000,000"
    ),
    "chunks far larger than the tensor": (
        lambda file: file.create_dataset("x", (10,), "f4", maxshape=(None,), chunks=(17_000_000,)).__setitem__(0, 1),
        "'x' has chunks of 68,000,000 bytes; Gatescope reads up to 64,000,000",
    ),
    "another filter": (lambda file: file.create_dataset("x", data=[1.0, 2.0], compression="lzf", chunks=(2,)), "HDF5's filter 32000"),
    "a checksum": (lambda file: file.create_dataset("x", data=[1.0, 2.0], fletcher32=True, chunks=(2,)), "HDF5's filter 3"),
    "whole numbers": (lambda file: file.create_dataset("x", data=np.arange(4)), "'x' holds int64"),
    "texts": (lambda file: file.create_dataset("x", data=np.array([b"ab"])), r"'x' holds \|S2"),
    "long doubles": (lambda file: file.create_dataset("x", data=np.ones(2, "longdouble")), "'x' holds float128"),
    "a tensor of nothing": (lambda file: file.create_dataset("x", data=h5py.Empty("f4")), "'x' is an empty tensor"),
    "no tensor": (lambda file: file.create_group("x"), "the file has no tensor 'x'"),
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_each_attack_has_its_own_sentence(attack):
    write, sentence = HOSTILE[attack]
    with pytest.raises(UnreadableFile, match=sentence) as refused:
        read(write)
    assert len(str(refused.value)) < 300


def test_more_parts_than_the_limit_are_not_walked(monkeypatch):
    monkeypatch.setattr("lstm_core.importers.keras.hdf5.LIMITS", Limits(tensors=20))
    with pytest.raises(UnreadableFile, match="more than 20 parts, the most that Gatescope reads"):
        read(lambda file: [file.create_group(str(number)) for number in range(20)])
    with opened_hdf5(made(lambda file: [file.create_group(str(number)) for number in range(19)])) as file:
        assert len(file.groups) == 20


def test_a_piece_that_unpacks_to_more_than_it_should_is_refused_without_taking_the_memory():
    def write(file):
        dataset = file.create_dataset("x", (4,), "f4", chunks=(4,), compression="gzip")
        dataset.id.write_direct_chunk((0,), zlib.compress(bytes(50_000_000), 1))

    buffer = made(write)
    tracemalloc.start()
    with opened_hdf5(buffer) as file, pytest.raises(UnreadableFile, match="'x' does not unpack to the 16 bytes"):
        file.array("x")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000


def test_pieces_that_are_no_gzip_are_damage():
    def write(file):
        dataset = file.create_dataset("x", (4,), "f4", chunks=(4,), compression="gzip")
        dataset.id.write_direct_chunk((0,), b"no gzip at all")

    with pytest.raises(UnreadableFile, match="damaged or cut off"):
        read(write)


def test_all_that_is_read_of_a_file_counts_together():
    def write(file):
        for number in range(60):
            file.create_dataset(f"x{number}", data=np.ones((1_000, 1), "f4"))

    with opened_hdf5(made(write)) as file:
        file.read = LIMITS.parameters - 2_000
        file.array("x0")
        file.array("x1")
        with pytest.raises(UnreadableFile, match="'x2' are 50,001,000 numbers; Gatescope reads up to 50,000,000"):
            file.array("x2")


def test_texts_among_attributes_are_read_and_cut_pieces_put_together():
    def write(file):
        file.attrs["name"] = "größe"
        file.attrs["bytes"] = "größe".encode()
        file.attrs["list"] = np.array([b"a", b"bc"])
        file.attrs["long0"], file.attrs["long1"] = np.array([b"a"]), np.array([b"b"])
        file.attrs["none"] = np.array([])

    with opened_hdf5(made(write)) as file:
        assert (file.text("", "name"), file.text("", "bytes"), file.text("", "absent")) == ("größe", "größe", None)
        assert (file.texts("", "list"), file.texts("", "long")) == (["a", "bc"], ["a", "b"])
        assert (file.texts("", "none"), file.texts("", "absent"), file.texts("nowhere", "list")) == ([], None, None)


def test_attributes_that_are_too_large_or_no_text_are_refused():
    def write(file):
        file.attrs.create("large", np.zeros(LIMITS.metadata // 8 + 1))
        file.attrs["several"] = np.array([b"a", b"b"])

    with opened_hdf5(made(write, libver="latest")) as file:
        with pytest.raises(
            UnreadableFile, match="attribute large has 8,000,008 bytes; Gatescope reads up to 8,000,000"
        ):
            file.texts("", "large")
        with pytest.raises(UnreadableFile, match="damaged"):
            file.text("", "several")


@pytest.mark.parametrize("left", [0, 7, 50, 500, 3_000])
def test_files_that_were_cut_off_are_refused(left):
    whole = made(lambda file: file.create_dataset("x", data=NUMBERS)).getvalue()
    with pytest.raises(UnreadableFile, match="damaged or cut off"), opened_hdf5(io.BytesIO(whole[:left])) as file:
        file.array("x")


def test_a_layout_that_says_more_than_the_file_has_is_refused():
    buffer = made(lambda file: file.create_dataset("x", data=np.ones((5, 7), "f4")))
    with opened_hdf5(buffer) as file:
        small = Hdf5(100, file.groups, file.datasets, file.inside)
        with pytest.raises(UnreadableFile, match="says that it has 140 bytes in a file of 100"):
            small.array("x")


def test_without_h5py_it_says_what_to_install(monkeypatch):
    usual = builtins.__import__

    def absent(name, *rest):
        if name == "h5py":
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(UnreadableFile, match=r'pip install "gatescope\[keras\]"'), opened_hdf5(io.BytesIO()):
        pass
