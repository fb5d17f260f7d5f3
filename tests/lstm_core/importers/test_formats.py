"""What a file is, is decided by what is in it; what is none of ours is called by its name."""

import gzip
import io
import json
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save as to_safetensors

from lstm_core.importers import UnreadableFile, formats
from lstm_core.importers.formats import read_model
from tests.support.tensorflow_files import table

STATE = {"weight_ih_l0": torch.zeros(8, 2), "weight_hh_l0": torch.zeros(8, 2)}


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """The sentence that a file comes to; files that are ours come to the name of their importer."""
    for name in (
        "pytorch",
        "safetensors",
        "keras",
        "onnx",
        "pickled",
        "npz",
        "tensorflow",
        "table",
        "stable_baselines",
    ):
        monkeypatch.setattr(formats, f"_{name}", told_off(f"for {name}"))

    def sentence(content: bytes, name: str = "") -> str:
        path = tmp_path / "model"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile) as error:
            read_model(path, name)
        return str(error.value)

    return sentence


def told_off(sentence: str):
    def importer(_: Path) -> None:
        raise UnreadableFile(sentence)

    return importer


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def tarred(*names: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


def torch_file(*, legacy: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save(STATE, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def hdf5_file(block: int = 0) -> bytes:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=block) as file:
        file["x"] = np.zeros(3)
    return buffer.getvalue()


def onnx_file(**options: object) -> bytes:
    from onnx import helper

    model: bytes = helper.make_model(helper.make_graph([], "graph", [], []), **options).SerializeToString()
    return model


OURS = {
    "zip of torch": (lambda: torch_file(legacy=False), "pytorch"),
    "legacy pickle of torch": (lambda: torch_file(legacy=True), "pytorch"),
    "tar of torch before 0.2": (lambda: tarred("sys_info", "pickle", "tensors", "storages"), "pytorch"),
    "safetensors": (lambda: to_safetensors(STATE), "safetensors"),
    "safetensors with an absurd header": (lambda: b"\xff" * 7 + b'\x7f{"a":', "safetensors"),
    "keras": (lambda: zipped(config_dot_json=b"{}", model_dot_weights_dot_h5=b""), "keras"),
    "HDF5": (hdf5_file, "keras"),
    "HDF5 after a user's block": (lambda: hdf5_file(1024), "keras"),
    "pickle": (lambda: pickle.dumps(STATE), "pickled"),
    "pickle of protocol 0": (lambda: pickle.dumps({"a": 1}, protocol=0), "pickled"),
    "joblib, compressed": (lambda: zlib.compress(pickle.dumps([1, 2])), "pickled"),
    "agent of Stable-Baselines3": (lambda: zipped(data=b"{}", policy_dot_pth=b""), "stable_baselines"),
    "ONNX": (onnx_file, "onnx"),
    "ONNX of a producer": (lambda: onnx_file(producer_name="pytorch", doc_string="hello"), "onnx"),
    "npz": (lambda: saved(np.savez, np.zeros(3)), "npz"),
    "SavedModel, zipped": (lambda: zipped(m__saved_model_dot_pb=b""), "tensorflow"),
    "checkpoint, zipped": (lambda: zipped(**{"ck.index": b"", "ck.data-00000-of-00001": b""}), "tensorflow"),
    "index of a checkpoint": (lambda: table([(b"", b"")]), "table"),
    "ONNX, cut off": (lambda: b"\x08\x09\x12\x01x\x3a\xff\x7f\x0a", "onnx"),
}


@pytest.mark.parametrize("kind", OURS)
def test_every_format_goes_to_its_importer_whatever_it_is_called(kind, refused):
    make, importer = OURS[kind]
    for name in ("model.pt", "model.csv", ""):
        assert refused(make(), name) == f"for {importer}"


SAVED_MODEL = b"\x08\x01\x12\x12\x0a\x10\x0a\x06serve\x00\x22\x06saved_"
UNSUPPORTED = {
    "empty": (lambda: b"", "empty"),
    "PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "PNG": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
    "npy": (lambda: saved(np.save, np.zeros(3)), "a NumPy array"),
    "GGUF": (lambda: b"GGUF\3\0\0\0", "GGUF"),
    "TFLite": (lambda: b"\x1c\0\0\0TFL3\0\0", "a TensorFlow Lite model"),
    "SavedModel": (lambda: SAVED_MODEL, "TensorFlow SavedModel"),
    "frozen graph": (lambda: b"\x0a\x14\x0a\x05input\x12\x0bPlaceholder\xff", "a TensorFlow graph"),
    "tar.gz": (lambda: gzip.compress(tarred("model.pt")), "compressed with gzip"),
    "tar": (lambda: tarred("model.pt"), "a tar archive"),
    "zip with a model": (lambda: zipped(model_dot_pt=b"x"), "holds 'model.pt': unpack it"),
    "zip of texts": (lambda: zipped(a=b"x", b=b"y"), "none of the 2 entries of this zip archive is called like a model"),
    "keras without weights": (lambda: zipped(config_dot_json=b"{}"), "a config.json and no weights beside it"),
    "document": (lambda: zipped(**{"[Content_Types]_dot_xml": b""}), "Office"),
    "zlib": (lambda: zlib.compress(b"hello"), "compressed with zlib, and what is in it is no pickle"),
    "CSV": (lambda: b"a,b\n1,2\n3,4\n", "(CSV)"),
    "JSON": (lambda: b'{"a": 0, "b": 1}', "begins as JSON"),
    "keras JSON": (lambda: json.dumps({"class_name": "Sequential", "config": {}}).encode(), "not its weights"),
    "notebook": (lambda: b'{"cells": [], "nbformat": 4}', "a Jupyter notebook"),
    "text": (lambda: "Der Mond ist aufgegangen, grüßt er".encode(), "begins as text"),
    "text, cut within a letter": (lambda: b"a" * 65_535 + "ü".encode(), "begins as text"),
    "UTF-16": (lambda: "Der Mond".encode("utf-16"), "begins as text"),
    "web page": (lambda: b"<!DOCTYPE html><html>Log in</html>", "a web page"),
    "program": (lambda: b"import torch\n\nclass Net: ...\n", "a Python program"),
    "program of one line": (lambda: b"#!/usr/bin/env python", "a Python program"),
    "a poem like a program": (lambda: b"From here to there\nimport duties rose\nclass of 96\n", "begins as text"),
    "a text that begins like a program of Windows": (lambda: b"MZ, said the bird\n", "begins as text"),
    "a text that begins like zlib": (lambda: b"x^2 + y^2\n", "begins as text"),
    "bytes that begin like zlib": (lambda: b"\x78\x9c" + bytes(50), "of no kind that Gatescope knows"),
    "a vocabulary": (lambda: b"<unk>\n<pad>\nthe\n", "begins as text"),
    "XML": (lambda: b"<?xml version='1.0'?><net/>", "is XML"),
    "JSON of cells": (lambda: b'{"cells": [{"cell_type_of_ours": 1}], "layers": 2}', "begins as JSON"),
    "TensorFlow.js": (lambda: b'{"format": "layers-model", "modelTopology": {"class_name": "LSTM", "config": {}}}', "a TensorFlow.js model's JSON"),
    "names of a SavedModel": (lambda: b"\xff\x01 saved_model" + bytes(9), "of no kind that Gatescope knows"),
    "names of a graph": (lambda: b"\x0a\x05Const" + bytes(9), "of no kind that Gatescope knows"),
    "zip of Hugging Face": (lambda: zipped(config_dot_json=b"{}", model_dot_safetensors=b"x"), "holds 'model.safetensors': unpack it"),
    "weights of Keras alone": (lambda: zipped(model_dot_weights_dot_h5=b""), "no config.json beside it"),
    "zip of a project": (lambda: zipped(mine__code__net_dot_py=b"", mine__model_dot_pt=b""), "holds 'mine/model.pt': unpack it"),
    "zip of TensorFlow.js": (lambda: zipped(models__model_dot_json=b""), "none of the 1 entries"),
    "LFS": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:x\n", "git lfs pull"),
    "bytes": (lambda: np.random.default_rng(0).bytes(5_000), "of no kind that Gatescope knows"),
    "zeros": (lambda: bytes(5_000), "of no kind that Gatescope knows"),
}  # fmt: skip


def saved(save: Callable[[io.BytesIO, np.ndarray], None], array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", UNSUPPORTED)
def test_what_is_none_of_ours_is_called_by_its_name(kind, refused):
    make, message = UNSUPPORTED[kind]
    sentence = refused(make())
    assert message in sentence
    assert ": " in sentence, "it does not say what to do"
    assert len(sentence) < 300


def test_a_name_that_promises_more_is_held_against_it(refused):
    assert "called .h5 but does not begin as such a file" in refused(b"\0" * 100, "Model.H5")
    assert "of no kind" in refused(b"\0" * 100, "model.xyz")


def test_too_large_a_file_is_not_opened(refused, monkeypatch):
    monkeypatch.setenv("GATESCOPE_MAX_UPLOAD_MB", "1")
    assert "has 2 MB; Gatescope reads up to 1 MB" in refused(bytes(2_000_000))


def test_a_damaged_archive_is_said_to_be_one(refused):
    assert "damaged or cut off" in refused(torch_file(legacy=False)[:-30])


def test_a_message_of_protobuf_must_fit_to_its_end(refused):
    """A number that is no field of an ONNX model, a group, a tag that goes on for ever: none of them is one."""
    graph = b"\x3a\x02\x0a\x00"
    assert refused(b"\x08\x09" + graph) == "for onnx"
    wrong = (b"\x08\x09\x2d" + bytes(4) + graph, b"\x08\x09\x0b" + graph, b"\xff" * 20 + graph, struct.pack("<Q", 9))
    for content in wrong:
        assert refused(content) != "for onnx"
