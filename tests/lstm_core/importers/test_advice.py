"""Whoever does what a refusal says gets a file that is read: each piece of advice is followed here, to the letter."""

import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from lstm_core.importers import ImportedModel, UnreadableFile
from lstm_core.importers.formats import read_model

CODE = re.compile(r"(?:torch\.save|save_file)\(.*\)")


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 6)
        self.lstm = nn.LSTM(6, 8, batch_first=True)
        self.head = nn.Linear(8, 9)

    def forward(self, classes: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(self.embedding(classes))[0])


@pytest.fixture(scope="module")
def model() -> Tagger:
    torch.manual_seed(0)
    return Tagger().eval()


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refusal(path: str) -> str:
    with pytest.raises(UnreadableFile) as refused:
        read_model(path, path)
    assert len(str(refused.value)) < 400
    return str(refused.value)


def followed(sentence: str, **given: Any) -> ImportedModel:
    """What is read after the code in the sentence was run, in the folder of the refused file."""
    names = {"torch": torch, "save_file": safetensors.torch.save_file, "load_file": safetensors.torch.load_file}
    code = CODE.search(sentence)
    assert code is not None, sentence
    exec(code[0], names | given)  # noqa: S102 (the advice itself)
    return read_model(re.findall(r"[\w.]+\.(?:pt|safetensors)\b", code[0])[-1])


def is_of(found: ImportedModel, model: Tagger) -> None:
    (chain,) = found.chains
    for name, tensor in model.lstm.state_dict().items():
        np.testing.assert_array_equal(chain.weights[name], tensor.numpy())


def packaged(model: Tagger) -> None:
    with torch.package.PackageExporter("model.pt") as exporter:
        exporter.extern("**")
        exporter.save_pickle("some.where", "it.pkl", model)


def compiled(_: Tagger) -> None:
    zipped(
        "model.pt",
        {
            "m/data/aotinductor/model/abc.so": b"\x7fELF",
            "m/data/aotinductor/model/w.pt": b"x",
            "m/archive_format": b"pt2",
        },
    )


