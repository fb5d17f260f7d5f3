"""Explore, Step and Compare with models that read words or numbers, and that say labels, legal tokens or values."""

import itertools
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lstm_core import record
from lstm_core.analysis import expected_change, surprise
from tests.browser.reading import HEATMAPS, choose, objections, settled, ticks
from tests.browser.step_page import assert_numbers, at_step, open_step, strip, tokens, wanted_numbers
from tests.support import odd_models

FIRST = {name: next(iter(card.examples.values())) for name, card in odd_models.CARDS.items()}


def open_explore(page: Page, address: str, model_name: str) -> None:
    page.goto(f"{address}/?model={quote(model_name)}&sort=index")
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    settled(page)


def panel(page: Page, title: str) -> list[dict]:
    """The traces of the panel that bears this title."""
    return page.evaluate(
        """([selector, title]) => {
            const { _fullData: data, _fullLayout: layout } = document.querySelector(selector);
            const own = (trace) => layout[trace.yaxis.replace('y', 'yaxis')].title.text === title;
            const plain = (one) => (one ? Array.from(one, (row) => (row?.length === undefined || typeof row === 'string' ? row : Array.from(row))) : one);
            return data.filter(own).map((t) => ({ type: t.type, x: plain(t.x), y: plain(t.y), z: plain(t.z) }));
        }""",
        [HEATMAPS, title],
    )


def signed(text: str) -> float:
    return float(text.replace("▲", "").replace("▼", "-").replace("±", "").replace("−", "-").replace(" ", ""))


def test_a_model_of_words_shows_its_labels_after_each_word(page, odd_address):
    open_explore(page, odd_address, "opinions")
    prediction = record(odd_models.model("opinions"), FIRST["opinions"]).prediction
    (cells,) = panel(page, "Predicted<br>label")
    assert cells["y"] == ["very negative", "negative", "neutral", "positive"]
    np.testing.assert_allclose(np.array(cells["z"]), prediction["probability"].to_numpy().T, atol=2e-6)
    assert not panel(page, "Surprisal<br>(bits)")
    assert ticks(page) == list(prediction["token"].to_numpy())
    boxes = page.evaluate(
        """(selector) => Array.from(document.querySelectorAll(`${selector} .xtick text`), (one) => one.getBoundingClientRect())
            .map(({ left, right }) => [left, right])""",
        HEATMAPS,
    )
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(boxes))
    page.get_by_role("button", name="What is this?").click()
    expect(page.get_by_text("Look for: A cell that turns where an opinion is given.")).to_be_visible()
    expect(page.get_by_text("reads words. It knows 16")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Each column is a word, each row a unit")).to_be_visible()


def test_a_model_of_legal_tokens_shows_each_on_its_own_and_its_surprise(page, odd_address):
    open_explore(page, odd_address, "grammar")
    prediction = record(odd_models.model("grammar"), FIRST["grammar"]).prediction
    cells, dots = panel(page, "May come<br>next")
    np.testing.assert_allclose(np.array(cells["z"]), prediction["probability"].to_numpy().T, atol=2e-6)
    assert dots["y"] == list(FIRST["grammar"][1:])
    (bars,) = panel(page, "Surprisal<br>(bits)")
    np.testing.assert_allclose(bars["y"][1:], surprise(prediction)[1:], atol=1e-5)


def test_a_forecast_stands_beside_what_came(page, odd_address):
    open_explore(page, odd_address, "weather")
    prediction = record(odd_models.model("weather"), FIRST["weather"]).prediction
    line, came = panel(page, "temperature<br>(°C)")
    np.testing.assert_allclose(line["y"], prediction["value"].to_numpy()[:, 0], atol=2e-5)
    np.testing.assert_allclose(came["y"][:-1], [5.9, 8.1, 7.2, 9.4, 10.3, 8.8, 6.5, 4.9, 5.2, 7.7, 9.1], atol=1e-5)
    assert ticks(page)[:3] == ["6.7", "5.9", "8.1"]


@pytest.mark.parametrize("name", ["opinions", "weather"])
def test_axe_finds_nothing_to_object_to_in_labels_and_values(page, odd_address, name):
    page.set_viewport_size({"width": 1280, "height": 1600})
    page.emulate_media(color_scheme="dark")
    open_step(page, odd_address, FIRST[name], model=name, step=2)
    assert objections(page, ".st-key-stepper") == []


@pytest.mark.parametrize("name", ["opinions", "grammar", "weather", "sum"])
def test_step_shows_the_numbers_of_every_kind(page, odd_address, name):
    text, unit = FIRST[name], 3
    open_step(page, odd_address, text, model=name, unit=unit, step=0)
    strip(page).focus()
    for step in (0, 1, 2):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(odd_models.model(name), text, "layer0", unit, step))
        page.keyboard.press("ArrowRight")
    at_step(page, 3)
    assert tokens(page).all_text_contents() == list(odd_models.model(name).encode(text).labels)
    assert_says(page, name, record(odd_models.model(name), text).prediction, 3)
    page.keyboard.press("End")
    assert_says(page, name, record(odd_models.model(name), text).prediction, len(tokens(page).all()) - 1)
    can_write = name == "grammar"
    expect(page.get_by_role("button", name="Let it write")).to_be_enabled(enabled=can_write)
    expect(page.get_by_text("cannot continue a text")).to_be_visible(visible=not can_write)


