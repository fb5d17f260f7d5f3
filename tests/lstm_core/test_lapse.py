import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel, lapse
from lstm_core.checkpoint import CheckpointError


def test_points_are_due_after_powers_of_two_and_at_the_end():
    assert [step for step in range(101) if lapse.is_due(step, 100)] == [0, 1, 2, 4, 8, 16, 32, 64, 100]
    assert [step for step in range(2) if lapse.is_due(step, 1)] == [0, 1]


@pytest.fixture
def kept(tmp_path, small_model):
    lapse.keep(tmp_path, small_model, 10, loss=0.25, score=float("nan"))
    lapse.keep(tmp_path, small_model, 9, loss=1.5, score=3.0)
    return tmp_path


def test_points_are_listed_by_step_with_what_was_known(kept, small_model):
    nine, ten = lapse.points(kept)
    assert (nine.step, nine.loss, nine.score) == (9, 1.5, 3.0)
    assert (ten.step, ten.loss) == (10, 0.25)
    assert ten.score != ten.score
    again = lapse.load_point(nine, small_model.config)
    assert not again.training
    assert all(torch.equal(one, other) for one, other in zip(again.parameters(), small_model.parameters(), strict=True))


def test_a_model_without_a_time_lapse_has_no_points(tmp_path):
    assert lapse.points(tmp_path) == ()


def test_a_damaged_point_or_one_of_another_layout_is_named(kept):
    point = lapse.points(kept)[0]
    other = SequenceModel(ModelConfig(ByteEncoder(), 5, 9), device="cpu")
    with pytest.raises(CheckpointError, match=r"000000009\.safetensors: .* is \(32, 5\)"):
        lapse.load_point(point, other.config)
    content = point.path.read_bytes()
    point.path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"000000009\.safetensors: not a whole safetensors file"):
        lapse.points(kept)


def test_weights_that_are_no_point_are_named(tmp_path, small_model):
    path = lapse.keep(tmp_path, small_model, 1, loss=float("nan"), score=1.0)
    with pytest.raises(CheckpointError, match="says step 1 and loss nan"):
        lapse.points(tmp_path)
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="is no checkpoint of a time-lapse"):
        lapse.points(tmp_path)
