"""How long from a key press until the next step is on the screen? The Step page beside a slider and a rerun.

2,000 steps, 512 units, all six signals, in this machine's Chromium. A press is timed from the key event's own
time stamp to the end of the frame that shows its step (a message posted from that frame's animation callback),
and once more by the browser's own Event Timing, which ends when the frame is presented but counts in 8 ms and
reports nothing below 16. Also: the first paint after typing, beside Explore, and the memory of the page's process at the extremes.
Prints the tables of the README.
"""

import statistics
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.machine import machine
from benchmarks.page import FLAGS, TEXT, serve, settle
from tests.browser.install import find_browser

ROOT = Path(__file__).parents[1]
PRESSES = 200
LONG = (TEXT * 11)[:2000]
TARGETS = {"median": 16, "p95": 33}

TIMER = """
() => {
  window.took = [];
  window.presented = [];
  const { port1, port2 } = new MessageChannel();
  let began = 0;
  port1.onmessage = () => window.took.push(performance.now() - began);
  addEventListener('keydown', (event) => {
    const own = event.timeStamp;
    requestAnimationFrame(() => { began = own; port2.postMessage(0); });
  }, { capture: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === 'keydown') window.presented.push(entry.duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: false });
}
"""


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def press_keys(page: Page) -> tuple[list[float], list[float]]:
    """Milliseconds of each press: to the end of its frame, and as presented (those of at least 16 ms only)."""
    page.evaluate(TIMER)
    for _ in range(PRESSES):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(25)
    page.wait_for_timeout(500)
    return page.evaluate("window.took"), page.evaluate("window.presented")


def stepping(browser: Browser, address: str) -> tuple[list[float], list[float]]:
    page = browser.new_context(viewport={"width": 1280, "height": 1600}).new_page()
    page.goto(f"{address}/step?model={quote('512 units')}&text={quote(LONG)}&step=500")
    page.wait_for_selector(".stepper.whole", timeout=60_000)
    settle(page)
    page.get_by_role("listbox", name="Text").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(2000)
    took = press_keys(page)
    page.context.close()
    return took


def sliding(browser: Browser, address: str) -> list[float]:
    page = browser.new_context(viewport={"width": 1280, "height": 1600}).new_page()
    page.goto(f"{address}/?text={quote(LONG)}")
    page.get_by_text("reached 500").wait_for(timeout=60_000)
    settle(page)
    page.get_by_role("slider").focus()
    times = []
    for press in range(1, 32):
        page.evaluate(
            """(wanted) => {
                window.took = null;
                addEventListener('keydown', (event) => {
                    const look = () => document.body.innerText.includes(wanted)
                        ? requestAnimationFrame(() => { window.took = performance.now() - event.timeStamp; })
                        : requestAnimationFrame(look);
                    look();
                }, { once: true, capture: true });
            }""",
            f"reached {500 + press}",
        )
        page.keyboard.press("ArrowRight")
        page.wait_for_function("window.took !== null")
        times.append(page.evaluate("window.took"))
        page.wait_for_timeout(300)
    page.context.close()
    return times[1:]


def main() -> None:
    served = [serve(ROOT / "tests/browser/zoo_app.py"), serve(ROOT / "benchmarks/slider_page.py")]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
            ours, presented = stepping(browser, served[0][1])
            theirs = sliding(browser, served[1][1])
            browser.close()
    finally:
        for server, _ in served:
            server.terminate()
    print("| one step, T = 2,000, H = 512 | median, ms | 95th percentile, ms |")
    print("| --- | ---: | ---: |")
    print(f"| a key on the Step page | **{statistics.median(ours):.1f}** | **{p95(ours):.1f}** |")
    print(f"| a key on a slider, and a rerun | {statistics.median(theirs):.0f} | {p95(theirs):.0f} |")
    for name, found in (("median", statistics.median(ours)), ("p95", p95(ours))):
        print(f"\n{name} at most {TARGETS[name]} ms: {'met' if found <= TARGETS[name] else 'missed'}.")
    slow = sorted(presented)
    print(
        f"\nPresented (Event Timing): {PRESSES - len(slow)} of {PRESSES} below 16 ms; the others {slow[:3]} to {slow[-3:]}."
    )
    print(machine("streamlit"))


if __name__ == "__main__":
    main()
