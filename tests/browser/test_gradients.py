"""Gradients in a real browser: its numbers, a click, a link, and axe."""

import numpy as np
from playwright.sync_api import Page, expect

import pretrained
from lstm_core import record, wiring
from lstm_core.analysis import Target, backward, decay, furthest_reaching, gradients, paths
from tests.browser.paper import cut_on_paper
from tests.browser.reading import beyond_first_screen, click_on, open_tab, settled

TEXT, TARGET = "BPBPTTTTVPXTTTVPSEPE", Target(17, "P")
MAP = ".st-key-gradient_map .js-plotly-plot"
UNITS, EQUATIONS = "Where the gradient is large", "The backward equations, in numbers"


def ready(page: Page) -> None:
    page.wait_for_selector(f"{MAP} .heatmaplayer image")
    page.wait_for_selector(".st-key-importance .scatterlayer path")
    settled(page)


def drawn(page: Page) -> dict[str, np.ndarray]:
    """The signed gradients of the heatmap in the order of units, and the norms and shares of every curve."""
    cells = page.evaluate(
        """(selector) => { const one = document.querySelector(selector)._fullData[0];
            return [Array.from(one.y), Array.from(one.customdata, (row) => Array.from(row)), Array.from(one.z, (row) => Array.from(row))]; }""",
        MAP,
    )
    order = np.argsort([int(unit) for unit in cells[0]])
    curves = page.evaluate(
        """() => Object.fromEntries(['decay', 'importance'].flatMap((key) =>
            document.querySelector(`.st-key-${key} .js-plotly-plot`)._fullData.filter((one) => one.type === 'scatter').flatMap((one) =>
                [[`${key} ${one.name}`, one.customdata.map((row) => row[1])], [`${key} ${one.name} drawn`, Array.from(one.y)]])))"""
    )
    found = {"map": np.array(cells[1])[order], "colours": np.array(cells[2], dtype=float)[order]}
    return found | {name: np.array(values, dtype=float) for name, values in curves.items()}


def test_the_example_shows_the_numbers_of_the_analysis_and_its_link_restores_them(page, address):
    page.goto(f"{address}/gradients")
    ready(page)
    page.get_by_role("button", name="Look for this").click()
    page.get_by_role("button", name="A letter remembered over 16 steps").click()
    page.keyboard.press("Escape")
    page.wait_for_url("**target_step=17**")
    ready(page)
    page.wait_for_function(f"() => document.querySelector('{MAP}')._fullData[0].x.length === {len(TEXT)}")
    model = pretrained.load("embedded_reber", device="cpu")
    found = gradients(model, TEXT, layer="layer0", target=TARGET)
    recording = record(model, TEXT)
    split = decay(paths(found, recording.layers["layer0"]))
    baseline = decay(
        gradients(pretrained.rnn_baseline("embedded_reber", device="cpu"), TEXT, layer="layer0", target=TARGET)
    )
    shown = drawn(page)
    np.testing.assert_allclose(shown["map"], found["cell"].transpose("unit", "step"), rtol=1e-4, atol=1e-12)
    sizes = np.abs(found["cell"].transpose("unit", "step").to_numpy())
    np.testing.assert_allclose(shown["colours"], np.log10(np.maximum(sizes, 1e-8)), atol=1e-3)
    np.testing.assert_allclose(shown["decay ‖dL/dc‖ drawn"], decay(found)["cell"], rtol=1e-4)
    for name, wanted in (
        ("LSTM, cell state: all paths", split["total"]),
        ("cell-state path only (product of forget gates)", split["belt"]),
        ("tanh RNN, hidden state", baseline["hidden"]),
    ):
        by_step = wanted.sortby("step")
        np.testing.assert_allclose(shown[f"importance {name}"], by_step, rtol=1e-4)
        np.testing.assert_allclose(shown[f"importance {name} drawn"], by_step / wanted[0].item(), rtol=1e-4)
    equations = backward(found, recording.layers["layer0"], wiring(model, model.encode(TEXT), recording, "layer0"))
    unit = 3  # that the example chooses
    open_tab(page, EQUATIONS)
    expect(page.get_by_text(f"Unit {unit} at step 1")).to_be_visible()
    recorded_cell = equations["cell"].sel(step=1, unit=unit).item()
    lines = page.locator(".katex-html", has_text="often dropped")
    expect(lines).to_contain_text(f"{recorded_cell:.3g}".replace("-", "−"))
    expect(page.get_by_text("Equals autograd within")).to_be_visible()
    open_tab(page, UNITS)

    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(f"{MAP} .nsewdrag").first.bounding_box()
    assert box
    click_on(page, MAP, box["x"] + box["width"] * 3.5 / len(TEXT), box["y"] + box["height"] * 10.5 / 12)
    clicked = furthest_reaching(found["cell"])[10]
    page.wait_for_url(f"**unit={clicked}**step=3**")
    settled(page)
    open_tab(page, EQUATIONS)
    expect(page.get_by_text(f"Unit {clicked} at step 3")).to_be_visible()
    assert cut_on_paper(page) == []
    open_tab(page, UNITS)
    assert cut_on_paper(page) == []

    link = page.url
    page.goto("about:blank")
    page.emulate_media(color_scheme="dark")
    page.goto(link)
    ready(page)
    again = drawn(page)
    for name, values in shown.items():
        np.testing.assert_array_equal(again[name], values)
    assert page.evaluate(f"document.querySelector('{MAP}')._fullLayout.paper_bgcolor") == "#11161D"
    open_tab(page, EQUATIONS)
    expect(page.get_by_text(f"Unit {clicked} at step 3")).to_be_visible()


def test_the_opening_is_whole_on_a_projectors_first_screen(page, address):
    page.goto(f"{address}/gradients")
    ready(page)
    assert beyond_first_screen(page, ".st-key-importance .js-plotly-plot") == []
