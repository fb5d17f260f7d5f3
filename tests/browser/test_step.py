"""Step in a real browser: keys, numbers, playing, links, writing."""

import re
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import pretrained
from lstm_core import generate, record
from lstm_core.analysis import expected_change, surprise
from tests.browser.paper import cut_on_paper
from tests.browser.reading import frames_sent, live_values, settled, stays
from tests.browser.step_page import (
    assert_numbers,
    at_step,
    open_step,
    sent_while_stepping,
    strip,
    tokens,
    wanted_numbers,
)
from viz.shared.examples import DEFAULT_TEXT
from viz.theme import scale

AWKWARD = "a<script>alert(1)</script> \"q\" 'q'\n<b>é</b> 🎭 &amp; \u202e\u0007 end"


@pytest.fixture(scope="module")
def shakespeare():
    return pretrained.load("shakespeare", device="cpu")


def test_every_number_is_that_of_the_recording(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=7, step=0)
    strip(page).focus()
    for step in range(4):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 7, step))
        page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    at_step(page, len(DEFAULT_TEXT) - 1)
    assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 8, len(DEFAULT_TEXT) - 1))


def test_keys_buttons_and_pointer_move_the_same_cursor(page, address):
    open_step(page, address, DEFAULT_TEXT, unit=3, step=10)
    last = len(DEFAULT_TEXT) - 1
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")  # works before anything has the focus
    at_step(page, 9)
    strip(page).focus()
    for key, step in {"ArrowRight": 10, "PageDown": 20, "PageUp": 10, "Home": 0, "ArrowLeft": 0, "End": last}.items():
        page.keyboard.press(key)
        at_step(page, step)
    for name, step in {"First step": 0, "Step forward": 1, "Last step": last, "Step back": last - 1}.items():
        page.get_by_role("button", name=name, exact=True).click()
        at_step(page, step)
    tokens(page).nth(5).click()
    at_step(page, 5)
    expect(tokens(page).nth(5)).to_have_attribute("aria-selected", "true")
    page.get_by_label("Step", exact=True).fill("13")  # counted from 1
    at_step(page, 12)
    frame = page.locator(".miniature .frame").nth(4)
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    at_step(page, 0)
    page.mouse.move(box["x"] + box["width"] * 25.5 / len(DEFAULT_TEXT), box["y"] + 30, steps=4)
    at_step(page, 25)
    page.mouse.up()


def test_the_unit_is_chosen_by_keys_by_number_by_pixel_and_by_push(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=0, step=20)
    unit = page.get_by_label("Unit", exact=True)
    strip(page).focus()
    page.keyboard.press("ArrowUp")
    expect(unit).to_have_value("0")
    page.keyboard.press("ArrowDown")
    expect(unit).to_have_value("1")
    unit.fill("200")
    expect(page.locator(".arithmetic h3")).to_have_text("Unit 200 at step 21")
    column = page.get_by_role("img", name="forget gate of all units")
    column.scroll_into_view_if_needed()
    box = column.bounding_box()
    y = round(box["y"] + box["height"] / 2)  # browsers tell clicks in whole pixels, and a unit is half of one high
    picked = int((y - box["y"]) / box["height"] * 256)
    page.mouse.click(box["x"] + box["width"] / 2, y)
    expect(unit).to_have_value(str(picked))
    page.get_by_text("Which units influenced this gate most?").click()
    page.get_by_role("button", name="candidate", exact=True).click()
    rows = page.locator(".pushers tbody tr")
    expect(rows).to_have_count(10)
    weights = shakespeare.lstm.weight_hh_l0.detach().double().numpy()[2 * 256 + picked]  # g is torch's third block
    before = record(shakespeare, DEFAULT_TEXT).layers["layer0"]["hidden"].to_numpy()[19].astype(np.float64)
    strongest = np.argsort(-np.abs(weights * before))[:10]
    shown = [row.locator("td").all_text_contents() for row in rows.all()]
    assert [int(cells[0]) for cells in shown] == strongest.tolist()
    for cells, source in zip(shown, strongest, strict=True):
        numbers = [float(cell.replace("−", "-")) for cell in cells[1:4]]
        np.testing.assert_allclose(
            numbers, [before[source], weights[source], weights[source] * before[source]], atol=0.5e-3 + 1e-6
        )
    rows.first.get_by_role("button").click()
    expect(unit).to_have_value(str(strongest[0]))


