"""All pages as axe sees them, in light and dark: what stands on the first screen, and what one click more opens."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.reading import objections, open_tab

# Of each page: its link, what is there once it is drawn, and the tab that is opened then.
PAGES = {
    "": ({}, ".explore-view[data-read] .picture", ""),
    "step": ({"unit": 7, "beside": "true"}, ".stepper.whole", ""),
    "compare": ({"tab": "film"}, ".film .frame canvas", "Which values do the gates take?"),
    "memory": (
        {"feature": "vowel", "tab": "tracking"},
        ".st-key-following .bars path",
        "Who remembers it, and how much",
    ),
    "gradients": ({"tab": "map"}, ".st-key-gradient_map .heatmaplayer image", "The backward equations, in numbers"),
    "what-if": (
        {"model": "anbn", "text": "SaaabbbT", "held": "forget_0.5_u3-4", "tab": "moves"},
        ".st-key-moves .js-plotly-plot",
        "Which units does the model need?",
    ),
    "train": ({}, ".curves .score svg text", ""),
    "import": ({}, "[data-testid=stFileUploaderDropzone]", ""),
    "units": ({"model": "anbn", "unit": 3}, ".unit-view .passage i", ""),
    "models": ({}, ".stImage img", ""),
}
SELECTED = ".stButtonGroup [data-selected=true]"


@pytest.mark.parametrize("path", PAGES)
def test_axe_objects_to_nothing_but_streamlits_own_uploader(page: Page, address, path):
    query, drawn, tab = PAGES[path]
    page.goto(f"{address}/{path}?{urlencode(query)}")
    page.wait_for_selector(drawn)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    point_at(page.locator(SELECTED).first)
    assert objections(page) == []
    page.emulate_media(color_scheme="dark")
    if tab:
        open_tab(page, tab)
    if path == "":
        assert {
            link.get_attribute("href").rpartition("/")[2] for link in page.locator("[data-testid=stTopNavLink]").all()
        } == set(PAGES)
        page.get_by_text("Figure to keep").click()
        page.wait_for_selector(".st-key-traces .scatterlayer path")
    if path == "step":
        page.get_by_text("Which units influenced this gate most?").first.click()
    point_at(page.locator(SELECTED).first)
    assert objections(page) == []


def point_at(selected: Locator) -> None:
    """What is selected has colours of its own under the pointer."""
    if selected.count():
        selected.hover()
