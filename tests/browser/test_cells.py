"""Explore, Step and Compare with layers that are no textbook LSTMs, as models of other frameworks have them."""

from urllib.parse import quote

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Page, expect

from lstm_core import record, signals_of
from lstm_core.analysis import previous
from tests.browser.reading import HEATMAPS, choose, objections, settled
from tests.browser.step_page import assert_numbers, at_step, open_step, sent_while_stepping, strip, wanted_numbers
from tests.support import odd_models
from viz.shared.prediction_text import NOTHING

TEXT = "Hark who"


def drawn(page: Page) -> dict[str, np.ndarray]:
    """The numbers (unit, step) of every signal's heatmap on Explore, in the order of units."""
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    settled(page)
    found = page.evaluate(
        """(selector) => document.querySelector(selector)._fullData.filter((one) => /^[a-z]+$/.test(one.name))
            .map((one) => [one.name, Array.from(one.z, (row) => Array.from(row))])""",
        HEATMAPS,
    )
    return {name: np.array(values, dtype=np.float32) for name, values in found}


def test_explore_and_step_show_the_numbers_of_a_gru(page, odd_address):
    page.goto(f"{odd_address}/?model=gru&text={quote(TEXT)}&sort=index&unit=3&step=5")
    layer = record(odd_models.model("gru"), TEXT).layers["layer0"]
    shown = drawn(page)
    assert list(shown) == list(signals_of(layer))
    for name, values in shown.items():
        np.testing.assert_allclose(values, layer[name].to_numpy().T, atol=2e-6)
    expect(page.get_by_role("heading", name="What does a GRU do while it reads?")).to_be_visible()
    now = layer.sel(unit=3, step=5)
    expect(page.locator(".katex-html").first).to_contain_text(f"{float(now['update']):.3f}")
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    strip(page).focus()
    for step in (5, 6, 7):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(odd_models.model("gru"), TEXT, "layer0", 3, step))
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="One step of a GRU, in numbers")).to_be_visible()
    assert_pushes(page, layer, unit=3, step=7)


def assert_pushes(page: Page, layer: xr.Dataset, *, unit: int, step: int) -> None:
    """The units that push a GRU's candidate, before its reset gate, the strongest first."""
    page.get_by_text("Which units influenced this gate most?").click()
    page.get_by_role("button", name="candidate", exact=True).click()
    weights = odd_models.model("gru").lstm.weight_hh_l0.detach().double().numpy()[2 * 7 + unit]
    pushes = weights * previous(layer, "hidden").sel(step=step).to_numpy()
    rows = [row.locator("td").all_text_contents() for row in page.locator(".pushers tbody tr").all()]
    strongest = np.argsort(-np.abs(pushes))
    assert [int(cells[0]) for cells in rows] == strongest.tolist()
    shown = [float(cells[3].replace("−", "-")) for cells in rows]
    np.testing.assert_allclose(shown, pushes[strongest], atol=0.5e-3 + 2e-6)
    reset = float(layer["reset"].sel(unit=unit, step=step))
    expect(page.get_by_text(f"The reset gate multiplies each of these terms by {reset:.3f}.")).to_be_visible()


def test_explore_and_step_show_the_numbers_of_a_simple_rnn(page, odd_address):
    page.goto(f"{odd_address}/?model=rnn&layer=layer1&text={quote(TEXT)}&sort=index&unit=2")
    layer = record(odd_models.model("rnn"), TEXT).layers["layer1"]
    np.testing.assert_allclose(drawn(page)["hidden"], layer["hidden"].to_numpy().T, atol=2e-6)
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    strip(page).press("End")
    for step in (7, 6):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(odd_models.model("rnn"), TEXT, "layer1", 2, step))
        page.keyboard.press("ArrowLeft")
    choose(page, "peepholes")  # the same stage, for another cell
    expect(page.get_by_role("heading", name="One step of an LSTM, in numbers")).to_be_visible()
    expect(page.locator(".gauge")).to_have_count(4)
    expect(page.get_by_label("Colour by").locator("option")).to_have_count(6)
    expect(page.get_by_label("Layer", exact=True)).to_have_count(0)  # it has only one


@pytest.mark.parametrize(
    ("name", "layer", "note"),
    [
        ("peepholes", "layer0", "It has peepholes: its gates also see the cell state"),
        ("uneven", "layer0_reverse", "Its hidden state is projected to 3 numbers"),
        ("uneven", "layer1_reverse", "Its input x is the output of layer 0"),
        ("uneven", "layer2", "Its input x is the output of layer 1"),
    ],
)
def test_step_shows_the_numbers_of_every_variant_and_says_what_is_particular(page, odd_address, name, layer, note):
    open_step(page, odd_address, TEXT, model=name, layer=layer, unit=1, step=3)
    strip(page).focus()
    for step in (3, 4):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(odd_models.model(name), TEXT, layer, 1, step))
        page.keyboard.press("ArrowRight")
    expect(page.locator(".stepper .note")).to_contain_text(note)
    expect(page.locator(".stepper .why")).to_be_hidden()  # the server reads: the readout is not here


def test_a_model_without_a_readout_says_so_and_stepping_asks_the_server_nothing(page, odd_address):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_step(page, odd_address, "Hark who goes there " * 3, model="no readout", unit=1, step=0)
    settled(page)
    expect(page.locator(".prediction .surprise")).to_have_text(NOTHING)
    expect(page.locator(".prediction table:visible")).to_have_count(0)
    expect(page.get_by_text("This model has no readout, so it cannot continue a text")).to_be_visible()
    strip(page).focus()
    assert sent_while_stepping(page, sent, 30) == []


def test_what_is_no_number_is_a_gap_everywhere(page, odd_address):
    page.goto(f"{odd_address}/?model=no%20numbers&text={quote(TEXT)}&sort=index")
    layer = record(odd_models.model("no numbers"), TEXT).layers["layer0"]
    for name, values in drawn(page).items():
        np.testing.assert_array_equal(np.isnan(values), np.isnan(layer[name].to_numpy().T))
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    page.get_by_role("button", name="Last step").click()
    expect(page.get_by_text("The prediction is not a number")).to_be_visible()
    expect(page.get_by_text("All 6 units have values that are not numbers")).to_be_visible()
    pixels = page.locator("[aria-label='input gate of all units']").evaluate(
        "(canvas) => Array.from(canvas.getContext('2d').getImageData(0, 0, 1, canvas.height).data)"
    )
    assert not any(pixels)  # transparent
    page.get_by_role("button", name="First step").click()
    at_step(page, 0)
    expect(page.locator("[data-number='input']")).not_to_have_text("–")
    page.keyboard.press("ArrowRight")  # what comes back from step 0 is no number in unit 2 alone
    at_step(page, 1)
    page.get_by_text("Which units influenced this gate most?").click()
    rows = page.locator(".pushers tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.nth(5).locator("button")).to_have_text("2")
    expect(rows.nth(5).locator(".push")).to_have_text("–")
    pushes = [abs(float(text.replace("−", "-"))) for text in rows.locator(".push").all_inner_texts()[:5]]
    assert pushes == sorted(pushes, reverse=True)


@pytest.mark.parametrize("name", ["gru", "rnn"])
def test_axe_finds_nothing_to_object_to_in_other_cells(page, odd_address, name):
    page.set_viewport_size({"width": 1280, "height": 1600})
    page.emulate_media(color_scheme="dark")
    open_step(page, odd_address, TEXT, model=name, step=2)
    assert objections(page, ".st-key-stepper") == []
