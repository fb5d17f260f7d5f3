"""Memory in a real browser: the numbers on it are those of the analyses, and clicks choose what is looked at."""

import re
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Page, expect

import pretrained
from lstm_core import record
from lstm_core.analysis import best_followers, feature_selectivity, ledger, marking, text_features, timescale
from tests.browser.reading import click_on, objections, open_tab, settled
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.findings import FINDINGS

UNIT = ".st-key-unit_memory .js-plotly-plot"
LEDGER = ".st-key-ledger .js-plotly-plot"
ON_SCREEN = """([plot, words, height]) => {
    const box = document.querySelector(plot)?.getBoundingClientRect();
    const line = Array.from(document.querySelectorAll('p')).find((one) => one.textContent.includes(words));
    const below = line?.getBoundingClientRect();
    return box && below && box.height && box.top < 260 && box.bottom <= below.top && below.bottom <= height;
}"""
TIMESCALE = ".st-key-timescale .js-plotly-plot"
FOLLOWING = ".st-key-following .js-plotly-plot"
# Opens a list and takes what is in it at once, over a line so slow that the server hears of both together.
CHOOSE_AT_ONCE = """async (opener, title) => {
    const moment = (long) => new Promise((resolve) => setTimeout(resolve, long));
    const { send } = WebSocket.prototype;
    const held = [];
    WebSocket.prototype.send = function (message) { held.push([this, message]) };
    opener.click();
    let found;
    while (!found) {
        await moment(10);
        found = [...document.querySelectorAll('button')].find((one) => one.textContent.endsWith(title));
    }
    found.click();
    await moment(300);
    WebSocket.prototype.send = send;
    for (const [socket, message] of held) socket.send(message);
    return held.length;
}"""


def trace(page: Page, plot: str, name: str, value: str) -> np.ndarray:
    """The numbers under `value` of a figure's trace, as the browser has them."""
    page.wait_for_function("(selector) => document.querySelector(selector)?._fullData", arg=plot, polling=100)
    found = page.evaluate(
        """([selector, name, value]) => {
            const own = document.querySelector(selector)._fullData.find((one) => one.name === name)[value];
            return Array.from(own, (row) => typeof row === 'number' ? row : Array.from(row));
        }""",
        [plot, name, value],
    )
    return np.array(found)


def place(page: Page, plot: str, x: float, y: float, name: str) -> tuple[float, float]:
    """Where in the window are these values of the axes of that trace? Of an axis of names, the number of one."""
    page.locator(plot).scroll_into_view_if_needed()
    left, top = page.evaluate(
        """([selector, x, y, name]) => {
            const plot = document.querySelector(selector);
            const trace = plot._fullData.find((one) => one.name === name || (!name && one.type === 'bar'));
            const across = plot._fullLayout[trace.xaxis.replace('x', 'xaxis')];
            const down = plot._fullLayout[trace.yaxis.replace('y', 'yaxis')];
            const box = plot.getBoundingClientRect();
            const along = (axis, value) => axis._offset + (axis.type === 'category' ? axis.l2p(value) : axis.d2p(value));
            return [box.left + along(across, x), box.top + along(down, y)];
        }""",
        [plot, x, y, name],
    )
    return left, top