def assert_says(page: Page, name: str, prediction, step: int) -> None:
    at_step(page, step)
    box = page.locator(".prediction")
    if name in ("weather", "sum"):
        shown_value, came, change = (
            box.locator(f"td.{kind}").text_content() for kind in ("value", "came-next", "change")
        )
        digits = len(shown_value.split(".")[1])
        half = 0.5 * 10**-digits + 1e-5
        value = prediction["value"].to_numpy()[:, 0]
        assert abs(signed(shown_value) - value[step]) <= half
        assert abs(signed(change) - (value[step] - value[step - 1])) <= half
        expect(box.locator("th[colspan]")).to_have_text(str(prediction["feature"].to_numpy()[0]))
        if name == "weather":
            last = step == prediction.sizes["step"] - 1
            assert came == "–" if last else abs(signed(came) - float(prediction["came"][step, 0])) <= half
            token = prediction["token"].to_numpy()[step]
            expect(box.locator(".surprise")).to_have_text(
                f"The forecast for “{token}” was {value[step - 1]:.{digits}f}."
            )
        return
    probability = prediction["probability"].to_numpy()
    order = range(4) if name == "opinions" else expected_change(prediction)["class_index"].isel(step=step).to_numpy()
    rows = box.locator(".chances tbody tr:not([hidden])").all()
    assert len(rows) == 4
    for row, number in zip(rows, order, strict=True):
        label, _, chance, change = row.locator("th, td").all_text_contents()
        assert label == str(prediction["class"].to_numpy()[number])
        assert abs(float(chance.rstrip(" %")) - 100 * probability[step, number]) <= 0.51
        assert abs(signed(change) - 100 * (probability[step, number] - probability[step - 1, number])) <= 0.051


def test_another_model_swaps_an_example_and_never_a_text_that_was_typed(page, odd_address):
    open_step(page, odd_address, FIRST["grammar"], model="grammar", step=2)
    box = page.get_by_role("textbox", name="Text", exact=True)
    choose(page, "sum")
    expect(box).to_have_value(FIRST["sum"])
    at_step(page, 0)  # its beginning: the step was another text's
    box.fill("0.5:1 0.25:0")
    box.press("Enter")
    expect(tokens(page)).to_have_count(2)
    choose(page, "weather")
    expect(page.get_by_text("“weather” cannot read this text:")).to_be_visible()
    expect(page.get_by_text("'0.5:1' is not what this model reads: 1 number a step")).to_be_visible()
    expect(box).to_have_value("0.5:1 0.25:0")
    choose(page, "sum")  # and back: nothing is lost
    expect(tokens(page)).to_have_count(2)
    choose(page, "grammar")
    page.get_by_role("button", name="Take an example").click()
    expect(box).to_have_value(FIRST["grammar"])
    expect(page.get_by_text("cannot read this text")).to_have_count(0)
    page.get_by_label("Example").click()
    expect(page.get_by_role("option")).to_have_text(list(odd_models.CARDS["grammar"].examples))
    page.get_by_role("option", name="Ten of each").click()
    expect(tokens(page)).to_have_count(22)
    page.wait_for_url(f"**text={FIRST['grammar'][0]}a*")


def test_compare_shows_a_model_of_words_beside_itself_untrained(page, odd_address):
    page.goto(f"{odd_address}/compare?model=opinions")
    page.wait_for_selector(".st-key-comparison .heatmaplayer image")
    settled(page)
    found = page.evaluate(
        """Object.fromEntries(document.querySelector('.st-key-comparison .js-plotly-plot')._fullData
            .map((t) => [t.name, [Array.from(t.y), Array.from(t.z, (row) => Array.from(row))]]))"""
    )
    for column, seed in ((1, 1), (2, 2)):
        wanted = record(odd_models.model("opinions", seed=seed), FIRST["opinions"]).layers["layer0"]["forget"]
        units, rows = found[f"forget {column}"]
        np.testing.assert_allclose(
            np.array(rows)[np.argsort([int(unit) for unit in units])], wanted.to_numpy().T, atol=2e-6
        )
