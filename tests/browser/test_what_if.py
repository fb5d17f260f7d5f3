"""The page What if in a real browser: numbers, clicks, and a link that restores what was chosen."""

import re
from urllib.parse import quote

import numpy as np
import xarray as xr
from playwright.sync_api import Page, expect

import pretrained
from lstm_core import Intervention, record
from lstm_core.analysis import change, knock_out
from tests.browser.reading import beyond_first_screen, settled
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.findings import FINDINGS

BITS = np.log(2)  # nats each
TEXT = "Who <b>goes</b> there?"
COUNTS = FINDINGS["Look for this: break a model that counts"].text


def drawn(page: Page, chart: str, name: str, axis: str) -> np.ndarray:
    """What a trace of a chart has on one of its axes."""
    selector = f".st-key-{chart} .js-plotly-plot"
    page.wait_for_selector(f"{selector} .bars path, {selector} .heatmaplayer image", state="attached")  # a bar may be 0
    settled(page)
    found = page.evaluate(
        """([selector, name, axis]) => {
            const trace = document.querySelector(selector)._fullData.find((one) => one.name === name);
            return Array.from(trace[axis], (one) => (typeof one === 'object' && one !== null ? Array.from(one) : one));
        }""",
        [selector, name, axis],
    )
    return np.array(found)


def click(page: Page, chart: str, column: float, row: float) -> None:
    """Click into the first panel of a chart, at a place on its axes."""
    page.locator(f".st-key-{chart}").scroll_into_view_if_needed()
    at = page.evaluate(
        """([selector, column, row]) => {
            const plot = document.querySelector(selector);
            const { xaxis, yaxis } = plot._fullLayout;
            const box = plot.getBoundingClientRect();
            return [box.left + xaxis._offset + xaxis.l2p(column), box.top + yaxis._offset + yaxis.l2p(row)];
        }""",
        [f".st-key-{chart} .js-plotly-plot", column, row],
    )
    page.mouse.move(*at)
    page.mouse.click(*at)
    settled(page)


def assert_said(page: Page, wanted: xr.Dataset) -> None:
    """The sentence above the figures has the mean cost, in bits."""
    bits = wanted.attrs["mean_cost"] / BITS
    verb = "falls" if bits < 0 else "rises"
    expect(page.get_by_text(f"The loss {verb} by {abs(bits):.3f} bits per character")).to_be_visible()


def test_the_change_has_the_numbers_of_the_analysis_and_clicks_choose_step_and_unit(page, address):
    page.goto(
        f"{address}/what-if?text={quote(TEXT)}&held=forget_0.5_u3-17_s4-9&held=input_0_u5&sort=index"
        "&every=true&altered=input&altered=forget&altered=cell&altered=hidden&tab=moves"
    )
    model = pretrained.load("shakespeare", device="cpu")
    clamps = [Intervention("layer0", "forget", 0.5, (3, 17), 4, 10), Intervention("layer0", "input", 0.0, (5,))]
    original, altered = record(model, TEXT), record(model, TEXT, interventions=clamps)
    wanted = change(original, altered)
    np.testing.assert_allclose(drawn(page, "moves", "change", "y"), wanted["divergence"] / BITS, atol=1e-6)
    for chart in ("moves", "what_if_change"):
        np.testing.assert_allclose(drawn(page, chart, "cost", "y").astype(float), wanted["cost"] / BITS, atol=1e-6)
    for signal in ("input", "forget", "cell", "hidden"):
        after, before = (one.layers["layer0"][signal].to_numpy().T for one in (altered, original))
        for column, values in enumerate((after, before, after - before), start=1):
            shown = drawn(page, "comparison", f"{signal} {column}", "z")
            np.testing.assert_allclose(shown, values, atol=2e-6)
    assert_said(page, wanted)
    click(page, "what_if_change", 7, float(wanted["cost"][7]) / BITS / 2)
    page.get_by_role("button", name="More").click()
    expect(page.get_by_label("Step", exact=True)).to_have_value("7")
    page.keyboard.press("Escape")
    expect(page.get_by_text("; after step 7, ")).to_be_visible()
    best = drawn(page, "before_after", "with the change", "x")
    np.testing.assert_allclose(np.sort(best)[::-1][:3], wanted["probability_after"][7, :3], atol=1e-6)
    click(page, "comparison", 10, 200)
    # A row of 256 is thinner than a pixel, so a click may meet its neighbour.
    page.wait_for_url(lambda url: re.search(r"held=input_0_u5-(199|200|201)\b", url) and "step=7" in url)


def test_a_link_restores_the_ranking_which_gives_its_units_to_the_change(page, address):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/what-if?model=anbn&text={COUNTS}&held=forget_0.5_s0-12&turn=same&ranked=true")
    values = drawn(page, "knocked_out", "units", "y")
    units = drawn(page, "knocked_out", "units", "x").tolist()
    assert set(units[:2]) == {"0", "2"}
    model = pretrained.load("anbn", device="cpu")
    *_, last = knock_out(model, COUNTS, "layer0", signal="forget", value=0.5)
    np.testing.assert_allclose(values, last.effect["saved"].sel(unit=[int(unit) for unit in units]) / BITS, atol=1e-6)
    expect(page.get_by_role("slider").last).to_have_value("12")
    click(page, "knocked_out", 0, values[0] / 2)
    page.wait_for_url(lambda url: f"held=forget_0.5_u{units[0]}_s0-12" in url)
    wanted = change(
        record(model, COUNTS),
        record(model, COUNTS, interventions=[Intervention("layer0", "forget", 0.5, (int(units[0]),), 0, 13)]),
    )
    assert_said(page, wanted)


def test_a_preset_shows_its_effect_on_a_projectors_first_screen(page, address):
    page.goto(f"{address}/what-if")
    drawn(page, "comparison", "cell 1", "z")
    page.get_by_role("button", name="Write nothing: i = 0").click()
    model, text = pretrained.load("shakespeare", device="cpu"), DEFAULT_TEXT
    altered = record(model, text, interventions=[Intervention("layer0", "input", 0.0)])
    assert_said(page, change(record(model, text), altered))
    assert beyond_first_screen(page, ".st-key-effect .js-plotly-plot") == []
