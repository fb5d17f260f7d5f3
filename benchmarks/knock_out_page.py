"""How long does a reader wait on the page What if, from the click on "Knock out each unit in turn" to the ranking?

The zoo's model shakespeare, 256 units, a new text of 200 characters in every run, in this machine's Chromium on the real app.
Target: at most 5 seconds. Between click and ranking the bar of progress must have moved: how often is counted too.
"""

import statistics
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import find_browser
from benchmarks.machine import machine
from benchmarks.page import FLAGS, ROOT, TEXT, serve, settle

RUNS, TARGET = 5, 5.0
WATCH = """() => {
    const seen = new Set(), began = performance.now();
    window.took = null;
    const look = () => {
        const bar = document.querySelector('.stMain [data-testid="stProgress"]');
        if (bar) seen.add(bar.textContent);
        if (document.querySelector('.st-key-knocked_out .barlayer path')) window.took = [performance.now() - began, seen.size];
        else requestAnimationFrame(look);
    };
    look();
}"""


def knocked_out(page: Page, address: str, run: int) -> tuple[float, int]:
    """Seconds until the ranking is there, and how many states of the bar were seen, of a text that no run had before."""
    text = f"{run}{TEXT}"[:200]
    page.goto(f"{address}/what-if?model=shakespeare&text={quote(text)}")
    button = page.get_by_role("button", name="Knock out each unit in turn")
    button.wait_for()
    settle(page)
    page.evaluate(WATCH)
    button.click()
    page.wait_for_function("() => window.took", timeout=60_000)
    took, states = page.evaluate("window.took")
    return took / 1000, states


def main() -> None:
    server, address = serve(ROOT / "app.py")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            found = [knocked_out(page, address, run) for run in range(RUNS + 1)][1:]
            browser.close()
    finally:
        server.terminate()
    seconds = [one for one, _ in found]
    median, worst = statistics.median(seconds), max(seconds)
    print(f"256 units on 200 characters, from the click to the ranking: median {median:.1f} s, slowest {worst:.1f} s")
    print(f"States of the bar that were seen: {min(states for _, states in found)} at least.")
    print(f"Target: at most {TARGET:g} s: {'met' if median <= TARGET else 'missed'}. {RUNS} runs after one to warm up.")
    print(machine("streamlit", "plotly"))


if __name__ == "__main__":
    main()
