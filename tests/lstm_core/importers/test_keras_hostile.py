"""Keras files that mean harm or are none, made here: archives, configurations and shapes, a sentence for each."""

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lstm_core.importers import ImportedModel, Limits, UnreadableFile
from lstm_core.importers.keras.read import read_keras
from tests.support.keras_files import edited, functional, keras2, layer, sequential, wired

LSTM = {"kernel:0": np.ones((3, 8), "f4"), "recurrent_kernel:0": np.ones((2, 8), "f4"), "bias:0": np.ones(8, "f4")}


@pytest.fixture
def archive(tmp_path) -> Path:
    """A .keras archive with one LSTM of two units, as Keras 3 writes it."""
    with h5py.File(tmp_path / "weights", "w") as file:
        for number, tensor in enumerate(LSTM.values()):
            file[f"layers/lstm/cell/vars/{number}"] = tensor
    config = sequential(layer("LSTM", "lstm"))
    with zipfile.ZipFile(tmp_path / "it.keras", "w") as new:
        new.writestr("config.json", json.dumps(config))
        new.writestr("metadata.json", json.dumps({"keras_version": "3.8.0"}))
        new.write(tmp_path / "weights", "model.weights.h5")
    return tmp_path / "it.keras"


def added(archive: Path, name: str | zipfile.ZipInfo, content: bytes = b"", compress: int | None = None) -> Path:
    """The archive with one entry more."""
    with zipfile.ZipFile(archive, "a") as new, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own, of a name that occurs twice
        new.writestr(name, content, compress)
    return archive


def linked(archive: Path) -> Path:
    entry = zipfile.ZipInfo("assets/link")
    entry.external_attr = 0o120777 << 16
    return added(archive, entry, b"/etc/passwd")


def encrypted(archive: Path) -> Path:
    content = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + flags] |= 1
    archive.write_bytes(content)
    return archive


def replaced(archive: Path, **files: bytes) -> Path:
    return edited(archive, lambda _: None, {name.replace("_json", ".json"): one for name, one in files.items()})


ARCHIVES = {
    "an entry outside": (lambda one: added(one, "../../secret"), "'../../secret' points outside its archive"),
    "two entries of one name": (lambda one: added(one, "config.json", b"{}"), "two entries of one name"),
    "a link": (linked, "'assets/link' is a link, not a file"),
    "encrypted": (encrypted, "encrypted: save the model without a password"),
    "a bomb": (
        lambda one: added(one, "assets/bomb", bytes(5_000_000), zipfile.ZIP_DEFLATED),
        "no model compresses so well",
    ),
    "no configuration": (lambda one: replaced(one, config_json=b"nothing"), "config.json is not the JSON that Keras"),
    "a list": (lambda one: replaced(one, config_json=b"[1]"), r"config.json is not the JSON .* \(no object\)"),
    "nested too deep": (lambda one: replaced(one, config_json=b"[" * 100_000), "config.json is not the JSON"),
    "a huge configuration": (
        lambda one: replaced(one, config_json=b'{"a": "' + b"x" * 8_000_000 + b'"}'),
        "config.json has 8,000,009 bytes; Gatescope reads up to 8,000,000",
    ),
    "no version": (lambda one: replaced(one, metadata_json=b"{"), "metadata.json is not the JSON"),
    "no weights": (lambda one: replaced(one, **{"model.weights.h5": b"none"}), "HDF5 file is damaged or cut off"),
    "cut off": (lambda one: (one.write_bytes(one.read_bytes()[:-50]), one)[1], "archive is damaged or cut off"),
}  # fmt: skip


def test_the_archive_that_is_attacked_below_is_sound(archive):
    assert read_keras(archive).chains[0].sources == ("lstm",)


@pytest.mark.parametrize("attack", ARCHIVES)
def test_each_attack_by_an_archive_has_its_own_sentence(attack, archive):
    attacked, sentence = ARCHIVES[attack]
    path = attacked(archive)
    with pytest.raises(UnreadableFile, match=sentence):
        read_keras(path)


