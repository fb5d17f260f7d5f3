"""How long from a key to the end of the frame that shows it? Explore in the reader's browser, and the same through the server.

A real Chromium, 5 keys a second, at the end of the text and in its middle. Also counted: what is sent while one types,
keys lost, and layout shifts. Prints the table of docs/benchmarks.md.
"""

import statistics
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Page, WebSocket, sync_playwright

from benchmarks import page as through_server
from benchmarks.browser import find_browser
from benchmarks.machine import machine
from benchmarks.page import FLAGS, ROOT, serve

KEYS = "and so they went on, and on, to the very end"
EVERY = 200  # ms between two keys
BARE = "<textarea aria-label=Text></textarea>"  # what a key takes where nothing else is drawn
KEYS_THROUGH_SERVER = 9  # typed one by one: at 5 a second Streamlit would send none before the last
LINE = "Now is the winter of our discontent made glorious summer by this sun of York; "
TARGETS = {60: (16, 33), 200: (16, 33), 1000: (100, 100)}  # median and 95th percentile, ms
WATCH = """
() => {
  const field = deep('textarea[aria-label=Text]');
  window.frames_ = [];
  window.shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
    .observe({ type: 'layout-shift', buffered: false });
  window.heard = 0;
  field.addEventListener('input', (event) => {
    window.heard += 1;
    const began = event.timeStamp;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.frames_.push(performance.now() - began);
      channel.port2.postMessage(0);
    });
  });
}
"""
DEEP = """
window.deep = (selector) => {
  const look = (root) => {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const one of root.querySelectorAll('*')) {
      const inner = one.shadowRoot && look(one.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  return look(document);
};
"""


@dataclass
class Typed:
    """What was measured while one typed."""

    times: list[float]  # ms, a key
    sent: int  # messages to the server
    lost: int  # keys
    shift: float  # cumulative, 0 for none


def type_keys(page: Page, sent: list[str], *, middle: bool) -> Typed:
    """Type KEYS at 5 keys a second, at the end of the text or in its middle."""
    field = page.get_by_label("Text", exact=True)
    field.click()
    before = field.input_value()
    place = len(before) // 2 if middle else len(before)
    field.evaluate("(field, place) => field.setSelectionRange(place, place)", place)
    page.evaluate(DEEP)
    page.evaluate(WATCH)
    page.wait_for_timeout(800)
    sent.clear()
    for key in KEYS:
        page.keyboard.type(key)
        page.wait_for_timeout(EVERY)
    while_typing = len(sent)
    after = field.input_value()
    times, heard, shift = page.evaluate("[window.frames_, window.heard, window.shift]")
    lost = len(KEYS) - heard if after == before[:place] + KEYS + before[place:] else len(KEYS)
    return Typed(times, while_typing, lost, shift)


def _listen(socket: WebSocket, sent: list[str]) -> None:
    socket.on("framesent", lambda _: sent.append("frame"))


def open_page(browser_page: Page, address: str, text: str, sent: list[str]) -> Page:
    """The page once it shows the text; from now on each message to the server is noted in `sent`."""
    browser_page.on("websocket", lambda socket: _listen(socket, sent))
    browser_page.set_default_timeout(60_000)
    browser_page.goto(f"{address}/?text={quote(text)}")
    browser_page.wait_for_selector(f'.explore-view[data-read="{len(text)}"]')
    browser_page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    browser_page.wait_for_timeout(1500)
    return browser_page


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(share * len(times)), len(times) - 1)]


def main() -> None:
    server, address = serve(ROOT / "app.py")
    slow, slow_address = serve(ROOT / "app.py", GATESCOPE_LIVE_MEGABYTES="0")
    rows = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
            for steps, (median, late) in TARGETS.items():
                text = (LINE * (steps // len(LINE) + 1))[:steps]
                for middle in (False, True):
                    context = browser.new_context(viewport={"width": 1280, "height": 720})
                    sent: list[str] = []
                    typed = type_keys(open_page(context.new_page(), address, text, sent), sent, middle=middle)
                    rows.append((steps, middle, typed, median, late))
                    context.close()
            bare = browser.new_page(viewport={"width": 1280, "height": 720})
            bare.set_content(BARE)
            floor = type_keys(bare, [], middle=False).times
            window = browser.new_context(viewport={"width": 1280, "height": 1600})
            slow_page = through_server.open_page(window.new_page(), slow_address)
            before = [through_server.type_one_key(slow_page) for _ in range(KEYS_THROUGH_SERVER)]
            browser.close()
    finally:
        server.terminate()
        slow.terminate()
    print("| characters | where | median, ms | 95 %, ms | target | sent | lost | shift |")
    print("| ---: | --- | ---: | ---: | --- | ---: | ---: | ---: |")
    for steps, middle, typed, median, late in rows:
        found = statistics.median(typed.times), percentile(typed.times, 0.95)
        met = "met" if found[0] <= median and found[1] <= late else "missed"
        where = "middle" if middle else "end"
        print(
            f"| {steps} | {where} | {found[0]:.1f} | {found[1]:.1f} | {median} and {late}: {met} "
            f"| {typed.sent} | {typed.lost} | {typed.shift:.3f} |"
        )
    print(f"| | a text field alone | {statistics.median(floor):.1f} | {percentile(floor, 0.95):.1f} | | | | |")
    print(
        f"| 200 | end, through the server | {statistics.median(before):.0f} | {percentile(before, 0.95):.0f} | | | | |"
    )
    print(f"\n{len(KEYS)} keys a row, one every {EVERY} ms; shakespeare, 1 x 256, 1280 x 720 px.")
    print(machine("streamlit"))


if __name__ == "__main__":
    main()
