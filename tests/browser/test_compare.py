"""Compare in a real browser."""

import numpy as np
from playwright.sync_api import Page, expect

import pretrained
from lstm_core import record
from lstm_core.analysis import most_telling
from tests.browser.paper import cut_on_paper
from tests.browser.reading import open_tab, settled
from viz.shared.examples import DEFAULT_TEXT

CHART = ".st-key-comparison .js-plotly-plot"
TEXT = "Who goes there?"


def drawn(page) -> dict[str, np.ndarray]:
    page.wait_for_selector(f"{CHART} .heatmaplayer image")
    settled(page)
    found = page.evaluate(
        f"""document.querySelector('{CHART}')._fullData
            .map((t) => [t.name, Array.from(t.y), Array.from(t.z, (row) => Array.from(row)), t.zmin, t.zmax])"""
    )
    return {name: (np.array(z)[np.argsort([int(unit) for unit in y])], low, high) for name, y, z, low, high in found}


def test_the_trained_model_stands_beside_its_untrained_self(page, address):
    page.goto(f"{address}/?text={TEXT}")
    page.wait_for_selector(".explore-view[data-read]")
    page.get_by_role("link", name="Compare").click()
    page.wait_for_selector(f"{CHART} .heatmaplayer image")
    expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    page.get_by_role("radio", name="all", exact=True).click()
    page.wait_for_function(f"document.querySelector('{CHART}')?._fullData?.[0].y.length === 256", polling=100)
    parts = drawn(page)
    trained = record(pretrained.load("shakespeare", device="cpu"), TEXT).layers["layer0"]
    untrained = record(pretrained.untrained("shakespeare", device="cpu"), TEXT).layers["layer0"]
    for name in ("input", "forget", "output", "cell"):
        one, other, difference = (parts[f"{name} {column}"] for column in (1, 2, 3))
        np.testing.assert_allclose(one[0], trained[name].transpose("unit", "step"), atol=2e-6)
        np.testing.assert_allclose(other[0], untrained[name].transpose("unit", "step"), atol=2e-6)
        np.testing.assert_allclose(
            difference[0], (trained[name] - untrained[name]).transpose("unit", "step"), atol=4e-6
        )
        assert one[1:] == other[1:]
        assert difference[1] == -difference[2]
        size = float(np.percentile(np.abs(difference[0]), 98))  # each difference has its own scale
        assert size <= difference[2] < 2.5 * size
    assert parts["forget 1"][1:] == (0, 1)
    for title in ("after training", "before training", "difference"):
        expect(page.locator(CHART).get_by_text(title).first).to_be_visible()
    page.wait_for_selector(".film .frame canvas")
    settled(page)
    assert cut_on_paper(page) == []


def test_distributions_and_saturation_are_shown_with_their_numbers(page, address):
    page.goto(f"{address}/compare?text={TEXT}")
    drawn(page)
    open_tab(page, "Which values do the gates take?")
    page.wait_for_selector(".st-key-saturations .js-plotly-plot .bars path")
    settled(page)
    chart = page.locator(".st-key-saturations .js-plotly-plot")
    chart.scroll_into_view_if_needed()
    trained = record(pretrained.load("shakespeare", device="cpu"), TEXT).layers["layer0"]
    found = page.evaluate(
        "document.querySelector('.st-key-saturations .js-plotly-plot')._fullData.map((t) => Array.from(t.x)[0])"
    )
    wanted = []
    for gate in ("input", "forget", "output"):
        values = trained[gate].to_numpy()
        below, above = (values < 0.1).mean(), (values > 0.9).mean()
        wanted += [below, 1 - below - above, above]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    shares = page.evaluate(
        "document.querySelector('.st-key-distributions .js-plotly-plot')._fullData.map((t) => Array.from(t.y).reduce((a, b) => a + b))"
    )
    np.testing.assert_allclose(shares, np.ones(6), atol=1e-6)


def test_an_untrained_model_is_compared_with_the_trained_one(page, address):
    page.goto(f"{address}/compare?text={TEXT}&model=shakespeare%20(untrained)")
    drawn(page)
    expect(page.get_by_label("Compare with")).to_have_value("itself after training")


def test_the_most_telling_units_fit_two_screens_and_a_pointer_lights_one_in_all_panels(page: Page, address):
    page.goto(f"{address}/compare")
    layer = record(pretrained.load("shakespeare", device="cpu"), DEFAULT_TEXT).layers["layer0"]
    for width, height in ((1366, 768), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        assert set(drawn(page)) == {
            f"{name} {at}" for name in ("input", "forget", "output", "cell") for at in (1, 2, 3)
        }
        box = page.locator(CHART).bounding_box()
        assert box["y"] < 260
        assert box["y"] + box["height"] <= height
    rows = [int(row) for row in page.evaluate(f"document.querySelector('{CHART}')._fullData[0].y")]
    assert set(rows) == set(most_telling(layer))
    untrained = record(pretrained.untrained("shakespeare", device="cpu"), DEFAULT_TEXT).layers["layer0"]
    spaces = [step for step, letter in enumerate(layer.token.to_numpy()) if letter == "␣"]
    first, last = (float(one["output"][spaces].mean()) for one in (untrained, layer))
    expect(page.get_by_text(f"at spaces the mean output gate went from {first:.2f} to {last:.2f}")).to_be_visible()
    frame = page.locator(f"{CHART} .subplot.xy .gridlayer").first.bounding_box() or box
    page.mouse.move(frame["x"] + 130, frame["y"] + 80)
    page.mouse.move(frame["x"] + 132, frame["y"] + 81)
    page.wait_for_selector(".gatescope-lit", state="attached")
    assert page.locator(f"{CHART} .gatescope-lit").count() == 12 * 2  # a row and a column in each of twelve panels
    page.mouse.click(frame["x"] + 132, frame["y"] + 81)
    page.wait_for_url("**unit=**")
    settled(page)
    unit = int(page.evaluate("new URLSearchParams(location.search).get('unit')"))
    assert unit in rows
    assert page.locator(f"{CHART} .gatescope-mark").count() == 12 * 2
