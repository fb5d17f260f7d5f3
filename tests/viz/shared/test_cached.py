"""Which models are offered, with a zoo made for the test."""

import numpy as np
import pytest

import pretrained
from lstm_core import (
    ByteEncoder,
    CharacterEncoder,
    Labels,
    ModelConfig,
    NumberEncoder,
    SequenceModel,
    Values,
    WordEncoder,
    generate,
    model_files,
    user_models,
)
from viz.shared import cached
from viz.shared.passage import Passage, Writing

ZOO = {
    "wide": ModelConfig(ByteEncoder(), 4, 16),
    "narrow": ModelConfig(ByteEncoder(), 4, 8),
    "letters": ModelConfig(CharacterEncoder(("a", "b")), 3, 8),
    "both": ModelConfig(ByteEncoder(), 4, 8, bidirectional=True),
}


def model(name):
    return SequenceModel(ZOO[name], device="cpu").eval()


@pytest.fixture(autouse=True)
def _zoo(monkeypatch):
    monkeypatch.setattr(pretrained, "names", lambda: list(ZOO))
    monkeypatch.setattr(pretrained, "load", model)
    monkeypatch.setattr(pretrained, "untrained", model)
    monkeypatch.setattr(pretrained, "has_untrained", lambda _name: True)
    for one in (cached._load_model, cached._described):
        one.clear()
    yield
    for one in (cached._load_model, cached._described):
        one.clear()


def test_only_models_of_one_layout_are_compared_and_the_twin_comes_first():
    assert cached.comparable("narrow") == ["narrow (untrained)", "letters", "letters (untrained)"]
    assert cached.comparable("letters (untrained)") == ["letters", "narrow", "narrow (untrained)"]
    assert cached.comparable("both") == ["both (untrained)"]


def test_recordings_are_shared_and_cannot_be_changed():
    recording = cached.load_recording("narrow", Passage("abc"))
    assert cached.load_recording("narrow", Passage("abc")) is recording
    with pytest.raises(ValueError, match="read-only"):
        recording.layers["layer0"]["cell"].to_numpy()[0, 0] = 1


def test_what_a_model_cannot_read_is_said():
    with pytest.raises(ValueError, match="not in this model's vocabulary"):
        cached.load_recording("letters", Passage("xyz"))


def test_what_a_model_wrote_is_read_as_it_was_drawn():
    passage = Passage("abc", Writing("narrow", 30, 1.0, 5))
    wanted = generate(model("narrow"), "abc", 30, temperature=1.0, seed=5)
    tokens = cached.load_tokens("both", passage)  # reads bytes too
    np.testing.assert_array_equal(tokens.ids, wanted.ids)  # bytes that are no text among them
    assert len(cached.load_recording("both", passage).tokens) == 33


def test_what_a_model_wrote_is_read_as_text_by_a_model_with_other_classes():
    tokens = cached.load_tokens("narrow", Passage("ab", Writing("letters", 6, 1.0, 2)))
    wanted = generate(model("letters"), "ab", 6, temperature=1.0, seed=2)
    assert tokens.labels == wanted.labels
    assert tokens.ids.tolist() == [ord(label) for label in wanted.labels]


def test_a_model_that_reads_both_ways_says_that_it_cannot_write():
    with pytest.raises(ValueError, match="cannot continue a text"):
        cached.load_tokens("narrow", Passage("ab", Writing("both", 6, 1.0, 2)))


def test_models_that_read_words_or_numbers_are_not_compared_with_those_that_read_characters(monkeypatch):
    others = {
        "narrow": ZOO["narrow"],
        "words": ModelConfig(WordEncoder(("a", "b")), 4, 8),
        "more words": ModelConfig(WordEncoder(("a", "b", "c")), 4, 8, readout=Labels(("good", "bad"))),
        "numbers": ModelConfig(NumberEncoder(("x",), (0.0,), (1.0,)), 1, 8, readout=Values(("y",), (0.0,), (1.0,))),
    }
    monkeypatch.setattr(pretrained, "names", lambda: list(others))
    monkeypatch.setattr(pretrained, "load", lambda name: SequenceModel(others[name], device="cpu").eval())
    assert cached.comparable("narrow") == ["narrow (untrained)"]
    assert cached.comparable("words") == ["words (untrained)", "more words", "more words (untrained)"]
    assert cached.comparable("numbers") == ["numbers (untrained)"]


def test_a_damaged_model_on_the_shelf_is_left_out_and_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_HOME", str(tmp_path))
    broken = tmp_path / "models" / "later"
    broken.mkdir(parents=True)
    (broken / "model.json").write_text('{"format": 3}')
    monkeypatch.setattr(pretrained, "names", lambda: [*ZOO, *user_models.user_models()])
    monkeypatch.setattr(pretrained, "load", lambda name: model_files.load(broken) if name == "later" else model(name))
    assert "later" not in " ".join(cached.model_names())
    assert "this version reads format 2, the file says 3" in cached.unreadable()["later"]
    assert cached.comparable("narrow")[0] == "narrow (untrained)"


def test_one_label_at_two_places_of_a_period_is_read_as_two_things():
    encoder = NumberEncoder(("x",), (0.0,), (1.0,), period=10.0)
    first, later = encoder.encode("@1 0.5"), encoder.encode("@4 0.5")
    assert first.labels == later.labels
    assert first.digest != later.digest
    assert first.digest == encoder.encode("0.5").digest
