"""Step with every awkward layout: one unit, many, several layers, both ways; texts of one step and of 20,000."""

import pytest
from playwright.sync_api import expect

from benchmarks.browser import paste
from tests.browser.step_page import assert_numbers, at_step, open_step, recorded, strip, tokens, wanted_numbers
from tests.support import odd_models

LONG = "Now is the winter of our discontent made glorious summer by this sun of York. " * 300


@pytest.mark.parametrize(
    ("name", "layer", "unit"),
    [
        ("one unit", "layer0", 0),
        ("three layers", "layer0", 6),
        ("three layers", "layer2", 3),
        ("both ways", "layer1", 4),
    ],
)
def test_any_layer_of_any_model_shows_its_numbers(page, odd_address, name, layer, unit):
    open_step(page, odd_address, "Hark who", model=name, layer=layer, unit=unit, step=0)
    strip(page).focus()
    for step in (0, 1):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(odd_models.model(name), "Hark who", layer, unit, step))
        page.keyboard.press("ArrowRight")


def test_a_text_of_one_step(page, odd_address):
    open_step(page, odd_address, "x", model="one unit", beside="true")
    at_step(page, 0)
    for key in ("ArrowRight", "ArrowLeft", "End", "Space", "ArrowDown"):
        strip(page).press(key)
    at_step(page, 0)
    assert_numbers(page, wanted_numbers(odd_models.model("one unit"), "x", "layer0", 0, 0))
    assert_numbers(page, wanted_numbers(odd_models.model("one unit", seed=2), "x", "layer0", 0, 0), side=1)
    expect(page.get_by_text("Nothing was predicted for the first step").first).to_be_visible()


@pytest.mark.parametrize("layer", ["layer0_reverse", "layer1_reverse"])
def test_a_backward_layer_steps_from_the_right_and_says_so(page, odd_address, layer):
    open_step(page, odd_address, "Hark", model="both ways", layer=layer, unit=2)
    expect(page.get_by_text("This layer reads from right to left")).to_be_visible()
    at_step(page, 3)
    page.get_by_role("button", name="Last step").click()
    at_step(page, 0)
    page.wait_for_url("**step=0**")  # a link says which step, whichever way the layer reads
    page.get_by_role("button", name="First step").click()
    for step in (3, 2, 1):
        at_step(page, step)
        assert_numbers(page, wanted_numbers(odd_models.model("both ways"), "Hark", layer, 2, step))
        page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".arithmetic .earlier sub").first).to_have_text("t+1")
    page.get_by_label("Speed").select_option("30")
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="Play").click()
    at_step(page, 0)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    strip(page).press("ArrowRight")  # keys go the way their arrows point
    at_step(page, 1)
    expect(page.get_by_role("button", name="Let it write")).to_be_disabled()
    expect(page.get_by_text("it cannot continue a text")).to_be_visible()


def test_of_more_than_20_million_numbers_a_window_is_sent(page, odd_address):
    text = LONG[:4200]
    open_step(page, odd_address, "a", model="1024 units", lines="true", unit=1000)
    paste(page, text)
    expect(page.locator(".where")).to_contain_text("1 of 4,200")
    expect(page.get_by_text("The browser holds steps 1 to")).to_be_visible()
    model = odd_models.model("1024 units")
    assert_numbers(page, wanted_numbers(model, text, "layer0", 1000, 0))
    strip(page).press("End")
    at_step(page, 4199)
    expect(page.get_by_text("The browser holds steps")).to_contain_text("to 4,200 of 4,200; stepping beyond them")
    assert_numbers(page, wanted_numbers(model, text, "layer0", 1000, 4199))
    page.get_by_label("Step", exact=True).fill("2001")
    at_step(page, 2000)
    expect(page.locator(".stepper")).not_to_have_class("loading")
    wanted = wanted_numbers(model, text, "layer0", 1000, 2000)
    assert_numbers(page, wanted)
    start = int(page.get_by_text("The browser holds steps").text_content().split()[4].replace(",", "")) - 1
    tokens(page).nth(start).click()
    at_step(page, start)
    assert_numbers(page, wanted_numbers(model, text, "layer0", 1000, start))  # its h and c before come from outside


def test_play_goes_on_past_the_edge_of_a_window(page, odd_address):
    text = LONG[:4200]
    open_step(page, odd_address, "a", model="1024 units", lines="true", unit=1)
    paste(page, text)
    expect(page.locator(".where")).to_contain_text("1 of 4,200")
    strip(page).press("End")
    at_step(page, 4199)
    expect(page.get_by_text("The browser holds steps")).to_contain_text("to 4,200 of")
    page.get_by_label("Speed").select_option("30")
    page.get_by_role("button", name="Play").click()  # from the end: it begins at the first step, which is not there yet
    expect(page.get_by_text("The browser holds steps 1 to")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    edge = int(page.get_by_text("The browser holds steps").text_content().split()[6].replace(",", ""))
    page.get_by_label("Step", exact=True).fill(str(edge - 3))
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # the hand on the scrubber stops it
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("The browser holds steps")).not_to_contain_text("steps 1 to")
    expect(page.locator(".where")).not_to_contain_text(f"{edge:,} of")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    stood = page.get_by_label("Step", exact=True).input_value()
    assert int(stood) > edge
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_role("heading", name="What does an LSTM do while it reads?")).to_be_visible()
    expect(page.get_by_label("Step", exact=True)).to_have_value(str(int(stood) - 1))  # counted from 0 there


def test_the_stage_stays_in_sight_while_more_is_fetched(page, odd_address):
    open_step(page, odd_address, LONG[:1500], model="512 units", lines="true")
    page.evaluate(
        """() => {
            window.lowest = Infinity;
            const look = () => {
                const stage = document.querySelector('.st-key-stepper');
                window.lowest = Math.min(window.lowest, stage ? stage.getBoundingClientRect().height : 0);
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    page.get_by_text("Beside the untrained model").click()
    expect(page.locator(".stepper article")).to_have_count(2)
    assert page.evaluate("window.lowest") > 400


def test_20_000_steps_of_128_units_are_there_whole(page, odd_address):
    text = LONG[:20_000]
    open_step(page, odd_address, "a", model="128 units", lines="true", unit=5)
    paste(page, text)
    expect(page.locator(".where")).to_contain_text("1 of 20,000")
    strip(page).press("End")
    at_step(page, 19_999)
    expect(page.get_by_text("The browser holds")).to_be_hidden()
    model = odd_models.model("128 units")
    strip(page).press("PageUp")
    assert_numbers(page, wanted_numbers(model, text, "layer0", 5, 19_989))
    page.get_by_label("Step", exact=True).fill("12346")
    assert_numbers(page, wanted_numbers(model, text, "layer0", 5, 12_345))
    column = page.get_by_role("img", name="input gate of all units")
    column.scroll_into_view_if_needed()
    column.hover()
    unit, value = page.locator(".tip").text_content().split(": input gate ")
    layer = recorded(model, text).layers["layer0"]
    assert abs(float(value) - float(layer["input"][12_345, int(unit.split()[1])])) <= 0.5e-3 + 2e-6
