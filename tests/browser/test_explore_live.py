"""Explore as the reader's browser draws it: what is typed is read and seen in the same frame, without the server."""

import re
from urllib.parse import quote, quote_plus

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

import pretrained
from lstm_core import SIGNALS, record
from lstm_core.analysis import most_telling
from tests.browser.reading import HEATMAPS, live_values, settled
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.findings import Finding, findings_on
from viz.shared.unit_lines import line_in_words
from viz.theme import scale

AWKWARD = "a\t<b>x</b> &amp; é🎭 你好 שלום \u202e\u0007<script>alert(1)</script> %{z}"
NEAR = 1e-5


def text_field(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


def sent_by(page: Page) -> list[str]:
    """From now on: each message that the page sends to the server. To be called before the page is opened."""
    sent: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda _: sent.append("frame"))

    page.on("websocket", listen)
    return sent


def assert_reads(page: Page, text: str, *, model: str = "shakespeare", untrained: bool = False) -> None:
    made = (pretrained.untrained if untrained else pretrained.load)(model, device="cpu")
    layer = record(made, text).layers["layer0"]
    values = live_values(page, layer.sizes["step"])
    for name in SIGNALS:
        np.testing.assert_allclose(values[name], layer[name].transpose("unit", "step"), atol=NEAR, err_msg=name)


def frame(page: Page, signal: str) -> Locator:
    return page.locator(f'.explore-view .frame[data-signal="{signal}"] .area')


def place_of(page: Page, signal: str, row: int, step: int) -> tuple[float, float]:
    """Where on the page is one cell of a heatmap? (x, y) in pixels."""
    box = frame(page, signal).bounding_box()
    assert box is not None
    rows, left, column = page.locator(".explore-view").evaluate(
        "(root, step) => [root.gatescope.ordered.rows.length, root.gatescope.picture.axis.left(step), root.gatescope.picture.axis.column]",
        step,
    )
    return box["x"] + left + column / 2, box["y"] + (row + 0.5) / rows * box["height"]


def rows_of(page: Page) -> list[int]:
    """The units that have a row, from the top, once the next frame is drawn."""
    return page.locator(".explore-view").evaluate(
        """(root) => new Promise((resolve) =>
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(root.gatescope.ordered.rows))))"""
    )


def shown_steps(page: Page) -> list[int]:
    return page.locator(".explore-view").evaluate("(root) => root.gatescope.picture.axis.shown")


@pytest.mark.parametrize(("wide", "tall", "scheme"), [(1280, 720, "light"), (1366, 768, "dark")])
def test_text_all_signals_and_the_units_numbers_fit_a_projector(page, address, wide, tall, scheme):
    page.set_viewport_size({"width": wide, "height": tall})
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    assert_reads(page, DEFAULT_TEXT)
    settled(page)
    assert text_field(page).input_value() == DEFAULT_TEXT
    for label in ("Model", "Text", "Unit", "Step", "Rows", "Sort units"):
        expect(page.get_by_label(label, exact=True)).to_be_in_viewport(ratio=1)
    for name in SIGNALS:
        expect(frame(page, name)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name=re.compile(r"All about unit \d+"))).to_be_in_viewport(ratio=1)
    for line in page.locator(".explore-view .line").all():
        expect(line).to_be_in_viewport(ratio=1)
    for tab, last in (("What does it do?", ".rule"), ("Why this prediction?", ".total"), ("Signals", ".lines")):
        page.get_by_role("tab", name=tab).click()
        for shown in (page.get_by_role("tabpanel").locator(last), page.get_by_label("Sort units", exact=True)):
            expect(shown).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(re.compile("At spaces the output gate closes: mean 0.25 against 0.53"))).to_be_in_viewport()
    telling = most_telling(record(pretrained.load("shakespeare", device="cpu"), DEFAULT_TEXT).layers["layer0"])
    assert rows_of(page) == telling
    # The pixels are those numbers in the colours of the theme.
    forget = live_values(page, len(DEFAULT_TEXT))["forget"][telling]
    pixels = frame(page, "forget").evaluate(
        """(area, [rows, steps]) => {
            const canvas = area.closest(".signals").querySelector("canvas");
            const [ours, all] = [area.getBoundingClientRect(), canvas.getBoundingClientRect()];
            const of = (row) => ((ours.top - all.top + ((row + 0.5) / rows) * ours.height) / all.height) * canvas.height;
            const line = (_, row) => [...canvas.getContext("2d").getImageData(0, Math.floor(of(row)), steps, 1).data];
            return Array.from({ length: rows }, line);
        }""",
        [len(telling), len(DEFAULT_TEXT)],
    )
    red = np.array(pixels).reshape(len(telling), len(DEFAULT_TEXT), 4)[..., 0]
    stops = scale("forget", dark=scheme == "dark")
    reds = np.interp(forget, [at for at, _ in stops], [int(colour[1:3], 16) for _, colour in stops])
    assert np.abs(red - reds).max() < 2


