"""Step reads what is typed in the browser itself: at every key, without the server, as a field of text should."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import pretrained
from lstm_core import Intervention, record
from tests.browser.reading import frames_sent, settled
from tests.browser.step_page import assert_numbers, at_step, open_step, strip, tokens, wanted_numbers
from tests.support import odd_models
from viz.shared.examples import DEFAULT_TEXT

LONG = (
    DEFAULT_TEXT
    + " Deny thy father and refuse thy name; or, if thou wilt not, be but sworn my love, and I'll no longer be a Capulet. "
    * 2
)
LONGEST = 19  # a step after which ten predictions are listed
REST = 2000  # ms: four rests, so that all that follows a rest has come


@pytest.fixture(scope="module")
def shakespeare():
    return pretrained.load("shakespeare", device="cpu")


def field(page: Page) -> Locator:
    return page.locator(".stepper textarea")


def caret(page: Page) -> int:
    return field(page).evaluate("(box) => box.selectionStart")


def test_typing_is_read_at_every_key_and_the_server_hears_of_it_once(page, address, shakespeare):
    sent = frames_sent(page)
    open_step(page, address, "Hark", unit=9)
    settled(page)
    at_step(page, 0)  # a fresh visit begins where the text does
    page.wait_for_timeout(REST)
    field(page).click()
    page.keyboard.press("End")
    sent.clear()
    field(page).evaluate(
        """(box) => {
            window.frames = [];
            box.addEventListener('input', () => requestAnimationFrame(() =>
                window.frames.push(box.closest('.stepper').querySelectorAll('.token').length)));
        }"""
    )
    page.keyboard.type(", who", delay=60)
    at_step(page, 8)
    assert sent == []  # nothing was asked while one typed
    assert page.evaluate("window.frames") == [5, 6, 7, 8, 9]  # each key was seen in its frame
    assert_numbers(page, wanted_numbers(shakespeare, "Hark, who", "layer0", 9, 8))
    page.wait_for_url("**text=Hark%2C+who&unit=9&step=8**")
    page.wait_for_timeout(REST)
    assert sent.count("frame") == 1
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("xy")
    at_step(page, 5)  # the letter that was typed last
    assert caret(page) == 6
    assert field(page).input_value() == "Harkxy, who"
    assert_numbers(page, wanted_numbers(shakespeare, "Harkxy, who", "layer0", 9, 5))
    page.wait_for_url("**text=Harkxy%2C+who**")
    settled(page)
    assert caret(page) == 6  # the answer does not move it
    page.keyboard.press("Backspace")
    at_step(page, 4)
    page.keyboard.press("Control+z")
    expect(field(page)).to_have_value("Harkxy, who")
    at_step(page, 5)


def test_no_key_is_lost_while_answers_come(page, address):
    page.goto(f"{address}/step?text=")
    expect(page.get_by_text("Type a text above")).to_be_visible()
    field(page).click()
    written = "now is the winter of our discontent"
    for part in re.findall(r".{1,7}", written):
        page.keyboard.type(part, delay=15)
        page.wait_for_timeout(560)  # just enough of a rest for an answer to come while one goes on
    expect(field(page)).to_have_value(written)
    expect(tokens(page)).to_have_count(len(written))
    assert caret(page) == len(written)
    expect(page.get_by_text("Type a text above")).to_be_hidden()
    field(page).fill("")
    expect(page.get_by_text("Type a text above")).to_be_visible()
    expect(page.locator(".stepper .sides")).to_be_hidden()


def test_what_is_being_typed_outlives_a_reload(page, address):
    open_step(page, address, "Hark", unit=9)
    field(page).click()
    page.keyboard.press("End")
    page.keyboard.type(" who", delay=20)
    page.wait_for_url("**text=Hark+who**")  # before the server has heard of it
    page.reload()
    page.wait_for_selector(".stepper.whole")
    expect(field(page)).to_have_value("Hark who")
    at_step(page, 7)


def test_input_methods_compose_in_it(page, address, shakespeare):
    open_step(page, address, "ab", unit=9)
    field(page).click()
    page.keyboard.press("End")
    session = page.context.new_cdp_session(page)
    for composed in ("n", "に", "にほ"):
        session.send(
            "Input.imeSetComposition",
            {"selectionStart": len(composed), "selectionEnd": len(composed), "text": composed},
        )
    expect(tokens(page)).to_have_count(2 + 6)  # bytes: seen while it is composed
    page.wait_for_timeout(1000)
    assert "text=ab&" in page.url + "&"  # and not told, however long it takes
    session.send("Input.insertText", {"text": "日本"})
    expect(field(page)).to_have_value("ab日本")
    page.wait_for_url("**text=ab%E6%97%A5%E6%9C%AC**")
    expect(field(page)).to_have_value("ab日本")
    at_step(page, 7)
    assert_numbers(page, wanted_numbers(shakespeare, "ab日本", "layer0", 9, 7))
    session.detach()


def test_of_what_a_model_does_not_know_the_rest_is_read(page, odd_live_address):
    open_step(page, odd_live_address, "SaabbT", model="grammar", unit=2)
    field(page).click()
    page.keyboard.press("End")
    page.keyboard.type("x")
    expect(tokens(page)).to_have_count(6)  # the last picture stays
    expect(
        page.get_by_text("1 of 7 characters is not in this model's vocabulary, so it is not read: x")
    ).to_be_visible()
    expect(field(page)).to_have_value("SaabbTx")
    field(page).fill("xyz")
    expect(page.get_by_text("“grammar” cannot read this text:")).to_be_visible()
    page.get_by_role("button", name="Take an example").click()
    expect(field(page)).to_have_value("SaaabbbT")
    expect(page.get_by_text("cannot read this text")).to_be_hidden()
    expect(tokens(page)).to_have_count(8)


@pytest.mark.parametrize(
    ("name", "layer", "text"),
    [
        ("both ways", "layer1_reverse", "Hark"),
        ("opinions", "layer0", "it is too long ."),
        ("weather", "layer0", "6.7 5.9"),
    ],
)
def test_every_kind_of_model_reads_what_is_typed(page, odd_live_address, name, layer, text):
    open_step(page, odd_live_address, text, model=name, layer=layer, unit=2)
    more = {"both ways": "!", "opinions": " terrible", "weather": " 8.1"}[name]
    field(page).click()
    page.keyboard.press("End")
    page.keyboard.type(more)
    model = odd_models.model(name)
    last = len(model.encode(text + more)) - 1
    at_step(page, last)
    for _ in range(2):
        assert_numbers(page, wanted_numbers(model, text + more, layer, 2, last))
        strip(page).press("ArrowLeft")
        last -= 1


def test_a_text_too_long_for_the_browser_goes_by_the_server_and_back(page, address):
    open_step(page, address, "Hark", unit=9)
    box = field(page)
    box.fill("Hark " * 900)
    expect(page.get_by_text("too long for the browser")).to_be_visible()
    expect(page.locator(".where")).to_contain_text("of 4,500")
    expect(box).to_be_hidden()
    page.get_by_label("Text", exact=True).first.fill("short")
    expect(box).to_be_visible()
    expect(box).to_have_value("short")
    expect(tokens(page)).to_have_count(5)


def test_arrow_keys_step_after_coming_by_the_navigation(page, address):
    page.goto(f"{address}/memory")
    settled(page)
    page.get_by_role("link", name="Step").click()
    page.wait_for_selector(".stepper.whole")
    at_step(page, 0)
    page.keyboard.press("ArrowRight")
    at_step(page, 1)
    expect(page.locator(".where")).to_have_text("2 of 49: U")
    field(page).click()
    page.keyboard.press("ArrowRight")  # there it moves the caret
    at_step(page, 1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_is_on_a_projector_without_scrolling(page, address, theme):
    page.emulate_media(color_scheme=theme)
    parts = (".typed", ".controls", ".strip", ".diagram svg", ".prediction", ".arithmetic .equations")
    for width, height, text in ((1280, 720, DEFAULT_TEXT), (1280, 720, LONG), (1366, 768, DEFAULT_TEXT)):
        page.set_viewport_size({"width": width, "height": height})
        open_step(page, address, text, step=LONGEST)
        expect(page.locator(".prediction tbody tr:not([hidden])")).to_have_count(10)
        settled(page)
        boxes = {part: page.locator(f".stepper {part}").first.bounding_box() for part in parts}
        for part, box in boxes.items():
            assert box["y"] >= 56, (part, box)  # below the navigation
            assert box["y"] + box["height"] <= height, (part, box)
            assert box["x"] + box["width"] <= width, (part, box)
        assert boxes[".diagram svg"]["x"] + boxes[".diagram svg"]["width"] <= boxes[".prediction"]["x"]


def test_on_a_phone_the_picture_comes_before_the_controls(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_step(page, address, DEFAULT_TEXT)
    diagram = page.locator(".stepper .diagram svg").bounding_box()
    assert diagram["y"] + diagram["height"] <= 844
    assert page.get_by_label("Model", exact=True).bounding_box()["y"] > diagram["y"] + diagram["height"]
    assert page.get_by_role("button", name="Step forward").bounding_box()["y"] > diagram["y"] + diagram["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def hold(page: Page, gate: str, to: str) -> None:
    """Drag a gate's level beyond the top of its gauge or below its bottom."""
    box = page.locator(f".gauge.{gate} .empty").bounding_box()
    x, y = box["x"] + 4, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + (-1 if to == "top" else 1) * box["height"], steps=6)
    page.mouse.up()


