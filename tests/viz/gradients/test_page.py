"""The page Gradients without a browser: every kind of model gets its figures, or one sentence."""

import re
from base64 import b64decode
from importlib import import_module

import numpy as np
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core.analysis import Target, decay, furthest_reaching, gradients, importance, paths
from lstm_core.record import record
from tests.support import apps, odd_models
from tests.support.apps import figures, in_every_tab
from viz.gradients import cached
from viz.gradients.backward_section import parity
from viz.gradients.reach_section import Reach, headline, share
from viz.shared.example_picker import offered
from viz.shared.findings import findings_on
from viz.shared.passage import Passage

TEXTS = {
    "opinions": "It is a wonderful film",
    "grammar": "SaabbT",
    "weather": "6.7 5.9 8.1 7.2",
    "sum": "0.5:0 0.2:1 0.9:1",
}
EXAMPLES = findings_on("gradients")


def opened(**query: str) -> AppTest:
    """The page after Explore, or with a `query`, which decides what is shown, as the first of a visit."""
    app = begun(**query) if query else apps.opened().switch_page("viz/gradients/page.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(one.value for kind in (app.caption, app.info, app.warning, app.markdown) for one in kind).replace(
        "\\", ""
    )


@pytest.mark.parametrize("name", odd_models.SMALL)
@pytest.mark.usefixtures("with_odd_models")
def test_every_kind_of_model_gets_its_figures_or_a_sentence(name):
    app = opened(model=name, text=TEXTS.get(name, "Hark who"))
    charts, sentences = (
        len(in_every_tab(app, figures)),
        " ".join(in_every_tab(app, lambda opened: [words(opened)])),
    )
    if name == "no readout":
        assert charts == 0
        assert "This model has no readout: there is no prediction" in sentences
    elif name in ("gru", "rnn"):
        assert charts == 3
        assert "has no cell state: its gradient goes through hidden states alone" in sentences
        assert "These equations are an LSTM's" in sentences
    else:
        assert charts == 3
        assert "No tanh RNN was trained for “" in sentences
        equations = name not in ("peepholes", "uneven")
        assert bool(app.table) == equations
        assert ("has peepholes" in sentences, "has a projection" in sentences) == (
            name == "peepholes",
            name == "uneven",
        )
        assert ("Equals autograd within" in sentences) == (equations and name != "no numbers")
        assert ("not numbers, so they cannot be compared" in sentences) == (name == "no numbers")
        assert "`gradients`" not in sentences  # the name of a function is no word for a reader


@pytest.mark.parametrize("layer", ["layer0_reverse", "layer1", "layer1_reverse", "layer2"])
@pytest.mark.usefixtures("with_odd_models")
def test_every_layer_and_every_signal_of_it_is_shown(layer):
    app = opened(model="uneven", text="Hark who", layer=layer, target_step="3")
    pills = next(group for group in app.get("button_group") if group.label == "With respect to")
    assert len(pills.options) == {"layer0_reverse": 8, "layer2": 3}.get(layer, 5)
    for name in ("hidden", "read", *(["projected", "forget"] if layer == "layer0_reverse" else [])):
        app = opened(model="uneven", text="Hark who", layer=layer, target_step="3", gradient=name)
        assert figures(app)[1]["data"][0]["name"] == name


def test_one_click_shows_where_the_rnn_has_lost_what_the_lstm_keeps():
    app = opened()
    next(button for button in app.button if "16 steps" in button.label).click().run()
    assert not app.exception
    model, baseline = (get("embedded_reber", device="cpu") for get in (pretrained.load, pretrained.rnn_baseline))
    text, target = "BPBPTTTTVPXTTTVPSEPE", Target(17, "P")
    found = gradients(model, text, layer="layer0", target=target)
    split = decay(paths(found, record(model, text).layers["layer0"]))
    tokens, curves = drawn(app)
    for network, one in (("LSTM", found), ("tanh RNN", gradients(baseline, text, layer="layer0", target=target))):
        wanted = importance(one).to_numpy()
        assert tokens[network] == (pytest.approx(wanted, rel=1e-4), pytest.approx(wanted / wanted.max(), abs=1e-4))
    for name, wanted in (
        ("LSTM, cell state: all paths", split["total"]),
        ("cell-state path only (product of forget gates)", split["belt"]),
        ("through hidden states", split["rest"]),
        ("tanh RNN, hidden state", decay(gradients(baseline, text, layer="layer0", target=target))["hidden"]),
    ):
        assert curves[name] == pytest.approx(wanted.to_numpy(), rel=1e-4)
    assert "ln p(“**P**”) after step 17, “E”. The model gives it a probability of 0.993" in words(app)
    assert "a surprisal of 0.01081 bits" in words(app)  # 0.007492 nats
    sentences = " ".join(in_every_tab(app, lambda opened: [words(opened)]))
    assert "Equals autograd within" in sentences
    assert all(f"dL/d{of} " in sentences for of in ("h", "o", "c", "f", "i", "g", "a", "x", "W", "U", "b"))
    assert app.session_state["step"] == 1