def test_every_key_is_read_at_once_without_the_server_which_hears_of_it_at_rest(page, address):
    sent = sent_by(page)
    page.goto(f"{address}/?text=Hark")
    assert_reads(page, "Hark")
    settled(page)
    text_field(page).click()
    page.keyboard.press("End")
    page.wait_for_timeout(600)
    page.locator(".explore-view").evaluate(
        """(root) => {
            window.seen = [];
            new MutationObserver(() => window.seen.push(root.dataset.read)).observe(root, { attributeFilter: ["data-read"] });
        }"""
    )
    sent.clear()
    page.keyboard.type(", who goes", delay=60)
    assert sent == []
    assert page.evaluate("window.seen") == [str(steps) for steps in range(5, 15)]  # each key by itself
    assert_reads(page, "Hark, who goes")
    page.wait_for_url("**text=Hark%2C+who+goes**")
    settled(page)
    # In the middle, and while an answer of the server comes: the caret stays, no key is lost.
    text_field(page).evaluate("(field) => field.setSelectionRange(4, 4)")
    page.keyboard.type("en")
    page.wait_for_timeout(700)
    page.keyboard.type("! to me", delay=60)
    assert text_field(page).input_value() == "Harken! to me, who goes"
    assert text_field(page).evaluate("(field) => [field.selectionStart, field.matches(':focus')]") == [13, True]
    assert_reads(page, "Harken! to me, who goes")
    page.keyboard.press("Control+z")
    assert len(text_field(page).input_value()) < 23  # the browser's own undo
    page.get_by_role("link", name="Memory").click()
    expect(text_field(page)).to_have_value(re.compile("^Harken"))  # the other pages follow


def test_an_input_method_composes_and_the_picture_follows(page, address):
    page.goto(f"{address}/?text=" + quote("Say: "))
    live_values(page, 5)
    settled(page)
    text_field(page).click()
    page.keyboard.press("End")
    keys = page.context.new_cdp_session(page)
    for composing in ("n", "ni", "你", "你h", "你好"):
        keys.send(
            "Input.imeSetComposition",
            {"text": composing, "selectionStart": len(composing), "selectionEnd": len(composing)},
        )
        expect(page.locator(".explore-view")).to_have_attribute("data-read", str(len(f"Say: {composing}".encode())))
        page.wait_for_timeout(700)  # longer than the rest after which the server hears of it
    keys.send("Input.insertText", {"text": "你好"})
    page.keyboard.type("!")
    assert text_field(page).input_value() == "Say: 你好!"
    assert_reads(page, "Say: 你好!")


def test_zoom_by_wheel_and_drag_survives_typing_and_is_in_the_link(page, address):
    page.goto(address)
    live_values(page, 49)
    settled(page)
    assert shown_steps(page) == [0, 49]
    page.mouse.move(*place_of(page, "cell", 3, 20))
    page.mouse.wheel(0, -100)
    expect(page.get_by_text("1 to 49 of 49")).to_have_count(0)
    start, stop = shown_steps(page)
    assert 0 < start < 20 < stop < 49
    page.keyboard.press("Escape")
    page.get_by_role("button", name="whole text").click()
    page.mouse.move(*place_of(page, "cell", 3, 10))
    page.mouse.down()
    page.mouse.move(*place_of(page, "cell", 5, 29), steps=4)
    page.mouse.up()
    expect(page.get_by_text("11 to 30 of 49")).to_be_visible()
    text_field(page).click()
    page.keyboard.press("End")
    page.keyboard.type("!!")
    live_values(page, 51)
    assert shown_steps(page) == [10, 30]
    page.wait_for_url("**zoom=10-30**")
    settled(page)
    text_field(page).click()
    page.keyboard.press("End")
    page.keyboard.type("?")
    page.reload()  # before the server has heard of the last key
    live_values(page, 52)
    assert shown_steps(page) == [10, 30]
    assert text_field(page).input_value() == DEFAULT_TEXT + "!!?"


