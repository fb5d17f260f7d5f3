"""The page Models: a card for each model."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import CharacterEncoder, ModelConfig, SequenceModel, model_files, record, user_models
from lstm_core.analysis import most_telling
from tests.support.apps import begun
from viz.models.picture import GAP, LABEL, LETTERS, TALL, WIDE, gates_picture
from viz.shared.examples import DEFAULT_TEXT, examples_for
from viz.shared.model_facts import FACTS
from viz.theme import scale


@pytest.fixture(scope="module")
def app() -> AppTest:
    found = begun("models")
    assert not found.exception
    return found


def told(app: AppTest) -> str:
    return "\n".join(str(element.value) for kind in ("markdown", "caption") for element in app.get(kind)).replace(
        "\\", ""
    )


def test_each_model_has_a_card_with_title_score_data_and_licence(app):
    titles = [one.value.replace("\\", "") for one in app.markdown if one.value.startswith("### ")]
    assert titles == [f"### {facts.title}" for facts in FACTS.values()]
    assert [one.value for one in app.header] == ["Language", "Counting and grammar", "Numbers and series"]
    for part in (
        "**95.68% of closing brackets right**",
        "before training 6.029; a tanh RNN of the same size 2.344. Less is better.",
        "**Licence of the data** Python Software Foundation License, version 2",
        "[train.tsv (6,920 sentences)](https://nlp.stanford.edu/sentiment/)",
        "1 layer of 5 units, 260 parameters",
    ):
        assert part in told(app)
    assert len(app.get("image")) == len(FACTS)


@pytest.mark.parametrize(("key", "page"), [("explore-anbn", "explore"), ("step-anbn", "step"), ("units-anbn", "units")])
def test_a_card_opens_its_model_on_its_own_example(key, page):
    app = begun("models")
    app.button(key=key).click().run()
    assert not app.exception
    assert (app.session_state["page"], app.session_state["model"]) == (page, "anbn")
    assert app.session_state["unit"] is None
    assert app.session_state["text"] == pretrained.load("anbn").card.examples["Eight of each"]


def test_the_readers_own_models_have_cards_too_and_what_cannot_be_opened_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv(user_models.VARIABLE, str(tmp_path))
    model = SequenceModel(ModelConfig(CharacterEncoder(("a", "b")), 3, 7), seed=1, device="cpu")
    model_files.save(model, tmp_path / "models" / "my letters")
    broken = tmp_path / "models" / "later"
    broken.mkdir(parents=True)
    (broken / "model.json").write_text('{"format": 3}')
    app = begun("models")
    assert not app.exception
    [warning] = app.warning
    assert warning.value.replace("\\", "").startswith("**later** cannot be opened: ")
    assert "this version reads format 2, the file says 3" in warning.value.replace("\\", "")
    assert app.header[-1].value == "Yours"
    for part in (
        "### my letters",
        "There is no example to draw its gates on.",
        "It is not known what it was before training.",
    ):
        assert part in told(app)
    keys = {button.key for button in app.button}
    assert "step-my letters" in keys
    assert "units-my letters" not in keys  # nothing is known of its units


def test_an_rnn_has_a_picture_of_its_hidden_state():
    recording = record(pretrained.rnn_baseline("anbn", device="cpu"), "SaabbT")
    assert Image.open(io.BytesIO(gates_picture(recording, dark=False))).size == (WIDE, LETTERS + TALL)


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_has_the_colours_of_the_gates(dark):
    model = pretrained.load("shakespeare", device="cpu")
    assert next(iter(examples_for(model.config, model.card).values())) == DEFAULT_TEXT
    recording = record(model, DEFAULT_TEXT)
    picture = np.asarray(Image.open(io.BytesIO(gates_picture(recording, dark=dark))).convert("RGB"), dtype=float)
    layer = recording.layers["layer0"].isel(step=slice(0, 48))
    rows = most_telling(layer)
    for number, name in enumerate(("input", "forget", "output")):
        stops = [(at, [int(colour[k : k + 2], 16) for k in (1, 3, 5)]) for at, colour in scale(name, dark=dark)]
        for row, step in ((0, 0), (7, 20), (len(rows) - 1, 47)):
            value = float(layer[name].sel(unit=layer["unit"][rows[row]]).isel(step=step))
            wanted = [np.interp(value, [at for at, _ in stops], [parts[k] for _, parts in stops]) for k in range(3)]
            x = LABEL + (step + 0.5) * (WIDE - LABEL) / 48
            y = LETTERS + number * (TALL + GAP) + (row + 0.5) * TALL / len(rows)
            np.testing.assert_allclose(picture[int(y), int(x)], wanted, atol=1.01)
