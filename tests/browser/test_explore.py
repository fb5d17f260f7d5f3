"""Explore as the server draws it, where a model is too large for the browser: type, see, click, follow, link."""

import json
import re
import zipfile
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import pretrained
import viz.browser.address
from benchmarks.browser import paste
from lstm_core import SIGNALS, Recording, record
from tests.browser.paper import cut_on_paper
from tests.browser.reading import HEATMAPS, TRACES, cell_at, expect_chosen, heatmap_values, settled, ticks
from viz.figures.stack import LEFT, RIGHT
from viz.shared.examples import DEFAULT_TEXT

AWKWARD = "a\t<b>x</b> &amp; é🎭 你好 שלום \u202e\u0007<script>alert(1)</script> %{z}"


@pytest.fixture(scope="module")
def address(odd_address: str) -> str:
    """The app whose models are all read by the server."""
    return odd_address


def text_box(page: Page):
    return page.get_by_label("Text", exact=True)


def assert_shows(page: Page, text: str, model=None) -> None:
    layer = record(model or pretrained.load("shakespeare", device="cpu"), text).layers["layer0"]
    values = heatmap_values(page, layer.sizes["step"])
    assert set(values) == set(SIGNALS)
    for name in SIGNALS:
        np.testing.assert_allclose(values[name], layer[name].transpose("unit", "step"), atol=2e-6, err_msg=name)


def test_it_opens_on_a_trained_model_and_a_sentence(page, address):
    page.goto(address)
    assert_shows(page, DEFAULT_TEXT)
    assert text_box(page).input_value() == DEFAULT_TEXT
    assert "".join(ticks(page)) == DEFAULT_TEXT.replace(" ", "␣")
    for label in ("Model", "Text", "Unit", "Step"):
        expect(page.get_by_label(label, exact=True)).to_be_visible()
    for label in ("Signals", "Several lines", "Compare with units", "Sort units"):
        expect(page.get_by_text(label, exact=True).first).to_be_visible()
    settled(page)
    before = heatmap_values(page, len(DEFAULT_TEXT))
    for landscape in (False, True):
        assert cut_on_paper(page, landscape=landscape) == []
    # The screen is as it was.
    assert page.locator(f"{HEATMAPS} .main-svg").first.bounding_box()["width"] > 1000
    np.testing.assert_array_equal(heatmap_values(page, len(DEFAULT_TEXT))["forget"], before["forget"])


def test_heatmaps_grow_while_one_types_without_enter(page, address):
    page.goto(f"{address}/?text=Hark")
    assert_shows(page, "Hark")
    text_box(page).click()
    page.keyboard.press("End")
    page.keyboard.type(", who goes", delay=20)
    assert_shows(page, "Hark, who goes")
    settled(page)  # the chart before may be on the page for a moment more
    assert "".join(ticks(page)) == "Hark,␣who␣goes"


def test_a_click_on_a_cell_shows_its_units_traces_with_the_step_marked(page, address):
    page.goto(address)
    heatmap_values(page, len(DEFAULT_TEXT))
    settled(page)
    column = 20
    page.mouse.move(*cell_at(page, "cell", 40, column - 3))
    page.mouse.move(*cell_at(page, "cell", 40, column))
    hover = page.locator(f"{HEATMAPS} .hoverlayer .hovertext").first
    expect(hover).to_contain_text(f"{column}  ")
    unit = int(re.search(rf"unit (\d+?){column}  ", hover.text_content()).group(1))  # a row may be thinner than a pixel
    page.mouse.click(*cell_at(page, "cell", 40, column))
    expect(page.get_by_label("Unit", exact=True)).to_have_value(str(unit))
    expect(page.get_by_label("Step", exact=True)).to_have_value(str(column))
    expect(page.get_by_role("heading", name=f"Unit {unit}, step by step")).to_be_visible()
    settled(page)
    drawn = page.evaluate(
        f"""document.querySelector('{TRACES}')._fullData
            .filter((trace) => trace.name === 'unit {unit} (selected)').map((trace) => Array.from(trace.y))"""
    )
    layer = record(pretrained.load("shakespeare", device="cpu"), DEFAULT_TEXT).layers["layer0"]
    wanted = [layer[name].sel(unit=unit).to_numpy() for name in SIGNALS]
    np.testing.assert_allclose(drawn, wanted, atol=2e-6)
    marks = page.evaluate(f"document.querySelector('{TRACES}').layout.shapes.map((shape) => shape.x0)")
    assert marks == [column]  # one line through all six charts
    assert page.locator(f"{HEATMAPS} .gatescope-mark").count() >= len(SIGNALS) * 2
    page.wait_for_url(f"**unit={unit}&step={column}**")