def test_the_line_of_a_unit_leads_to_its_page_and_so_does_that_on_step(page, address):
    lines = {card["unit"]: line_in_words(card["line"], "characters") for card in pretrained.units("python")["cards"]}
    first, second, *_ = (unit for unit, line in lines.items() if line != "nothing found")
    silent = next(unit for unit, line in lines.items() if line == "nothing found")

    def assert_told(unit: int) -> None:
        line = lines[unit]
        words = "" if line == "nothing found" else f"{line[0].upper()}{line[1:]}."
        expect(page.locator(".unit-line a")).to_have_text(f"All about unit {unit}")
        expect(page.locator(".unit-line a")).to_have_attribute("href", f"units?model=python&layer=layer0&unit={unit}")
        expect(page.locator(".unit-line span")).to_have_text(words)

    def follow(unit: int) -> None:
        page.locator(".unit-line a").click()
        expect(page).to_have_url(re.compile(rf"/units\?model=python&.*\bunit={unit}\b"))

    page.goto(f"{address}/?model=python&text=def+f")
    unit_field = page.get_by_label("Unit", exact=True)
    unit_field.fill(str(silent))
    unit_field.press("Enter")
    assert_told(silent)
    unit_field.fill(str(first))
    follow(first)  # the click itself leaves the field: the number that was typed counts
    page.get_by_role("link", name="Explore").click()
    assert_told(first)
    page.get_by_label("Before training", exact=True).check()
    expect(page.locator(".unit-line")).to_be_hidden()  # nothing was measured of that model
    page.get_by_label("Before training", exact=True).uncheck()
    assert_told(first)
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    assert_told(first)
    unit_field.fill(str(second))
    unit_field.press("Enter")
    assert_told(second)
    follow(second)
    page.go_back()
    page.wait_for_selector(".stepper.whole")
    assert_told(second)


def test_hover_names_the_cell_and_click_and_keys_choose_it(page, address):
    page.goto(address)
    values = live_values(page, 49)
    settled(page)
    rows = rows_of(page)
    page.mouse.move(*place_of(page, "cell", 7, 20))
    tip = page.locator(".explore-view .tip")
    expect(tip).to_contain_text(f"unit {rows[7]}")
    expect(tip).to_contain_text(f"21 of 49: {DEFAULT_TEXT[20]}")
    expect(tip).to_contain_text(f"Cell state c = {values['cell'][rows[7], 20]:.3f}".replace("-", "−"))
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_label("Unit", exact=True)).to_have_value(str(rows[7]))
    expect(page.get_by_label("Step", exact=True)).to_have_value("21")
    numbers = page.locator(".explore-view .numbers").first
    expect(numbers).to_contain_text(f"= {values['cell'][rows[7], 20]:.3f}".replace("-", "−"))
    page.locator(".explore-view .picture").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Step", exact=True)).to_have_value("22")
    expect(page.get_by_label("Unit", exact=True)).to_have_value(str(rows[8]))
    page.wait_for_url(f"**unit={rows[8]}&step=21**")
    expect(page.locator(".explore-view .live")).to_contain_text(f"Unit {rows[8]}, 22 of 49")
    assert page.locator(".explore-view").evaluate("(root) => root.gatescope.scales.mode") == "light"
    page.emulate_media(color_scheme="dark")  # the picture changes with the theme around it
    expect(page.locator(".explore-view.dark")).to_be_visible()
    assert page.locator(".explore-view").evaluate("(root) => root.gatescope.scales.mode") == "dark"
    head = page.locator(".explore-view .predictions").bounding_box()
    page.mouse.move(place_of(page, "forget", 2, 20)[0], head["y"] + 5)
    expect(tip).to_contain_text("%")  # what was predicted for this character
    expect(tip).to_contain_text("surprisal")