def test_the_other_example_is_a_sum_that_is_kept_on_the_belt():
    app = opened()
    next(button for button in app.button if "100 numbers" in button.label).click().run()
    assert not app.exception
    left = drawn(app)[1]
    belt, lost = (
        left[name][99] / left[name][0]
        for name in ("cell-state path only (product of forget gates)", "tanh RNN, hidden state")
    )
    assert belt > 0.5
    assert lost < 1e-6
    assert "L** is the predicted sum of the marked numbers after step 99" in words(app)


def test_the_mean_loss_has_a_heatmap_and_equations_but_no_distances():
    app = opened(text="Hark who goes there", target="loss")
    tokens, cells = figures(app)
    assert [one["data"][0]["type"] for one in (tokens, cells)] == ["heatmap"] * 2
    assert len(tokens["data"]) == 1
    assert "the mean of −ln p over the text, a surprisal of " in words(app)
    assert not tokens["layout"].get("shapes")
    assert not cells["layout"].get("shapes")
    assert any("Equals autograd within" in one for one in in_every_tab(app, lambda opened: [words(opened)]))
    assert re.fullmatch(r"All about unit \d+", app.button(key="all-about-unit").label)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"text": "a"}, "after step 0, “a”"),
        ({"text": "abc", "target_step": "2"}, "after step 2, “c”"),
    ],
)
def test_after_the_last_step_the_likeliest_is_meant(query, sentence):
    app = opened(**query)
    likeliest = next(box.options[0] for box in app.selectbox if box.label == "Of")
    name, _, what = likeliest.partition(", ")
    assert what == "the likeliest"
    assert f"ln p(“**{name}**”) {sentence}" in words(app)
    assert len(figures(app)) == 3
    assert " 0 steps back" not in words(app)


def test_an_empty_text_has_no_gradients():
    app = opened(text="")
    app.text_input(key="widget:text:line").set_value("").run()
    assert not app.exception
    assert not figures(app)
    assert "Type a text above" in words(app)


def test_rows_are_sorted_by_the_gradient_that_is_shown_and_inputs_stay():
    app = opened(text="the king the king")
    shown = figures(app)[1]["data"][0]
    model = pretrained.load("shakespeare", device="cpu")
    found = gradients(model, "the king the king", layer="layer0", target=Target(15))
    assert [int(name) for name in shown["y"]] == furthest_reaching(found["cell"])
    app = opened(text="the king the king", rows="index")
    shown = figures(app)[1]["data"][0]
    assert [int(name) for name in shown["y"]] == list(range(256))
    app = opened(text="the king the king", gradient="read")
    shown = figures(app)[1]["data"][0]
    assert [int(name) for name in shown["y"]] == list(range(len(shown["y"])))
    assert not any(group.label == "Sort units" for group in app.get("button_group"))


def test_a_link_with_what_there_is_not_falls_back():
    app = opened(text="abcd", target="tomorrow", target_step="99", target_of="Ж", gradient="smell", unit="-4", step="x")
    assert len(figures(app)) == 3
    assert app.session_state["target_step"] is None
    assert app.session_state["gradient"] == "cell"


def test_a_target_can_be_any_class_and_a_text_can_hold_markup():
    app = opened(text="<b>*a*</b>", target_of="Z", target_step="3")
    assert "ln p(“**Z**”) after step 3, “*”" in words(app)


def test_a_sure_model_has_no_gradient_and_that_is_said(monkeypatch):
    def nothing(*given, **named):
        found = gradients(*given, **named)
        return (found * 0).assign_attrs(found.attrs)

    monkeypatch.setattr(cached, "gradients", nothing)
    cached._gradients.clear()
    app = opened(text="sure of itself")
    cached._gradients.clear()
    assert not figures(app)
    assert "The gradient is zero at every step" in words(app)


@pytest.mark.parametrize(
    ("name", "layer", "most"),
    [("gru", "layer0", 5_000), ("1024 units", "layer0", 6_103)],
)
def test_a_text_that_would_take_too_long_is_refused_with_numbers(name, layer, most):
    model = odd_models.model(name)
    assert not cached.gradient_obstacle(model, layer, most)
    assert re.search(f"at most {most:,} here", cached.gradient_obstacle(model, layer, most + 1))


