"""What one does with a page as a whole: its link, a QR code of it, light or dark, and presenting it."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import PATIENCE
from tests.browser.reading import expect_chosen, settled
from tests.browser.test_explore_live import assert_reads

PROJECTOR = {"width": 1280, "height": 720}
SLOW_LINE = """() => {  // the server hears of all that is done now 1.5 seconds later
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (message) { setTimeout(() => send.call(this, message), 1500) };
}"""
FONT = "([chart, size]) => document.querySelector(`${chart} .js-plotly-plot`)?._fullLayout?.font.size === size"


def test_a_page_is_shared_by_its_link_or_a_code_turned_dark_and_presented(
    browser: Browser, address: str, tmp_path: Path
):
    context = browser.new_context(viewport=PROJECTOR, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/?text=Hark")
    assert_reads(page, "Hark")
    settled(page)
    field = page.get_by_label("Text", exact=True)
    field.click()
    page.keyboard.press("End")
    page.evaluate(SLOW_LINE)
    page.keyboard.type(" who")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.wait_for_url("**/?text=Hark+who")
    copied = """async ([link, patience]) => {
        const end = performance.now() + patience;
        const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
        while (await navigator.clipboard.readText() !== link && performance.now() < end) await wait();
        return navigator.clipboard.readText();
    }"""
    assert page.evaluate(copied, [page.url, 10_000]) == page.url

    page.get_by_role("button", name="QR code").click()
    code = page.get_by_role("img", name="QR code of this page's link")
    expect(code).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text(page.url)).to_be_visible()
    picture = tmp_path / "dialog.png"
    page.get_by_role("dialog").screenshot(path=picture)
    # In a process of its own: as it ends, the library reports its own types as leaks.
    read = "import sys, zxingcpp; from PIL import Image; print(zxingcpp.read_barcodes(Image.open(sys.argv[1]))[0].text)"
    found = subprocess.run([sys.executable, "-c", read, picture], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == page.url
    page.keyboard.press("Escape")
    expect(code).to_be_hidden()

    page.get_by_role("button", name="Light / dark").click()
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.stApp') ?? document.body).colorScheme.includes('dark')"
    )
    assert_reads(page, "Hark who")

    page.get_by_role("button", name="Present").click()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.locator(".explore-view .signal").last).to_be_in_viewport(ratio=1)
    assert page.url.endswith("present=1")
    expect(page.locator(".explore-view .foot")).to_be_hidden()
    page.get_by_label("Text", exact=True).press("End")
    page.keyboard.type("?")  # a run of the page: it stays presented
    page.wait_for_url("**/?present=1&text=Hark+who%3F")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    assert "present" not in page.url
    context.close()


def test_a_presented_page_is_its_picture_in_larger_type(page: Page, address: str):
    page.set_viewport_size(PROJECTOR)
    for path, chart in (
        ("gradients", ".st-key-importance"),
        ("what-if", ".st-key-what_if_change"),
        ("compare", ".st-key-comparison"),
    ):
        page.goto(f"{address}/{path}?present=1")
        page.wait_for_function(FONT, arg=[chart, 19.5])
        settled(page)
        expect(page.locator(f"{chart} .main-svg").first).to_be_in_viewport(ratio=1)
        assert page.locator(chart).bounding_box()["height"] > 340
        expect(page.get_by_role("radiogroup", name="More about this text")).to_be_hidden()
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= PROJECTOR["height"]
    page.keyboard.press("Escape")  # the server draws the figure again
    page.wait_for_function(FONT, arg=[chart, 13])
    expect(page.get_by_role("radiogroup", name="More about this text")).to_be_visible()
    page.goto(f"{address}/step?present=1")
    page.wait_for_selector(".stepper.whole")
    expect(page.locator(".stepper .diagram")).to_be_in_viewport(ratio=1)
    expect(page.locator(".stepper .prediction")).to_be_hidden()
    assert page.locator(".stepper .token").first.evaluate("(one) => one.currentCSSZoom") == 1.5


def test_a_link_keeps_its_model_where_the_menu_comes_after_the_second_run(page: Page, address: str) -> None:
    held: list[Route] = []
    page.route("**/Selectbox.*.js", lambda route: held.append(route))  # as over a slow line
    page.goto(f"{address}/step?model=anbn&text=SaaabbbT")
    page.wait_for_selector(".stepper.whole")
    settled(page)
    page.get_by_text("Beside the untrained model").click()
    expect(page.locator(".stepper article")).to_have_count(2)
    settled(page)
    for route in held:
        route.continue_()
    page.unroute("**/Selectbox.*.js")
    expect_chosen(page, "anbn")
    page.get_by_text("Beside the untrained model").click()
    expect(page.locator(".stepper article")).to_have_count(1)
    settled(page)
    expect_chosen(page, "anbn")
    expect(page).to_have_url(re.compile("model=anbn"))
