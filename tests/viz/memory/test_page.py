"""The Memory page without a browser."""

from base64 import b64decode

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import record
from lstm_core.analysis import (
    best_followers,
    best_remembered,
    feature_selectivity,
    ledger,
    ledger_error,
    remembered,
    text_features,
    timescale,
    unit_saturation,
)
from tests.support import odd_models
from tests.support.apps import begun, figures, in_every_tab
from viz.memory import cached, following_section, wording
from viz.memory.marking import fitted, tokens_of
from viz.memory.sections import narrowed, notable
from viz.memory.wording import following_in_words, half_lives_in_words, holding_in_words, signed, sums_in_words
from viz.shared.controls import Window
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.features import feature_title, recurs
from viz.shared.findings import FINDINGS, findings_on
from viz.shared.wording import plain


def memory(**query: str) -> AppTest:
    app = begun("memory", **query)
    assert not app.exception
    return app


def sentences(app: AppTest) -> str:
    return " ".join(one.value for kind in (app.caption, app.markdown, app.info, app.warning) for one in kind)


def in_all(app: AppTest) -> list[dict]:
    """The figures of the first screen, and those of all tabs."""
    return in_every_tab(app, figures)


def drawn(figure: dict, name: str) -> dict:
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def numbers(values: object) -> np.ndarray:
    """What a figure's JSON holds, a list or a typed array in base64."""
    if not isinstance(values, dict):
        return np.array(values, dtype=float)
    found = np.frombuffer(b64decode(values["bdata"]), dtype=values["dtype"])
    return found.reshape([int(one) for one in str(values.get("shape", len(found))).split(",")])


def test_eight_figures_show_what_the_analyses_say():
    app = memory()
    first_words = sentences(app)
    about = app.button(key="all-about-unit").label
    model = pretrained.load("shakespeare", device="cpu")
    recording = record(model, DEFAULT_TEXT)
    layer = recording.layers["layer0"]
    one, ledgers, forwards, half_lives, each_step, points, bars, trace = in_all(app)
    found = timescale(layer)
    unit = int(found["unit"][int(found["rank"].argmin("unit"))])
    assert about == f"All about unit {unit}"
    strip = numbers(drawn(ledgers, "strip")["z"])[0]
    np.testing.assert_allclose(strip, ledger(layer, len(DEFAULT_TEXT) - 1)["contribution"].sel(unit=unit), atol=1e-6)
    later = remembered(layer, best_remembered(layer, unit))
    np.testing.assert_allclose(numbers(drawn(forwards, f"unit {unit} (selected)")["y"]), later["left"].sel(unit=unit))
    np.testing.assert_allclose(numbers(drawn(one, "strip")["z"])[0], strip)
    curve = numbers(drawn(one, f"unit {unit} (selected)")["y"])
    assert np.isnan(curve[: later.attrs["of_step"]]).all()
    np.testing.assert_allclose(curve[later.attrs["of_step"] :], later["left"].sel(unit=unit))
    ranked = found.sortby("rank")
    np.testing.assert_array_equal(numbers(drawn(half_lives, "by the gate")["customdata"])[:, 0], ranked["unit"])
    gate = layer["forget"].sel(unit=unit).to_numpy().astype(np.float64)
    np.testing.assert_allclose(numbers(drawn(each_step, "half-life")["y"]), np.log(0.5) / np.log(gate))
    assert each_step["layout"]["shapes"][0]["x0"] == len(DEFAULT_TEXT) - 1
    shares = unit_saturation(record(pretrained.untrained("shakespeare", device="cpu"), DEFAULT_TEXT).layers["layer0"])
    rings = [trace for trace in points["data"] if trace.get("name") == "before training"]
    for ring, gate in zip(rings, ("input", "forget", "output"), strict=True):
        np.testing.assert_allclose(numbers(ring["x"]), shares["above"].sel(gate=gate))
    features = text_features(recording)[["letters of the word so far"]]
    best = best_followers(feature_selectivity(layer, features), count=10)
    np.testing.assert_allclose(numbers(bars["data"][0]["x"]), best["score"])
    own = layer[best["signal"][0]].sel(unit=best["unit"][0])
    np.testing.assert_allclose(numbers(trace["data"][-1]["y"]), own, atol=1e-6)
    error = ledger_error(ledger(layer, len(DEFAULT_TEXT) - 1), layer)  # of rounding, which is another processor's own
    assert 0 < error < 1e-5
    assert f"Check: the parts add up to the cell state, relative error {error:.1e}." in first_words