def test_a_click_keeps_the_zoom(page, address):
    page.goto(address)
    heatmap_values(page, len(DEFAULT_TEXT))
    settled(page)
    left, top = cell_at(page, "input", 30, 5)
    right, bottom = cell_at(page, "input", 120, 30)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=5)
    page.mouse.up()
    page.wait_for_function(f"document.querySelector('{HEATMAPS}')._fullLayout.xaxis.range[0] > 2")
    page.wait_for_function(  # an earlier click would be the second of a double click, which zooms out
        f"(({{ _mouseDownTime: down, _context: {{ doubleClickDelay }} }}) => Date.now() - down > 1.5 * doubleClickDelay)"
        f"(document.querySelector('{HEATMAPS}'))"
    )
    zoomed = page.evaluate(f"document.querySelector('{HEATMAPS}')._fullLayout.xaxis.range")
    page.mouse.click(*cell_at(page, "input", 60, 20))
    expect(page.get_by_label("Step", exact=True)).to_have_value("20")
    settled(page)
    assert page.evaluate(f"document.querySelector('{HEATMAPS}')._fullLayout.xaxis.range") == zoomed


def test_a_link_restores_model_text_layer_and_selection(page, address):
    text = "My lord, my <lord>\n& all"
    model = quote("shakespeare (untrained)")
    signals = "&signals=forget&signals=input"
    page.goto(f"{address}/?model={model}&text={quote(text)}&lines=true&layer=layer0&unit=7&step=4&sort=index{signals}")
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    settled(page)
    expect(text_box(page)).to_have_value(text)
    expect(page.get_by_label("Unit", exact=True)).to_have_value("7")
    expect(page.get_by_label("Step", exact=True)).to_have_value("4")
    found = page.evaluate(
        f"document.querySelector('{HEATMAPS}')._fullData.filter((t) => t.name?.match(/^[a-z]+$/)).map((t) => [t.name, Array.from(t.z[7])])"
    )
    assert sorted(name for name, _ in found) == ["forget", "input"]
    layer = record(pretrained.untrained("shakespeare", device="cpu"), text).layers["layer0"]
    for name, values in found:
        np.testing.assert_allclose(values, layer[name].sel(unit=7), atol=2e-6)


def test_a_selection_made_by_hand_is_restored_by_the_address_it_leaves(page, address, reader):
    theirs = (
        "embed_options=dark_theme&who=me&who=%C3%BC&who=me&odd=a+b%FF"  # not ours: another site's, and Streamlit's own
    )
    page.goto(f"{address}/?text=Hark&{theirs}#here")
    heatmap_values(page, len("Hark"))
    text_box(page).fill(DEFAULT_TEXT)
    text_box(page).press("Enter")
    heatmap_values(page, len(DEFAULT_TEXT))
    text_box(page).fill("Speak, I charge thee")
    text_box(page).press("Enter")
    page.get_by_label("Unit", exact=True).fill("11")
    page.get_by_label("Unit", exact=True).press("Enter")
    page.get_by_label("Step", exact=True).fill("3")
    page.get_by_label("Step", exact=True).press("Enter")
    page.wait_for_url("**step=3**")
    settled(page)
    assert page.url.startswith(f"{address}/?{theirs}&text=Speak")
    assert page.url.endswith("#here")
    other = reader.new_page()
    other.goto(page.url)
    assert_shows(other, "Speak, I charge thee")
    expect(other.get_by_label("Unit", exact=True)).to_have_value("11")
    expect(other.get_by_label("Step", exact=True)).to_have_value("3")
    dark = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    assert page.evaluate(dark) == other.evaluate(dark) == "rgb(17, 22, 29)"
    other.get_by_role("link", name="Compare").click()
    other.wait_for_url("**/compare?**step=3**")
    assert f"/compare?{theirs}&text=Speak" in other.url
    other.close()


