"""Exported programs (.pt2): their weights equal the module's, and files that attack come to a sentence."""

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers import UnreadableFile
from lstm_core.importers.formats import read_model
from lstm_core.importers.pytorch import exported_program
from lstm_core.importers.sandbox import read_sandboxed
from tests.support.saved import hold

CONFIG = "model/data/weights/model_weights_config.json"


class Tagger(nn.Module):
    """Reads classes, predicts classes; its readout is tied to its embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 6)
        self.lstm = nn.LSTM(6, 6, batch_first=True, num_layers=2)
        self.head = nn.Linear(6, 9)
        self.head.weight = self.embedding.weight

    def forward(self, classes: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(self.embedding(classes))[0])


@pytest.fixture(scope="module")
def module() -> Tagger:
    torch.manual_seed(0)
    return Tagger().eval()


@pytest.fixture(scope="module")
def exported(module: Tagger) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own: of attributes of nn.LSTM, and of what it calls itself
        torch.export.save(torch.export.export(module, (torch.zeros(1, 5, dtype=torch.long),)), buffer)
    return buffer.getvalue()


def test_the_weights_are_those_of_the_module(module, exported):
    found = read_sandboxed(exported, "tagger.pt2")
    assert found.format == "exported program (.pt2)"
    (chain,) = found.chains
    for name, tensor in module.lstm.state_dict().items():
        np.testing.assert_array_equal(chain.weights[name], tensor.numpy())
    np.testing.assert_array_equal(chain.embedding, module.embedding.weight.detach().numpy())
    np.testing.assert_array_equal(chain.head.weight, module.head.weight.detach().numpy())
    np.testing.assert_array_equal(chain.head.bias, module.head.bias.detach().numpy())
    hold(replace(chain, embedding=None, head=None), module.lstm)


def changed(content: bytes, change: Callable[[dict[str, Any]], None], **entries: bytes | None) -> bytes:
    """The same file with another description of its weights, and other entries (None: left out)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            name = entry.filename.partition("/")[2]
            stored: bytes | None = old.read(entry)
            if name == CONFIG.partition("/")[2]:
                told = json.loads(stored)
                change(told["config"])
                stored = json.dumps(told).encode()
            stored = entries.get(name.rpartition("/")[2], stored)
            if stored is not None:
                new.writestr(f"model/{name}", stored)
    return buffer.getvalue()


def meta(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = config["lstm.weight_hh_l0"]["tensor_meta"]
    return found


HOSTILE = {
    "a pickle": (lambda c: c["lstm.weight_hh_l0"].update(use_pickle=True), "'lstm.weight_hh_l0' of this program is not a plain"),
    "too long": (lambda c: meta(c).update(sizes=[{"as_int": 10**10}, {"as_int": 6}]), "reaches for 60,000,000,000 numbers where the file stores 144"),
    "stride 0": (lambda c: meta(c).update(sizes=[{"as_int": 10**10}, {"as_int": 1}], strides=[{"as_int": 0}] * 2), "reaches for 10,000,000,000 numbers"),
    "negative": (lambda c: meta(c).update(storage_offset={"as_int": -1}), "with an invalid size or strides"),
    "symbolic": (lambda c: meta(c).update(sizes=[{"as_expr": {"expr_str": "s0"}}, {"as_int": 6}]), "with an invalid size or strides"),
    "sparse": (lambda c: meta(c).update(layout=1), "is not a plain tensor"),
    "elsewhere": (lambda c: c["lstm.weight_hh_l0"].update(path_name="../../../etc/passwd"), "the numbers of 'lstm.weight_hh_l0' are missing"),
    "no description": (lambda c: c.update({"lstm.weight_hh_l0": None}), "is not a plain tensor"),
    "integers": (lambda c: meta(c).update(dtype=3), "holds int16 numbers"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_description_that_does_not_fit_is_refused(kind, exported, tmp_path):
    change, message = HOSTILE[kind]
    (tmp_path / "m.pt2").write_bytes(changed(exported, change))
    with pytest.raises(UnreadableFile) as refused:
        read_model(tmp_path / "m.pt2")
    assert message in str(refused.value)
    assert ": " in str(refused.value)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"byteorder": b"big"}, "the other byte order"),
        ({"weight_2": None}, "are missing"),
        ({"model_weights_config.json": b"[" * 100_000}, "not as torch.export.save writes it"),
        ({"model_weights_config.json": b'{"config": 3}'}, "not described by name"),
        ({"model_weights_config.json": b"{}"}, "not as torch.export.save writes it"),
    ],
)
def test_entries_that_do_not_fit_are_refused(entries, message, exported, tmp_path):
    (tmp_path / "m.pt2").write_bytes(changed(exported, lambda _: None, **entries))
    with pytest.raises(UnreadableFile, match=message):
        read_model(tmp_path / "m.pt2")


def test_a_type_that_torch_alone_knows_is_left_out(exported, tmp_path):
    def rare(config: dict[str, Any]) -> None:
        config["head.weight"]["tensor_meta"]["dtype"] = 29  # an 8-bit float

    (tmp_path / "m.pt2").write_bytes(changed(exported, rare))
    assert read_model(tmp_path / "m.pt2").chains[0].head is None


def test_the_numbers_of_types_are_torchs_own():
    from torch._export.serde.serialize import _TORCH_TO_SERIALIZE_DTYPE as OF_TORCH

    assert {int(OF_TORCH[dtype]): dtype for dtype in exported_program.DTYPES.values()} == exported_program.DTYPES
