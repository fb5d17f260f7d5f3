"""Whatever a training computes with begins where torch's own memory does: else its last bits would depend on luck."""

from dataclasses import fields, replace
from itertools import islice

import numpy as np
import pytest
import torch
from torch import Tensor

from lstm_core import SequenceModel, model_files, training_checkpoints
from lstm_core.cells import GRU, LSTM, RNN
from lstm_core.device import aligned
from lstm_core.model import weights_digest
from lstm_core.runs import Folder, Request, load_snapshot
from lstm_core.runs.snapshot import SnapshotWriter
from lstm_core.tasks import Forecast, Size, Task
from lstm_core.training import Initial, Progress, initial_model, of_cells, probe, train
from lstm_core.training.run import Run
from tests.lstm_core.training.runs import ADDING, EVERYTHING, PLAIN, TEXT, fresh
from tests.support.elsewhere import OFFSETS, is_aligned, read_shifted, shifted

FORECAST = Forecast.made_up(count=300, window=20)


def moved_batches(task: Task, offset: int) -> Task:
    """The same task, whose batches begin `offset` bytes behind an aligned address."""

    class Moved(type(task)):
        def batch(self, step, size, random):
            batch = super().batch(step, size, random)
            numbers = {name: getattr(batch, name) for name in ("inputs", "targets", "weights")}
            return replace(
                batch,
                **{name: shifted(one, offset) for name, one in numbers.items() if one.is_floating_point()},
            )

    return Moved(**{one.name: getattr(task, one.name) for one in fields(task)})


def watched(model: SequenceModel) -> list[bool]:
    """Of each input that the model reads from now on: is it aligned?"""
    found: list[bool] = []
    model.embedding.register_forward_pre_hook(lambda _, given: found.append(is_aligned(given[0])))
    return found


def test_a_copy_is_aligned_contiguous_and_without_gradient(numbers):
    whole = torch.from_numpy(numbers.normal(size=(5, 7)).astype(np.float32)).requires_grad_()
    for part in (whole, whole[1:], whole[:, 2:5], whole.T, shifted(whole.detach(), 4), whole.long()[1:], whole[:0]):
        copy = aligned(part)
        assert is_aligned(copy)
        assert not copy.requires_grad
        assert torch.equal(copy, part)
        assert copy.untyped_storage().nbytes() == part.nbytes
        if part.numel():
            assert copy.data_ptr() != part.data_ptr()


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("cell", [None, RNN, GRU, LSTM], ids=["torch's LSTM", "RNN", "GRU", "LSTM"])
def test_what_is_restored_is_aligned(tmp_path, monkeypatch, cell, offset):
    config = TEXT.config(Size(hidden=5, layers=2, embedding=3))
    config = of_cells(config, cell) if cell else config
    first, again = (initial_model(config, Initial.of(TEXT, EVERYTHING)) for _ in range(2))
    list(islice(train(first, TEXT, EVERYTHING, folder=tmp_path, save_every=4), 4))
    read_shifted(monkeypatch, offset)
    run = Run(again, EVERYTHING, TEXT.describe())
    run.restore(tmp_path / "resume.safetensors")
    assert run.state is not None
    assert run.best is not None
    tensors: dict[str, Tensor] = {**again.state_dict(), **run.best[1], "hidden": run.state[0], "cell": run.state[1]}
    for number, (parameter, states) in enumerate(run.optimizer.state.items()):
        assert states.keys() >= {"exp_avg", "exp_avg_sq"}
        tensors |= {f"optimizer {number} {name}": one for name, one in states.items()}
        tensors[f"weights {number}"] = parameter
    assert [name for name, one in tensors.items() if not is_aligned(one)] == []


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", [None, RNN, GRU, LSTM], ids=["torch's LSTM", "RNN", "GRU", "LSTM"])
def test_a_state_is_carried_on_as_it_would_be_restored(numbers, cell, layers):
    config = TEXT.config(Size(hidden=5, layers=layers, embedding=3))
    run = Run(initial_model(of_cells(config, cell) if cell else config, Initial()), PLAIN, {})
    for step in range(3):
        run.learn(TEXT.batch(step, 4, numbers))
        assert run.state is not None
        assert all(is_aligned(part) and part.untyped_storage().nbytes() == part.nbytes for part in run.state)


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("task", [ADDING, FORECAST], ids=["adding", "forecast"])
def test_where_a_batch_lies_does_not_matter(task, offset):
    settings, moved = replace(PLAIN, score_every=3), moved_batches(task, offset)
    usual, model = fresh(task, settings), fresh(task, settings)
    read = watched(model)
    found, wanted = (list(train(*one, settings)) for one in ((model, moved), (usual, task)))
    assert [(now.loss, now.score) for now in found] == [(now.loss, now.score) for now in wanted]
    assert weights_digest(model) == weights_digest(usual)
    probe(model, moved, settings)
    moved.validate(model)
    assert len(read) > settings.steps + 2
    assert all(read)


def test_a_series_and_typed_numbers_are_read_from_aligned_memory():
    series = replace(FORECAST)
    vars(series)["_standardised"] = shifted(torch.from_numpy(FORECAST._standardised), 4).numpy()
    model = fresh(series, PLAIN)
    read = watched(model)
    series.forecasts(model)
    assert read == [True]
    tokens = FORECAST.encoder.encode("20.7 17.9 15")
    assert tokens.values is not None
    elsewhere = shifted(torch.from_numpy(tokens.values), 4).numpy()
    assert is_aligned(model.inputs(replace(tokens, values=elsewhere)))


@pytest.mark.parametrize("offset", OFFSETS)
def test_models_from_disk_have_aligned_weights(tmp_path, monkeypatch, small_model, offset):
    model_files.save(small_model, tmp_path)
    training_checkpoints.save_checkpoint(tmp_path, small_model, 4, loss=1.0, score=1.0)
    folder = Folder.create(tmp_path / "run", Request("adding", Size(5), PLAIN), None)
    model_files.save(small_model, folder.first)
    SnapshotWriter(folder).show(small_model, Progress(1, 9, 1.0, None, 1.0, 1.0), 1.0)
    read_shifted(monkeypatch, offset)
    now = load_snapshot(folder)
    assert now is not None
    for model in (
        model_files.load(tmp_path, device="cpu"),
        training_checkpoints.load_checkpoint(training_checkpoints.checkpoints(tmp_path)[0], small_model.config),
        now[1],
    ):
        assert all(map(is_aligned, model.parameters()))
        assert model.digest == small_model.digest


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_model_that_lies_elsewhere_is_trained_to_the_same_bits(offset):
    usual, moved = fresh(ADDING, EVERYTHING), fresh(ADDING, EVERYTHING)
    for weights in moved.parameters():
        weights.data = shifted(weights.data, offset)
    before = list(moved.parameters())
    list(train(usual, ADDING, EVERYTHING))
    list(train(moved, ADDING, EVERYTHING))
    assert all(one is other and is_aligned(one) for one, other in zip(before, moved.parameters(), strict=True))
    assert weights_digest(moved) == weights_digest(usual)