def test_a_gate_that_is_dragged_changes_this_step_and_all_that_follow(page, address, shakespeare):
    open_step(page, address, DEFAULT_TEXT, unit=118, step=19)
    before = wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, 19)
    hold(page, "forget", "top")
    once = (Intervention("layer0", "forget", 1.0, units=(118,), start=19, stop=20),)
    expect(page.locator(".held .words")).to_have_text(
        f"Forget gate of unit 118 held at 1.00 at step 20 (it was {before['forget']:.2f})"
    )
    for step in (19, 20, 30):
        page.get_by_label("Step", exact=True).fill(str(step + 1))
        at_step(page, step)
        assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, step, once))
    page.get_by_role("button", name="from here on").click()
    onwards = (Intervention("layer0", "forget", 1.0, units=(118,), start=19),)
    assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, 30, onwards))
    gauge = page.get_by_role("slider", name="Hold the input gate")
    gauge.focus()
    page.keyboard.press("Home")  # another one, by a key: closed
    expect(page.locator(".held .words")).to_contain_text("Input gate of unit 118 held at 0.00 from step 31 on")
    both = (*onwards, Intervention("layer0", "input", 0.0, units=(118,), start=30))
    assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, 30, both))
    old = wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, 30)
    shown = page.locator(".equation.cell .was").text_content().replace("−", "-")
    assert abs(float(shown) - old["cell"]) <= 0.5e-3 + 2e-6
    strip(page).press("End")
    last = len(DEFAULT_TEXT) - 1
    at_step(page, last)
    assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, last, both))
    changed, plain = (record(shakespeare, DEFAULT_TEXT, interventions=one).prediction for one in (both, ()))
    best = int(np.argmax(changed["probability"].to_numpy()[last]))
    label, _, chance, moved = page.locator(".prediction tbody tr").first.locator("th, td").all_text_contents()
    assert label == changed["class"].to_numpy()[best]
    assert abs(float(chance.rstrip(" %")) - 100 * float(changed["probability"][last, best])) <= 0.5
    points = 100 * float(changed["probability"][last, best] - plain["probability"][last, best])
    assert abs(float(re.sub(r"[▲± ]", "", moved).replace("▼", "-")) - points) <= 0.051
    assert page.locator(".token.moved").count() > 10
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(page.locator(".held")).to_be_hidden()
    assert_numbers(page, wanted_numbers(shakespeare, DEFAULT_TEXT, "layer0", 118, last))
    assert page.locator(".token.moved").count() == 0