def test_rows_keep_their_order_while_one_types_and_all_or_some_can_be_shown(page, address):
    page.goto(address)
    live_values(page, 49)
    settled(page)
    rows = rows_of(page)
    text_field(page).click()
    page.keyboard.type("Quite another text begins. ")
    live_values(page, 76)
    assert rows_of(page) == rows
    page.get_by_label("Rows", exact=True).select_option("all")
    assert sorted(rows_of(page)) == list(range(256))
    page.get_by_label("Sort units", exact=True).select_option("index")
    assert rows_of(page) == list(range(256))
    page.get_by_label("Rows", exact=True).select_option("pick")
    page.get_by_label("Units shown", exact=True).fill("118, 3 108")
    page.get_by_label("Units shown", exact=True).press("Enter")
    assert rows_of(page) == [3, 108, 118]
    page.get_by_label("Forget gate", exact=True).uncheck()
    expect(frame(page, "forget")).to_have_count(0)
    page.wait_for_url("**signals=input**")
    for part in ("ordered=index", "which=pick", "units=118"):
        assert part in page.url


def test_the_model_before_training_reads_the_same_text_one_click_away(page, address):
    page.goto(f"{address}/?text=Hark")
    assert_reads(page, "Hark")
    settled(page)
    page.get_by_label("Before training").check()
    expect(page.locator(".explore-view:not(.loading)")).to_have_attribute("data-model", "shakespeare (untrained)")
    assert_reads(page, "Hark", untrained=True)
    page.wait_for_url("**model=shakespeare+%28untrained%29**")
    page.get_by_label("Before training").uncheck()
    assert_reads(page, "Hark")


def test_write_on_continues_the_text_and_undo_takes_it_back(page, address):
    page.goto(f"{address}/?text=" + quote("ROMEO: "))
    live_values(page, 7)
    settled(page)
    page.get_by_role("button", name="Write on").click()
    written = text_field(page).input_value()
    assert written.startswith("ROMEO: ")
    assert len(written) > 15
    assert_reads(page, written)
    page.wait_for_url("**text=ROMEO%3A+*")
    page.keyboard.press("Control+z")
    expect(text_field(page)).to_have_value("ROMEO: ")


def test_awkward_text_is_text_and_unknown_characters_are_named(page, address):
    page.goto(f"{address}/?text={quote(AWKWARD)}")
    assert_reads(page, AWKWARD)
    labels = page.locator(".explore-view").evaluate("(root) => root.gatescope.model.tokens.labels")
    assert labels == list(record(pretrained.load("shakespeare", device="cpu"), AWKWARD).tokens)
    assert page.locator("b, script", has_text="alert(1)").count() == 0
    settled(page)
    page.goto(f"{address}/?model=anbn&text=" + quote("Sa<b>xbT"))
    expect(page.get_by_text("Left out, because the model does not know it: < > x")).to_be_visible()
    assert_reads(page, "SabbT", model="anbn")


@pytest.mark.parametrize(
    ("model", "text"),
    [("sentiment", "not a good film , but funny"), ("temperature", "@182 10.1 9,5; 8.7"), ("adding", "")],
)
def test_models_of_words_and_numbers_are_read_too(page, address, model, text):
    page.goto(f"{address}/?model={model}" + (f"&text={quote(text)}" if text else ""))
    own = text or next(iter(pretrained.load(model, device="cpu").card.examples.values()))
    assert_reads(page, own, model=model)


def test_the_same_picture_as_a_figure_to_keep(page, address):
    page.goto(f"{address}/?unit=118&step=10")
    live_values(page, 49)
    settled(page)
    rows = rows_of(page)
    page.get_by_text("Figure to keep").click()
    page.wait_for_selector(f"{HEATMAPS} .heatmaplayer image")
    drawn = page.evaluate(
        f"document.querySelector('{HEATMAPS}')._fullData.filter((one) => one.name === 'forget').map((one) => [...one.y])[0]"
    )
    assert [int(unit) for unit in drawn] == rows
    expect(page.get_by_role("heading", name="Unit 118, step by step")).to_be_visible()
    for label in ("Heatmaps as HTML", "Traces as HTML", "Recording as CSV", "Recording as zarr (zip)"):
        expect(page.get_by_role("button", name=label)).to_be_visible()
    page.get_by_role("radio", name="SVG").click()
    page.wait_for_function(f"document.querySelector('{HEATMAPS}')._context.toImageButtonOptions.format === 'svg'")
    with page.expect_download() as saved:
        page.locator(HEATMAPS).locator(".modebar-btn").first.click()
    assert saved.value.suggested_filename.endswith(".svg")
    assert saved.value.path().read_text(encoding="utf-8").startswith("<svg")