def test_a_finding_opens_in_one_click_and_its_link_restores_it(page, address, reader):
    page.goto(f"{address}/memory")
    page.wait_for_selector(f"{LEDGER} .heatmaplayer image")
    settled(page)
    for width, height in ((1366, 768), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        # Asked until it is so: the figure is drawn again for the new width, and the line moves with its height.
        page.wait_for_function(ON_SCREEN, arg=[UNIT, "Unit 134 follows", height])
    finding = FINDINGS["A unit that counts"]
    assert page.get_by_role("button", name="Look for this").evaluate(CHOOSE_AT_ONCE, finding.title) == 2
    expect(page.get_by_text(finding.look_for)).to_be_visible()
    expect(page.get_by_role("button", name=finding.title)).to_be_hidden()  # the list closes: it would cover the picture
    expect(page.get_by_text("Unit 0 follows “a's minus b's”")).to_be_in_viewport(ratio=1)
    assert page.locator(UNIT).bounding_box()["y"] + page.locator(UNIT).bounding_box()["height"] <= 720
    page.wait_for_url("**feature=**minus**")
    settled(page)
    layer = record(pretrained.load("anbn", device="cpu"), finding.text).layers["layer0"]
    own = ledger(layer, finding.values["step"])["contribution"].sel(unit=finding.values["unit"])

    def assert_shown(page: Page) -> None:
        settled(page)
        np.testing.assert_allclose(trace(page, UNIT, "strip", "z")[0][: len(own)], own, atol=1e-6)
        expect(page.get_by_label("Unit", exact=True)).to_have_value(str(finding.values["unit"]))
        expect(page.get_by_label("Step", exact=True)).to_have_value(str(finding.values["step"]))
        expect(page.get_by_label("Token of step", exact=True)).to_have_value(str(finding.values["written_at"]))
        expect(page.get_by_label("Feature", exact=True)).to_have_value(finding.values["feature"])

    assert_shown(page)
    other = reader.new_page()
    other.emulate_media(color_scheme="dark")
    other.goto(page.url)
    other.wait_for_selector(f"{FOLLOWING} .bars path")
    assert_shown(other)
    other.close()


def test_clicks_on_cells_points_and_bars_choose_unit_and_token(page, address):
    page.goto(f"{address}/memory?{urlencode({'text': DEFAULT_TEXT, 'feature': 'vowel'})}")
    page.wait_for_selector(f"{LEDGER} .heatmaplayer image")
    settled(page)
    recording = record(pretrained.load("shakespeare", device="cpu"), DEFAULT_TEXT)
    layer = recording.layers["layer0"]
    found = timescale(layer).sortby("rank")
    unit, token = (page.get_by_label(label, exact=True) for label in ("Unit", "Token of step"))

    click_on(page, UNIT, *place(page, UNIT, 7, 0, "strip"))
    expect(token).to_have_value("7")
    settled(page)
    last = len(DEFAULT_TEXT) - 1
    rows = [int(row) for row in page.evaluate(f"document.querySelector('{LEDGER}')._fullData[1].y")]
    np.testing.assert_allclose(
        trace(page, LEDGER, "units", "z"), ledger(layer, last)["contribution"].sel(unit=rows).T, atol=1e-6
    )
    column = 20
    click_on(page, LEDGER, *place(page, LEDGER, column - 9, 90, "units"))
    expect(token).to_have_value(str(column - 9))
    settled(page)
    x, y = place(page, LEDGER, column, 90, "units")
    page.mouse.move(x - 60, y)
    page.mouse.click(x, y)  # at once: Plotly still has the cell that was under the pointer a moment ago
    expect(token).to_have_value(str(column))
    settled(page)
    assert abs(rows.index(int(unit.input_value())) - 90) <= 1  # a row is thinner than two pixels

    open_tab(page, "How long each unit remembers (timescale)")
    page.wait_for_selector(TIMESCALE)
    np.testing.assert_allclose(trace(page, TIMESCALE, "by the gate", "y"), found["half_life"], rtol=1e-5)
    rank = 3
    page.mouse.click(*place(page, TIMESCALE, rank, float(found["half_life"][rank - 1]), "by the gate"))
    expect(unit).to_have_value(str(int(found["unit"][rank - 1])))
    settled(page)

    open_tab(page, "What units track")
    page.wait_for_selector(f"{FOLLOWING} .bars path")
    settled(page)
    best = best_followers(feature_selectivity(layer, text_features(recording)[["vowel"]]), count=10)
    np.testing.assert_allclose(trace(page, FOLLOWING, "trace 0", "x") + 0.5, best["score"], atol=1e-6)
    page.mouse.click(*place(page, FOLLOWING, 0.6, 3, ""))
    expect(unit).to_have_value(str(best["unit"][3]))
    page.wait_for_url(f"**unit={best['unit'][3]}**traced={best['signal'][3]}**")
    expect(page.get_by_text(f"of unit {best['unit'][3]}, AUC {best['score'][3]:.3f}")).to_be_visible()

    page.get_by_label("Feature", exact=True).click()
    page.keyboard.type("Your own")
    page.get_by_role("option", name="Your own marking").click()
    for at, token in ((3, "I"), (15, ",")):
        page.get_by_role("button", name=f"“{token}” at {at}", exact=True).click()
    page.wait_for_url(f"**marks={'0' * 3}1{'0' * 11}1{'0' * (last - 15)}**")
    page.get_by_role("button", name="“,” at 15", exact=True).press("ArrowRight")
    page.keyboard.press("Space")
    marked = f"{'0' * 3}1{'0' * 11}11{'0' * (last - 16)}"
    page.wait_for_url(f"**marks={marked}**")
    settled(page)
    expect(page.get_by_text(f"3 of {last + 1} marked")).to_be_visible()
    own = best_followers(feature_selectivity(layer, marking(recording, marked).to_dataset()), count=10)
    np.testing.assert_allclose(trace(page, FOLLOWING, "trace 0", "x") + 0.5, own["score"], atol=1e-6)
    page.get_by_role("button", name="As zeros and ones").click()
    marks = page.get_by_label("Your own marking", exact=True).and_(page.locator("textarea"))
    expect(marks).to_have_value(marked)
    marks.fill("01")
    marks.press("Control+Enter")
    expect(page.get_by_text(f"2 marks but {len(DEFAULT_TEXT)} tokens: give a 0 or 1 for each")).to_be_visible()
    expect(marks).to_have_value("01")
    page.keyboard.press("Escape")
    assert objections(page) == []


def test_an_emptied_number_is_chosen_by_the_page_again(page, address):
    page.goto(f"{address}/memory?text=Hark&unit=7")
    field = page.get_by_label("Unit", exact=True)
    expect(field).to_have_value("7")
    settled(page)
    field.fill("9")
    field.press("Enter")
    page.wait_for_url("**unit=9**")
    settled(page)
    field.fill("")
    field.press("Enter")
    expect(page).not_to_have_url(re.compile("unit="))
    settled(page)
    expect(field).to_have_value("")
