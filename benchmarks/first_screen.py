"""Does every page show its point on the first screen, and at once? Measured in a real browser on a projector's screens.

For each page and screen: where its main picture begins and ends, and how much the page shifts while it comes (Layout
Instability). Then, at 1280 x 720: from a click in the navigation to the page's title and to its picture, and from a click on
the page to its answer.
"""

import argparse
import statistics
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import find_browser
from benchmarks.machine import machine
from benchmarks.page import FLAGS, ROOT, serve

SCREENS = ((1280, 720), (1366, 768))
BEGINS, SHIFTS, ANSWER = 260, 0.05, 300  # pixels, no unit, ms
RUNS = 7
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: 'layout-shift', buffered: true });
"""
# From the click to the frame after the last run of the page that it causes; of what the browser does alone, to the next frame.
CLICKED = """
(server) => new Promise((resolve) => {
  const app = document.querySelector('.stApp');
  addEventListener('click', () => {
    const began = performance.now();
    const end = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began)));
    if (!server) return end();
    let ran = false;
    const look = () => {
      const state = app.getAttribute('data-test-script-state');
      ran ||= state === 'running' || state === 'rerunRequested';
      if (ran && state === 'notRunning') end();
      else if (performance.now() - began > 20000) resolve(NaN);
      else setTimeout(look, 4);
    };
    look();
  }, { once: true, capture: true });
})
"""


@dataclass(frozen=True)
class Point:
    """A page, its main picture, and a click whose answer is to come at once."""

    title: str  # in the navigation
    path: str
    picture: str  # all that matches
    click: str = ""
    by_server: bool = True


POINTS = (
    Point("Explore", "", ".explore-view .picture", ".explore-view .frame[data-signal=forget]", by_server=False),
    Point("Step", "step", ".st-key-stepper .diagram", ".st-key-stepper button[data-do=forward]", by_server=False),
    Point("Compare", "compare", ".st-key-comparison .js-plotly-plot", ".st-key-comparison .nsewdrag"),
    Point("Memory", "memory", ".st-key-unit_memory .js-plotly-plot", ".st-key-unit_memory .nsewdrag[data-subplot=x2y]"),
    Point(
        "Gradients",
        "gradients",
        ".st-key-importance .js-plotly-plot",
        ".st-key-widget-target- [role=radio][aria-checked=false]",
    ),
    Point("What if", "what-if", ".st-key-effect .js-plotly-plot", "text=Write nothing"),
    Point("Train", "train", ".st-key-curves"),
    Point("Import", "import", '[data-testid="stFileUploader"]'),
)


def opened(browser: Browser, address: str, point: Point, screen: tuple[int, int]) -> Page:
    page = browser.new_page(viewport={"width": screen[0], "height": screen[1]})
    page.set_default_timeout(60_000)
    page.add_init_script(WATCH_SHIFTS)
    page.goto(f"{address}/{point.path}")
    page.wait_for_selector(IDLE)
    page.wait_for_selector(point.picture)
    page.wait_for_timeout(1500)
    return page


def placed(page: Page, point: Point) -> tuple[float, float, float]:
    """Where the picture begins and ends, in pixels from the window's top, and the shifts so far."""
    boxes = [box for one in page.locator(point.picture).all() if (box := one.bounding_box()) is not None]
    top, bottom = min(box["y"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return top, bottom, page.evaluate("window.shifted")


def switched(page: Page, point: Point) -> tuple[float, float]:
    """From a click in the navigation to the page's title in the tab's head, and to its picture; in ms."""
    clock = "performance.now()"
    page.evaluate(
        "window.began = 0; addEventListener('click', () => { window.began = performance.now(); }, { once: true, capture: true })"
    )
    page.get_by_test_id("stTopNavLink").filter(has_text=point.title).first.click()
    page.wait_for_function(f"location.pathname.endsWith({quote(point.path)!r})", polling=5)
    title = page.evaluate(clock) - page.evaluate("window.began")
    page.wait_for_selector(point.picture)
    picture = page.evaluate(clock) - page.evaluate("window.began")
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(600)
    return title, picture


def answered(page: Page, point: Point) -> list[float]:
    """From a click on the page to its answer, RUNS times; ms."""
    times = []
    for _ in range(RUNS):
        pending = page.evaluate_handle(f"({{ done: ({CLICKED})({str(point.by_server).lower()}) }})")
        page.locator(point.click).first.click()
        times.append(pending.evaluate("(one) => one.done"))
        page.wait_for_timeout(400)
    return times


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", nargs="*", default=[point.title for point in POINTS])
    wanted = asked.parse_args().pages
    points = [point for point in POINTS if point.title in wanted]
    server, address = serve(ROOT / "app.py")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
            print("| page | screen | begins, px | ends, px | shift | target |")
            print("| --- | --- | ---: | ---: | ---: | --- |")
            for point in points:
                for screen in SCREENS:
                    page = opened(browser, address, point, screen)
                    top, bottom, shift = placed(page, point)
                    met = "met" if top < BEGINS and bottom <= screen[1] and shift < SHIFTS else "missed"
                    print(
                        f"| {point.title} | {screen[0]} x {screen[1]} | {top:.0f} | {bottom:.0f} | {shift:.3f} | {met} |",
                        flush=True,
                    )
                    page.close()
            print("\n| page | switch to its frame, ms | to its picture, ms | click to answer, ms | target |")
            print("| --- | ---: | ---: | ---: | --- |")
            page = opened(browser, address, POINTS[0], SCREENS[0])
            for point in [*points[1:], points[0]]:
                times = [switched(page, point)]
                for _ in range(2):
                    switched(page, POINTS[3] if point is not POINTS[3] else POINTS[0])
                    times.append(switched(page, point))
                title, picture = (statistics.median(column) for column in zip(*times, strict=True))
                clicks = answered(page, point) if point.click else []
                answer = f"{statistics.median(clicks):.0f}" if clicks else ""
                met = "" if not clicks else "met" if statistics.median(clicks) <= ANSWER else "missed"
                print(f"| {point.title} | {title:.0f} | {picture:.0f} | {answer} | {met} |", flush=True)
            browser.close()
    finally:
        server.terminate()
    print(
        f"\nTargets: begins above {BEGINS} px and is whole, shift below {SHIFTS}, a click answered within {ANSWER} ms (median of {RUNS})."
    )
    print(machine("streamlit", "plotly"))


if __name__ == "__main__":
    main()
