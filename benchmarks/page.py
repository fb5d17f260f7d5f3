"""How long from the last key typed until all heatmaps are painted by the server? Explore compared with a bare Streamlit page.

So Explore reads models that are too large for a browser; `benchmarks/typing.py` times all others.

Both apps run in this machine's Chromium, 200 characters, 256 units, six signals; runs take turns. Prints the
table of docs/benchmarks.md.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import find_browser
from benchmarks.machine import machine

ROOT = Path(__file__).parents[1]
RUNS = 15
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TARGET = 1.3
TEXT = ("Now is the winter of our discontent made glorious summer by this sun of York; " * 3)[:199]
WATCH = """
() => {
  const images = () => [...document.querySelectorAll('.js-plotly-plot .heatmaplayer image')];
  const columns = () => [...document.querySelectorAll('.js-plotly-plot')]
    .flatMap((plot) => plot._fullData ?? [])
    .filter((trace) => %NAMES%.includes(trace.name)).map((trace) => trace.z[0].length);
  window.arm = (steps) => {
    const old = new Set(images().map((image) => image.href.baseVal));
    window.took = null;
    addEventListener('keydown', () => {
      const began = performance.now();
      const look = () => {
        const drawn = images();
        const widths = columns();
        const whole = widths.length === 6 && widths.every((width) => width === steps);
        if (whole && drawn.length >= 6 && drawn.every((image) => !old.has(image.href.baseVal))) {
          requestAnimationFrame(() => requestAnimationFrame(() => { window.took = performance.now() - began; }));
        } else requestAnimationFrame(look);
      };
      look();
    }, { once: true, capture: true });
  };
}
""".replace("%NAMES%", "['input', 'forget', 'output', 'candidate', 'cell', 'hidden']")


def serve(script: Path, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    options = ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    server = subprocess.Popen(
        command + options,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
        else:
            return server, address
    raise RuntimeError(f"{script} did not start")


def settle(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(1200)


def type_one_key(page: Page, key: str = "!") -> float:
    """Milliseconds from the key that makes 200 characters until all heatmaps show 200 columns."""
    page.evaluate("([steps, key]) => window.arm(steps, key)", [len(TEXT) + 1, key])
    page.keyboard.type(key)
    page.wait_for_function("() => window.took !== null", timeout=60_000)
    took: float = page.evaluate("window.took")
    settle(page)
    page.keyboard.press("Backspace")
    page.wait_for_timeout(400)
    settle(page)
    return took


def open_page(browser_page: Page, address: str) -> Page:
    browser_page.set_default_timeout(60_000)
    browser_page.goto(f"{address}/?text={quote(TEXT)}")
    browser_page.wait_for_selector(".heatmaplayer image")
    settle(browser_page)
    browser_page.evaluate(WATCH)
    browser_page.get_by_label("Text", exact=True).click()
    browser_page.keyboard.press("End")
    return browser_page


def main() -> None:
    apps = {"Explore": ROOT / "app.py", "bare page": ROOT / "benchmarks" / "bare_page.py"}
    served = {name: serve(script, GATESCOPE_LIVE_MEGABYTES="0") for name, script in apps.items()}
    times: dict[str, list[float]] = {name: [] for name in apps}
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_browser(),
                args=FLAGS,
            )
            pages = {}
            for name, (_, address) in served.items():
                # Each in a window of its own, so that neither counts as a hidden tab.
                pages[name] = open_page(
                    browser.new_context(viewport={"width": 1280, "height": 1600}).new_page(), address
                )
            for run in range(RUNS + 2):
                for name, page in pages.items():
                    page.bring_to_front()
                    took = type_one_key(page)
                    if run >= 2:  # the first two warm up
                        times[name].append(took)
            browser.close()
    finally:
        for server, _ in served.values():
            server.terminate()
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    print("| page | median, ms | fastest, ms | slowest, ms |")
    print("| --- | ---: | ---: | ---: |")
    for name, taken in times.items():
        print(f"| {name} | {medians[name]:.0f} | {min(taken):.0f} | {max(taken):.0f} |")
    ratio = medians["Explore"] / medians["bare page"]
    print(
        f"\nExplore takes **{ratio:.2f}** x the bare page; target at most {TARGET}: {'met' if ratio <= TARGET else 'missed'}."
    )
    print(f"Medians of {RUNS} runs in turn. Both wait Streamlit's 250 ms after the last key.")
    print(machine("streamlit", "plotly"))


if __name__ == "__main__":
    main()
