"""Training in a real browser: started, watched, paused, stopped, saved and opened; and what stands in its way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.paper import cut_on_paper
from tests.browser.reading import beyond_first_screen, expect_chosen, objections, settled

RUNS = 300_000  # ms: a run has a low priority
LONG = "task=copy&hidden=4&training_steps=50000"


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """Another reader."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(RUNS)
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def says(page: Page, sentence: str) -> None:
    expect(page.locator(".stMain").get_by_text(sentence).first).to_be_visible(timeout=RUNS)


def told(page: Page, chart: str = "loss") -> int:
    """After which step the last point of the curve lies."""
    svg = page.locator(f".curves .{chart} svg")
    expect(svg).to_have_attribute("aria-label", re.compile("at step"), timeout=RUNS)
    return int(re.search(r"at step ([\d,]+)", svg.get_attribute("aria-label"))[1].replace(",", ""))


def moved(page: Page, after: int) -> None:
    expect(page.locator(".curves .loss svg").first).not_to_have_attribute(
        "aria-label", re.compile(rf"at step {after:,}$"), timeout=RUNS
    )
    assert told(page) > after


def last_step(page: Page, state: str) -> int:
    """At which step the run in that state is, by the line that says the state; the curve, drawn after it, ends there too."""
    line = page.locator(".stMain").get_by_text(re.compile(rf"^{state} · step [\d,]+ of")).first
    step = re.search(r"step ([\d,]+) of", line.inner_text(timeout=RUNS))[1]
    expect(page.locator(".curves .loss svg").first).to_have_attribute(
        "aria-label", re.compile(rf"at step {step}$"), timeout=RUNS
    )
    return int(step.replace(",", ""))


def test_a_run_is_watched_paused_left_and_found_resumed_stopped_kept_and_opened(page, other, address):
    page.goto(f"{address}/train?{LONG}")
    expect(page.get_by_label("Units", exact=True)).to_have_value("4")
    press(page, "Start training")
    page.wait_for_url(re.compile(r"run=[\w-]{16}"))
    moved(page, told(page))
    frame = page.locator(".film .frame canvas").first.element_handle()
    points = page.locator(".curves .loss .line").element_handle()
    moved(page, told(page))
    assert frame.evaluate("(one) => one.isConnected")  # drawn in place: nothing is made anew
    assert points.evaluate("(one) => one.isConnected && one.getAttribute('d').length > 20")
    says(page, "tokens per second")
    assert beyond_first_screen(page, ".st-key-curves", ".film") == []

    other.goto(f"{address}/train?{LONG}")
    says(other, "No model yet")
    press(other, "Start training")
    says(other, "1 run is ahead of yours")
    press(other, "Stop")
    says(other, "Stopped")

    press(page, "Pause")
    says(page, "Paused")
    step = last_step(page, "Paused")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    says(page, "Paused")
    assert told(page) == step
    press(page, "Resume")
    moved(page, step)
    press(page, "Stop")
    says(page, "Stopped")
    settled(page)
    assert cut_on_paper(page) == []

    page.get_by_label("Save as", exact=True).fill("../mine")
    press(page, "Save")
    says(page, "is not a valid name")
    page.get_by_label("Save as", exact=True).fill("my copier")
    press(page, "Save")
    says(page, "Saved as")
    press(page, "Save")
    says(page, "This model is already saved as")
    expect(page.get_by_role("button", name="Open on Compare")).to_be_visible()
    page.reload()
    says(page, "Saved as")
    page.wait_for_selector(".film .frame canvas")
    assert beyond_first_screen(page, ".st-key-curves", ".film") == []
    assert objections(page) == []
    press(page, "Open on Explore")
    page.wait_for_selector(".explore-view[data-read]")
    expect_chosen(page, "my copier")
    page.get_by_role("link", name="Train").click()
    press(page, "Film")
    page.wait_for_selector(".st-key-comparison .heatmaplayer image")
    expect(page.get_by_label("Compare with", exact=True)).to_have_value("itself before training")
    expect(page.locator(".film .frame").first).to_be_in_viewport(ratio=1)  # it lies far below the page's beginning


def test_sizes_beyond_the_limits_are_said(page, address):
    page.goto(f"{address}/train?task=anbn&hidden=513")
    says(page, "Units can be from 1 to 512, not 513.")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_label("Units", exact=True).fill("8")
    page.get_by_label("Units", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    page.get_by_label("Steps", exact=True).fill("9")
    page.get_by_label("Steps", exact=True).press("Enter")
    says(page, "Steps can be from 10 to 50,000, not 9.")


def test_files_that_will_not_do_are_said_and_a_column_can_be_chosen(page, address, tmp_path: Path):
    page.goto(f"{address}/train?task=text")
    picture = tmp_path / "a_b<i>.png"
    picture.write_bytes(b"\x89PNG\0\0")
    give(page, picture)
    says(page, "a_b_i_.png is not a text file (it holds zero bytes): give plain text, saved as UTF-8")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_label("Task", exact=True).click()
    page.get_by_role("option", name="Next number of a series").click()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    table = tmp_path / "weather.csv"
    table.write_text("day,sky\n" + "1,blue\n" * 300)
    give(page, table)
    says(page, "the series never changes")
    table = tmp_path / "wind.csv"
    table.write_text("day,wind,sky\n" + "".join(f"{day},{day % 7},blue\n" for day in range(300)))
    give(page, table)
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    settled(page)
    expect(page.get_by_label("Column", exact=True)).to_have_value("wind")


def give(page: Page, path: Path) -> None:
    settled(page)
    page.locator("input[type=file]").set_input_files(path)


def test_a_link_to_a_run_that_is_gone_says_so(page, address):
    page.goto(f"{address}/train?run=../../etc/passwd")
    says(page, "This run is no longer here")
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
