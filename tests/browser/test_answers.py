"""Explore and Step answer what a unit does, and why the model predicts what it predicts."""

import re

import numpy as np
import torch
from playwright.sync_api import Locator, Page, expect

import pretrained
from lstm_core import record
from lstm_core.analysis import token_shares
from tests.browser.reading import settled
from tests.browser.step_page import at_step, open_step, tokens
from viz.shared.examples import DEFAULT_TEXT

ROUNDED = 0.005  # by a number with two decimals, at most
STEP = 20


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def signed(value: float, sign: str) -> str:
    return f"{value:{sign}.2f}".replace("-", "−")


def bars(within: Locator) -> list[tuple[str, float]]:
    """What each row says, and its number; the last is the sum."""
    rows = within.locator(".terms li")
    return [(row.locator(".who").inner_text(), number(row.locator("b").inner_text())) for row in rows.all()]


def assert_sum(within: Locator, step: int) -> None:
    """The rows add up to the logit that Python finds for the likeliest class, and the largest terms are Python's."""
    model = pretrained.load("shakespeare", device="cpu")
    with torch.inference_mode():
        logits = model(model.inputs(model.encode(DEFAULT_TEXT)))[0][step].numpy()
    shown = bars(within)
    assert len(shown) == 13
    assert abs(shown[-1][1] - logits.max()) <= ROUNDED + 1e-4
    assert abs(sum(value for _, value in shown[:-1]) - shown[-1][1]) <= 13 * ROUNDED
    hidden = record(model, DEFAULT_TEXT).layers["layer0"]["hidden"].isel(step=step).to_numpy()
    products = model.readout.weight.detach().numpy()[logits.argmax()] * hidden
    largest = np.argsort(-np.abs(products))[:10]
    assert {name for name, _ in shown[:10]} == {f"unit {unit}" for unit in largest}
    for name, value in shown[:10]:
        assert abs(value - products[int(name.split()[1])]) <= ROUNDED + 1e-4
    share = np.exp(logits.max() - logits.max()) / np.exp(logits - logits.max()).sum()
    expect(within.locator(".total .how")).to_have_text(f"probability {share * 100:.0f} %")


def test_explore_says_why_a_token_is_predicted_and_a_bar_leads_to_its_unit(page: Page, address: str) -> None:
    page.goto(f"{address}/?step={STEP}")
    page.wait_for_selector(f'.explore-view[data-read="{len(DEFAULT_TEXT)}"]')
    settled(page)
    page.get_by_role("tab", name="Signals").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    tab = page.get_by_role("tab", name="Why this prediction?")
    expect(tab).to_be_focused()
    expect(tab).to_have_attribute("aria-selected", "true")
    panel = page.get_by_role("tabpanel")
    assert_sum(panel, STEP)
    first = panel.get_by_role("button").first
    unit = first.locator(".who").inner_text().split()[1]
    first.click()
    expect(page.get_by_label("Unit", exact=True)).to_have_value(unit)
    expect(first).to_have_attribute("aria-pressed", "true")
    menu = panel.get_by_label("Prediction that is explained")
    expect(menu.locator("option")).to_have_count(10)  # once nobody types
    other = menu.locator("option").nth(2).inner_text().split()[0]
    menu.select_option(index=2)
    expect(panel.locator(".meaning")).to_contain_text(f"“{other}”")
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("x")  # what is chosen stays while one types
    page.wait_for_selector(f'.explore-view[data-read="{len(DEFAULT_TEXT) + 1}"]')
    expect(panel.locator(".meaning")).to_contain_text(f"“{other}”")
    expect(tab).to_have_attribute("aria-selected", "true")
    page.wait_for_url("**Romeo%3Fx*")  # or the next page would begin with it
    expect(page).to_have_url(re.compile("card=because"))
    settled(page)


def test_explore_says_what_a_unit_does(page: Page, address: str) -> None:
    page.goto(f"{address}/?unit=118&card=does")
    page.wait_for_selector(f'.explore-view[data-read="{len(DEFAULT_TEXT)}"]')
    expect(page.get_by_role("tab", name="What does it do?")).to_have_attribute("aria-selected", "true")
    gates = page.get_by_role("tabpanel").locator(".gate-row")
    expect(gates).to_have_count(3)
    closed = gates.nth(2).locator(".tokens").nth(1).locator(".chip").first
    layer = record(pretrained.load("shakespeare", device="cpu"), DEFAULT_TEXT).layers["layer0"].sel(unit=118)
    mean = float(layer["output"][[one == " " for one in DEFAULT_TEXT]].mean())
    assert mean < 0.05
    expect(closed.locator("kbd")).to_have_text("␣")
    expect(closed).to_have_attribute("title", f"␣: mean {mean:.3f} over {DEFAULT_TEXT.count(' ')}")


def test_step_says_why_with_the_same_numbers(page: Page, address: str) -> None:
    open_step(page, address, DEFAULT_TEXT, unit=9, step=STEP, card="nothing")  # an unknown value asks for nothing
    settled(page)
    at_step(page, STEP)
    prediction = page.locator(".stepper .prediction")
    why = prediction.get_by_role("button", name="Why?")
    why.click()
    expect(why).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("card=because"))
    expect(prediction.locator("table.chances")).to_be_hidden()
    assert_sum(prediction, STEP)
    page.keyboard.press("ArrowRight")
    at_step(page, STEP + 1)
    assert_sum(prediction, STEP + 1)
    first = prediction.locator(".terms").get_by_role("button").first
    unit = first.locator(".who").inner_text().split()[1]
    first.click()
    expect(page.locator(".stepper .unit").first).to_have_value(unit)
    page.get_by_role("link", name="Explore").click()
    page.wait_for_selector(f'.explore-view[data-read="{len(DEFAULT_TEXT)}"]')
    expect(page.get_by_role("tab", name="Why this prediction?")).to_have_attribute("aria-selected", "true")
    page.get_by_role("link", name="Step", exact=True).click()
    page.wait_for_selector(".stepper.whole")
    expect(why).to_have_attribute("aria-pressed", "true")
    why.click()
    expect(prediction.locator("table.chances")).to_be_visible()


def test_who_said_it_follows_the_step_and_the_unit(page: Page, address: str) -> None:
    open_step(page, address, "Hark, who", step=5, unit=9)
    model = pretrained.load("shakespeare", device="cpu")
    recording = record(model, "Hark, who")
    likeliest = {step: str(recording.prediction["probability"].sel(step=step).idxmax().item()) for step in (5, 8)}
    assert likeliest[5] != likeliest[8]
    found = {step: token_shares(model, recording, step, label) for step, label in likeliest.items()}
    for step in (5, 8):
        tokens(page).nth(step).click()
        said = page.get_by_text(f"The logit of “{likeliest[step]}” is")
        expect(said).to_contain_text(f"is {signed(float(found[step]['value']), '')}: the characters")
    page.get_by_text("Unit 9 only").click()
    parts = found[8][["share", "initial", "remainder"]].sel(layer="layer0", unit=9)
    whole = signed(sum(float(part.sum()) for part in parts.data_vars.values()), "+")
    expect(page.get_by_text("Unit 9 adds")).to_contain_text(f"Unit 9 adds {whole} to the logit of “{likeliest[8]}”")