def test_other_packings_than_zips_usual_one_are_refused(archive):
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(archive.with_name("bz.keras"), "w", zipfile.ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(UnreadableFile, match=r"'config\.json' is compressed in a way that no framework uses"):
        read_keras(archive.with_name("bz.keras"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "neither a .keras archive nor an HDF5 file"),
        (b"\x00\x01random" * 50, "neither a .keras archive nor an HDF5 file"),
        (b"PK\x03\x04 no zip", "archive is damaged or cut off"),
        (b"\x89HDF\r\n\x1a\n no HDF5", "HDF5 file is damaged or cut off"),
    ],
)
def test_files_are_known_by_how_they_begin_not_by_their_ending(content, sentence, tmp_path, archive):
    (tmp_path / "it.h5").write_bytes(content)
    with pytest.raises(UnreadableFile, match=sentence):
        read_keras(tmp_path / "it.h5")
    archive.rename(tmp_path / "it.txt")
    assert read_keras(tmp_path / "it.txt").chains


def test_a_zip_that_is_no_model_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "it.keras", "w") as new:
        new.writestr("data.pkl", b"")
    with pytest.raises(UnreadableFile, match=r"no config.json and model.weights.h5, so it is no .keras file"):
        read_keras(tmp_path / "it.keras")


def test_an_hdf5_file_that_is_no_model_is_refused(tmp_path):
    with h5py.File(tmp_path / "it.h5", "w") as file:
        file["x"] = 1.0
    with pytest.raises(UnreadableFile, match="was not written by Keras"):
        read_keras(tmp_path / "it.h5")


def test_a_file_beyond_the_limit_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    with (tmp_path / "it.h5").open("wb") as file:
        file.truncate(2_000_000)
    with pytest.raises(UnreadableFile, match="the file has 2 MB; Gatescope reads up to 1 MB"):
        read_keras(tmp_path / "it.h5")


def cells(cell: Any) -> Any:
    return {"class_name": "StackedRNNCells", "config": {"cells": [cell]}}


