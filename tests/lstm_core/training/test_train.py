import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lstm_core import training_checkpoints
from lstm_core.model import weights_digest
from lstm_core.model_files import CheckpointError
from lstm_core.tasks import Size
from lstm_core.training import RESUME, Settings, parallel, probe, train
from tests.lstm_core.training.runs import ADDING, EVERYTHING, PLAIN, TEXT, Scripted, digests, fresh, trained


def test_the_loss_falls_and_progress_counts():
    settings = Settings(steps=60, batch=16, warmup=0, learning_rate=2e-2, score_every=25)
    model = fresh(ADDING, settings)
    before = probe(model, ADDING, settings)
    seen = list(train(model, ADDING, settings))
    assert [now.step for now in seen] == list(range(1, 61))
    assert [now.step for now in seen if now.score is not None] == [25, 50, 60]
    assert seen[0].tokens_per_second > 0
    assert probe(model, ADDING, settings) < 0.5 * before
    assert not model.training


def test_the_first_loss_is_that_of_the_batch_before_the_step():
    model = fresh(ADDING, PLAIN)
    batch = ADDING.batch(0, 4, np.random.default_rng([PLAIN.seed, 0]))
    with torch.no_grad():
        wanted = float((model(batch.inputs)[0][:, -1] - batch.targets[:, -1]).square().mean())
    assert next(train(model, ADDING, PLAIN)).loss == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("task", [TEXT, ADDING], ids=["text", "adding"])
def test_a_seed_repeats_a_run_to_the_bit_and_torchs_generator_does_not_matter(task):
    found = []
    for number in (1, 2):
        torch.manual_seed(number)
        before = torch.get_rng_state()
        found.append(weights_digest(trained(task, EVERYTHING)[0]))
        assert torch.equal(before, torch.get_rng_state())
    assert found[0] == found[1]
    assert found[0] != weights_digest(trained(task, replace(EVERYTHING, seed=6))[0])


def test_closing_the_iterator_saves(tmp_path):
    model = fresh(ADDING, PLAIN)
    run = train(model, ADDING, PLAIN, folder=tmp_path)
    list(itertools.islice(run, 5))
    assert not (tmp_path / RESUME).exists()
    run.close()
    again = fresh(ADDING, PLAIN)
    assert next(train(again, ADDING, PLAIN, folder=tmp_path)).step == 6


@pytest.mark.parametrize(
    ("task", "settings", "size", "message"),
    [
        (ADDING, replace(PLAIN, learning_rate=1e-3), Size(hidden=5, embedding=3), "with other settings or data; delete"),
        (replace(ADDING, length=6), PLAIN, Size(hidden=5, embedding=3), "with other settings or data; delete"),
        (ADDING, PLAIN, Size(hidden=6, embedding=3), "of a model of another size; delete"),
        (ADDING, PLAIN, Size(hidden=5, embedding=3, layers=2), "of a model of another size; delete"),
    ],
    ids=["settings", "task", "hidden", "layers"],
)  # fmt: skip
def test_a_resume_file_of_another_run_is_refused(tmp_path, task, settings, size, message):
    list(itertools.islice(train(fresh(ADDING, PLAIN), ADDING, PLAIN, folder=tmp_path, save_every=1), 2))
    with pytest.raises(CheckpointError, match=rf"resume\.safetensors: belongs to a run {message} it"):
        next(train(fresh(task, settings, size), task, settings, folder=tmp_path))


def test_a_loss_that_is_no_number_stops_with_step_and_advice_and_keeps_the_weights_of_before(tmp_path):
    settings = replace(PLAIN, weight_noise=0.1)
    model, task = fresh(ADDING, settings), Scripted(bad=4)
    run = train(model, task, settings, folder=tmp_path, save_every=1)
    for _ in range(4):
        next(run)
    before = weights_digest(model)
    message = (
        r"at step 5 of 9 the loss was nan .*: try a smaller learning rate \(now 0\.005\) or a smaller clip \(now 1\)"
    )
    with pytest.raises(FloatingPointError, match=message):
        next(run)
    assert weights_digest(model) == before
    whole = fresh(ADDING, settings)
    assert next(train(whole, Scripted(), replace(settings), folder=tmp_path / "other")).step == 1
    again = fresh(ADDING, settings)
    with pytest.raises(FloatingPointError, match="at step 5 of 9"):
        next(train(again, task, settings, folder=tmp_path))  # goes on from step 4
    assert weights_digest(again) == before