def test_play_runs_to_the_end_and_stops(page, address):
    open_step(page, address, "Hark, who goes there?", step=20)
    at_step(page, 20)
    page.get_by_label("Speed").select_option("30")
    strip(page).focus()
    page.keyboard.press("Space")  # at the end it begins anew
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    at_step(page, 20)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert stays(page.locator(".stepper .where"), 300)
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".where")).not_to_have_text("21 of 21: ?")  # for the next five seconds
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    stood = page.locator(".where").text_content()
    assert stood != "21 of 21: ?"
    assert stays(page.locator(".stepper .where"), 500)
    assert page.locator(".where").text_content() == stood


def test_a_hundred_steps_ask_the_server_nothing(page, address):
    sent = frames_sent(page)
    open_step(page, address, "Now is the winter of our discontent made glorious summer " * 3, step=0)
    settled(page)
    strip(page).focus()
    assert sent_while_stepping(page, sent, 100) == []
    page.wait_for_url("**step=100**")  # and then, at rest, the address follows
    assert "frame" in sent


def test_where_one_rests_is_in_the_link_and_on_the_other_pages(page, address, reader):
    open_step(page, address, DEFAULT_TEXT, step=20)
    strip(page).focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    unit = page.get_by_label("Unit", exact=True).input_value()
    page.wait_for_url(f"**unit={unit}&step=18**")
    other = reader.new_page()
    other.goto(page.evaluate("location.href"))
    at_step(other, 18)
    expect(other.get_by_label("Unit", exact=True)).to_have_value(unit)
    other.close()
    page.locator(".stepper .diagram").hover()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("link", name="Explore").click()  # at once: leaving counts as resting
    page.wait_for_selector(".explore-view[data-read]")
    expect(page.get_by_label("Step", exact=True)).to_have_value("18")
    expect(page.get_by_label("Unit", exact=True)).to_have_value(unit)
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    at_step(page, 17)


def assert_framed(page: Page, step: int) -> None:
    """The frame is around that token, and both are to be seen within the strip."""
    seen, frame, token = (
        one.bounding_box() for one in (strip(page), page.locator(".stepper .here"), tokens(page).nth(step))
    )
    assert [frame[side] for side in ("x", "y")] == pytest.approx([token[side] for side in ("x", "y")], abs=3)
    assert seen["y"] <= token["y"]
    assert token["y"] + token["height"] <= seen["y"] + seen["height"]


def test_of_a_long_text_explore_shows_the_part_where_one_rests(page, address):
    text = "Now is the winter of our discontent made glorious summer by this sun of York. " * 6
    open_step(page, address, text, step=30)
    assert_framed(page, 30)
    strip(page).focus()
    page.keyboard.press("End")
    at_step(page, len(text) - 1)
    assert_framed(page, len(text) - 1)
    tokens(page).nth(31).click()
    page.wait_for_url("**step=31**")
    page.get_by_role("link", name="Explore").click()
    live_values(page, len(text))
    expect(page.get_by_label("Step", exact=True)).to_have_value("32")
    expect(page.get_by_text(re.compile(rf"^1 to \d+ of {len(text)}$"))).to_be_visible()


def test_typing_follows_the_last_character(page, address, shakespeare):
    open_step(page, address, "Hark", unit=9)
    box = page.get_by_label("Text", exact=True).first
    box.click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    at_step(page, 4)
    expect(tokens(page)).to_have_count(5)
    assert_numbers(page, wanted_numbers(shakespeare, "Hark!", "layer0", 9, 4))


def test_awkward_text_is_shown_as_typed_and_runs_nothing(page, address, shakespeare):
    open_step(page, address, AWKWARD, lines="true", unit=2, step=8)
    read = shakespeare.encode(AWKWARD)
    shown = tokens(page).all_text_contents()
    groups = read.groups.tolist()
    wanted = ["·" if step and groups[step] == groups[step - 1] else label for step, label in enumerate(read.labels)]
    assert shown == wanted
    assert page.locator(".stepper script, .stepper b b").count() == 0
    emoji = read.labels.index("🎭")
    assert tokens(page).nth(emoji + 1).get_attribute("aria-label") == "byte 2 of 4 of 🎭"
    tokens(page).nth(emoji + 1).click()
    at_step(page, emoji + 1)
    assert_numbers(page, wanted_numbers(shakespeare, AWKWARD, "layer0", 2, emoji + 1))
    tokens(page).nth(1).click()
    expect(page.locator(".prediction h3")).to_have_text("What comes after “a<”?")
    tokens(page).nth(emoji + 3).click()
    expect(page.locator(".prediction h3")).to_have_text(re.compile("␣🎭”"))  # once, though it is four steps
    expect(page.locator(".live")).to_contain_text("byte 4 of 4 of 🎭")