def test_equations_are_not_followed_through_texts_that_are_too_long(monkeypatch):
    monkeypatch.setattr(import_module("lstm_core.analysis.backward"), "MAX_EQUATION_VALUES", 256 * 10)
    question = cached.Question("shakespeare", Passage("Hark who goes there"), "layer0", Target(5))
    with pytest.raises(ValueError, match="at most 10 steps of a layer of 256 units, and this text has 19"):
        cached.load_equations(question)


def test_gradients_are_shared_and_cannot_be_changed():
    question = cached.Question("anbn", Passage("SaabbT"), "layer0", Target(2))
    found = cached.load_gradients(question)
    assert cached.load_gradients(question) is found
    with pytest.raises(ValueError, match="read-only"):
        found["cell"].to_numpy()[0, 0] = 1
    baseline = cached.load_rnn_gradients(question)
    assert baseline is not None
    assert baseline.attrs["cell_type"] == "RNN"


def test_parity_says_the_largest_difference():
    assert "Equals autograd within 3e-07" in parity({"hidden": 1e-8, "weight_ih": 3e-7})
    assert "Differs from autograd by 2e-03" in parity({"hidden": 1e-8, "output": 2e-3})
    assert "cannot be compared" in parity({"hidden": float("nan")})


def test_what_the_examples_say_is_so():
    for example, (unit, back, belt, whole, rnn) in zip(
        EXAMPLES, ((3, 15, 0.1, 0.3, 1e-11), (40, 99, 0.7, 1, 2.5e-8)), strict=True
    ):
        model, text = pretrained.load(example.model_name, device="cpu"), offered(example.model_name)[example.text]
        layer = record(model, text).layers["layer0"]
        target = Target(example.values.get("target_step", layer.sizes["step"] - 1), example.values.get("target_of"))
        found = gradients(model, text, layer="layer0", target=target)
        assert furthest_reaching(found["cell"])[0] == unit == example.values["unit"]
        forget = layer["forget"].sel(unit=unit).to_numpy()[target.step - back + 1 : target.step + 1]
        assert forget.min() > 0.9
        split, other = (
            decay(paths(found, layer)),
            gradients(pretrained.rnn_baseline(example.model_name, device="cpu"), text, layer="layer0", target=target),
        )
        left = decay(other)["hidden"].to_numpy()
        shares = [(split[name] / split["total"][0]).sel(distance=back).item() for name in ("belt", "total")]
        assert shares[0] > belt
        assert shares[1] > whole
        assert left[-1] / left[0] < rnn
    belts = split  # of the sum: along the belt seven tenths come back to the first number
    assert (belts["belt"] / belts["total"][0]).sel(distance=99).item() == pytest.approx(0.72, abs=0.01)
    reber, text = pretrained.load("embedded_reber", device="cpu"), offered("embedded_reber")["P across a long string"]
    layer = record(reber, text).layers["layer0"]
    split = decay(paths(gradients(reber, text, layer="layer0", target=Target(17, "P")), layer))
    assert layer["forget"].sel(unit=3).item(2) < 0.01  # between the P and the belt
    assert (
        (split["belt"] / split["total"]).sel(distance=16).item()
        < 1e-3
        < (split["belt"] / split["total"]).sel(distance=15).item()
    )


def test_a_letter_weighs_as_much_as_the_example_says():
    example, text = EXAMPLES[0], offered("embedded_reber")["P across a long string"]
    models = [get("embedded_reber", device="cpu") for get in (pretrained.load, pretrained.rnn_baseline)]
    for model, figure in zip(models, ("0.64", "2.1e-10"), strict=True):
        found = importance(gradients(model, text, layer="layer0", target=Target(17, "P")))
        assert float(found.sel(step=1) / found.max()) == pytest.approx(float(figure), rel=0.03)
        assert figure in example.look_for


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.model_name)
def test_an_example_says_where_to_look_while_it_is_asked(example):
    app = opened()
    assert example.look_for not in words(app)
    next(button for button in app.button if button.label == example.title).click().run()
    assert example.look_for.replace("\\", "") in words(app)


def test_a_share_that_single_precision_cannot_hold_is_not_nothing():
    assert share(0.4721) == "0.472"
    assert share(0.0) == share(1e-44) == "less than 1e-37"