@pytest.mark.parametrize("title", [finding.title for finding in findings_on("memory")])
def test_each_finding_opens_in_one_click_and_is_there(title):
    finding = FINDINGS[title]
    app = memory(model="temperature", text="@1 14.3 17.4")
    next(button for button in app.button if button.label == title).click().run()
    assert not app.exception
    assert finding.look_for in [one.value for one in app.info]
    for name, value in {"model": finding.model_name, "text": finding.text, **finding.values}.items():
        assert app.session_state[name] == value
    assert f"**Unit {finding.values['unit']} tracks it beyond chance**" in sentences(app)
    assert "No unit did so well before training" in sentences(app)
    share = drawn(figures(app)[0], f"unit {finding.values['unit']} (selected)")
    first = int(share["x"][0].split()[0])
    curve = numbers(share["y"])
    assert np.flatnonzero(np.isfinite(curve))[0] == finding.values["written_at"] - first
    assert curve[finding.values["step"] - first] > 0.75
    assert (
        f"**Unit {finding.values['unit']} follows “{plain(feature_title(finding.values['feature']))}”**"
        in sentences(app)
    )


def test_what_a_window_shows_sums_to_the_memory_with_what_stood_there_before():
    text = "to be or not to be that is the question " * 8
    link = {"text": text, "unit": "7", "step": "250", "written_at": "200", "window": "120", "first": "180"}
    app = memory(**link)
    layer = record(pretrained.load("shakespeare", device="cpu"), text).layers["layer0"]
    strip = drawn(figures(app)[1], "strip")
    assert [strip["x"][0], strip["x"][-1]] == [f"180  {layer.token.item(180)}", f"250  {layer.token.item(250)}"]
    whole = ledger(layer, 250).sel(unit=7)
    np.testing.assert_allclose(numbers(strip["z"])[0], whole["contribution"][180:], atol=1e-6)
    before = float(whole["contribution"][:180].sum() + whole["initial"])
    assert f"{abs(before):.4f} from earlier ones" in figures(app)[1]["layout"]["title"]["text"]
    assert "Check: the parts add up to the cell state, relative error" in sentences(app)
    one = figures(app)[0]
    assert [drawn(one, "strip")["x"][0], drawn(one, "strip")["x"][-1]] == [
        f"180  {layer.token.item(180)}",
        f"299  {layer.token.item(299)}",
    ]
    line, frame = one["layout"]["shapes"]
    assert (line["x0"], frame["x0"], frame["x1"]) == (250 - 180, 19.5, 20.5)
    assert f"Unit 7 holds **{signed(float(layer.cell[250, 7]))}** after step 250" in sentences(app)
    lasting = figures(memory(**link, tab="timescale"))[-1]
    each_step = drawn(lasting, "half-life")
    assert [each_step["x"][0], each_step["x"][-1]] == [f"180  {layer.token.item(180)}", f"299  {layer.token.item(299)}"]
    assert lasting["layout"]["shapes"][0]["x0"] == 250 - 180


