"""Every kind of model: what it reads and what it predicts, compared with torch and a float64 loop."""

import numpy as np
import pytest
import torch

from lstm_core import (
    SIGNALS,
    ByteEncoder,
    CharacterEncoder,
    Labels,
    LegalTokens,
    ModelConfig,
    NextToken,
    NumberEncoder,
    Recording,
    SequenceModel,
    Stepper,
    Values,
    WordEncoder,
    generate,
    model_files,
    record,
    wiring,
)
from lstm_core.analysis import preactivation_terms
from lstm_core.model import weights_digest
from tests.lstm_core.test_record import double_reference

WORDS = WordEncoder(("film", "not", "good"))
RAIN = NumberEncoder(("temperature (°C)", "rain"), (10.0, 1.0), (4.0, 2.0), period=12.0)
FORECAST = Values(("next temperature (°C)",), (10.0,), (4.0,), ahead=True)
KINDS = {
    "words, labels": (ModelConfig(WORDS, 3, 6, layers=2, readout=Labels(("blame", "praise"))), "Not a good film"),
    "numbers, a forecast": (ModelConfig(RAIN, 4, 6, readout=FORECAST), "12:0 @5 8.5:3 14:0 9:1"),
    "numbers, labels": (ModelConfig(RAIN, 4, 6, bidirectional=True, readout=Labels(("a", "b", "c"))), "12:0 8:3"),
    "characters, values": (
        ModelConfig(CharacterEncoder(("a", "b")), 2, 6, readout=Values(("count", "rest"), (5.0, 0.0), (2.0, 1.0))), "abba",
    ),
    "characters, legal": (ModelConfig(CharacterEncoder(tuple("SabT")), 3, 6, readout=LegalTokens()), "SaabbT"),
    "words, next": (ModelConfig(WORDS, 3, 6), "good film not"),
}  # fmt: skip


def made(kind: str) -> tuple[SequenceModel, str]:
    config, text = KINDS[kind]
    return SequenceModel(config, seed=4, device="cpu").eval(), text


def what_is_read(model: SequenceModel, text: str) -> torch.Tensor:
    """What the first layer reads, by hand: embeddings by class, or numbers as they are."""
    tokens = model.config.encoder.encode(text)
    if tokens.values is not None:
        return torch.from_numpy(tokens.values)
    return model.embedding.weight.detach()[torch.from_numpy(tokens.ids)]


@pytest.mark.parametrize("kind", KINDS)
def test_record_equals_torch_and_the_stepper_and_a_float64_loop(kind):
    model, text = made(kind)
    x = what_is_read(model, text)
    recording, stepped, loop = record(model, text), Stepper(model).read(text), double_reference(model.lstm, x)
    for name, layer in recording.layers.items():
        for signal in SIGNALS:
            assert np.abs(layer[signal] - loop[name][signal]).max() <= 1e-6
            assert np.abs(layer[signal] - stepped.layers[name][signal]).max() <= 1e-6
    with torch.no_grad():
        logits = model.readout(model.lstm(x)[0]).double().numpy()
    prediction = recording.prediction
    assert prediction.attrs["kind"] == model.config.readout.to_json()["kind"]
    match model.config.readout:
        case Values(names, mean, spread):
            assert prediction["feature"].to_numpy().tolist() == list(names)
            np.testing.assert_allclose(prediction["value"], logits * spread + mean, atol=1e-5)
        case LegalTokens():
            np.testing.assert_allclose(prediction["probability"], 1 / (1 + np.exp(-logits)), atol=1e-6)
        case _:
            wanted = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
            np.testing.assert_allclose(prediction["probability"], wanted, atol=1e-6)
    for variable in prediction:
        np.testing.assert_allclose(prediction[variable], stepped.prediction[variable], atol=1e-5)


def test_a_forecast_is_followed_by_what_came_in_its_own_units():
    model, text = made("numbers, a forecast")
    prediction = record(model, text).prediction
    np.testing.assert_allclose(prediction["came"].to_numpy()[:, 0], [8.5, 14, 9, np.nan], atol=1e-5)
    counts, text = made("characters, values")
    assert np.isnan(record(counts, text).prediction["came"]).all()  # these values say nothing of the next step


def test_labels_never_come_and_classes_are_named():
    model, text = made("words, labels")
    prediction = record(model, text).prediction
    assert prediction["class"].to_numpy().tolist() == ["blame", "praise"]
    assert prediction["next_class"].to_numpy().tolist() == [-1] * 4
    model, text = made("words, next")
    prediction = record(model, text).prediction
    assert prediction["class"].to_numpy().tolist() == ["(unknown)", "film", "not", "good"]
    assert prediction["next_class"].to_numpy().tolist() == [1, 2, -1]


