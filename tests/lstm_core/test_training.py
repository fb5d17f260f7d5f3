import itertools
import math

import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel
from lstm_core.checkpoint import CheckpointError
from lstm_core.training import Settings, evaluate, expect_only, open_forget_gates, train

SETTINGS = Settings(epochs=2, batch=4, window=8, warmup=3, seed=5)
IDS = np.frombuffer(b"abcabcabd " * 30, dtype=np.uint8).astype(np.int64)


def fresh() -> SequenceModel:
    return SequenceModel(ModelConfig(ByteEncoder(), 4, 8), seed=2, device="cpu")


def test_the_loss_falls_and_progress_counts():
    model = fresh()
    before = evaluate(model, IDS)
    seen = list(train(model, IDS, Settings(epochs=10, batch=4, window=8, learning_rate=2e-2, seed=5)))
    assert [progress.step for progress in seen] == list(range(1, seen[-1].steps + 1))
    assert seen[-1].steps == 10 * math.ceil((300 // 4 - 1) / 8)
    assert evaluate(model, IDS) < 0.5 * before
    assert not model.training


def test_a_seed_repeats_a_run_to_the_bit_and_torchs_generator_does_not_matter():
    models = [fresh(), fresh()]
    for number, model in enumerate(models):
        torch.manual_seed(number)
        for _ in train(model, IDS, SETTINGS):
            pass
    assert models[0].digest == models[1].digest


@pytest.mark.parametrize("stop", [4, 10, 13])
def test_a_run_that_was_cut_off_goes_on_to_the_same_bits(tmp_path, stop):
    whole = fresh()
    for _ in train(whole, IDS, SETTINGS):
        pass
    for _ in itertools.islice(train(fresh(), IDS, SETTINGS, folder=tmp_path, save_every=2), stop):
        pass
    resumed = fresh()
    rest = list(train(resumed, IDS, SETTINGS, folder=tmp_path, save_every=2))
    assert rest[0].step == stop - stop % 2 + 1
    assert resumed.digest == whole.digest


def test_a_resume_file_of_other_settings_is_refused(tmp_path):
    list(itertools.islice(train(fresh(), IDS, SETTINGS, folder=tmp_path, save_every=1), 2))
    with pytest.raises(CheckpointError, match="other settings or data"):
        next(train(fresh(), IDS, Settings(epochs=3, batch=4, window=8), folder=tmp_path))


def test_a_loss_that_is_no_number_stops_with_advice():
    model = fresh()
    with torch.no_grad():
        model.readout.bias[0] = torch.inf
    with pytest.raises(FloatingPointError, match=r"nan at step 1 of .*smaller learning rate"):
        next(train(model, IDS, SETTINGS))


def test_evaluation_carries_its_state_over_windows(small_model):
    text = torch.as_tensor(IDS)
    logits, _ = small_model(text[:-1])
    wanted = torch.nn.functional.cross_entropy(logits.double(), text[1:]).item()
    assert evaluate(small_model, IDS, window=7) == pytest.approx(wanted, abs=1e-6)


def test_only_the_forget_gates_are_opened():
    model = fresh()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    open_forget_gates(model, 2.0)
    for name, tensor in model.state_dict().items():
        change = torch.zeros_like(tensor)
        if name == "lstm.bias_ih_l0":
            change[8:16] = 2
        torch.testing.assert_close(tensor, before[name] + change)


def test_a_model_told_to_expect_two_characters_expects_only_those():
    model = fresh()
    expect_only(model, np.array([97, 98]))
    probability = torch.softmax(model(torch.tensor([97]))[0][0], dim=-1)
    assert probability[[97, 98]].sum() > 0.98


def test_too_little_text_is_refused():
    with pytest.raises(ValueError, match="5 tokens are too few for 4 strands"):
        next(train(fresh(), IDS[:5], SETTINGS))
    with pytest.raises(ValueError, match="at least 2"):
        evaluate(fresh(), IDS[:1])
