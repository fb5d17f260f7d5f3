"""A phone held upright: each page begins with its picture, scrolls down only, and lets go of a finger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.reading import settled

SCREEN = {"width": 390, "height": 844}
LOWEST = 450  # pixels: below half of the screen nobody sees that there is a picture
PICTURES = {  # by address: what the page is about
    "": ".explore-view .picture",
    "step": ".stepper .diagram",
    "compare": ".st-key-comparison .js-plotly-plot",
    "memory": ".st-key-unit_memory .js-plotly-plot",
    "gradients": ".st-key-importance .js-plotly-plot",
    "what-if": ".st-key-effect .js-plotly-plot",
    "train": ".st-key-curves",
    "import": ".st-key-dropped-file section",
    "units": '[data-testid="stDataFrame"]',
    "models": '[data-testid="stImage"] img',
}
HELD = """(picture) => {
    const held = [];
    const look = (element) => {
        if (getComputedStyle(element).touchAction === 'none') held.push(element.outerHTML.slice(0, 100));
        for (const one of [...element.children, ...(element.shadowRoot?.children ?? [])]) look(one);
    };
    look(picture);
    return held;
}"""
WIDE = "Math.max(document.scrollingElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
CUT = "(all) => all.filter((one) => [one, ...one.children].some((it) => it.scrollWidth > it.clientWidth)).map((one) => one.textContent)"
DOWN = "() => document.querySelector('[data-testid=stMain]').scrollTop > 50"
ROWS_DOWN = "() => document.querySelector('.dvn-scroller').scrollTop > 50"  # nothing is below the table of all units


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=SCREEN, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def swipe_up(page: Page, x: float, y: float) -> None:
    """A finger that goes up from there by 150 pixels."""
    session = page.context.new_cdp_session(page)
    for at in range(0, 151, 15):
        touch = {"type": "touchMove" if at else "touchStart", "touchPoints": [{"x": x, "y": y - at}]}
        session.send("Input.dispatchTouchEvent", touch)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("path", PICTURES)
def test_a_page_begins_with_its_picture_and_lets_a_finger_scroll(phone, address, path):
    page = phone.new_page()
    page.goto(f"{address}/{path}")
    picture = page.locator(PICTURES[path]).first
    picture.wait_for()
    settled(page)
    box = picture.bounding_box()
    assert box["y"] < LOWEST
    assert picture.evaluate(HELD) == []
    assert page.evaluate(WIDE) <= SCREEN["width"]
    if path == "memory":
        page.get_by_label("Model", exact=True).tap()
        page.get_by_role("option", name="Counting and grammar").first.wait_for()
        assert page.get_by_role("option").evaluate_all(CUT) == []
        page.keyboard.press("Escape")
    if path == "gradients":
        page.get_by_role("button", name="Look for this").tap()
        page.get_by_role("button", name="A sum kept over 100 numbers").tap()
        expect(page.get_by_text("seven tenths of the gradient")).to_be_attached()
        expect(page.locator(".st-key-importance[data-stale=false]")).to_be_in_viewport(
            ratio=1
        )  # it ends below the window without that
    if path == "import":  # nothing is below its drop zone before a file is dropped
        page.close()
        return
    gate = page.locator(".gauge.forget .number")  # a level that can be dragged with a mouse
    box = gate.bounding_box() if path == "step" else {**box, "x": 200, "y": min(box["y"] + 90, 700)}
    swipe_up(page, box["x"], box["y"])
    page.wait_for_function(ROWS_DOWN if path == "units" else DOWN, polling=50)
    if path == "step":
        expect(page.locator(".held")).to_be_hidden()
        gate.tap()
        expect(page.locator(".held .words")).to_contain_text("Forget gate")
    page.close()