def test_a_gradient_that_is_no_number_stops_too():
    settings = replace(PLAIN, weight_noise=0.1)
    model = fresh(ADDING, settings)
    before = weights_digest(model)
    model.readout.weight.register_hook(lambda gradient: gradient * math.nan)
    with pytest.raises(FloatingPointError, match=r"at step 1 of 9 the loss was [\d.]+ and its gradient's norm nan"):
        next(train(model, ADDING, settings))
    assert weights_digest(model) == before


def test_a_run_that_is_lost_leaves_no_point_that_cannot_be_read(tmp_path):
    model = fresh(ADDING, PLAIN)
    with torch.no_grad():
        model.readout.bias[0] = torch.inf
    with pytest.raises(FloatingPointError, match="at step 1 of 9"):
        next(train(model, ADDING, PLAIN, folder=tmp_path))
    assert training_checkpoints.checkpoints(tmp_path) == ()


@pytest.mark.parametrize(("keep_best", "best"), [(True, 6), (False, 9)])
def test_a_run_ends_with_its_best_weights_the_later_of_equal_ones(tmp_path, keep_best, best):
    settings = replace(PLAIN, keep_best=keep_best, score_every=2)
    model, task = fresh(ADDING, settings), Scripted(scores=(3.0, 1.0, 1.0, 2.0, 4.0))  # after 2, 4, 6, 8 and 9 steps
    found = digests(model, train(model, task, settings, folder=tmp_path))
    assert weights_digest(model) == found[best - 1]
    last = training_checkpoints.checkpoints(tmp_path)[-1]
    assert weights_digest(training_checkpoints.load_checkpoint(last, model.config)) == found[best - 1]
    assert (last.step, last.score) == (9, 1.0 if keep_best else 4.0)


def test_points_of_the_time_lapse_have_the_loss_of_their_weights(tmp_path):
    settings = replace(PLAIN, score_every=4)
    model = fresh(TEXT, settings)
    first = weights_digest(model)
    seen = list(train(model, TEXT, settings, folder=tmp_path))
    checkpoints = training_checkpoints.checkpoints(tmp_path)
    assert [checkpoint.step for checkpoint in checkpoints] == [0, 1, 2, 4, 8, 9]
    scores = {now.step: now.score for now in seen if now.score is not None}
    assert list(scores) == [4, 8, 9]
    for checkpoint in checkpoints:
        again = training_checkpoints.load_checkpoint(checkpoint, model.config)
        assert probe(again, TEXT, settings) == pytest.approx(checkpoint.loss, abs=1e-6)
        assert checkpoint.score == pytest.approx(scores.get(checkpoint.step, math.nan), nan_ok=True)
        assert checkpoint.exact
    assert weights_digest(training_checkpoints.load_checkpoint(checkpoints[0], model.config)) == first
    assert weights_digest(training_checkpoints.load_checkpoint(checkpoints[-1], model.config)) == weights_digest(model)


def test_points_in_half_precision_say_so(tmp_path):
    model = fresh(TEXT, PLAIN)
    list(train(model, TEXT, PLAIN, folder=tmp_path, half=True))
    last = training_checkpoints.checkpoints(tmp_path)[-1]
    assert not last.exact
    again = training_checkpoints.load_checkpoint(last, model.config)
    for name, weights in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], weights, rtol=1e-3, atol=1e-6)


def test_another_process_than_the_first_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel, "rank", lambda: 1)
    model = fresh(TEXT, EVERYTHING)
    list(train(model, TEXT, EVERYTHING, folder=tmp_path, save_every=1))
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_cannot_be_shared_evenly_is_refused(monkeypatch):
    monkeypatch.setattr(parallel, "processes", lambda: 3)
    with pytest.raises(ValueError, match="a batch of 4 sequences cannot be shared by 3 processes: make it a multiple"):
        next(train(fresh(ADDING, PLAIN), ADDING, PLAIN))


@pytest.mark.parametrize(
    ("scores", "best"), [((3.0, 1.0, math.nan, 2.0, math.nan), 4), ((math.nan, 5.0, 6.0, 7.0, 8.0), 4)]
)
def test_weights_whose_score_is_nan_are_never_the_best(scores, best):
    settings = replace(PLAIN, keep_best=True, score_every=2)
    model, task = fresh(ADDING, settings), Scripted(scores=scores)  # after 2, 4, 6, 8 and 9 steps
    found = digests(model, train(model, task, settings))
    assert weights_digest(model) == found[best - 1]


def test_a_run_whose_scores_are_all_nan_ends_with_its_last_weights():
    settings = replace(PLAIN, keep_best=True, score_every=2)
    model, task = fresh(ADDING, settings), Scripted(scores=(math.nan,) * 5)
    found = digests(model, train(model, task, settings))
    assert weights_digest(model) == found[-1]