def test_the_strip_is_coloured_by_a_signal_of_the_unit(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=11)
    page.get_by_label("Colour by").select_option("forget")
    values = record(shakespeare, DEFAULT_TEXT).layers["layer0"]["forget"].sel(unit=11).to_numpy()
    stops = scale("forget", dark=False)
    for step in (0, 7, 30):
        level = np.rint(values[step] * 255) / 255
        channels = [
            np.interp(level, [at for at, _ in stops], [int(colour[k : k + 2], 16) for _, colour in stops])
            for k in (1, 3, 5)
        ]
        shown = tokens(page).nth(step).evaluate("(box) => getComputedStyle(box).backgroundColor")
        np.testing.assert_allclose([int(part) for part in re.findall(r"\d+", shown)], channels, atol=1)


def test_what_comes_next_is_what_the_model_says_and_how_it_changed(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, step=20)
    prediction = record(shakespeare, DEFAULT_TEXT).prediction
    wanted = expected_change(prediction).isel(step=20)
    labels = prediction["class"].to_numpy()
    rows = page.locator(".prediction tbody tr:not([hidden])").all()
    for row, rank in zip(rows[:8], range(8), strict=True):
        label, _, chance, change = row.locator("th, td").all_text_contents()
        assert label == labels[int(wanted["class_index"][rank])]
        probability, before = float(wanted["probability"][rank]), float(wanted["before"][rank])
        if "<" not in chance:
            assert abs(float(chance.rstrip(" %")) - 100 * probability) <= 0.5
        points = 100 * (probability - before)
        assert abs(float(change.replace("▲", "").replace("▼", "-").replace("±", "").replace(" ", "")) - points) <= 0.051
    bits = float(surprise(prediction)[20])
    assert f"{bits:.1f} bits" in page.locator(".surprise").text_content()
    came = page.locator(".prediction tr.came th")
    expect(came).to_have_text(DEFAULT_TEXT[21])
    assert cut_on_paper(page) == []


def test_trained_and_untrained_share_the_cursor(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=7, step=5)
    page.get_by_text("Beside the untrained model").click()
    expect(page.locator(".stepper article")).to_have_count(2)
    expect(page.get_by_role("heading", name="Shakespeare, byte by byte, before training")).to_be_visible()
    strip(page).focus()
    page.keyboard.press("ArrowRight")
    untrained = pretrained.untrained("shakespeare", device="cpu")
    for side, model in enumerate((shakespeare, untrained)):
        assert_numbers(page, wanted_numbers(model, DEFAULT_TEXT, "layer0", 7, 6), side=side)
    page.wait_for_url("**beside=true**")


def test_it_writes_on_and_steps_through_what_it_wrote(page, address, shakespeare, reader):
    open_step(page, address, "ROMEO: ", unit=4, step=2)
    button = page.get_by_role("button", name="Let it write")
    expect(button).to_be_disabled()
    page.get_by_role("button", name="Last step").click()
    page.get_by_label("Temperature").fill("0.5")
    page.get_by_label("Seed").fill("3")
    page.get_by_label("Speed").select_option("30")
    button.click()
    written = generate(shakespeare, "ROMEO: ", 100, temperature=0.5, seed=3)
    expect(tokens(page)).to_have_count(107)
    assert tokens(page).all_text_contents() == list(written.labels)
    assert page.locator(".token.written").count() == 100
    at_step(page, 106)  # it goes on stepping, to the end
    assert_numbers(page, wanted_numbers(shakespeare, written, "layer0", 4, 106))
    page.wait_for_url("**written=100**")
    other = reader.new_page()
    other.goto(page.evaluate("location.href"))
    expect(tokens(other)).to_have_count(107)
    other.close()
    button.click()  # and on
    expect(tokens(page)).to_have_count(207)
    longer = generate(shakespeare, "ROMEO: ", 200, temperature=0.5, seed=3)
    assert tokens(page).all_text_contents() == list(longer.labels)
    page.get_by_role("button", name="Last step").click()
    page.get_by_label("Seed").fill("4")
    button.click()  # another seed writes anew, from where the reader's own text ends
    expect(tokens(page).nth(50)).to_have_text(generate(shakespeare, "ROMEO: ", 100, temperature=0.5, seed=4).labels[50])
    expect(tokens(page)).to_have_count(107)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    live_values(page, 107)
    page.get_by_role("button", name="Remove the generated text").click()
    live_values(page, 7)