CONFIGURATIONS = {
    "layers that are none": ({"class_name": "Sequential", "config": {"layers": [3]}}, "the layer in 'the model' is described by 3"),
    "a layer without a name": (
        {"class_name": "Sequential", "config": {"layers": [{"class_name": "LSTM", "config": {}}]}},
        "a layer of class LSTM has no name",
    ),
    "two layers of one name": (sequential(layer("LSTM", "a"), layer("LSTM", "a")), "two layers are called 'a'"),
    "no layers": ({"class_name": "Sequential", "config": {"layers": {}}}, "model_config lists no layers"),
    "a cell without a class": (sequential(layer("RNN", "lstm", cell=5)), "the layer in 'lstm' is described by 5"),
    "cells that are no list": (
        sequential(layer("RNN", "lstm", cell={"class_name": "StackedRNNCells", "config": {}})),
        "'lstm' is described without its cells",
    ),
    "nothing to go both ways": (sequential(layer("Bidirectional", "lstm")), "the layer in 'lstm' is described by None"),
    "wiring without an end": (
        functional({**wired(layer("LSTM", "lstm")), "inbound_nodes": json.loads("[" * 40 + "]" * 40)}),
        "not connected as Keras does it",
    ),
    "weights of another layer": (sequential(layer("LSTM", "other")), "no weights for the layer 'other'"),
    "an activation that is none": (sequential(layer("LSTM", "lstm", activation=[1])), r"'lstm' has the activation '\[1\]'"),
    "cells in cells": (
        sequential(layer("RNN", "lstm", cell=cells(cells(layer("LSTMCell", "cell"))))),
        "'lstm' runs 'StackedRNNCells', which is not one of Keras's LSTM, GRU and SimpleRNN cells",
    ),
    "cells of a class of its own": (
        sequential(layer("RNN", "lstm", cell=layer("OwnCell", "cell"))),
        "'lstm' runs 'OwnCell', which is not one of Keras's",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", CONFIGURATIONS)
def test_each_attack_by_a_configuration_has_its_own_sentence(attack, tmp_path):
    config, sentence = CONFIGURATIONS[attack]
    with pytest.raises(UnreadableFile, match=sentence):
        read_keras(keras2(tmp_path / "it.h5", config, {"lstm": LSTM}))


def test_layers_wired_in_a_circle_have_no_beginning_to_show(tmp_path):
    config = functional(
        wired(layer("LSTM", "lstm", return_sequences=True), "drop"), wired(layer("Dropout", "drop"), "lstm"),
        wired(layer("Dropout", "a"), "b"), wired(layer("Dropout", "b"), "a"), wired(layer("LSTM", "other"), "a"),
    )  # fmt: skip
    found = read_keras(keras2(tmp_path / "it.h5", config, {"lstm": LSTM, "other": LSTM}))
    assert [chain.name for chain in found.chains] == ["other"]


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        (
            {"kernel:0": np.ones((3, 9), "f4")},
            r"'lstm' have the shapes \[\(3, 9\), \(2, 8\), \(8,\)\], which no LSTM has",
        ),
        ({"kernel:0": np.ones((0, 8), "f4")}, "which no LSTM has"),
        ({"kernel:0": np.ones(8, "f4")}, "which no LSTM has"),
        ({"recurrent_kernel:0": np.ones((3, 8), "f4")}, "which no LSTM has"),
        ({"bias:0": np.ones(7, "f4")}, "which no LSTM has"),
        ({"more:0": np.ones(7, "f4")}, "'lstm' has 4 tensors, not 3"),
        ({"kernel:0": np.ones((3, 8), "i4")}, "kernel:0' holds int32"),
        (
            {"kernel:0": np.ones((1, 32_772), "f2"), "recurrent_kernel:0": np.ones((1, 4), "f4")},
            "which no LSTM has",
        ),
    ],
)
def test_shapes_that_do_not_belong_together_are_refused(tensors, sentence, tmp_path):
    with pytest.raises(UnreadableFile, match=sentence):
        read_keras(keras2(tmp_path / "it.h5", sequential(layer("LSTM", "lstm")), {"lstm": LSTM | tensors}))


def test_more_units_than_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lstm_core.importers.imported.LIMITS", Limits(units=1))
    with pytest.raises(UnreadableFile, match="1 layers of up to 2 units; Gatescope opens up to 64 layers of 1 units"):
        read_keras(keras2(tmp_path / "it.h5", sequential(layer("LSTM", "lstm")), {"lstm": LSTM}))


def test_an_embedding_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lstm_core.importers.keras.chains.LIMITS", Limits(vocabulary=4))
    weights: dict[str, Any] = {"table": {"embeddings:0": np.ones((5, 3), "f4")}, "lstm": LSTM}
    config = sequential(layer("Embedding", "table"), layer("LSTM", "lstm"))
    with pytest.raises(UnreadableFile, match="'table' has 5 entries; Gatescope reads up to 4"):
        read_keras(keras2(tmp_path / "it.h5", config, weights))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_let_through(wrong, tmp_path):
    weights = LSTM | {"bias:0": np.full(8, wrong, "f4")}
    chain = read_keras(keras2(tmp_path / "it.h5", sequential(layer("LSTM", "lstm")), {"lstm": weights})).chains[0]
    assert not chain.finite


def test_what_was_read_survives_the_way_between_processes(archive):
    found = read_keras(archive)
    again = ImportedModel.from_bytes(found.to_bytes())
    assert (again.format, again.notes, again.chains[0].layouts) == (found.format, found.notes, found.chains[0].layouts)
    assert all((again.chains[0].weights[name] == one).all() for name, one in found.chains[0].weights.items())