def test_on_a_phone_the_picture_comes_before_the_controls_and_a_finger_scrolls(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    live_values(page, 49)
    settled(page)
    top = frame(page, "input").bounding_box()["y"]
    assert top < 420
    assert page.get_by_label("Rows", exact=True).bounding_box()["y"] > top
    assert page.locator(".explore-view .picture").evaluate("(one) => getComputedStyle(one).touchAction") == "pan-y"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_finding_opens_in_one_click_on_the_first_screen_and_is_in_the_link(page, address):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(address)
    assert_reads(page, DEFAULT_TEXT)
    findings = findings_on("explore")
    for finding in findings:
        expect(page.get_by_role("button", name=finding.title)).to_be_in_viewport(ratio=1)
    expect(page.locator(".explore-view .note")).to_be_empty()

    def assert_shown(finding: Finding) -> None:
        text = {"A cry for Romeo": DEFAULT_TEXT}.get(finding.text, finding.text)
        drawn = page.locator(f'.explore-view:not(.loading)[data-read="{len(text)}"]')
        expect(drawn).to_have_attribute("data-model", finding.model_name)
        expect(text_field(page)).to_have_value(text)
        expect(page.get_by_label("Unit", exact=True)).to_have_value(str(finding.values["unit"]))
        expect(page.locator(".explore-view .note")).to_have_text(finding.look_for)
        expect(page.locator(".explore-view .note")).to_be_in_viewport(ratio=1)
        expect(frame(page, "hidden")).to_be_in_viewport(ratio=1)

    for finding in reversed(findings):
        page.get_by_role("button", name=finding.title).click()
        assert_shown(finding)
        page.wait_for_url(f"**model={quote_plus(finding.model_name)}&**unit={finding.values['unit']}**")
    settled(page)
    page.goto(page.url.replace(f"{address}/?", f"{address}/explore?"))  # it leads to the usual address
    assert page.url.startswith(f"{address}/?model=")
    assert_shown(findings[0])
    page.get_by_label("Unit", exact=True).fill("7")
    page.keyboard.press("Enter")
    expect(page.locator(".explore-view .note")).to_be_empty()  # it is about another unit


def test_a_marked_part_is_found_elsewhere_and_a_place_opens_as_the_text(page, address):
    page.goto(f"{address}/?model=anbn&text=SaaaaabbbbbT")
    live_values(page, 12)
    settled(page)
    marked = page.locator(".explore-view .span")
    expect(marked).to_be_hidden()
    page.keyboard.down("Shift")
    page.mouse.move(*place_of(page, "cell", 1, 1))
    page.mouse.down()
    page.mouse.move(*place_of(page, "cell", 2, 4), steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(marked).to_be_visible()
    assert shown_steps(page) == [0, 12]  # a drag without Shift zooms
    page.locator(".explore-view .picture").focus()
    page.locator(".explore-view").evaluate(
        """(root) => {
            root.gatescope.change({ step: 4 });  // a key that comes before that is painted begins there
            const key = { key: "ArrowRight", shiftKey: true, bubbles: true };
            root.querySelector(".picture").dispatchEvent(new KeyboardEvent("keydown", key));
        }"""
    )
    expect(page.locator(".explore-view .live")).to_contain_text("Marked: steps 2 to 6")
    page.wait_for_url("**span=1-6**")
    expect(page.locator(".pattern-view")).to_have_count(0)
    page.get_by_text("Find this pattern").click()
    rows = page.locator(".pattern-view tbody tr")
    expect(rows.first).to_contain_text("SaaaaabbbbbT")
    assert page.locator(".pattern-view .own .frame").is_visible()
    assert rows.first.locator("td").first.text_content() == "1.00"
    assert rows.first.locator(".within").text_content() == "aaaaa"
    # All places begin in one column.
    lefts = page.locator(".pattern-view tr:not([hidden]) .within").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().left)"
    )
    assert len(lefts) > 5
    assert max(lefts) - min(lefts) < 1
    other = rows.filter(has_not_text="SaaaaabbbbbT").first
    text, within = other.locator(".place").text_content(), other.locator(".within").text_content()
    units = page.locator(".pattern-view .own").get_attribute("aria-label")
    other.locator(".place").click()
    expect(text_field(page)).to_have_value(text)
    start = text.index(within)
    page.wait_for_url(f"**text={text}&**span={start}-{start + len(within)}**")
    expect(page.get_by_label("Step", exact=True)).to_have_value(str(start + len(within)))
    expect(marked).to_be_visible()
    expect(page.locator(".pattern-view .own")).to_have_attribute("aria-label", units)