def drawn(app: AppTest) -> tuple[dict[str, tuple[list[float], list[float]]], dict[str, list[float]]]:
    """The first figure: importance and its colour by network; the norms of each curve by distance from the last step."""
    tokens, *lines = figures(app)[0]["data"]
    values, colours = (numbers(tokens[name]) for name in ("customdata", "z"))
    rows = {network: (values[row], colours[row]) for row, network in enumerate(tokens["y"])}
    return rows, {line["name"]: [one[1] for one in line["customdata"]][::-1] for line in lines}


def numbers(array: dict) -> np.ndarray:
    found = np.frombuffer(b64decode(array["bdata"]), dtype=array["dtype"])
    return found.reshape([int(size) for size in array["shape"].split(",")])


def begun(**query: str) -> AppTest:
    """A visit that begins with this page."""
    app = apps.begun("gradients", **query)
    assert not app.exception
    return app


def shares(model_name: str, text: str, target: Target) -> dict[str, float]:
    """What is left at the first step of the gradient at the target: in all, along the cell state alone, and in the RNN."""
    lstm, rnn = (get(model_name, device="cpu") for get in (pretrained.load, pretrained.rnn_baseline))
    found = gradients(lstm, text, layer="layer0", target=target)
    other = gradients(rnn, text, layer="layer0", target=target)["hidden"].transpose("step", "unit").to_numpy()
    cell = found["cell"].transpose("step", "unit").to_numpy().astype(np.float64)
    forget = record(lstm, text).layers["layer0"]["forget"].transpose("step", "unit").to_numpy().astype(np.float64)
    belt = cell[target.step] * np.prod(forget[1 : target.step + 1], axis=0)
    at_target, at_target_rnn = (np.linalg.norm(one[target.step]) for one in (cell, other))
    return {
        "belt": np.linalg.norm(belt) / at_target,
        "whole": np.linalg.norm(cell[0]) / at_target,
        "rnn": np.linalg.norm(other[0]) / at_target_rnn,
    }


def told(app: AppTest) -> tuple[str, int, list[float]]:
    """What the headline of the answer says: its claim, how far back, and the shares in their order."""
    sentence = next(one.value for one in app.markdown if " steps back, " in one.value)
    claim, back, rest = re.fullmatch(r"\*\*(.+)\*\*: (\d+) steps back, (.+)", sentence).groups()
    numbers = re.findall(r"(less than )?(\d\.?\d*(?:e-\d+)?)", rest)
    return claim, int(back), [0.0 if less else float(number) for less, number in numbers]


def test_a_visit_that_begins_here_opens_where_an_lstm_keeps_what_an_rnn_loses():
    app = begun()
    text = pretrained.load("embedded_reber", device="cpu").card.examples["P across a long string"]
    assert (app.session_state["model"], app.session_state["text"]) == ("embedded_reber", text)
    left = shares("embedded_reber", text, Target(17, "P"))
    assert left["whole"] > 0.4 > 1e-6 > left["rnn"]
    order = [left[name] for name in ("whole", "belt", "rnn")]
    assert told(app) == ("This gradient goes through hidden states", 17, pytest.approx(order, rel=6e-3))


@pytest.mark.parametrize(
    ("query", "claim", "back"),
    [
        ({"model": "shakespeare"}, "This gradient fades in the LSTM too", 47),
        ({"model": "shakespeare", "target_step": "31"}, "This gradient goes through hidden states", 31),
        ({"model": "anbn", "text": "SaaaaaaaabbbbbbbbT"}, "The cell state keeps this gradient", 16),
    ],
)
def test_the_headline_says_what_is_so_on_the_text_that_is_shown(query, claim, back):
    app = begun(**query)
    assert app.session_state["model"] == query["model"]  # a link that names something is followed
    left = shares(query["model"], app.session_state["text"], Target(back, None))
    belt, whole, rnn = left["belt"], left["whole"], left["rnn"]
    assert {True: "keeps", False: "fades" if whole < 0.1 else "goes"}[belt >= 0.1] in claim
    order = [belt, whole, rnn] if "keeps" in claim else [whole, belt, rnn]
    assert told(app) == (claim, back, pytest.approx(order, rel=6e-3, abs=1e-37))


def test_a_link_of_this_page_names_its_model_so_that_it_is_not_taken_for_none(monkeypatch):
    published = []
    monkeypatch.setattr("viz.browser.address.publish", lambda _, *, always=(): published.append(always) or True)
    begun(model="shakespeare")
    assert published == [("model",)]


def test_a_text_of_one_step_has_no_headline():
    one = xr.Dataset({name: ("distance", [1.0]) for name in ("total", "belt", "rest")}, {"distance": [0]})
    assert headline(Reach(one, None), one) == ""
