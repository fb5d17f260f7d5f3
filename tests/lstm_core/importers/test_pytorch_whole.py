"""Whole models, pickled or scripted: their weights are read by the names of their modules, and none of their code is run."""

import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers import ImportedModel, UnreadableFile
from lstm_core.importers.formats import read_model
from lstm_core.importers.inert import Record
from lstm_core.importers.pytorch import state_dict, whole_model
from lstm_core.importers.pytorch.whole_model import modules_in
from tests.fuzz.canary import trap, watching
from tests.support.hostile import Called, archive, pickled, refused
from tests.support.pickles import Config, Forecaster, saved, with_command, with_trap
from tests.support.saved import Inside, assert_same, hold, recorded

HOW = ["zip", "legacy", "0", "2", "4", "5"]


class Steps(nn.LSTM):
    """A recurrent class of one's own."""


def read(content, tmp_path) -> ImportedModel:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with watching() as canary:
        found = read_model(path)
    assert canary.seen == []
    return ImportedModel.from_bytes(found.to_bytes())


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("how", HOW)
def test_a_whole_model_opens_with_its_weights(tmp_path, how):
    torch.manual_seed(1)
    model = Forecaster()
    found = read(saved(model, how), tmp_path)
    (chain,) = found.chains
    hold(chain, model.lstm)
    assert_same(chain.head.weight, model.fc.weight)
    assert (found.whole, found.framework) == ("Forecaster", "PyTorch")
    assert found.format == {"zip": "whole model (.pt)", "legacy": "whole model (.pt, as before PyTorch 1.6)"}.get(
        how, "pickle (.pkl)"
    )


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("how", HOW)
def test_an_attack_within_a_whole_model_is_not_run(tmp_path, how):
    model, path, marker = Forecaster(), tmp_path / "model.pt", tmp_path / "marker"

    def make(evil):
        model.lstm.activation = evil
        return model

    path.write_bytes(with_command(marker, make, how))
    with pytest.raises(UnreadableFile, match=r"this file asks for (posix|nt)\.system, which is no part of a model"):
        read_model(path)
    assert not marker.exists()
    hold(read(with_trap(make, how), tmp_path).chains[0], model.lstm)


def test_a_model_whose_class_is_the_attackers_own(tmp_path):
    """Its class is looked up by nobody, neither to make it nor to give it its state."""
    with trap() as function:
        kind = type("Net", (), {"__module__": function.__module__})
        kind.__reduce__ = lambda self: (Called, (), vars(self))
        one = Forecaster()
        parts = {name: getattr(one, name) for name in ("_parameters", "_buffers", "_modules")}
        content = pickle.dumps(Called(function, state=parts), protocol=2)
    found = read(content, tmp_path)
    assert found.whole == "trap"
    hold(found.chains[0], one.lstm)


def test_what_is_saved_beside_a_whole_model(tmp_path):
    """A vocabulary, also as an attribute of the model or of an object of one's own."""
    model = Inside(embedding=nn.Embedding(4, 3), lstm=nn.LSTM(3, 5), out=nn.Linear(5, 4))
    letters = ["a", "b", "c", "d"]
    beside = {"model": model, "characters": letters, "config": Config(units=5), "version": torch.__version__}
    for content, where in (
        (saved(beside), "'characters'"),
        (
            saved({"net": model, "config": Config(stoi={one: number for number, one in enumerate(letters)})}),
            "'config.stoi'",
        ),
        (saved({"model": model, "chars": np.array(letters)}), "'chars'"),
        (saved((model, {"itos": letters})), "'1.itos'"),
    ):
        found = read(content, tmp_path)
        assert (found.vocabulary, found.vocabulary_from) == (tuple(letters), f"{where} in the checkpoint")
        assert_same(found.chains[0].weights["weight_hh_l0"], model.lstm.weight_hh_l0)
        assert_same(found.chains[0].embedding, model.embedding.weight)
    model.vocab = letters
    assert read(saved(model), tmp_path).vocabulary == tuple(letters)


def test_names_are_those_of_the_state_dict(tmp_path):
    model = nn.DataParallel(
        Inside(encoder=Inside(rnn=nn.LSTM(3, 4)), blocks=nn.ModuleList([nn.GRU(4, 5), nn.GRU(5, 5)]))
    )
    model.module.register_buffer("counter", torch.zeros(2), persistent=False)
    found = read(saved(model), tmp_path)
    assert [chain.name for chain in found.chains] == ["blocks.0 → blocks.1", "encoder.rnn", "blocks.0", "blocks.1"]
    hold(found.chains[1], model.module.encoder.rnn)
    assert found.whole == "DataParallel"
    assert not any("counter" in note for note in found.notes)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_a_simple_layer_says_its_nonlinearity(tmp_path, nonlinearity):
    model = Inside(rnn=nn.RNN(3, 4, nonlinearity=nonlinearity), cell=nn.RNNCell(3, 4, nonlinearity=nonlinearity))
    first, second = read(saved(model), tmp_path).chains
    hold(first, model.rnn)
    x = torch.randn(2, 3)
    assert_same(recorded(second, x)["layer0"].hidden.values[0], model.cell(x[:1])[0])
    assert not any("is assumed" in note for note in (*first.notes, *second.notes))


