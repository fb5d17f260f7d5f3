"""Which models are offered, with a zoo made for the test."""

import pytest

import pretrained
from lstm_core import ByteEncoder, CharacterEncoder, ModelConfig, SequenceModel
from viz import loaders
from viz.passage import Passage

ZOO = {
    "wide": ModelConfig(ByteEncoder(), 4, 16),
    "narrow": ModelConfig(ByteEncoder(), 4, 8),
    "letters": ModelConfig(CharacterEncoder(("a", "b")), 3, 8),
    "both": ModelConfig(ByteEncoder(), 4, 8, bidirectional=True),
}


@pytest.fixture(autouse=True)
def _zoo(monkeypatch):
    def model(name):
        return SequenceModel(ZOO[name], device="cpu").eval()

    monkeypatch.setattr(pretrained, "names", lambda: list(ZOO))
    monkeypatch.setattr(pretrained, "load", model)
    monkeypatch.setattr(pretrained, "untrained", model)
    loaders.load_model.clear()
    yield
    loaders.load_model.clear()


def test_only_models_of_one_layout_are_compared_and_the_twin_comes_first():
    assert loaders.comparable("narrow") == ["narrow (untrained)", "letters", "letters (untrained)"]
    assert loaders.comparable("letters (untrained)") == ["letters", "narrow", "narrow (untrained)"]
    assert loaders.comparable("both") == ["both (untrained)"]


def test_recordings_are_shared_and_cannot_be_changed():
    recording = loaders.load_recording("narrow", Passage("abc"))
    assert loaders.load_recording("narrow", Passage("abc")) is recording
    with pytest.raises(ValueError, match="read-only"):
        recording.layers["layer0"]["cell"].to_numpy()[0, 0] = 1


def test_what_a_model_cannot_read_is_said():
    with pytest.raises(ValueError, match="not in this model's vocabulary"):
        loaders.load_recording("letters", Passage("xyz"))
