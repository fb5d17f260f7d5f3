"""The first words in a browser: read before Streamlit's scripts are there, in the reader's theme, and gone with the first element."""

import json
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import settled

THEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 22, 29)"}  # of .streamlit/config.toml
KEPT = "localStorage.setItem('stActiveTheme-/compare-v2', '\"{}\"')"
MOVES = """() => {
    window.seen = [];
    const look = () => {
        const heads = [...document.querySelectorAll('h1')].filter((one) => one.innerText.trim() && one.checkVisibility({ visibilityProperty: true }));
        const now = JSON.stringify(heads.map((one) => [one.innerText.trim(), Math.round(one.getBoundingClientRect().y)]));
        if (window.seen.at(-1) !== now) window.seen.push(now);
        requestAnimationFrame(look);
    };
    addEventListener('DOMContentLoaded', look); // after the words' own look: in a frame, before it is painted
}"""


@pytest.mark.parametrize("path", ["", "memory", "what-if"])
def test_the_running_server_sends_them(path, address):
    with urlopen(f"{address}/{path}") as answer:
        assert b'<div id="first-words"' in answer.read()


@pytest.mark.parametrize(
    ("theme", "link", "scheme"), [("dark", "", "dark"), ("dark", "embed=true&embed_options=dark_theme", "light")]
)
def test_they_are_read_before_the_scripts_have_come(theme, link, scheme, page: Page, address):
    page.emulate_media(color_scheme=scheme)
    page.route("**/static/js/**", lambda route: route.abort())
    page.goto(f"{address}/compare?{link}")
    expect(page.locator("#first-words h1")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == THEMES[theme]
    page.evaluate("localStorage.setItem('stActiveTheme-/compare-v2', '\"Light\"')")
    page.goto(f"{address}/compare")
    expect(page.locator("#first-words h1")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == THEMES["light"]
    page.evaluate("localStorage.clear()")
    page.unroute("**/static/js/**")


def test_the_pages_own_heading_takes_their_place(page: Page, address):
    """The same words at the same height, and never two headings at once."""
    page.add_init_script(f"({MOVES})()")
    page.goto(f"{address}/compare")
    settled(page)
    expect(page.locator("#first-words")).to_have_count(0)
    states = [json.loads(one) for one in page.evaluate("window.seen")]
    heights = {height for heads in states for _heading, height in heads}
    assert [len(heads) for heads in states if len(heads) > 1] == []
    assert {heading for heads in states for heading, _height in heads} == {"What did training change?"}
    assert max(heights) - min(heights) <= 1, states