def test_a_class_of_ones_own_is_told(tmp_path):
    found = read(saved(Inside(lstm=Steps(3, 4))), tmp_path)
    note = "lstm is of a class of its own (Steps), whose code was not run: its weights are read by the equations of torch's LSTM."
    assert found.chains[0].notes == (note,)


def test_functions_that_stand_somewhere_are_told(tmp_path):
    found = read(saved(Inside(lstm=nn.LSTM(3, 4), act=nn.ReLU(), gate=nn.PReLU(), fc=nn.Linear(4, 2))), tmp_path)
    told = "The model also has act (ReLU): where it is applied stands in the model's forward, which was not run."
    assert told in found.notes


SCRIPTS = {
    "scripted": lambda model: torch.jit.script(model),
    "traced": lambda model: torch.jit.trace(model, torch.zeros(4, 3)),
    "mobile": lambda model: torch.jit.script(model),
}
SCRIPTING = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::torch.jit.TracerWarning"
)


@SCRIPTING
@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_script_opens_with_its_weights_and_its_code_is_not_run(tmp_path, kind):
    model, path = Forecaster().eval(), tmp_path / "model.pt"
    script = SCRIPTS[kind](model)
    if kind == "mobile":
        script._save_for_lite_interpreter(str(path))
    else:
        script.save(path)
    found = read(path.read_bytes(), tmp_path)
    hold(found.chains[0], model.lstm)
    assert_same(found.chains[0].head.weight, model.fc.weight)
    assert (found.whole, found.format) == ("Forecaster", "TorchScript (.pt)")


@SCRIPTING
def test_a_script_of_a_layer_itself(tmp_path):
    module, path = nn.LSTM(3, 4), tmp_path / "model.pt"
    torch.jit.script(module).save(path)
    found = read(path.read_bytes(), tmp_path)
    hold(found.chains[0], module)
    assert found.whole == "LSTM"


@SCRIPTING
def test_a_script_that_attacks(tmp_path):
    path = tmp_path / "model.pt"
    torch.jit.script(nn.LSTM(3, 4)).save(path)
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    whole = entries["model/data.pkl"]
    for old, new, message in (
        (b"torch.jit._pickle\nrestore_type_tag", b"posix\nsystem", r"asks for posix\.system"),
        (b"K0", b"M\xff\xff", "reaches for|of the 262,140 bytes|twice|damaged"),  # a storage of 48 numbers
        (b"FloatStorage", b"FleetStorage", "not a tensor's storage"),
    ):
        with zipfile.ZipFile(path, "w") as file:
            for name, content in entries.items():
                file.writestr(name, whole.replace(old, new, 1) if name == "model/data.pkl" else content)
        refused(path, message)


def test_modules_within_themselves_are_refused():
    model = Record("torch.nn.modules.container Sequential")
    model.state = {"_parameters": {}, "_buffers": {}, "_modules": {}}
    model.state["_modules"]["0"] = model.state["_modules"]["1"] = model
    with pytest.raises(UnreadableFile, match="lie more than 64 deep in one another"):
        modules_in(model)


def test_modules_that_are_none(tmp_path):
    """What looks like a module and has something else in the place of its parts."""
    for state in (
        {"_parameters": {"weight_ih_l0": 3, 4: torch.zeros(2)}, "_buffers": {}, "_modules": {"a": None}},
        {"_parameters": [], "_buffers": {}, "_modules": {}},
        {"_parameters": {}, "_buffers": {}, "_modules": {"a": {"_parameters": {}}}, "_non_persistent_buffers_set": [3]},
    ):
        path = archive(
            tmp_path / "model.pt", pickled({"model": Called(Config, state={k: v for k, v in state.items() if k})})
        )
        refused(path, "holds no tensors by name|holds 1 tensors")


def test_more_modules_than_are_read(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    path.write_bytes(saved(nn.Sequential(*(nn.LSTM(2, 2) for _ in range(9)))))
    monkeypatch.setattr(whole_model, "LIMITS", replace(whole_model.LIMITS, tensors=5))
    refused(path, "this model's modules are more than 5")
    monkeypatch.undo()
    monkeypatch.setattr(state_dict, "MAX_LEAVES", 20)
    refused(path, "has 24 tensors; Gatescope reads up to")


def test_optimisers_and_trainers_beside_the_weights(tmp_path):
    """As objects too: what they hold has no names, or is not looked at."""
    model = Forecaster()
    optimiser = torch.optim.Adam(model.parameters())
    model.fc(model.lstm(torch.randn(4, 3))[0]).sum().backward()
    optimiser.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimiser, 3)
    lightning = {
        "epoch": 4,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": model.state_dict(),
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.25), "dirpath": Config(path="runs")}},
        "optimizer_states": [optimiser.state_dict()],
        "hyper_parameters": Config(lr=1e-3, stoi={"a": 0}),
    }
    for value in (
        lightning,
        {"model": model.state_dict(), "optimizer": optimiser, "scheduler": scheduler.state_dict()},
    ):
        found = read(saved(value), tmp_path)
        assert [chain.name for chain in found.chains] == ["lstm"]
        hold(found.chains[0], model.lstm)
        assert found.notes == ()