def test_marks_of_ones_own_are_searched_for():
    app = memory(text="abcdabcdabcdabcd", feature="Your own marking", marks="0010 " * 4, tab="tracking")
    layer = record(pretrained.load("shakespeare", device="cpu"), "abcdabcdabcdabcd").layers["layer0"]
    bars, trace = figures(app)[-2:]
    assert numbers(bars["data"][0]["x"]).max() == pytest.approx(0.5)  # a perfect AUC, drawn from 0.5
    shade = drawn(trace, "your own marking")
    assert (numbers(shade["y"]) > 0).tolist() == [False, False, True, False] * 4
    assert layer.sizes["step"] == 16


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ("0101", "4 marks but 6 tokens: give a 0 or 1 for each"),
        ("01x101", "marks are 0 or 1, one for each token, not 'x'"),
        ("000000", "all 6 marks are 0: a unit can follow only what changes"),
    ],
)
def test_a_marking_that_does_not_fit_gets_a_sentence_and_is_kept(marks, sentence):
    app = memory(text="abcabc", feature="Your own marking", marks=marks, tab="tracking")
    assert sentence in [one.value for one in app.text]
    assert len(figures(app)) == 1
    assert app.text_area(key="widget:marks:").value == marks
    app.text_area(key="widget:marks:").set_value("010101").run()
    assert not app.exception
    assert len(figures(app)) == 3


def test_no_marks_and_no_signals_are_hints():
    app = memory(text="abcabc", feature="Your own marking", tab="tracking")
    assert "Mark every character that has what you look for: click it, or drag over several." in sentences(app)
    app = memory(text="some words", signals="", tab="tracking")
    assert "Choose at least one signal above to search in." in sentences(app)


def test_a_text_in_which_nothing_varies_offers_the_readers_own_marking():
    app = memory(text="x", tab="tracking")
    assert app.selectbox(key="widget:feature:").options == ["Your own marking"]
    assert len(in_all(app)) == 6


def test_nonsense_in_a_link_falls_back():
    app = memory(
        text="some words",
        unit="9999",
        step="-1",
        written_at="77",
        feature="smell",
        traced="loudness",
        marks="?",
        tab="?",
    )
    assert len(in_all(app)) == 8
    assert app.session_state["feature"] == "vowel"  # the first that comes thrice


def test_an_empty_text_is_a_hint():
    app = memory(text="ab")
    app.text_input(key="widget:text:line").set_value("").run()
    assert not app.exception
    assert "Type a text above" in sentences(app)
    assert not figures(app)


@pytest.mark.usefixtures("with_odd_models")
@pytest.mark.parametrize("name", odd_models.SMALL)
def test_every_layer_of_every_layout_has_its_page(name):
    examples = odd_models.CARDS[name].examples if name in odd_models.CARDS else {"": "Hark who goes there"}
    text = next(iter(examples.values()))
    for layer in record(odd_models.model(name), text).layers:
        app = memory(model=name, text=text, layer=layer)  # a model of one layer has no menu
        assert app.session_state["layer"] == layer
        assert len(in_all(app)) in (2, 6, 8)


@pytest.mark.usefixtures("with_odd_models")
def test_a_simple_rnn_has_no_ledger_but_units_that_follow():
    app = memory(model="rnn", text="Hark who goes there")
    assert "A simple RNN has no gates that keep or erase" in sentences(app)
    assert len(figures(app)) == 2


@pytest.mark.usefixtures("with_odd_models")
def test_a_gru_remembers_in_its_hidden_state():
    app = memory(model="gru", text="Hark who goes there")
    layer = record(odd_models.model("gru"), "Hark who goes there").layers["layer0"]
    strip = numbers(drawn(figures(app)[0], "strip")["z"])[0]
    unit = int(drawn(figures(app)[0], "strip")["y"][0].removeprefix("unit "))
    assert strip.sum() == pytest.approx(layer["hidden"][-1, unit].item(), abs=1e-5)
    assert "Check: the parts add up to the hidden state, relative error" in sentences(app)
    opened = in_every_tab(app, lambda tab: [sentences(tab)])
    assert any("update gate" in one for one in opened)
    assert any("z_t" in one for one in opened)
    gate = layer["update"].sel(unit=unit).to_numpy().astype(np.float64)
    lasting = figures(memory(model="gru", text="Hark who goes there", tab="timescale"))[-1]
    np.testing.assert_allclose(numbers(drawn(lasting, "half-life")["y"]), np.log(0.5) / np.log(gate))


