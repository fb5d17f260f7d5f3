"""The page Units: from the table to a unit, its passages, a text of one's own, other units, and a file of one's own."""

import re

import numpy as np
from playwright.sync_api import expect

import pretrained
from lstm_core import record
from lstm_core.analysis import unit_shares
from tests.browser.reading import settled

VALUES = "(all) => all.map((one) => [one.dataset.token, one.dataset.value])"


def test_a_row_opens_its_unit_whose_passages_and_own_text_have_the_models_values(page, address):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{address}/units?model=anbn")
    page.locator('[data-testid="stDataFrame"]').wait_for()
    settled(page)
    box = page.locator('[data-testid="stDataFrame"]').bounding_box()
    page.mouse.click(box["x"] + 200, box["y"] + 52)  # the first row, below the headings
    page.wait_for_url(re.compile(r"unit=\d"))
    page.wait_for_selector(".unit-view .passage i")
    unit = int(re.search(r"unit=(\d)", page.url)[1])
    assert page.locator(".unit-view #passages-fifths .range").count() == 5
    assert page.locator(".unit-view").bounding_box()["y"] < 260
    page.get_by_role("tab", name="Highest").click()
    highest = pretrained.units("anbn")["cards"][unit]["passages"]
    rows = page.locator("#passages-top li")
    chosen = page.locator('[data-testid="stButtonGroup"] [data-selected=true]').inner_text()
    signal = next(name for name in highest if name in chosen.lower())
    expect(rows).to_have_count(len(highest[signal]["top"]["step"]))

    end = page.locator(".unit-view .high").inner_text()  # of the colour scale
    page.get_by_role("tab", name="Try your own text").click()
    page.get_by_role("textbox", name="Your own text").fill("SaaabbbT")
    drawn = page.locator("#passages-own .passage i")
    expect(drawn).to_have_count(8)
    read = drawn.evaluate_all(VALUES)
    wanted = record(pretrained.load("anbn", device="cpu"), "SaaabbbT").layers["layer0"][signal].sel(unit=unit)
    assert [token for token, _ in read] == list("SaaabbbT")
    found = [float(value.replace("−", "-")) for _, value in read]
    np.testing.assert_allclose(found, wanted, atol=6e-4)

    expect(page.locator(".unit-view .high")).not_to_have_text(end)  # eight characters move it by less than a corpus

    recorded = record(pretrained.load("anbn", device="cpu"), "SaaabbbT")
    share = (
        unit_shares(pretrained.load("anbn", device="cpu"), recorded, step=3, label="b")["share"].sel(unit=unit).item()
    )
    drawn.nth(3).hover()
    expect(page.locator(".unit-view .share")).to_contain_text(
        f"After “a” the model expects “b”, and this unit adds {share:+.2f} to its logit".replace("-", "−")
    )

    other = page.locator(".unit-view button.unit").first
    number = other.inner_text()
    other.click()
    page.wait_for_url(re.compile(rf"unit={number}\b"))
    expect(page.get_by_text(f"Unit {number}", exact=True)).to_be_visible()
    page.get_by_role("button", name="All units").click()
    page.locator('[data-testid="stDataFrame"]').wait_for()
    settled(page)
    page.mouse.click(box["x"] + 200, box["y"] + 52)
    page.locator("#passages-fifths .find").first.click()
    expect(page.get_by_text("Where else do these units do the same?")).to_be_visible()
    page.wait_for_url(re.compile(rf"find=true.*unit={unit}\b|unit={unit}\b.*find=true"))
    expect(page.locator(".pattern-view .within").first).to_be_visible()


def test_a_file_of_ones_own_is_read_and_has_its_own_table(page, address):
    page.goto(f"{address}/units?model=anbn")
    page.locator('[data-testid="stDataFrame"]').wait_for()
    settled(page)
    page.get_by_role("button", name="Corpus").click()
    rows = ["text", *("S" + "a" * n + "b" * n + "T" for n in (1, 5, 2, 4, 3, 7) * 10)]
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Read this text").click()
    page.wait_for_url("**corpus=**")
    expect(page.get_by_text(re.compile(r"Measured over .* your file mine"))).to_be_visible(timeout=120_000)
    page.locator('[data-testid="stDataFrame"]').wait_for()
