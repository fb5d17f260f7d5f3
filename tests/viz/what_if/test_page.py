"""The page What if without a browser."""

import html
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import Intervention, costs, record
from lstm_core.analysis import change, knock_out, most_telling
from lstm_core.analysis.knock_out import MAX_KNOCK_OUT_PRODUCTS
from lstm_core.costs import recurrent_weights
from tests.support import odd_models
from tests.support.apps import begun, figures, in_every_tab
from viz.shared.findings import FINDINGS
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.what_if.cached import KnockOutSweep
from viz.what_if.controls import further
from viz.what_if.knock_out_section import most_in_words
from viz.what_if.link_format import read, usual, within, written

PAGE = "viz/what_if/page.py"
TEXT = "Hark who"
BARS = ["change", "cost"]
BROKEN = FINDINGS["Look for this: break a model that counts"]
COUNTER, COUNTS = BROKEN.model_name, BROKEN.text


def opened(**query: str | list[str]) -> AppTest:
    app = begun("what-if", **{"text": TEXT} | query)
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(one.value for kind in (app.caption, app.info, app.warning, app.text, app.markdown) for one in kind)


def labelled(boxes, label: str):
    return next(box for box in boxes if box.label == label)


def drawn(app: AppTest, name: str) -> dict:
    return next(trace for figure in figures(app) for trace in figure["data"] if trace.get("name") == name)


def said(app: AppTest) -> str:
    """The sentence on what the change does, without the backslashes of Markdown."""
    return next(one.value for one in app.markdown if "after step" in one.value).replace("\\", "")


def numbers_of(trace: dict, axis: str) -> np.ndarray:
    found = trace[axis]
    if not isinstance(found, dict):
        return np.array(found, dtype=float)
    import base64

    whole = np.frombuffer(base64.b64decode(found["bdata"]), dtype=found["dtype"])
    return whole.reshape([int(size) for size in found["shape"].split(",")]) if "shape" in found else whole


