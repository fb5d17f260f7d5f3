"""The first visit after a start: when is there something to read, and when a picture? Compared with `streamlit hello`.

Time runs from the moment the server has printed its address. The browser is there already and empty: a profile without
cache or history for each visit. Servers take turns.
"""

import os
import subprocess
import sys
import threading
import time
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import find_browser
from benchmarks.machine import machine
from benchmarks.page import FLAGS
from benchmarks.server import PATIENCE, ROOT, free_port

RUNS = 5
READABLE, RATIO = 1.0, 1.5  # seconds until there is something to read; times hello's first chart
LAUNCH = "from viz.launch import main; main()"
STARTS = {  # what is started, where the visit begins, and what is its first picture
    "streamlit hello": (["-m", "streamlit", "hello"], "plotting_demo", "[data-testid=stVegaLiteChart] .marks"),
    "streamlit run app.py": (["-m", "streamlit", "run", "app.py"], "", ".explore-view canvas, .heatmaplayer image"),
    "gatescope": (["-c", LAUNCH], "", ".explore-view canvas, .heatmaplayer image"),
}
WATCH = """
(picture) => {
  const found = (selector) => {
    const roots = [document, ...[...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean)];
    return roots.some((root) => [...root.querySelectorAll(selector)].some((one) => one.getBoundingClientRect().width > 20));
  };
  window.seen = {};
  const look = () => {
    const now = Date.now();
    // What the HTML itself has to read, or what Streamlit has drawn.
    const words = ['#first-words', '[data-testid=stMainBlockContainer]'];
    if (words.some((one) => document.querySelector(one)?.innerText?.trim())) window.seen.text ??= now;
    if (found(picture)) window.seen.picture ??= now;
    if (!window.seen.picture) requestAnimationFrame(look);
  };
  look();
}
"""
PAINTED = "performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime"


def visited(browser: Browser, start: list[str], path: str, picture: str) -> tuple[float, float, float]:
    """Seconds from the start to the address, and from there to the first text and to the first picture."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.add_init_script(f"({WATCH})({picture!r})")
    port = str(free_port())
    options = ["--server.port", port, "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    with TemporaryDirectory() as home:
        began = time.time()
        server = subprocess.Popen(
            [sys.executable, "-u", *start, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "GATESCOPE_HOME": home},
        )
        try:
            printed = _printed(server)
            page.goto(f"http://127.0.0.1:{port}/{path}")
            page.wait_for_function("() => window.seen?.picture", timeout=PATIENCE * 1000)
            seen: dict[str, float] = page.evaluate("window.seen")
            read = max(seen["text"], page.evaluate(PAINTED))  # text whose font has not come yet is not seen
        finally:
            context.close()
            server.terminate()
            server.wait(PATIENCE)
    return printed - began, read / 1e3 - printed, seen["picture"] / 1e3 - printed


def _printed(server: "subprocess.Popen[str]") -> float:
    """The time at which it has printed its address; what else it prints is thrown away."""
    output = server.stdout
    while output is None or "URL:" not in (line := output.readline()):
        if output is None or not line:
            raise RuntimeError(f"{server.args!r} printed no address")
    threading.Thread(target=output.read, daemon=True).start()
    return time.time()


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in STARTS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        for run in range(runs + 1):
            for name, start in STARTS.items():
                took = visited(browser, *start)
                if run:  # the first reads files from the disk
                    found[name].append(took)
        browser.close()
    medians = {name: [median(one) for one in zip(*all_, strict=True)] for name, all_ in found.items()}
    hello = medians["streamlit hello"][2]
    print("| start | address printed, s | then something to read, s | first picture, s | times hello's | targets |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for name, (address, text, picture) in medians.items():
        met = "" if name == "streamlit hello" else f"{_met(text <= READABLE)}, {_met(picture <= RATIO * hello)}"
        print(f"| {name} | {address:.1f} | {text:.1f} | {picture:.1f} | {picture / hello:.2f} | {met} |")
    print(
        f"\nMedians of {runs} runs in turn. Targets: something to read within {READABLE:.0f} s, a picture within {RATIO} x."
    )
    print(machine("streamlit", "playwright"))


def _met(is_: bool) -> str:
    return "met" if is_ else "missed"


if __name__ == "__main__":
    main()