def test_two_tabs_do_not_disturb_one_another(page, address, reader):
    open_step(page, address, "first tab", step=3)
    other = reader.new_page()
    open_step(other, address, "the second", step=5)
    for tab, key, count in ((page, "ArrowRight", 2), (other, "ArrowLeft", 3)):
        strip(tab).focus()
        for _ in range(count):
            tab.keyboard.press(key)
    page.wait_for_url("**step=5**")
    at_step(page, 5)
    at_step(other, 2)
    assert "".join(tokens(page).all_text_contents()) == "first␣tab"
    assert "".join(tokens(other).all_text_contents()) == "the␣second"
    other.close()


def test_a_screen_reader_is_told_step_token_and_gates(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=7, step=8)
    strip(page).focus()
    page.keyboard.press("ArrowRight")
    layer = record(shakespeare, DEFAULT_TEXT).layers["layer0"].sel(unit=7, step=9)
    sentence = f"Step 10, space. Unit 7: input {float(layer['input']):.2f}, forget {float(layer['forget']):.2f}"
    expect(page.locator(".live")).to_contain_text(sentence)
    expect(page.locator(".live")).to_have_attribute("aria-live", "polite")
    assert strip(page).get_attribute("aria-activedescendant") == tokens(page).nth(9).get_attribute("id")


def test_a_long_wait_for_nothing_is_said_in_words(page: Page, address):
    page.goto(f"{address}/step?text=")
    expect(page.get_by_text("Type a text above")).to_be_visible()
    page.goto(
        f"{address}/step?text=abc&unit=9999&step=77&layer=layer9&written=x&seed=-4&temperature=nan&model={quote('<b>')}"
    )
    page.wait_for_selector(".stepper.whole")
    at_step(page, 0)


def test_fills_arrows_and_pixels_follow_the_numbers(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=7, step=20)
    layer = record(shakespeare, DEFAULT_TEXT).layers["layer0"].isel(step=20)
    drawn = page.locator(".stepper .diagram").evaluate(
        """(diagram) => ({
            fills: Object.fromEntries(['forget', 'input', 'output'].map((gate) =>
                [gate, Number(diagram.querySelector(`.gauge.${gate} .fill`).getAttribute('height'))])),
            pipes: Array.from(diagram.querySelectorAll('.pipe'), (pipe) => parseFloat(pipe.style.strokeWidth)),
            pixels: (() => {
                const canvas = diagram.querySelector("[aria-label='forget gate of all units']");
                return Array.from(canvas.getContext('2d').getImageData(0, 0, 1, canvas.height).data);
            })(),
        })"""
    )
    for gate, height in drawn["fills"].items():
        assert abs(height - 140 * float(layer[gate][7])) <= 0.01  # a full gauge is 140 high
    # In the order in which they are drawn the seventh pipe comes from the forget gate: 1 when shut, 10 when open.
    assert abs(drawn["pipes"][6] - (1 + 15 * 0.6 * float(layer["forget"][7]))) <= 0.01
    pixels = np.array(drawn["pixels"]).reshape(256, 4)[:, :3]
    stops = scale("forget", dark=False)
    level = np.rint(layer["forget"].to_numpy() * 255) / 255
    wanted = [
        np.interp(level, [at for at, _ in stops], [int(colour[k : k + 2], 16) for _, colour in stops])
        for k in (1, 3, 5)
    ]
    np.testing.assert_allclose(pixels, np.stack(wanted, axis=1), atol=1)


def test_fingers_step_jump_and_scrub(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_step(page, address, DEFAULT_TEXT, step=10)
    page.get_by_role("button", name="Step forward").tap()
    at_step(page, 11)
    tokens(page).nth(3).tap()
    at_step(page, 3)
    frame = page.locator(".miniature .frame").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 30.5 / len(DEFAULT_TEXT), box["y"] + 20)
    at_step(page, 30)
    assert (
        frame.evaluate("(one) => getComputedStyle(one).touchAction") == "pan-y"
    )  # a drag across scrubs, up and down scrolls
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_fades_for_those_who_want_no_motion(page, address, motion, moves):
    page.emulate_media(reduced_motion=motion)
    open_step(page, address, "still", step=1)
    lasting = page.locator(".stepper").evaluate(
        """(root) => {
            root.classList.add('loading');
            return Array.from(root.querySelectorAll('*'), (one) => getComputedStyle(one).transitionDuration);
        }"""
    )
    assert any(one != "0s" for one in lasting) == moves