def test_what_is_held_is_in_the_link_and_read_back():
    for text in ("forget_0.5_u0-2_s3-9", "cell_-1.25", "hidden_0_u7", "input_1_s4-"):
        assert written(read(text, "layer0")) == text
    assert read("forget_0.5_u0-2_s3-9", "layer1") == Intervention("layer1", "forget", 0.5, (0, 2), 3, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<b>no</b>", "is not an intervention: write it like"),
        ("forget_much", "is not an intervention"),
        (f"forget_1_u{'9' * 5_000}", "is not an intervention"),
        ("forget_nan", "must be from 0 to 1, not nan"),
        ("forget_2", "must be from 0 to 1, not 2"),
        ("smell_1", "clamps one of input, forget"),
        ("forget_1_u3-3", "different from one another"),
        ("forget_1_s9-3", "not from 9 to 3"),
        ("forget_1_u256", "there is no unit 256: this layer has units 0 to 255"),
        ("forget_1_s8-", "there is no step 8: this text has steps 0 to 7"),
        ("reset_1", "this LSTM layer has no signal reset"),
        ("cell_5000", "the value of cell must be from -1000 to 1000"),
        ("hidden_3", "the value of hidden must be from -1 to 1"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_gives_way(text, message):
    layer = record(pretrained.load("shakespeare", device="cpu"), TEXT).layers["layer0"]
    with pytest.raises(ValueError, match=message):
        within(read(text, "layer0"), layer)


def test_a_link_with_nonsense_gives_one_sentence_and_the_usual():
    app = opened(
        held=["forget_9", "no"], layer="layer9", step="999", seen="attic", turn="twist", ranked="maybe", altered="smell"
    )
    assert [one.value for one in app.warning] == [
        r"Some interventions in this link cannot be applied: the value of forget must be from 0 to 1\, not 9."
    ]
    assert labelled(app.selectbox, "Signal").value == "forget"
    assert labelled(app.number_input, "Value").value == 1
    assert [trace["name"] for trace in figures(app)[2]["data"]] == ["cell 1", "cell 2", "cell 3"]


def test_the_page_shows_the_numbers_of_the_analysis():
    app = opened(held="input_0_u3-5_s2-4", step="4", tab="moves", altered=["input", "hidden"])
    model = pretrained.load("shakespeare", device="cpu")
    clamp = Intervention("layer0", "input", 0.0, (3, 5), 2, 5)
    original, altered = record(model, TEXT), record(model, TEXT, interventions=[clamp])
    wanted = change(original, altered)
    bits = np.log(2)  # nats each
    np.testing.assert_allclose(numbers_of(drawn(app, "change"), "y"), wanted["divergence"] / bits, atol=1e-7)
    for cost in [trace for figure in figures(app) for trace in figure["data"] if trace["name"] == "cost"]:
        np.testing.assert_allclose(numbers_of(cost, "y"), wanted["cost"] / bits, atol=1e-7)
    assert (
        f"{abs(wanted.attrs['mean_cost']) / bits:.3f} bits per character**; after step 4, “␣”: “t” goes from 14% to 12%"
        in said(app)
    )
    assert f"move by {float(wanted['divergence'].mean()) / bits:.3f} bits (KL divergence)" in words(app)
    shown = figures(app)[0]["layout"]["yaxis"]["ticktext"]
    labels = [html.unescape(re.sub(r"<b>\[(.*)\]</b>", r"\1", label)) for label in shown]
    assert {*wanted["label_before"].to_numpy()[4, :3], *wanted["label_after"].to_numpy()[4, :3], "w"} == set(labels)
    for name, one in (("original", original), ("with the change", altered)):
        known = one.prediction["probability"].sel(step=4)[[list(known_labels(one)).index(label) for label in labels]]
        np.testing.assert_allclose(numbers_of(drawn(app, name), "x"), known, atol=1e-6)
    cells = numbers_of(drawn(app, "input 1"), "z")
    assert (cells == 0).sum() == 2 * 3
    telling = most_telling(original.layers["layer0"])
    rows = [int(unit) for unit in drawn(app, "hidden 2")["y"]]
    assert set(rows) == {3, 5, *telling}
    np.testing.assert_allclose(
        numbers_of(drawn(app, "hidden 2"), "z"),
        original.layers["layer0"]["hidden"].sel(unit=rows).transpose("unit", "step"),
        atol=1e-6,
    )
    labelled(app.toggle, "All units").set_value(True).run()
    assert sorted(int(unit) for unit in drawn(app, "hidden 2")["y"]) == list(range(256))


def known_labels(recording) -> np.ndarray:
    return recording.prediction["class"].to_numpy()


def test_a_unit_is_removed_alone_and_let_go_by_the_next_preset():
    app = opened()
    labelled(app.button, "Remove a unit: h = 0").click().run()
    most = most_telling(record(pretrained.load("shakespeare", device="cpu"), TEXT).layers["layer0"], 1)[0]
    assert app.session_state["held"] == [f"hidden_0_u{most}"]
    assert [trace["name"] for trace in figures(app)[2]["data"]] == ["hidden 1", "hidden 2", "hidden 3"]
    labelled(app.button, "Write nothing: i = 0").click().run()
    assert app.session_state["held"] == ["input_0"]
    labelled(app.multiselect, "Units").set_value([7]).run()
    labelled(app.button, "Remove a unit: h = 0").click().run()
    assert app.session_state["held"] == ["hidden_0_u7"]
    labelled(app.button, "Never forget: f = 1").click().run()
    assert app.session_state["held"] == ["forget_1_u7"]  # the reader's choice stays


def test_widgets_say_what_is_held_and_write_it():
    app = opened()
    labelled(app.selectbox, "Signal").set_value("output").run()
    labelled(app.number_input, "Value").set_value(0.25).run()
    labelled(app.multiselect, "Units").set_value([7, 2]).run()
    labelled(app.slider, "Steps").set_value((1, 3)).run()
    assert app.session_state["held"] == ["output_0.25_u2-7_s1-3"]
    labelled(app.button, "Add another").click().run()
    assert app.session_state["held"] == ["output_0.25_u2-7_s1-3", "forget_1_u2-7_s1-3"]
    labelled(app.button, "Block the output: o = 0").click().run()
    labelled(app.slider, "Steps 2").set_value((5, 7)).run()
    assert app.session_state["held"] == ["output_0.25_u2-7_s1-3", "output_0_u2-7_s5-"]
    assert labelled(app.number_input, "Value 1").value == 0.25
    app.button(key="remove 0").click().run()
    assert app.session_state["held"] == ["output_0_u2-7_s5-"]
    assert labelled(app.slider, "Steps").value == (5, 7)
    assert not app.exception
    app.switch_page("viz/explore/page.py").run()
    app.switch_page(PAGE).run()
    assert labelled(app.selectbox, "Signal").value == "output"


def test_at_most_five_are_held():
    app = opened(held=["forget_1"] * 7)
    assert "there are 7, and at most 5 are possible at once" in words(app).replace("\\", "")
    assert labelled(app.button, "Add another").disabled


def test_what_changes_nothing_is_said():
    app = opened(model="anbn", text="Sab", held="hidden_0_u0_s0-0")
    assert "Nothing changed" not in words(app)
    layer = record(pretrained.load("anbn", device="cpu"), "Sab").layers["layer0"]
    there = layer["forget"].to_numpy()[1, 3].item()
    assert f"{there:.9g}" in written(Intervention("layer0", "forget", there, (3,), 1, 2))
    app = opened(model="anbn", text="Sab", held=written(Intervention("layer0", "forget", there, (3,), 1, 2)))
    assert "Nothing changed (bit-identical)" in words(app)
    labelled(app.get("button_group"), "More about this text").set_value("moves").run()
    assert not numbers_of(drawn(app, "change"), "y").any()


def test_the_example_breaks_the_counter_and_its_ranking_finds_the_counters():
    app = opened()
    labelled(app.button, "Look for this: break a model that counts").click().run()
    assert (app.session_state["model"], app.session_state["text"]) == (COUNTER, COUNTS)
    assert app.session_state["held"] == BROKEN.values["held"] == ["forget_0.5_u0-2"]
    assert "Units 0 and 2 count" in words(app)
    assert float(re.search(r"rises by ([\d.]+) bits", said(app))[1]) > 0.5 / np.log(2)
    labelled(app.button, "Knock out each unit in turn").click().run()
    assert not app.exception
    bars = drawn(app, "units")
    assert set(bars["x"][:2]) == {"0", "2"}
    *_, last = knock_out(pretrained.load(COUNTER, device="cpu"), COUNTS, "layer0", signal="forget", value=0.5)
    saved = last.effect["saved"].sel(unit=[int(unit) for unit in bars["x"]])
    np.testing.assert_allclose(numbers_of(bars, "y"), saved / np.log(2), atol=1e-6)
    assert app.session_state["ranked"]
    assert app.button(key="all-about-best").label == f"All about unit {bars['x'][0]}"
    app.text_input(key="widget:text:line").set_value("SabT").run()  # of another text it is not computed unasked
    assert not app.session_state["ranked"]
    assert not [trace for figure in figures(app) for trace in figure["data"] if trace.get("name") == "units"]
    app.button(key="all-about-changed-2").click().run()  # the page of a unit that is changed
    assert not app.exception
    assert (app.session_state["page"], app.session_state["layer"], app.session_state["unit"]) == ("units", "layer0", 2)
    assert "**Unit 2** " in words(app)


def test_a_unit_of_the_ranking_is_taken_into_the_change():
    app = opened(model=COUNTER, text="SaabbT", ranked="true", held="input_0")
    take = labelled(app.selectbox, "Take a unit into the change above, or out of it")
    first = int(take.options[0].split()[1].rstrip(":"))
    take.set_value(first).run()
    assert app.session_state["held"] == [f"input_0_u{first}"]
    assert drawn(app, "units")["marker"]["color"].count("#D55E00") == 1
    labelled(app.selectbox, "Take a unit into the change above, or out of it").set_value(first).run()
    assert app.session_state["held"] == ["input_0"]


@pytest.mark.usefixtures("with_odd_models")
@pytest.mark.parametrize("name", odd_models.SMALL)
def test_every_model_has_its_figures_or_one_sentence(name):
    texts = list(odd_models.CARDS[name].examples.values()) if name in odd_models.CARDS else [TEXT]
    app = opened(model=name, text=texts[0], ranked="true")
    assert app.session_state["text"] == texts[0]
    kinds = {str(trace.get("name")) for figure in in_every_tab(app, figures) for trace in figure["data"]}
    assert any(kind.startswith(("cell", "hidden")) for kind in kinds)
    assert not app.warning
    if name == "no readout":
        assert NOTHING in words(app)
    else:
        assert {"change", "units"} <= kinds


@pytest.mark.usefixtures("with_odd_models")
def test_another_layer_than_the_changed_one_can_be_seen():
    app = opened(model="uneven", layer="layer0_reverse", seen="layer2", held="forget_1")
    assert [trace["name"] for trace in figures(app)[2]["data"]] == ["hidden 1", "hidden 2", "hidden 3"]  # an RNN's
    original = record(odd_models.model("uneven"), TEXT)
    altered = record(odd_models.model("uneven"), TEXT, interventions=[Intervention("layer0_reverse", "forget", 1.0)])
    order = [int(unit) for unit in drawn(app, "hidden 1")["y"]]
    for one, name in ((altered, "hidden 1"), (original, "hidden 2")):
        wanted = one.layers["layer2"]["hidden"].sel(unit=order).transpose("unit", "step")
        np.testing.assert_allclose(numbers_of(drawn(app, name), "z"), wanted, atol=1e-6)
    assert r"\tilde c_t" in app.latex[0].value
    labelled(app.selectbox, "Layer").set_value("layer2").run()
    assert not app.exception
    assert r"\tilde h_t = \tanh" in app.latex[0].value
    assert labelled(app.selectbox, "Signal").options == ["Hidden state h"]
    assert "this RNN layer has no signal forget" in words(app).replace("\\", "")


def test_what_is_usual_depends_on_the_cell():
    for name, signal in (("gru", "reset"), ("rnn", "hidden"), ("peepholes", "forget")):
        assert usual("layer0", record(odd_models.model(name), TEXT).layers["layer0"]).signal == signal


@pytest.mark.usefixtures("with_odd_models")
def test_of_a_long_text_and_a_large_model_only_what_stays_quick_is_tried():
    small = KnockOutSweep("shakespeare", Passage("to be or not " * 15), "layer0", "hidden", 0.0)
    assert small.scope == (256, 195)
    assert KnockOutSweep("shakespeare", Passage("to be or not " * 200), "layer0", "hidden", 0.0).scope == (256, 315)
    units, steps = KnockOutSweep("1024 units", Passage("to be or not " * 200), "layer0", "hidden", 0.0).scope
    assert (units, steps) == (
        MAX_KNOCK_OUT_PRODUCTS // recurrent_weights(odd_models.model("1024 units")) // 100,
        100,
    )


@pytest.mark.usefixtures("with_odd_models")
def test_a_text_too_long_to_be_read_step_by_step_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(costs, "MAX_STEPWISE_STEPS", 5)
    app = opened(model="gru")
    assert "this text has 8 timesteps, but with an intervention this model reads at most 5:" in words(app).replace(
        "\\", ""
    )
    assert not figures(app)


def test_an_empty_text_is_a_hint():
    app = opened()
    app.text_input(key="widget:text:line").set_value("").run()
    assert not app.exception
    assert "Type a text above" in app.info[0].value
    assert not figures(app)
    app = opened(model="sentiment", text="a wonderful film")
    app.text_input(key="widget:text:line").set_value("").run()
    assert "cost" not in app.latex[0].value  # of a label it is not known what was right


def test_a_text_of_one_step_has_no_steps_to_choose():
    app = opened(text="J")
    assert not app.slider
    assert len(figures(app)) == 3


@pytest.mark.usefixtures("with_odd_models")
def test_what_is_no_number_is_unknown_and_ranks_nothing():
    app = opened(model="no numbers", ranked="true")
    assert "At some steps the loss is NaN or infinite" in said(app)
    assert "nan" not in words(app)
    assert "The model's predictions are not numbers here, so there is no ranking." in words(app)


def test_of_few_labels_it_is_not_said_that_there_are_five():
    app = opened(model="sentiment", text="a wonderful film", held="output_0", tab="moves")
    assert "probabilities of the labels, original and with the change." in words(app)
    assert "five" not in words(app)


def test_where_no_unit_is_needed_that_is_said():
    assert most_in_words(3, 0.25, "bits per byte") == "Unit 3 matters most, by 0.250 bits per byte."
    assert most_in_words(3, -0.003, "bits per byte").startswith("No single unit is needed here")


def test_another_change_begins_with_a_signal_that_is_free():
    layer = record(pretrained.load("anbn", device="cpu"), COUNTS).layers["layer0"]
    now = (Intervention("layer0", "forget", 0.5, (0, 2)),)
    for signal, value in (("input", 0.0), ("output", 0.0), ("hidden", 0.0)):
        now += (further(now, layer),)
        assert now[-1] == Intervention("layer0", signal, value, (0, 2))
    assert further(now, layer) == now[-1]  # none is free: as the last one


def test_what_a_click_does_is_said_as_it_is():
    assert "**Click a row to change only that unit, not all.**" in words(opened())
    assert "**Click a row to add or remove that unit.**" in words(opened(held="forget_1_u3"))


def test_a_number_is_no_forecast_unless_it_is_one():
    sentences = words(opened(model="adding", text="0.5:0 0.2:1 0.9:1", held="forget_0", tab="moves"))
    assert "how far each prediction moved" in sentences
    weather = opened(model="temperature", text="6.7 5.9 8.1 7.2", held="forget_0", tab="moves")
    assert "how far each forecast moved" in words(weather)
    assert said(weather).startswith("**The error of ")
    assert figures(weather)[2]["layout"]["yaxis"]["title"]["text"] == "Change"
