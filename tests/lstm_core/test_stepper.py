import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel, Stepper, record


def both_ways() -> SequenceModel:
    return SequenceModel(ModelConfig(ByteEncoder(), 4, 6, layers=2, bidirectional=True), seed=5, device="cpu").eval()


def test_stepping_token_by_token_gives_what_torch_gives(small_model):
    stepper = Stepper(small_model)
    for step, character in enumerate("gates"):
        found = stepper.step(character)
        assert stepper.position == step + 1
    with torch.inference_mode():
        hidden, (last_hidden, last_cell) = small_model.lstm(small_model.embedding(torch.tensor(list(b"gates"))))
    torch.testing.assert_close(found["layer0"].hidden, hidden[-1], atol=1e-6, rtol=0)
    torch.testing.assert_close(stepper.state[0], last_hidden, atol=1e-6, rtol=0)
    torch.testing.assert_close(stepper.state[1], last_cell, atol=1e-6, rtol=0)


def test_rewinding_and_stepping_again_repeats_to_the_bit(small_model):
    stepper = Stepper(small_model)
    first = [stepper.step(token) for token in b"rewind me"]
    stepper.rewind(3)
    assert stepper.position == 3
    again = [stepper.step(token) for token in b"ind me"]
    for then, now in zip(first[3:], again, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(then["layer0"], now["layer0"], strict=True))
    stepper.rewind(0)
    assert not stepper.state[0].any()


def test_another_road_after_a_rewind_forgets_the_first(small_model):
    stepper = Stepper(small_model)
    for token in b"abc":
        stepper.step(token)
    stepper.rewind(1)
    stepper.step("x")
    fresh = Stepper(small_model)
    fresh.step("a")
    fresh.step("x")
    assert torch.equal(stepper.state[1], fresh.state[1])


def test_a_bidirectional_model_reads_the_tokens_so_far_anew():
    model = both_ways()
    stepper = Stepper(model)
    for character in "abcd":
        found = stepper.step(character)
    recording = record(model, "abcd")
    for name, layer in recording.layers.items():
        torch.testing.assert_close(found[name].cell, torch.tensor(layer["cell"].to_numpy()[-1]), atol=1e-6, rtol=0)
    with torch.inference_mode():
        _, (hidden, cell) = model.lstm(model.embedding(torch.tensor(list(b"abcd"))))
    torch.testing.assert_close(stepper.state[0], hidden, atol=1e-6, rtol=0)
    torch.testing.assert_close(stepper.state[1], cell, atol=1e-6, rtol=0)
    stepper.rewind(2)
    with torch.inference_mode():
        _, (hidden, _) = model.lstm(model.embedding(torch.tensor(list(b"ab"))))
    torch.testing.assert_close(stepper.state[0], hidden, atol=1e-6, rtol=0)


def test_it_expects_what_the_recording_says_was_expected(small_model):
    stepper = Stepper(small_model)
    for character in "to be":
        stepper.step(character)
    wanted = record(small_model, "to be").prediction["probability"].to_numpy()[-1]
    torch.testing.assert_close(stepper.probability(), torch.tensor(wanted), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (lambda stepper: stepper.step("é"), "2 tokens to this model"),
        (lambda stepper: stepper.step(256), "classes 0 to 255"),
        (lambda stepper: stepper.rewind(1), "0 tokens have been read"),
        (lambda stepper: stepper.probability(), "nothing has been read"),
    ],
)
def test_what_cannot_be_done_is_said(small_model, do, message):
    with pytest.raises(ValueError, match=message):
        do(Stepper(small_model))
