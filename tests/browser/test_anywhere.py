"""Pages that need no Python: opened from a disk with the network cut, of a site, and within another page."""

import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import pretrained
from lstm_core import record
from tests.browser import step_page
from tests.browser.conftest import PATIENCE, SIZE
from tests.browser.step_page import at_step
from viz.live.one_file import export_page, frame
from viz.live.site import write_site

TEXT = "O Romeo </script><b>&amp; 🎭"
READ = ".explore-view[data-read]"


@pytest.fixture
def offline(browser: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A browser without a network, and everything that its pages ask for. Errors of a page fail the test."""
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE)
    context.set_offline(True)
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda message: wrong.append(message.text))
    yield context, asked
    context.close()
    assert wrong == []


def written(folder: Path, page: str) -> str:
    (folder / "page.html").write_bytes(page.encode())
    return (folder / "page.html").as_uri()


def text_box(page: Page):
    return page.get_by_role("textbox", name="Text", exact=True)


def read(page: Page, steps: int) -> None:
    page.wait_for_selector(f'.explore-view[data-read="{steps}"]')


def until(page: Page, expression: str) -> None:
    """Wait until it is true; Playwright's own way evaluates a string in the page, which its policy forbids."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(20)


def bytes_of(text: str) -> int:
    return len(text.encode())


def assert_numbers(page: Page | Locator, model, text: str, unit: int) -> None:
    """The selected unit's numbers at the last step are those of `record`."""
    shown = [float(one.replace("−", "-")) for one in page.locator(".card .line b").all_text_contents()]
    layer = record(model, text).layers["layer0"]
    names = ("input", "forget", "output", "candidate", "cell", "hidden")
    wanted = [float(layer[name].sel(unit=unit)[-1]) for name in names]
    np.testing.assert_allclose(shown, wanted, atol=0.006)


def test_one_file_reads_compares_and_writes_from_a_disk_with_the_network_cut(offline, tmp_path):
    context, asked = offline
    page = context.new_page()
    address = written(tmp_path, export_page("shakespeare", TEXT, unit=7))
    page.goto(address)
    read(page, bytes_of(TEXT))
    expect(text_box(page)).to_have_value(TEXT)
    trained, before = pretrained.load("shakespeare", device="cpu"), pretrained.untrained("shakespeare", device="cpu")
    assert_numbers(page, trained, TEXT, 7)

    picture = page.locator(".signals").screenshot()
    text_box(page).fill("Hark")
    read(page, 4)
    assert page.locator(".signals").screenshot() != picture
    assert_numbers(page, trained, "Hark", 7)

    page.get_by_label("Before training").check()
    expect(page.locator(".card .line b").first).not_to_have_text("")
    until(page, "location.hash.includes('before=1')")
    assert_numbers(page, before, "Hark", 7)
    page.get_by_role("button", name="Write on").click()
    read(page, 24)
    until(page, "location.hash.includes('text=Hark') && location.hash.length > 40")

    other = context.new_page()  # the address restores what is shown
    other.goto(page.evaluate("location.href"))
    read(other, 24)
    expect(text_box(other)).to_have_value(text_box(page).input_value())
    expect(other.get_by_label("Before training")).to_be_checked()
    assert [url.partition("#")[0] for url in asked] == [address, address]


def test_what_is_taken_home_shows_what_the_page_showed(page, address, offline, tmp_path):
    model = quote("shakespeare (untrained)")
    page.goto(f"{address}/?model={model}&text=Hark&unit=7")
    read(page, 4)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take this page home").click()
    assert taken.value.suggested_filename == "gatescope-shakespeare.html"
    taken.value.save_as(tmp_path / "home.html")
    context, _ = offline
    home = context.new_page()
    home.goto((tmp_path / "home.html").as_uri())
    read(home, 4)
    expect(home.get_by_label("Before training")).to_be_checked()
    untrained = pretrained.untrained("shakespeare", device="cpu")
    assert_numbers(home, untrained, "Hark", 7)

    page.goto(f"{address}/step?text=Hark&unit=7&step=2&beside=true")
    page.wait_for_selector(".stepper.whole")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take this page home").click()
    taken.value.save_as(tmp_path / "home.html")
    home.goto((tmp_path / "home.html").as_uri())
    home.wait_for_selector(".stepper.whole")
    at_step(home, 2)
    step_page.assert_numbers(home, step_page.wanted_numbers(untrained, "Hark", "layer0", 7, 2), side=1)


def test_one_file_steps_compares_and_writes_too(offline, tmp_path):
    context, asked = offline
    text, trained, before = (
        "Hark, who goes",
        *(load("shakespeare", device="cpu") for load in (pretrained.load, pretrained.untrained)),
    )
    page = context.new_page()
    page.goto(written(tmp_path, export_page("shakespeare", "Hark", page="step", unit=7)))
    page.wait_for_selector(".stepper.whole")
    at_step(page, 0)
    page.keyboard.press("ArrowRight")
    at_step(page, 1)
    step_page.assert_numbers(page, step_page.wanted_numbers(trained, "Hark", "layer0", 7, 1))
    expect(page.locator(".unit-line a")).to_be_hidden()  # here is no page to lead to

    text_box(page).fill(text)
    at_step(page, len(text) - 1)
    step_page.assert_numbers(page, step_page.wanted_numbers(trained, text, "layer0", 7, len(text) - 1))
    page.get_by_label("Before training, beside it").check()
    expect(page.locator(".stepper article")).to_have_count(2)
    step_page.assert_numbers(page, step_page.wanted_numbers(before, text, "layer0", 7, len(text) - 1), side=1)
    parts = [f"article .{part}" for part in ("title", "diagram", "prediction", "arithmetic", "miniature")]
    boxes = [page.locator(part).first.bounding_box() for part in parts]
    assert all(one["y"] + one["height"] <= other["y"] for one, other in itertools.pairwise(boxes)), (
        "none lies on another"
    )
    page.get_by_label("Before training, beside it").uncheck()
    expect(page.locator(".stepper article")).to_have_count(1)

    page.get_by_role("button", name="Let it write").click()
    expect(page.locator(".stepper .where")).to_have_text(re.compile(r" of 1\d\d:"))
    expect(text_box(page)).to_have_value(re.compile(f"^{text}.{{50,}}", re.DOTALL))
    page.get_by_role("link", name="Explore").click()
    page.wait_for_selector(READ)
    expect(text_box(page)).to_have_value(re.compile(f"^{text}.{{50,}}", re.DOTALL))
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    at_step(page, len(text) - 1)
    page.keyboard.press("ArrowLeft")
    at_step(page, len(text) - 2)
    assert len(asked) == 1


def test_light_and_dark_follow_the_system_until_the_reader_chooses(offline, tmp_path):
    context, _ = offline
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(written(tmp_path, export_page("anbn", "SaabbT")))
    page.wait_for_selector(READ)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(background) == "rgb(17, 22, 29)"
    page.emulate_media(color_scheme="light")
    until(page, f"{background} === 'rgb(255, 255, 255)'")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate(background) == "rgb(17, 22, 29)"


def test_a_policy_without_webassembly_leaves_plain_javascript(offline, tmp_path):
    context, _ = offline
    page = context.new_page()
    page.goto(written(tmp_path, export_page("anbn", "SaabbT", unit=1).replace("'wasm-unsafe-eval'", "")))
    page.wait_for_selector(READ)
    assert_numbers(page, pretrained.load("anbn", device="cpu"), "SaabbT", 1)


def test_a_site_leads_to_its_models_and_its_links_restore_a_view(offline, tmp_path):
    context, _ = offline
    list(write_site(tmp_path / "site", ["anbn", "brackets"]))
    page = context.new_page()
    page.goto((tmp_path / "site" / "index.html").as_uri())
    page.get_by_role("link", name="As many b's as a's").click()
    page.wait_for_selector(READ)
    page.evaluate("location.hash = 'text=SaaabbbT&unit=4&step=2'")
    read(page, 8)
    expect(page.get_by_label("Unit", exact=True)).to_have_value("4")
    expect(page.get_by_label("Step", exact=True)).to_have_value("3")
    page.get_by_role("link", name="All models").click()
    expect(page.get_by_role("link", name=re.compile("As many b's as a's|Nested brackets"))).to_have_count(2)


def test_another_page_shows_it_in_a_frame_without_what_it_need_not_have(offline, tmp_path):
    context, _ = offline
    written(tmp_path, export_page("anbn", "SaabbT"))
    around = tmp_path / "around.html"
    around.write_text(f"<!doctype html><title>Around</title><body>{frame('page.html', 'anbn')}", encoding="utf-8")
    page = context.new_page()
    page.goto(around.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator(READ).wait_for()
    expect(inside.get_by_role("link", name="Open in a tab")).to_be_visible()
    for name in ("Copy link", "Copy for embedding"):
        expect(inside.get_by_role("button", name=name)).to_be_hidden()
    inside.get_by_label("Text", exact=True).fill("SaT")
    inside.locator('.explore-view[data-read="3"]').wait_for()
    size = "[document.documentElement.scrollHeight <= innerHeight, document.documentElement.scrollWidth <= innerWidth]"
    assert page.frames[1].evaluate(size) == [True, True], "all of it is seen without scrolling"
    with context.expect_page() as opened:
        inside.get_by_role("link", name="Open in a tab").click()
    read(opened.value, 3)
    expect(opened.value.get_by_role("button", name="Copy link")).to_be_visible()
