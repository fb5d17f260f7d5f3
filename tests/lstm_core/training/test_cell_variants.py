"""A model of other cells is trained as an LSTM is: its gradients are torch's, and it is saved and goes on."""

import shutil
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core import SequenceModel, model_files, record
from lstm_core.cells import GRU, LSTM, RNN, Cell
from lstm_core.model import weights_digest
from lstm_core.tasks import Reber, Size, Task
from lstm_core.training import Initial, Settings, initial_model, of_cells, train
from tests.lstm_core.training.runs import ADDING, EVERYTHING, PLAIN, SIZE, TEXT
from tests.support.elsewhere import OFFSETS, read_shifted


def fresh(task: Task, settings: Settings, cell: Cell, size: Size = SIZE) -> SequenceModel:
    return initial_model(of_cells(task.config(size), cell), Initial.of(task, settings))


@pytest.mark.parametrize(("cell", "module"), [(RNN, nn.RNN), (GRU, nn.GRU), (LSTM, nn.LSTM)])
def test_gradients_of_a_stack_are_those_of_torchs_module(cell, module):
    size = Size(hidden=5, embedding=3, layers=2)
    model = fresh(ADDING, PLAIN, cell, size).requires_grad_()
    torch_one = module(model.config.embedding, 5, num_layers=2)
    torch_one.load_state_dict(model.lstm.state_dict())
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(7, 4, model.config.embedding)).astype(np.float32))
    for one in (model.lstm, torch_one):
        one(x)[0].square().sum().backward()
    for name, weights in torch_one.named_parameters():
        torch.testing.assert_close(dict(model.lstm.named_parameters())[name].grad, weights.grad, atol=1e-5, rtol=1e-5)


def test_of_other_cells_only_the_type_is_another():
    config = of_cells(Reber().config(Size(hidden=5, embedding=3, layers=2)), RNN)
    assert (config.hidden, config.layers, config.embedding, config.bidirectional) == (5, 2, 3, False)
    model = SequenceModel(config, seed=0, device="cpu").eval()
    assert {layer.attrs["cell_type"] for layer in record(model, "BTXSE").layers.values()} == {"RNN"}
    with pytest.raises(ValueError, match="a stack of its own"):
        of_cells(config, GRU)


def test_no_gate_of_a_cell_without_a_forget_gate_is_opened():
    for cell in (RNN, GRU):
        usual = fresh(Reber(), PLAIN, cell)
        untouched = SequenceModel(usual.config, seed=PLAIN.seed, device="cpu")
        assert weights_digest(usual) == weights_digest(untouched)


@pytest.mark.parametrize("task", [TEXT, ADDING], ids=["text", "adding"])
@pytest.mark.parametrize("cell", [RNN, GRU, LSTM], ids=lambda cell: cell.type)
def test_a_run_that_was_paused_goes_on_to_the_same_bits_wherever_what_is_read_lies(tmp_path, monkeypatch, task, cell):
    settings, size = (
        replace(EVERYTHING, batch=2),
        Size(hidden=7, embedding=3),
    )  # whose products depend on where they lie
    whole = fresh(task, settings, cell, size)
    before = weights_digest(whole)
    losses = [now.loss for now in train(whole, task, settings)]
    run = train(fresh(task, settings, cell, size), task, settings, folder=tmp_path / "paused")
    list(islice(run, 5))
    run.close()
    for offset in (0, *OFFSETS):
        read_shifted(monkeypatch, offset)
        left = shutil.copytree(tmp_path / "paused", tmp_path / f"moved by {offset}")
        resumed = fresh(task, settings, cell, size)
        assert [now.loss for now in train(resumed, task, settings, folder=left)] == losses[5:], offset
        assert weights_digest(resumed) == weights_digest(whole) != before, offset


def test_a_model_of_other_cells_comes_back_from_disk(tmp_path):
    model = fresh(Reber(), PLAIN, RNN)
    model_files.save(model, tmp_path)
    again = model_files.load(tmp_path, device="cpu")
    assert again.config == model.config
    assert again.digest == model.digest
    described = (tmp_path / model_files.CONFIG).read_text(encoding="utf-8")
    (tmp_path / model_files.CONFIG).write_text(described.replace('"units": 5', '"units": 0'), encoding="utf-8")
    with pytest.raises(model_files.CheckpointError, match="units must be a whole number from 1 upwards, not 0"):
        model_files.load(tmp_path, device="cpu")