@pytest.mark.usefixtures("with_odd_models")
def test_a_layer_that_reads_backwards_has_written_from_the_end():
    app = memory(model="both ways", text="Hark who goes there", layer="layer0_reverse", step="5")
    layer = record(odd_models.model("both ways"), "Hark who goes there").layers["layer0_reverse"]
    _one, ledgers, forwards = in_all(app)[:3]
    assert drawn(ledgers, "strip")["x"] == [f"{step}  {layer.token.item(step)}" for step in range(5, 19)]
    best = best_remembered(layer, int(drawn(ledgers, "strip")["y"][0].removeprefix("unit ")))
    assert len(drawn(forwards, "middle 50 % of units (interquartile range)")["x"]) == best + 1
    assert drawn(forwards, "middle 50 % of units (interquartile range)")["x"][0] == "0  H"


@pytest.mark.usefixtures("with_odd_models")
def test_a_layer_that_reads_backwards_ends_at_the_first_step():
    app = memory(model="both ways", text="Hark who goes there", layer="layer0_reverse")
    assert len(drawn(figures(app)[1], "strip")["x"]) == len("Hark who goes there")
    assert "Each column is a character, from the end down to step 0." in sentences(app)


def test_circles_are_said_to_be_whose_they_are():
    assert "Circles: the same units before training." in sentences(memory(text="Hark who", tab="saturation"))
    assert "Circles: the same units after training." in sentences(
        memory(text="Hark who", model="shakespeare (untrained)", tab="saturation")
    )


def test_half_lives_are_said_in_steps_without_powers_of_ten():
    layer = record(pretrained.load("shakespeare", device="cpu"), "Hark who").layers["layer0"]
    found = timescale(layer).isel(unit=[0])

    def words(gate: float, measured: float) -> str:
        own = found.assign(half_life=("unit", [gate]), measured=("unit", [measured]))
        return half_lives_in_words(own, 0).partition(": ")[2]

    assert words(12_345, 1) == "12,345 steps by its gate; 1 step as measured."
    assert words(1.172, 1_500) == "1.17 steps by its gate; 1,500 steps as measured."
    assert words(np.inf, np.inf) == "infinite by its gate; as measured, longer than this text."


@pytest.mark.usefixtures("with_odd_models")
def test_what_is_no_number_is_said_and_shown_as_a_gap():
    app = memory(model="no numbers", text="Hark who goes there")
    assert "All 6 units have values that are not numbers (NaN or infinite): they are left out" in sentences(app)
    assert "The parts are not numbers, so they have no sum." in sentences(app)


def test_a_window_of_many_units_is_narrowed_to_what_stays_quick():
    assert narrowed(Window(0, 5_000), 256, from_start=False) == Window(0, 5_000)
    assert narrowed(Window(0, 5_000), 1_000, from_start=False) == Window(2_000, 5_000)
    assert narrowed(Window(0, 5_000), 1_000, from_start=True) == Window(0, 3_000)


def test_a_feature_that_comes_once_is_not_offered_first():
    assert recurs(np.array([0, 1, 0, 2, 2, 0, 1]))
    assert not recurs(np.array([0, 0, 1, 1]))
    assert not recurs(np.array([1, 0, 1, 0]))


def test_the_sum_is_said_or_that_there_is_none():
    assert sums_in_words(1.24e-7, "cell state") == (
        "Check: the parts add up to the cell state, relative error 1.2e-07."
    )
    assert "not numbers" in sums_in_words(float("nan"), "cell state")


