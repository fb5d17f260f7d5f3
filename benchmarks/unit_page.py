"""How long does a unit's page take from the click on its row? `python -m benchmarks.unit_page`.

In a real browser at 1280 x 720, for the largest models of the zoo: first by a link, to the numbers and to the passages, for which the
held-out text is read once; then from clicks in the table to the passages.
"""

import statistics
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import find_browser
from benchmarks.machine import machine
from benchmarks.page import FLAGS, ROOT, serve

MODELS = ("python", "shakespeare")
ROWS = 7
HEADING, ROW = 37, 30  # pixels
TARGET = 1000  # ms from a click
TABLE, NUMBERS, PASSAGES = '[data-testid="stDataFrame"]', ".unit-view .facts .block", ".unit-view .passage i"


def by_link(page: Page, url: str) -> tuple[float, float]:
    """Milliseconds until the numbers of a unit are there, and until its passages are."""
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(NUMBERS)
    numbers = time.perf_counter() - began
    page.wait_for_selector(PASSAGES)
    return 1000 * numbers, 1000 * (time.perf_counter() - began)


def by_click(page: Page, row: int) -> float:
    """Milliseconds from the click on a row of the table to the passages; then back to the table."""
    page.wait_for_selector(TABLE)
    page.wait_for_timeout(1500)
    box = page.locator(TABLE).bounding_box()
    if box is None:
        raise RuntimeError("the table is not on the page any more")
    began = time.perf_counter()
    page.mouse.click(box["x"] + 200, box["y"] + HEADING + ROW * (row + 0.5))
    page.wait_for_selector(PASSAGES)
    taken = time.perf_counter() - began
    page.get_by_role("button", name="All units").click()
    return 1000 * taken


def main() -> None:
    server, address = serve(ROOT / "app.py")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
            print(
                "| model | by a link: its numbers, ms | its passages, ms | a click in the table: passages, ms | at most | target |"
            )
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            for model in MODELS:
                page = browser.new_page(viewport={"width": 1280, "height": 720})
                page.set_default_timeout(60_000)
                numbers, passages = by_link(page, f"{address}/units?model={model}&layer=layer0&unit=100")
                page.get_by_role("button", name="All units").click()
                clicks = [by_click(page, row) for row in range(ROWS)]
                middle, most = f"{statistics.median(clicks):.0f}", f"{max(clicks):.0f}"
                print(f"| {model} | {numbers:.0f} | {passages:.0f} | {middle} | {most} | {TARGET:,} |", flush=True)
                page.close()
            browser.close()
    finally:
        server.terminate()
    print(f"\nMedian of {ROWS} rows; the server had started just before. {machine('streamlit')}")


if __name__ == "__main__":
    main()