@pytest.mark.parametrize(
    ("name", "layer", "gate"), [("gru", "layer0", "update"), ("both ways", "layer0_reverse", "forget")]
)
def test_what_is_held_goes_on_as_the_layer_reads(page, odd_live_address, name, layer, gate):
    open_step(page, odd_live_address, "Hark who", model=name, layer=layer, unit=2, step=4)
    hold(page, gate, "bottom")
    model = odd_models.model(name)
    where = {"start": 4, "stop": 5}
    for scope in ("this step only", "from here on"):
        page.get_by_role("button", name=scope).click()
        held = (Intervention(layer, gate, 0.0, units=(2,), **where),)
        for step in (2, 4, 6):
            tokens(page).nth(step).click()
            at_step(page, step)
            assert_numbers(page, wanted_numbers(model, "Hark who", layer, 2, step, held))
        where = {"start": 0, "stop": 5} if layer.endswith("reverse") else {"start": 4}


def test_units_without_numbers_are_counted(page, odd_live_address):
    open_step(page, odd_live_address, "Hark who", model="no numbers")
    expect(page.locator(".note")).to_contain_text("Values of 6 of 6 units are not numbers (NaN or infinite)")
    page.get_by_role("button", name="Last step").click()
    expect(page.get_by_text("The prediction is not a number")).to_be_visible()


def test_the_first_unit_is_the_one_that_varies_most(page, odd_live_address):
    open_step(page, odd_live_address, "Hark who", model="gru")
    hidden = record(odd_models.model("gru"), "Hark who").layers["layer0"]["hidden"].to_numpy()
    expect(page.get_by_label("Unit", exact=True)).to_have_value(str(int(np.argmax(hidden.std(0)))))
