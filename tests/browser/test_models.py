"""The page Models, and the menu that has the same models."""

from playwright.sync_api import expect

from tests.browser.reading import choose, expect_chosen, live_values, settled


def test_a_card_opens_its_model_and_the_menu_switches_it_to_before_training(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/models")
    expect(page.get_by_role("heading", level=3)).to_have_count(11)  # "tiny" is the reader's own
    settled(page)
    expect(page).to_have_title("Models · Gatescope")
    pictures = page.locator('[data-testid="stImage"] img')
    expect(pictures).to_have_count(11)
    assert all(pictures.evaluate_all("(found) => found.map((one) => one.complete && one.naturalWidth > 0 && one.alt)"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".st-key-step-anbn button").click()
    page.wait_for_selector(".stepper.whole")
    expect(page).to_have_title("Step · Gatescope")
    expect_chosen(page, "anbn")

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}/?text=Hark&model=shakespeare%20(untrained)")
    switch = page.get_by_label("Before training")
    expect(switch).to_have_count(1)
    expect(switch).to_be_checked()
    expect_chosen(page, "shakespeare")
    live_values(page, 4)
    settled(page)
    choose(page, "python")  # before training too
    expect(page.locator(".explore-view:not(.loading)")).to_have_attribute("data-model", "python (untrained)")
    switch.uncheck()
    expect(page.locator(".explore-view:not(.loading)")).to_have_attribute("data-model", "python")
    page.wait_for_url("**model=python&**")
    expect_chosen(page, "python")
