"""What a browser test reads off the page."""

import re
from math import inf

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from lstm_core import SIGNALS
from viz.shared.model_facts import title_of

HEATMAPS = ".st-key-heatmaps .js-plotly-plot"
TRACES = ".st-key-traces .js-plotly-plot"
# What axe finds in Streamlit's own uploader, which no style of ours can mend: its drop zone has role="presentation", but a
# label and a place in the order of focus too. The rule, and the element.
STREAMLITS = "presentation-role-conflict", 'data-testid="stFileUploaderDropzone"'


def finished(page: Page) -> None:
    """Wait until the app has run to its end."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def settled(page: Page) -> None:
    """Wait until the app has run to its end and nothing on the page is stale."""
    finished(page)
    # Asked ten times a second: once a frame, as is usual, would keep the browser drawing.
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')", polling=100)


def objections(page: Page, context: str | None = None) -> list[str]:
    """What axe objects to on the page, or in that part of it, once nothing fades any more: rule and element."""
    settled(page)
    page.wait_for_function(  # what was stale has faded in again
        """() => document.getAnimations().every((one) => one.playState !== 'running') &&
            [...document.querySelectorAll('[data-stale]')].every((one) => getComputedStyle(one).opacity === '1')""",
        polling=100,
    )
    options = {"resultTypes": ["violations"]}  # of all else the first element is enough, in half the time
    found = Axe().run(page, context=context, options=options).response
    assert len(found["passes"]) > 10
    rule, element = STREAMLITS
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
        if one["id"] != rule or element not in node["html"]
    ]


def stays(shown: Locator, milliseconds: float) -> bool:
    """Does nothing in that element change for so long, by the page's own clock?"""
    return shown.evaluate(
        """(element, milliseconds) => new Promise((resolve) => {
            const watch = new MutationObserver(() => resolve(false));
            watch.observe(element, { subtree: true, childList: true, characterData: true });
            setTimeout(() => resolve(true), milliseconds);
        })""",
        milliseconds,
    )


def open_tab(page: Page, title: str) -> None:
    """Open one of the tabs below the first screen."""
    page.get_by_role("radio", name=title).click()
    page.mouse.move(0, 0)  # what is under the pointer has colours of its own
    settled(page)


SCREENS = ((1280, 720), (1366, 768))  # a small projector, a small laptop
HIGHEST = 260  # pixels above a page's main picture


def beyond_first_screen(page: Page, *pictures: str) -> list[str]:
    """Which of these pictures, all that each selector finds, begins too low or is cut off on a small screen?

    Leaves the window in its size.
    """
    size, found = page.viewport_size, []
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)  # what fits itself to the window does so in its next frames
        for picture in pictures:
            boxes = [box for one in page.locator(picture).all() if (box := one.bounding_box()) is not None]
            top = min((box["y"] for box in boxes), default=inf)
            bottom = max((box["y"] + box["height"] for box in boxes), default=inf)
            right = max((box["x"] + box["width"] for box in boxes), default=inf)
            if top > HIGHEST or bottom > height or right > width:
                found.append(f"{picture} at {width} x {height}: from {top:.0f} to {bottom:.0f}, {right:.0f} wide")
    page.set_viewport_size(size)
    return found


def choose(page: Page, model_name: str) -> None:
    """Choose a model by typing its title: of a long list the browser has only the part in sight."""
    page.get_by_label("Model", exact=True).click()
    page.keyboard.type(title_of(model_name))
    page.get_by_role("option", name=_in_menu(model_name)).click()
    settled(page)


def expect_chosen(page: Page, model_name: str) -> None:
    """Wait until the menu shows that model."""
    expect(page.get_by_label("Model", exact=True)).to_have_value(_in_menu(model_name))


def _in_menu(model_name: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(title_of(model_name))} · ")


def heatmap_values(page: Page, steps: int) -> dict[str, np.ndarray]:
    """The numbers (unit, step) of each heatmap on Explore, once it shows `steps` steps."""
    page.wait_for_function(
        """([selector, steps]) => {
            const plot = document.querySelector(selector);
            const own = plot?._fullData?.find((trace) => trace.name === 'forget');
            return own && own.z[0].length === steps && plot.querySelectorAll('.heatmaplayer image').length >= 6;
        }""",
        arg=[HEATMAPS, steps],
        polling=100,
    )
    found = page.evaluate(
        """([selector, names]) => Object.fromEntries(document.querySelector(selector)._fullData
            .filter((trace) => names.includes(trace.name))
            .map((trace) => [trace.name, { y: trace.y, z: Array.from(trace.z, (row) => Array.from(row)) }]))""",
        [HEATMAPS, list(SIGNALS)],
    )
    values = {}
    for name, drawn in found.items():
        rows = np.array(drawn["z"], dtype=np.float32)
        values[name] = rows[np.argsort([int(unit) for unit in drawn["y"]])]
    return values


def live_values(page: Page, steps: int, layer: str = "layer0") -> dict[str, np.ndarray]:
    """The numbers (unit, step) of each signal that Explore draws itself, once it has read `steps` steps."""
    page.wait_for_selector(f'.explore-view[data-read="{steps}"]')
    found = page.locator(".explore-view").evaluate(
        """(root, layer) => {
            const { model } = root.gatescope;
            const { units } = model.direction(layer);
            const names = Object.keys(model.direction(layer).signals);
            return { units, signals: Object.fromEntries(names.map((name) => [name, [...model.signal(layer, name)]])) };
        }""",
        layer,
    )
    return {
        name: np.array(values, np.float32).reshape(steps, -1).T  # of "projected" another width
        for name, values in found["signals"].items()
    }


def cell_at(page: Page, signal: str, row: int, column: int) -> tuple[float, float]:
    """Where on the page is one cell of a heatmap? (x, y) in pixels."""
    page.locator(HEATMAPS).scroll_into_view_if_needed()
    position = page.evaluate(
        """([selector, name, row, column]) => {
            const plot = document.querySelector(selector);
            const trace = plot._fullData.find((one) => one.name === name);
            const x = plot._fullLayout[trace.xaxis.replace('x', 'xaxis')];
            const y = plot._fullLayout[trace.yaxis.replace('y', 'yaxis')];
            const box = plot.getBoundingClientRect();
            return [box.left + x._offset + x.l2p(column), box.top + y._offset + y.l2p(row)];
        }""",
        [HEATMAPS, signal, row, column],
    )
    return position[0], position[1]


def ticks(page: Page, selector: str = HEATMAPS) -> list[str]:
    """The characters under the figure's last step axis, as they are shown."""
    return page.evaluate(
        """(selector) => {
            return Array.from(document.querySelectorAll(`${selector} .xtick text`), (one) => one.textContent);
        }""",
        selector,
    )


def click_on(page: Page, chart: str, x: float, y: float) -> None:
    """Point at a place of a chart, wait until it says what lies there, and click."""
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_selector(f"{chart} .hoverlayer .hovertext")
    page.mouse.click(x, y)


def frames_sent(page: Page) -> list[str]:
    """Everything that the page will have asked the server for, as it comes: not the tab's icon, which a browser fetches
    when it likes, late on a busy machine."""
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append("frame")))
    page.on("request", lambda request: request.resource_type == "other" or sent.append(request.url))
    return sent