@pytest.mark.parametrize("kind", KINDS)
def test_gates_are_the_sum_of_their_wires(kind):
    model, text = made(kind)
    tokens, recording = model.encode(text), record(model, text)
    for name, layer in recording.layers.items():
        wires = wiring(model, tokens, recording, name)
        if name == "layer0":
            np.testing.assert_allclose(wires["read"].to_numpy()[wires["row"]], what_is_read(model, text), atol=1e-7)
        total = preactivation_terms(layer, wires, 1).sum("term").sel(gate="forget").to_numpy()
        np.testing.assert_allclose(1 / (1 + np.exp(-total)), layer["forget"].sel(unit=1), atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_models_and_recordings_come_back_from_disk(tmp_path, kind):
    model, text = made(kind)
    model_files.save(model, tmp_path)
    again = model_files.load(tmp_path, device="cpu")
    assert again.config == model.config
    assert again.digest == model.digest
    recording = record(again, text)
    recording.save(tmp_path / "recording.zarr")
    loaded = Recording.load(tmp_path / "recording.zarr")
    assert loaded.prediction.identical(recording.prediction)


def test_models_of_equal_weights_that_say_other_things_have_other_digests():
    def digest(readout):
        return weights_digest(
            SequenceModel(ModelConfig(CharacterEncoder(("a", "b")), 2, 3, readout=readout), device="cpu")
        )

    readouts = [NextToken(), LegalTokens(), Labels(("a", "b")), Labels(("a", "c")), Values(("a", "b"), (0.0, 0.0), (1.0, 1.0))]  # fmt: skip
    assert len({digest(readout) for readout in readouts}) == 5


def test_numbers_have_no_embedding_and_must_fit():
    model, _ = made("numbers, a forecast")
    assert not any(name.startswith("embedding") for name in model.state_dict())
    assert model.config.classes == 0
    with pytest.raises(ValueError, match="embedding must be 4, the numbers that are read at each step, not 3"):
        ModelConfig(RAIN, 3, 6, readout=FORECAST)
    for readout in (NextToken(), LegalTokens()):
        with pytest.raises(ValueError, match="has no classes to predict: give it a readout of Values or Labels"):
            ModelConfig(RAIN, 4, 6, readout=readout)


def test_tokens_of_another_kind_of_model_are_refused():
    numbers, text = made("numbers, a forecast")
    words, sentence = made("words, labels")
    with pytest.raises(ValueError, match="this model reads 4 numbers a step, not classes"):
        record(numbers, words.encode(sentence))
    with pytest.raises(ValueError, match="but the model has classes"):
        record(words, numbers.encode(text))
    with pytest.raises(ValueError, match="nothing to read"):
        record(numbers, " , ")


def test_words_and_numbers_are_stepped_one_by_one():
    for kind in ("words, labels", "numbers, a forecast"):
        model, text = made(kind)
        recording, stepper = record(model, text), Stepper(model)
        pieces = text.replace("@5 ", "@5@").split()
        for piece in ("@2 9:1", "@3 8:2") if model.config.classes == 0 else pieces:
            found = stepper.step(piece)
        whole = record(model, "@2 9:1 8:2") if model.config.classes == 0 else recording
        np.testing.assert_allclose(found["layer0"].cell, whole.layers["layer0"]["cell"][-1], atol=1e-6)


def test_what_a_model_does_not_say_cannot_be_asked_of_its_stepper():
    model, text = made("numbers, a forecast")
    stepper = Stepper(model)
    with pytest.raises(ValueError, match="it reads numbers: give them as text"):
        stepper.step(0)
    stepper.step("9:1")
    with pytest.raises(ValueError, match="predicts numbers, not probabilities"):
        stepper.probability()
    with pytest.raises(ValueError, match="step takes one"):
        stepper.step(text)
    labelled, _ = made("words, labels")
    stepper = Stepper(labelled)
    stepper.step("good")
    assert float(stepper.probability().sum()) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", ["words, labels", "numbers, a forecast", "characters, values"])
def test_a_model_that_does_not_say_what_comes_next_cannot_write(kind):
    model, text = made(kind)
    with pytest.raises(ValueError, match=r"it cannot continue a text"):
        generate(model, text, 1)


def test_legal_tokens_are_written_in_proportion_to_how_legal_they_are():
    model, _ = made("characters, legal")
    legal = np.array([0.9, 0.45, 0.3, 1e-9])
    with torch.no_grad():
        model.readout.weight.zero_()  # what was read makes no difference
        model.readout.bias.copy_(torch.tensor(legal / (1 - legal)).log())
    counts = np.bincount(generate(model, "Sa", 5000, seed=1).ids[2:], minlength=4) / 5000
    np.testing.assert_allclose(counts, legal / legal.sum(), atol=0.025)
    assert generate(model, "Sa", 3, temperature=0.0).labels == ("S", "a", "S", "S", "S")


def test_words_are_written_with_their_labels():
    model, text = made("words, next")
    written = generate(model, text, 4, seed=2)
    assert written.labels[3:] == WORDS.tokens(written.ids[3:]).labels


def test_the_dtype_of_what_is_read_is_the_models_own():
    model, text = made("numbers, a forecast")
    assert model.inputs(model.encode(text)).dtype == torch.float32
    bytes_model = SequenceModel(ModelConfig(ByteEncoder(), 2, 3), device="cpu")
    assert bytes_model.inputs(bytes_model.encode("ab")).dtype == torch.int64
