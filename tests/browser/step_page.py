"""Reading the Step page: its numbers, and what they must be."""

import re
import time
from functools import cache
from urllib.parse import quote

import numpy as np
import xarray as xr
from playwright.sync_api import Locator, Page, expect

from lstm_core import Intervention, Recording, SequenceModel, Tokens, record, signals_of, wiring
from lstm_core.analysis import preactivation_terms, previous

REST = 0.45  # seconds: from half a second without a step on, the page tells the server where it rests
TERMS = {
    "from_input": "input",
    "recurrent": "recurrent",
    "bias": "bias",
    "peephole": "peephole",
}  # as they are named there


def open_step(page: Page, address: str, text: str, **parameters: object) -> None:
    fields = "".join(f"&{name}={quote(str(value))}" for name, value in parameters.items())
    page.goto(f"{address}/step?text={quote(text)}{fields}")
    page.wait_for_selector(".stepper.whole")


def strip(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Text")


def tokens(page: Page) -> Locator:
    return strip(page).get_by_role("option")


def at_step(page: Page, step: int) -> None:
    """Does it show that step, counted from 0 as in a link? People are told it counted from 1."""
    expect(page.locator(".stepper .where")).to_have_text(re.compile(f"^{step + 1:,} of "))


def sent_while_stepping(page: Page, sent: list, steps: int) -> list:
    """What of `sent`, to which all that the page sends is added, comes while one steps on `steps` times from step 0?

    A machine that is busy may make a rest between two keys, of which the server is told: then it is tried once more.
    """
    assert sent  # that they would be seen
    for _ in range(20):
        while sent:  # nothing more follows once nothing has for two rests
            sent.clear()
            page.wait_for_timeout(2000 * REST)
        pressed = [time.monotonic()]
        for _ in range(steps):
            page.keyboard.press("ArrowRight")
            pressed.append(time.monotonic())
        at_step(page, steps)
        found = list(sent)
        pressed.append(time.monotonic())
        if max(later - one for one, later in zip(pressed, pressed[2:], strict=False)) < REST:
            return found
        page.keyboard.press("Home")
        at_step(page, 0)
    raise AssertionError("the machine is too busy to press keys without a rest")


def numbers(side: Locator) -> dict[str, float]:
    """All numbers of the arithmetic by their names; terms after the first carry their sign before them."""
    shown = side.evaluate(
        """(side) => Array.from(side.querySelectorAll('[data-number]'), (one) => {
            const before = one.closest('.term')?.previousSibling;
            const sign = before?.className === 'sign' ? before.textContent : '';
            return [one.dataset.number, sign.trim().replace('+', '') + one.textContent];
        })"""
    )
    return {name: float(text.strip("()").replace("−", "-")) for name, text in shown}


@cache
def recorded(model: SequenceModel, text: str, held: tuple[Intervention, ...] = ()) -> Recording:
    return record(model, text, interventions=held)


def wanted_numbers(
    model: SequenceModel,
    text: Tokens | str,
    layer_name: str,
    unit: int,
    step: int,
    held: tuple[Intervention, ...] = (),
) -> dict[str, float]:
    """What the arithmetic must say, from `record` and from the weights in float64."""
    read = model.encode(text)
    recording = recorded(model, text, held) if isinstance(text, str) else record(model, text)
    whole, cell = recording.layers[layer_name], model.config.cell(layer_name)
    wires = wiring(model, read, recording, layer_name)
    terms = preactivation_terms(whole, wires, unit, cell=cell).sel(step=step)
    now = whole.sel(unit=unit, step=step)
    found = {name: float(now[name]) for name in signals_of(whole)}
    for gate in wires["gate"].to_numpy().tolist():
        own: xr.DataArray = terms.sel(gate=gate)
        found[f"{gate}.sum"] = float(np.clip(own.sum(), -cell.clip, cell.clip) if cell.clip else own.sum())
        for term in own["term"].to_numpy().tolist():
            if term != "peephole" or gate != "candidate":
                found[f"{gate}.{TERMS[term]}"] = float(own.sel(term=term))
    return (
        found
        | (_mixed(found, whole, wires, unit, step, after=cell.reset_after) if cell.type == "GRU" else {})
        | (_remembered(found, whole, unit, step) if cell.type == "LSTM" else {})
    )


def _remembered(found: dict[str, float], whole: xr.Dataset, unit: int, step: int) -> dict[str, float]:
    """The numbers of an LSTM's equations of c and h."""
    again = {f"cell.{name}": found[name] for name in ("forget", "input", "candidate")}
    again["cell.before"] = float(previous(whole, "cell").sel(unit=unit, step=step))
    return again | {"hidden.output": found["output"], "hidden.cell": found["cell"]}


def _mixed(
    found: dict[str, float], whole: xr.Dataset, wires: xr.Dataset, unit: int, step: int, *, after: bool
) -> dict[str, float]:
    """The numbers of a GRU's equation of h, and what its reset gate is multiplied with."""
    before = previous(whole, "hidden").sel(step=step).to_numpy().astype(np.float64)
    again = {
        "hidden.candidate": found["candidate"],
        "hidden.update": found["update"],
        "hidden.rest": 1 - found["update"],
    }
    again["hidden.before"] = before[unit]
    if after:
        own = wires.sel(gate="candidate", unit=unit)
        again["candidate.reset"] = found["reset"]
        again["candidate.recurrent"] = float(own["weight_hh"].to_numpy().astype(np.float64) @ before)
        again["candidate.recurrentBias"] = float(own["recurrent_bias"])
    return again


def assert_numbers(page: Page, wanted: dict[str, float], *, side: int = 0) -> None:
    """Every number of the arithmetic, to its three digits, and those in the drawing, to their two."""
    article = page.locator(".stepper article").nth(side)
    found = numbers(article)
    assert set(found) == set(wanted)
    np.testing.assert_allclose(
        [found[name] for name in wanted], list(wanted.values()), atol=0.5e-3 + 2e-6, err_msg=str(list(wanted))
    )
    for name in {one.removesuffix(".sum") for one in wanted if one.endswith(".sum")}:
        drawn = article.locator(f".gauge.{name} .number").text_content().replace("−", "-")
        assert abs(float(drawn) - wanted[name]) <= 0.5e-2 + 2e-6, name
