"""Pickles that attack: none of them runs, and none takes memory that is not in the file."""

import os
import zipfile
from io import BytesIO

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers import LIMITS
from lstm_core.importers.pytorch import pickle_outline
from lstm_core.importers.pytorch.pickle_outline import outline
from tests.support.hostile import (
    NUMBERS,
    TRICKS,
    Called,
    archive,
    legacy,
    pickled,
    refused,
)


def touch(path):
    """What a pickle of someone's would do."""
    return Called(os.system, f"touch {path}")


@pytest.mark.parametrize("write", [archive, legacy])
@pytest.mark.parametrize(
    "inside", [lambda evil: evil, lambda evil: {"state_dict": evil}, lambda evil: {"a": [(evil,)]}]
)
def test_code_in_a_pickle_is_not_run(tmp_path, write, inside):
    marker, path = tmp_path / "marker", tmp_path / "model.pt"
    value = inside(touch(marker))
    write(path, pickled(value) if write is archive else value)
    refused(path, r"this file asks for (posix|nt)\.system beside its weights, which is code that would have to run")
    assert not marker.exists()


def test_code_before_the_weights_is_not_run(tmp_path):
    marker, path = tmp_path / "marker", tmp_path / "model.pt"
    path.write_bytes(pickled(touch(marker)))
    refused(path, "this file is a pickle, but not as torch.save writes it")
    assert not marker.exists()


@pytest.mark.parametrize("new", [True, False])
def test_a_whole_model_is_refused_and_told_how_to_save_it(tmp_path, new):
    torch.save(nn.Sequential(nn.LSTM(3, 4)), tmp_path / "model.pt", _use_new_zipfile_serialization=new)
    refused(
        tmp_path / "model.pt", r"a whole pickled model \(torch.nn.modules.container.Sequential\).*model.state_dict\(\)"
    )


def test_values_that_are_no_weights_are_named(tmp_path):
    torch.save({"model": nn.LSTM(3, 4).state_dict(), "loss": np.float64(3)}, tmp_path / "model.pt")
    refused(tmp_path / "model.pt", r"this file asks for numpy\._?core\.multiarray\.scalar beside its weights")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_programs_have_their_own_sentences(tmp_path):
    path = tmp_path / "model.pt"
    torch.jit.script(nn.LSTM(3, 4)).save(path)
    refused(path, "this file is a TorchScript archive, a program with its weights")
    with zipfile.ZipFile(path, "w") as file:  # torch.export needs seconds to make one
        file.writestr("model/archive_format", b"pt2")
        file.writestr("model/models/model.json", b"{}")
    refused(path, "this file is a torch.export archive, a program with its weights")


@pytest.mark.filterwarnings("ignore:torch.quantize")
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (lambda: torch.zeros(16, 3).to_sparse(), "a sparse tensor"),
        (lambda: torch.zeros(16, 3).to_sparse_csr(), "a sparse tensor"),
        (lambda: torch.zeros(16, 3, device="meta"), '"meta" device'),
        (lambda: torch.quantize_per_tensor(torch.zeros(16, 3), 1.0, 0, torch.qint8), "a quantised tensor"),
        (lambda: torch.zeros(16, 3).to(torch.float8_e4m3fn), "a tensor of a rare type"),
        (lambda: torch.zeros(16, 3, dtype=torch.cfloat).conj(), "a conjugated or negated view"),
        (
            lambda: torch.zeros(1, 3).expand(16, 3),
            "a tensor of shape 16x3 reaches for 48 numbers where the file stores 3",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Sparse")
def test_tensors_that_are_not_plain_are_refused(tmp_path, weight, message):
    torch.save({"weight_ih_l0": weight()}, tmp_path / "model.pt")
    refused(tmp_path / "model.pt", message)


@pytest.mark.parametrize("write", [archive, legacy])
@pytest.mark.parametrize("trick", TRICKS)
def test_a_small_file_that_asks_for_gigabytes_is_refused(tmp_path, trick, write):
    value, message = TRICKS[trick]
    path = tmp_path / "model.pt"
    write(path, pickled(value) if write is archive else value, {"0": NUMBERS})
    assert path.stat().st_size < 3_000
    refused(path, message)


def test_tuples_in_tuples_are_no_keys(tmp_path):
    key = ()
    for _ in range(60):
        key = (key, key)
    body = b"\x80\x02}" + pickled(key)[2:-1] + b"Ns."
    refused(archive(tmp_path / "model.pt", body), "dictionary whose keys are nested tuples")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "damaged or cut off"),
        (b"\x80\x02", "damaged or cut off"),
        (b"\x80\x02}", "damaged or cut off"),
        (b"\x80\x02.", "damaged or cut off"),
        (b"\x80\x02s.", "damaged or cut off"),
        (b"\x80\x02h\x07.", "damaged or cut off"),
        (b"\x80\x020.", "step POP, which torch.save never writes"),
        (b"\x80\x02]}b.", "something is put into what is no OrderedDict"),
        (b"\x80\x02K\x01)R.", "something is called that is no function"),
        (b"\x80\x02K\x01Q.", "refers to something that is not a tensor's storage"),
        (b"\x80\x04N.", "saved with pickle protocol 4"),
        (b"\x80\x02\x8e\xff\xff\xff\xff\xff\x00\x00\x00.", "damaged or cut off"),
        (b"\x80\x02X\xff\xff\xff\xff.", "damaged or cut off"),
    ],
)
def test_a_pickle_that_makes_no_sense_is_named(tmp_path, body, message):
    refused(archive(tmp_path / "model.pt", body), message)


def test_pickles_are_measured_before_they_are_followed(tmp_path, monkeypatch):
    path = archive(tmp_path / "model.pt", b"\x80\x02" + b"N" * LIMITS.metadata + b".")
    refused(path, "what stands in this file beside its numbers has 8.0 MB; Gatescope reads up to 8 MB")
    refused(legacy(path, "x" * LIMITS.metadata), "what stands in this file beside its numbers has 8.0 MB")
    monkeypatch.setattr(pickle_outline, "MAX_PICKLE_STEPS", 100)
    refused(archive(path, b"\x80\x02" + b"N" * 200 + b"."), "more than 100 steps")


def test_an_outline_reads_one_pickle_and_stops_there():
    pickles = BytesIO(pickled(3) + b"more")
    assert outline(pickles).made == 3
    assert pickles.read() == b"more"