SAVED: dict[str, tuple[Callable[[Tagger], object], str]] = {
    "package": (packaged, "a torch.package archive"),
    "AOTInductor": (compiled, "compiled code"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("kind", SAVED)
def test_what_torch_wrote_otherwise_is_saved_again_as_advised(kind, model):
    save, message = SAVED[kind]
    save(model)
    sentence = refusal("model.pt")
    assert message in sentence
    is_of(followed(sentence, model=model), model)


def test_arrays_by_name_are_saved_as_a_state_dict(model):
    arrays = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    Path("arrays.pkl").write_bytes(pickle.dumps(list(arrays.values())))
    is_of(followed(refusal("arrays.pkl"), arrays=arrays), model)


def zipped(path: str, entries: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def state_of(model: Tagger) -> bytes:
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    return buffer.getvalue()


ARCHIVES: dict[str, Callable[[bytes], dict[str, bytes]]] = {
    "TorchServe": lambda state: {"MAR-INF/MANIFEST.json": b"{}", "handler.py": b"", "weights.pt": state},
    "made on a Mac": lambda state: {"__MACOSX/._model.pt": b"x", "model.pt": state},
    "with its optimiser": lambda state: {"policy.optimizer.pth": b"x", "policy.pth": state},
    "exported before PyTorch 2.7": lambda state: {"serialized_exported_program.json": b"{}", "serialized_constants.pt": b"x", "serialized_state_dict.pt": state},
    "exported by PyTorch 2.7": lambda state: {"m/archive_format": b"pt2", "m/models/model.json": b"{}", "m/data/constants/model.pt": b"x", "m/data/sample_inputs/model.pt": b"x", "m/data/weights/model.pt": state},
}  # fmt: skip


@pytest.mark.parametrize("kind", ARCHIVES)
def test_the_entry_that_is_to_be_unpacked_is_the_model(kind, model):
    zipped("model.zip", ARCHIVES[kind](state_of(model)))
    sentence = refusal("model.zip")
    named = re.search(r"'([^']+)'", sentence)
    assert named is not None
    assert "unpack" in sentence
    with zipfile.ZipFile("model.zip") as archive:
        is_of(read_model(archive.extract(named[1], "out")), model)


def test_of_several_models_in_one_archive_the_reader_chooses(model):
    zipped("m.zip", {"a.txt": b"", "x/one.pt": state_of(model), "x/two.safetensors": b"x", "._one.pt": b""})
    assert refusal("m.zip").startswith(
        "this archive holds 2 files that are called like models ('x/one.pt', 'x/two.safetensors'): unpack it and upload"
    )


@pytest.mark.parametrize("apart", [False, True])
def test_the_index_of_a_model_in_several_files_names_what_to_upload(apart, model):
    state = model.state_dict()
    places = {
        name: f"model-0000{1 + (name.endswith('hh_l0') if apart else 'lstm' in name)}-of-00002.safetensors"
        for name in state
    }
    for file in set(places.values()):
        safetensors.torch.save_file({name: state[name] for name in state if places[name] == file}, file)
    Path("model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": places}))
    sentence = refusal("model.safetensors.index.json")
    if apart:
        is_of(followed(sentence, files=sorted(set(places.values()))), model)
    else:
        assert "upload 'model-00002-of-00002.safetensors', which has the recurrent ones" in sentence
        is_of(read_model("model-00002-of-00002.safetensors"), model)


def test_onnx_with_its_weights_beside_it_is_put_into_one_file():
    onnx = pytest.importorskip("onnx")
    from tests.fuzz.samples import _write_onnx

    _write_onnx(Path())
    whole = onnx.load("onnx-lstm")
    onnx.save(whole, "model.onnx", save_as_external_data=True, location="weights", size_threshold=0)
    sentence = refusal("model.onnx")
    assert "onnx.save(onnx.load(path), another_path)" in sentence
    exec("onnx.save(onnx.load(path), another_path)", {"onnx": onnx, "path": "model.onnx", "another_path": "one.onnx"})  # noqa: S102 (the advice itself)
    assert read_model("one.onnx").chains


ELSEWHERE = {
    "404.pt": (b"404: Not Found", "a few words ('404: Not Found'), as a server's answer"),
    "gone.pt": (b"Entry not found\n", "a few words ('Entry not found'), as a server's answer"),
    "denied.pt": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "a server's answer"),
    "json.pt": (b'{"error":"Repository not found"}', "a server's answer"),
    "page.pt": (b"<!-- saved -->\n<html lang='en'><title>404</title>", "a web page"),
    "lfs.pt": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "git lfs pull"),
    "empty.pt": (b"", "empty"),
    "checkpoint": (b'model_checkpoint_path: "ck-1"\n', "names the newest of several TensorFlow checkpoints: choose all"),
    "ck-1.index": (b"\0\0\1\0\x08\x01", "called like a part of a TensorFlow checkpoint"),
    "ck-1.data-00000-of-00001": (bytes(range(200)), "a part of a TensorFlow checkpoint"),
    "model.pte": (b"\x20\0\0\0ET12" + bytes(20), "an ExecuTorch program"),
    "poem.txt": (b"Two roads, and neither was found not wanting\n", "begins as text"),
    "numbers.csv": (b"404,3\n405,4\n", "a table of text"),
    "tokens.json": (b'{"error": 0, "a": 1}', "a vocabulary is given after the model"),
}  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_came_in_place_of_a_file_is_named(name):
    content, message = ELSEWHERE[name]
    Path(name).write_bytes(content)
    assert message in refusal(name)


def test_of_a_checkpoint_in_parts_the_other_parts_are_asked_for_and_open_together(model):
    del model
    from tests.support import tensorflow_files as made

    files = made.checkpoint({"rnn/basic_rnn_cell/kernel": np.ones((5, 3), np.float32)}, "model")
    for name, content in files.items():
        Path(name).write_bytes(content)
        assert "choose" in refusal(name)
    wanted = re.search(r"model\.index and (model\.data-\S+)", refusal("model.data-00000-of-00001"))
    assert read_model(["model.index", wanted[1]]).chains[0].layouts[0].units == 3
    zipped("saved.zip", {"m/saved_model.pb": b"", "m/variables/variables.index": b""})
    assert "'variables.data-00000-of-00001' with it" in refusal("saved.zip")
    zipped("half.zip", {"checkpoint": b"", "ck-1.index": b""})
    assert "a part of a TensorFlow checkpoint: choose all of its files at once" in refusal("half.zip")
