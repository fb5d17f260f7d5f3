"""Who said it? What Step says below the stepper, against the library."""

from base64 import b64decode

import numpy as np
import pytest

import pretrained
from lstm_core import Intervention, generate, record
from lstm_core.analysis import contextual_decomposition, integrated_gradients, token_shares
from tests.support.apps import begun, figures

TEXT, STEP = "this is not a good movie", 4


def words(app) -> str:
    assert not app.exception
    return "\n".join(one.value for one in (*app.markdown, *app.info))


def heights(app) -> list[float]:
    (figure,) = figures(app)
    y = figure["data"][0]["y"]
    return list(y) if isinstance(y, list) else np.frombuffer(b64decode(y["bdata"]), y["dtype"]).tolist()


@pytest.fixture(scope="module")
def sentiment():
    return pretrained.load("sentiment", device="cpu")


def test_by_token_the_bars_and_what_the_tanh_takes_are_the_librarys(sentiment):
    app = begun("step", model="sentiment", text=TEXT, step=str(STEP), explained="negative")
    found = token_shares(sentiment, record(sentiment, TEXT), STEP, "negative")
    np.testing.assert_allclose(heights(app), found["share"].sum(["layer", "unit"])[: STEP + 1], atol=1e-6)
    assert f"{float(found['remainder'].sum()):+.2f} is what the tanh takes away" in words(app)
    assert f"The logit of “**negative**” is {float(found['value']):.2f}".replace("-", "−") in words(app)
    app.toggle(key="shares-of-unit").set_value(True).run()
    unit = app.session_state["unit"] or 23
    np.testing.assert_allclose(heights(app), found["share"].sel(unit=unit).sum("layer")[: STEP + 1], atol=1e-6)


def test_a_phrase_has_what_contextual_decomposition_gives_it(sentiment):
    app = begun("step", model="sentiment", text=TEXT, step=str(STEP), tab="phrase", explained="positive")
    app.select_slider[0].set_value((3, 5)).run()
    found = contextual_decomposition(sentiment, TEXT, 2, 5).prediction["phrase"].sel({"class": "positive"})
    np.testing.assert_allclose(heights(app), found, atol=1e-6)
    assert f"“**not a good**” adds {float(found[STEP]):+.2f} to the logit of “**positive**” after step 5" in words(app)


def test_integrated_gradients_come_with_their_completeness_error(sentiment):
    app = begun("step", model="sentiment", text=TEXT, step=str(STEP), tab="integrated", explained="positive")
    found = integrated_gradients(sentiment, TEXT, STEP, "positive")
    np.testing.assert_allclose(heights(app), found["share"][: STEP + 1], atol=1e-6)
    assert "completeness error of" in words(app)


def test_it_writes_with_and_without_the_unit_held_from_one_seed():
    app = begun("step", model="python", text="x = 'abc", step="7", unit="132", tab="held", temperature="0.5", seed="3")
    assert not app.code
    app.number_input[0].set_value(-3.0).run()
    app.button(key="held-write").click().run()
    assert not app.exception
    model = pretrained.load("python", device="cpu")
    held = Intervention("layer0", "cell", -3.0, (132,), start=8)
    for shown, interventions in zip(app.code, ([], [held]), strict=True):
        ids = generate(model, "x = 'abc", 100, temperature=0.5, seed=3, interventions=interventions).ids[8:]
        assert shown.value == model.config.class_encoder.decode(ids)


def test_models_of_which_it_cannot_be_said_have_a_sentence():
    assert "cannot continue a text" in words(begun("step", model="sentiment", text=TEXT, tab="held"))
    assert "The output “**" in words(begun("step", model="temperature", step="3"))