def test_parameters_that_are_not_ours_are_kept_in_number_and_order(page):
    page.goto("about:blank")
    script = (Path(viz.browser.address.__file__).parent / "address.js").read_text(encoding="utf-8")
    found = page.evaluate(
        """async (script) => {
            const { others, together, joined } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
            return [
                others("?b=1&text=x&a&b=1&%74ext=y&text%20=z&%FF=1&te+xt=&", ["text", "te xt"]),
                others("", ["text"]),
                together(["a=1", "b=1", "a=1"], ["a=1", "c=1", "b=1", "b=1"]),
                joined(["a=1", "b"], "text=x&text=y"), joined([], "text=x"), joined(["a=1"], ""), joined([], ""),
            ];
        }""",
        script,
    )
    assert found == [
        ["b=1", "a", "b=1", "text%20=z", "%FF=1"],
        [],
        ["a=1", "b=1", "a=1", "c=1", "b=1"],
        "?a=1&b&text=x&text=y", "?text=x", "?a=1", "",
    ]  # fmt: skip


def test_awkward_text_is_shown_as_typed_and_runs_nothing(page, address):
    page.goto(f"{address}/?text={quote(AWKWARD)}")
    values = heatmap_values(page, len(AWKWARD.encode()))
    layer = record(pretrained.load("shakespeare", device="cpu"), AWKWARD).layers["layer0"]
    np.testing.assert_allclose(values["forget"], layer["forget"].transpose("unit", "step"), atol=2e-6)
    shown = "".join(ticks(page))
    assert "a⇥<b>x</b>␣&amp;␣é🎭␣你好␣" in shown
    assert "U+202E␇<script>alert(1)</script>␣%{z}" in shown
    page.mouse.move(*cell_at(page, "input", 128, 5))
    page.mouse.move(*cell_at(page, "input", 128, 2))
    expect(page.locator(f"{HEATMAPS} .hoverlayer .hovertext").first).to_contain_text("2  <")
    assert page.locator(f"{HEATMAPS} .hoverlayer b").count() == 0


def test_nul_and_several_lines_work(page, address):
    text = "one\x00two\nthree\r\tfour"
    page.goto(f"{address}/?lines=true&text={quote(text)}")
    heatmap_values(page, len(text))
    assert "".join(ticks(page)) == "one␀two⏎three␍⇥four"


def test_switching_to_several_lines_keeps_the_text_and_takes_newlines(page, address):
    page.goto(f"{address}/?text=first")
    heatmap_values(page, 5)
    page.get_by_text("Several lines").click()
    area = page.locator("textarea")
    expect(area).to_have_value("first")
    paste(page, "first\nsecond")
    assert_shows(page, "first\nsecond")


def test_an_empty_text_is_a_hint_and_no_error(page, address):
    page.goto(f"{address}/?text=ab")
    heatmap_values(page, 2)
    text_box(page).fill("")
    expect(page.get_by_text("Type a text above")).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    text_box(page).fill("abc")
    assert_shows(page, "abc")


def test_too_long_a_text_is_cut_and_the_page_says_so(page, address):
    page.goto(f"{address}/?lines=true&text=x")
    heatmap_values(page, 1)
    paste(page, "ab c\n" * 4100)
    expect(page.get_by_text("Only the first 20,000 characters are read; the last 500 are left out")).to_be_visible()
    settled(page)
    expect(page.locator("textarea")).to_have_value("ab c\n" * 4000)
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    assert len(page.url) < 64_000
    page.reload()
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    expect(page.locator("textarea")).to_have_value("ab c\n" * 4000)


def test_a_long_text_in_many_bytes_survives_and_the_page_says_why_no_link_has_it(page, address):
    page.goto(f"{address}/?lines=true&text=x")
    heatmap_values(page, 1)
    paste(page, "Привет 世界 " * 1500)
    expect(page.get_by_text("too long for a link")).to_be_visible()
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    settled(page)
    assert len(page.url) < 500
    page.get_by_role("link", name="Compare").click()
    page.wait_for_selector(".st-key-comparison .heatmaplayer image")
    expect(page.locator("textarea")).to_have_value("Привет 世界 " * 1500)
    paste(page, "short")
    expect(page.get_by_text("too long for a link")).to_have_count(0)
    page.wait_for_url("**text=short**")


def test_nonsense_in_the_address_falls_back(page, address):
    page.goto(f"{address}/?unit=-3&step=1.5&units=x&window=13&first=-2&text=%FF%FE")
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    settled(page)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect_chosen(page, "shakespeare")
    expect(page.get_by_label("Unit", exact=True)).to_have_value("")


def test_examples_fill_the_text(page, address):
    page.goto(address)
    heatmap_values(page, len(DEFAULT_TEXT))
    page.get_by_label("Example").click()
    page.get_by_role("option", name="Quoted speech").click()
    assert_shows(page, "She said 'I know not what to say', and then 'Farewell, my lord', and he was gone.")
    page.get_by_label("Example").click()
    page.get_by_role("option", name="A line cut short").click()
    expect(page.locator("textarea")).to_have_value("To be, or not to be: that is the question:\nWhether 'tis nob")


