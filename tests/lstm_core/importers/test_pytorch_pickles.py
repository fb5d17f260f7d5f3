"""Pickles that attack: none of them runs, and none takes memory that is not in the file."""

import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers import LIMITS
from lstm_core.importers.inert import machine
from lstm_core.importers.pytorch.read import read_pytorch
from tests.fuzz.canary import watching
from tests.support.hostile import NUMBERS, TRICKS, archive, legacy, pickled, refused
from tests.support.pickles import ATTACKED, EXTRAS, Forecaster, saved, with_command, with_trap
from tests.support.saved import hold

HOW = ["zip", "legacy"]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("kind", EXTRAS)
def test_what_stands_beside_the_weights_does_not_matter(tmp_path, kind, how):
    torch.manual_seed(1)
    module, path = Forecaster(), tmp_path / "model.pt"
    path.write_bytes(saved({**EXTRAS[kind](), "state_dict": module.state_dict()}, how))
    with watching() as canary:
        found = read_pytorch(path)
    assert canary.seen == []
    (chain,) = found.chains
    hold(chain, module.lstm)
    np.testing.assert_array_equal(chain.head.weight, module.fc.weight.detach())
    assert (found.whole, found.notes) == ("", ())


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("kind", ATTACKED)
def test_an_attack_in_its_place_is_not_run(tmp_path, kind, how):
    """A command is refused; of other code nobody knows that it attacks, but it is not run either."""
    module, path, marker = Forecaster(), tmp_path / "model.pt", tmp_path / "marker"

    def make(evil):
        return {**ATTACKED[kind](evil), "state_dict": module.state_dict()}

    path.write_bytes(with_command(marker, make, how))
    refused(path, r"this file asks for (posix|nt)\.system, which is no part of a model")
    assert not marker.exists()
    path.write_bytes(with_trap(make, how))
    with watching() as canary:
        hold(read_pytorch(path).chains[0], module.lstm)
    assert canary.seen == []


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    "inside", [lambda evil: evil, lambda evil: {"state_dict": evil}, lambda evil: {"a": [(evil,)]}]
)
def test_code_alone_is_not_run(tmp_path, how, inside):
    path, marker = tmp_path / "model.pt", tmp_path / "marker"
    path.write_bytes(with_command(marker, inside, how))
    refused(path, r"this file asks for (posix|nt)\.system, which is no part of a model")
    path.write_bytes(with_trap(inside, how))
    with watching() as canary:
        refused(path, "holds no tensors by name")
    assert canary.seen == []
    assert not marker.exists()


def test_code_in_the_place_of_a_weight_is_not_run(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(with_trap(lambda evil: {**nn.LSTM(3, 4).state_dict(), "weight_hh_l0": evil}))
    with watching() as canary:
        refused(path, "weight_hh_l0 is missing from the file")
    assert canary.seen == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_programs_without_weights_have_their_own_sentences(tmp_path):
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as file:  # torch.export needs seconds to make one
        file.writestr("model/archive_format", b"pt2")
        file.writestr("model/models/model.json", b"{}")
    refused(path, "this file is a torch.export archive, a program with its weights")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/version", b"1")
        file.writestr("model/code/net.py", b"import os")
    refused(path, "this file is a TorchScript archive in an old form")


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (lambda: torch.zeros(16, 3).to_sparse(), "a sparse tensor"),
        (lambda: torch.zeros(16, 3).to_sparse_csr(), "a sparse tensor"),
        (lambda: torch.zeros(16, 3, device="meta"), '"meta" device'),
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


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "damaged or cut off"),
        (b"\x80\x02}", "damaged or cut off"),
        (b"\x80\x02K\x01Q.", "holds no tensors by name"),
        (b"\x80\x04N.", "holds no tensors by name"),
        (b"\x80\x02X\xff\xff\xff\xff.", "damaged or cut off"),
    ],
)
def test_a_pickle_that_makes_no_sense_is_named(tmp_path, body, message):
    refused(archive(tmp_path / "model.pt", body), message)


@pytest.mark.parametrize("protocol", [1, 3, 4, 5])
def test_any_protocol_is_read(tmp_path, protocol):
    module = nn.LSTM(3, 4)
    torch.save(module.state_dict(), tmp_path / "model.pt", pickle_protocol=protocol)
    hold(read_pytorch(tmp_path / "model.pt").chains[0], module)


def test_pickles_are_measured_before_they_are_followed(tmp_path, monkeypatch):
    path = archive(tmp_path / "model.pt", b"\x80\x02" + b"N" * LIMITS.metadata + b".")
    refused(path, "what stands in this file beside its numbers has 8.0 MB; Gatescope reads up to 8 MB")
    refused(legacy(path, "x" * LIMITS.metadata), "what stands in this file beside its numbers has 8.0 MB")
    monkeypatch.setattr(machine, "MAX_PICKLE_STEPS", 100)
    refused(archive(path, b"\x80\x02" + b"N" * 200 + b"."), "more than 100 steps")


def test_storages_that_the_archive_moved_are_not_read(tmp_path):
    """The archive's directory gives the place of each entry; if the entry does not begin there, the file is refused."""
    path = tmp_path / "model.pt"
    torch.save(nn.LSTM(3, 4).state_dict(), path)
    content = path.read_bytes()
    place = content.index(b"model/data/0") - 30
    path.write_bytes(content[:place] + b"PK\x00\x00" + content[place + 4 :])
    refused(path, "the entry 'model/data/0' is not where this archive has it")