@pytest.mark.usefixtures("with_odd_models")
def test_of_a_long_text_the_verdict_is_of_the_steps_that_were_searched(monkeypatch):
    monkeypatch.setattr(following_section, "MOST_SEARCHED", 7 * 6 * 12)
    monkeypatch.setattr(cached, "MOST_SEARCHED", 7 * 6 * 12)
    cached._following.clear()
    link = {"model": "three layers", "text": "Hark who goes there", "feature": "vowel", "tab": "tracking"}
    text = sentences(memory(**link))
    cached._following.clear()
    monkeypatch.undo()
    assert "beyond chance** in the last 12 steps" in text
    assert "Only the last 12 of 19 steps are searched" in text
    assert "in the last" not in sentences(memory(**link))


def test_columns_that_are_sums_are_called_that(monkeypatch):
    monkeypatch.setattr(wording, "MAX_CELLS", 256 * 10)
    assert "Each column is the sum over 2 characters, up to step 18" in sentences(memory(text="Hark who goes there"))


def test_numbers_are_called_by_their_names():
    app = memory(model="adding", text="0.5:0 0.2:1 0.9:1 0.1:0 0.3:0", tab="tracking")
    box = next(box for box in app.selectbox if box.label == "Feature")
    names = pretrained.load("adding", device="cpu").config.encoder.names
    assert set(names) <= set(box.options)


def test_only_units_that_keep_something_are_named():
    layer = record(pretrained.load("anbn", device="cpu"), "S" + "a" * 8 + "b" * 8 + "T").layers["layer0"]
    found = remembered(layer, 3)
    remaining = np.abs(found["contribution"]).mean("step")
    named = notable(found, found["unit"].to_numpy().tolist(), 0)
    assert 0 not in named
    assert named == [unit for unit in range(1, 5) if remaining.sel(unit=unit) > 0.1 * remaining.max()]
    assert named == [1, 2, 4]


def test_what_a_unit_holds_and_follows_is_said_with_its_numbers():
    text = "".join(f"S{'a' * n}{'b' * n}T" for n in (8, 3, 12, 5))
    recording = record(pretrained.load("anbn", device="cpu"), text)
    layer = recording.layers["layer0"]
    written = ledger(layer, 8)
    part = written.sel(unit=0, step=3)
    words = holding_in_words(written, 0, 3)
    assert f"Unit 0 holds **{float(layer.cell[8, 0]):+.2f}** after step 8." in words
    assert (
        f"“a” at step 3 wrote **{float(part.written):+.2f}**; **{float(part.left):.0%}** of that remains: {float(part.contribution):+.2f}."
        in words
    )
    assert holding_in_words(written, 0, 12).endswith("after step 8, before it has read step 12.")
    found = feature_selectivity(layer.sel(unit=[0]), text_features(recording), signals=("cell",))
    best = found.sel(unit=0, signal="cell", feature="a's minus b's")
    words = following_in_words(found, 0, "cell", "a's minus b's")
    assert words.startswith(
        f"**Unit 0 follows “a\\'s minus b\\'s”**: correlation of its cell state {best['score']:.4g},"
    )
    assert words.endswith(f"by chance up to {best['chance']:.2f}.")
    best["score"][...] = best["chance"] - 0.01
    assert (
        following_in_words(found, 0, "cell", "a's minus b's")
        == "**Unit 0 follows nothing in this text beyond chance.**"
    )
    assert "often enough to see unit 0 follow it" in following_in_words(None, 0, "cell", "")


def test_marks_are_made_of_each_character_and_fit_another_text():
    layer = record(pretrained.load("shakespeare", device="cpu"), "aé b").layers["layer0"]
    tokens, number = tokens_of(layer)
    assert (tokens, number.tolist()) == (["a", "é", "␣", "b"], [0, 1, 1, 2, 3])
    assert (fitted("01 1", 4), fitted("0110", 2), fitted("x1", 3)) == ("0110", "01", "010")
