"""Training checkpoints: when they are saved, and that they come back as they were."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lstm_core import SequenceModel, record, training_checkpoints
from lstm_core.model_files import CheckpointError
from lstm_core.training import probe
from tests.support.tiny import SETTINGS, STEPS, TASK, train_tiny


def test_checkpoints_are_due_at_powers_of_two_and_at_both_ends():
    assert [step for step in range(101) if training_checkpoints.is_due(step, 100)] == [0, 1, 2, 4, 8, 16, 32, 64, 100]


def test_a_checkpoint_comes_back_to_the_bit(tmp_path, small_model):
    training_checkpoints.save_checkpoint(tmp_path, small_model, 64, loss=1.25, score=0.5)
    training_checkpoints.save_checkpoint(tmp_path, small_model, 8, loss=2.5, score=float("nan"))
    early, late = training_checkpoints.checkpoints(tmp_path)
    assert (early.step, early.loss, late.step, late.loss, late.score) == (8, 2.5, 64, 1.25, 0.5)
    assert np.isnan(early.score)
    assert early.exact
    assert training_checkpoints.load_checkpoint(late, small_model.config).digest == small_model.digest


def test_half_precision_is_flagged_and_rounds_each_weight(tmp_path, small_model):
    training_checkpoints.save_checkpoint(tmp_path, small_model, 2, loss=1.0, score=1.0, half=True)
    (checkpoint,) = training_checkpoints.checkpoints(tmp_path)
    assert not checkpoint.exact
    loaded = training_checkpoints.load_checkpoint(checkpoint, small_model.config).state_dict()
    for name, weights in small_model.state_dict().items():
        assert loaded[name].dtype == torch.float32
        torch.testing.assert_close(loaded[name], weights.half().float(), rtol=0, atol=0)


def test_a_model_without_checkpoints_has_no_points(tmp_path):
    assert training_checkpoints.checkpoints(tmp_path) == ()


def test_a_damaged_checkpoint_is_named(tmp_path, small_model):
    path = training_checkpoints.save_checkpoint(tmp_path, small_model, 4, loss=1.0, score=1.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match=r"000000004\.safetensors"):
        [
            training_checkpoints.load_checkpoint(checkpoint, small_model.config)
            for checkpoint in training_checkpoints.checkpoints(tmp_path)
        ]
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(CheckpointError, match=r"000000004\.safetensors"):
        training_checkpoints.checkpoints(tmp_path)


def test_a_checkpoint_of_another_layout_is_named(tmp_path, small_model):
    training_checkpoints.save_checkpoint(
        tmp_path, SequenceModel(TASK.config(TASK.size), seed=1), 4, loss=1.0, score=1.0
    )
    (checkpoint,) = training_checkpoints.checkpoints(tmp_path)
    with pytest.raises(CheckpointError, match=r"000000004\.safetensors"):
        training_checkpoints.load_checkpoint(checkpoint, small_model.config)


def test_weights_that_are_no_point_are_named(tmp_path, small_model):
    path = training_checkpoints.save_checkpoint(tmp_path, small_model, 1, loss=float("nan"), score=1.0)
    with pytest.raises(CheckpointError, match="says step 1 and loss nan"):
        training_checkpoints.checkpoints(tmp_path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="is not a training checkpoint"):
        training_checkpoints.checkpoints(tmp_path)


def test_a_training_leaves_the_model_as_it_was_at_each_point(tmp_path):
    model = train_tiny(tmp_path / "tiny")
    checkpoints = training_checkpoints.checkpoints(tmp_path / "tiny")
    assert [checkpoint.step for checkpoint in checkpoints] == STEPS
    for checkpoint in checkpoints:
        then = training_checkpoints.load_checkpoint(checkpoint, model.config)
        assert probe(then, TASK, SETTINGS) == pytest.approx(checkpoint.loss, abs=1e-6)
        recorded = record(then, "shells").layers["layer0"]["forget"]
        assert recorded.shape == (6, 6)
    assert training_checkpoints.load_checkpoint(checkpoints[-1], model.config).digest == model.digest
    assert checkpoints[-1].loss < checkpoints[0].loss