def test_downloads_bring_the_numbers_and_the_figures(page, address, tmp_path):
    page.goto(f"{address}/?text=Hark!")
    heatmap_values(page, 5)
    settled(page)
    recording = record(pretrained.load("shakespeare", device="cpu"), "Hark!")

    def taken(click) -> bytes:
        with page.expect_download() as download:
            click()
        return download.value.path().read_bytes()

    (tmp_path / "table.csv").write_bytes(taken(page.get_by_role("button", name="Recording as CSV").click))
    table = pd.read_csv(tmp_path / "table.csv")
    wanted = recording.to_dataframe()
    assert len(table) == len(wanted) == 5 * 256 * 6
    np.testing.assert_allclose(table["value"], wanted["value"], atol=1e-6)
    assert table["token"].drop_duplicates().tolist() == list("Hark!")

    (tmp_path / "recording.zip").write_bytes(taken(page.get_by_role("button", name="Recording as zarr").click))
    with zipfile.ZipFile(tmp_path / "recording.zip") as archive:
        archive.extractall(tmp_path)
    again = Recording.load(tmp_path / "recording.zarr")
    np.testing.assert_allclose(again.layers["layer0"]["cell"], recording.layers["layer0"]["cell"], atol=1e-6)

    html = taken(page.get_by_role("button", name="Heatmaps as HTML").click).decode()
    assert "plotly.js v" in html
    assert "<script src" not in html
    assert "<link" not in html
    (tmp_path / "figure.html").write_text(html)
    page.goto((tmp_path / "figure.html").as_uri())
    page.wait_for_selector(".heatmaplayer image")


def test_a_figure_is_saved_as_png_from_its_corner_with_the_chosen_step_and_a_caption(page, address):
    pictures = []
    for chosen in ("", "&unit=5&step=1"):
        page.goto(f"{address}/?text=Hark!{chosen}")
        heatmap_values(page, 5)
        settled(page)
        before = page.evaluate(f"JSON.stringify(document.querySelector('{HEATMAPS}').layout)")
        with page.expect_download() as download:
            page.locator(f"{HEATMAPS} .modebar-btn[data-title*='PNG']").click()
        assert download.value.suggested_filename == "gatescope-shakespeare-heatmaps-hark.png"
        with Image.open(download.value.path()) as picture:
            pictures.append(np.asarray(picture.convert("L"), dtype=int))
        page.wait_for_function(
            f"(before) => JSON.stringify(document.querySelector('{HEATMAPS}').layout) === before", arg=before
        )
    plain, chosen = pictures
    for picture in pictures:
        assert (picture[-40:] < 100).any()  # the caption, where without it there is the edge
    left, right = 2 * LEFT, plain.shape[1] - 2 * RIGHT
    step = left + (right - left) * 3 // 10  # the middle of the second of five columns
    differs = (np.abs(chosen - plain) > 30)[: -2 * 60, left:right].any(axis=0)  # above the captions
    assert differs.any()
    assert set(np.flatnonzero(differs) + left) <= set(range(step - 4, step + 5))


def test_two_tabs_do_not_disturb_each_other(page, address, reader):
    other = reader.new_page()
    page.goto(f"{address}/?text=mine")
    other.goto(f"{address}/?text=yours")
    assert_shows(page, "mine")
    assert_shows(other, "yours")
    text_box(other).fill("theirs now")
    assert_shows(other, "theirs now")
    assert text_box(page).input_value() == "mine"
    other.close()


def test_units_choose_whose_lines_are_drawn(page, address):
    page.goto(f"{address}/?text=Hark!&units=3&units=200&unit=5&step=1")
    heatmap_values(page, 5)
    settled(page)
    names = page.evaluate(
        f"document.querySelector('{TRACES}')._fullData.filter((t) => t.showlegend).map((t) => t.name)"
    )
    assert sorted(names) == ["unit 200", "unit 3", "unit 5 (selected)"]


def test_the_figures_have_names_for_screen_readers(page, address):
    page.goto(address)
    heatmap_values(page, len(DEFAULT_TEXT))
    assert json.loads(
        page.evaluate("JSON.stringify([...document.querySelectorAll('[aria-label]')].map(e => e.ariaLabel))")
    )
    expect(page.get_by_label("Heatmaps of every unit (rows) at every character (columns)")).to_have_count(1)
