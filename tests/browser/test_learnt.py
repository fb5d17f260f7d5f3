"""How training changed the gates, in a real browser: every checkpoint's pixels, playing, and a link to one of them."""

from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from lstm_core import SequenceModel, model_files, record, training_checkpoints
from tests.browser.reading import open_tab, settled
from tests.support.tiny import STEPS
from viz.theme import limits, scale

TEXT = "<b>sea</b> shells é"


def open_film(page: Page, address: str, **parameters: object) -> Locator:
    fields = "".join(f"&{name}={quote(str(value))}" for name, value in parameters.items())
    page.goto(f"{address}/compare?model=tiny&sort=index&text={quote(TEXT)}{fields}")
    page.wait_for_selector(".film .frame canvas")
    settled(page)
    return page.get_by_label("Training step", exact=True)


def status(page: Page) -> Locator:
    return page.locator(".film .status")


def pixels(page: Page, signal: int = 0) -> np.ndarray:
    """The colours (unit, step, rgb) of one heatmap."""
    found = (
        page.locator(".film .frame canvas")
        .nth(signal)
        .evaluate(
            """(canvas) => [canvas.height, canvas.width,
            Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)]"""
        )
    )
    height, width, data = found
    return np.array(data).reshape(height, width, 4)[:, :, :3]


def colours(values: np.ndarray, name: str, reach: tuple[float, float]) -> np.ndarray:
    """What colour each value has: the scale of viz/theme.py, interpolated."""
    stops = scale(name, dark=False)
    at = (values - reach[0]) / (reach[1] - reach[0])
    parts = [[int(colour[start : start + 2], 16) for _, colour in stops] for start in (1, 3, 5)]
    return np.stack([np.interp(at, [place for place, _ in stops], part) for part in parts], axis=-1)


@pytest.fixture(scope="module")
def moments(tiny) -> dict[int, SequenceModel]:
    """The model as it was at each of its checkpoints."""
    config = model_files.load(tiny, device="cpu").config
    return {
        checkpoint.step: training_checkpoints.load_checkpoint(checkpoint, config)
        for checkpoint in training_checkpoints.checkpoints(tiny)
    }


def test_the_slider_shows_the_gates_of_each_checkpoint(page, address, tiny, moments):
    slider = open_film(page, address)
    losses = {checkpoint.step: checkpoint.loss for checkpoint in training_checkpoints.checkpoints(tiny)}
    expect(status(page)).to_contain_text("step 10 of 10")
    seen = []
    for at, step in enumerate(STEPS):
        slider.fill(str(at))
        expect(status(page)).to_contain_text(f"step {step} of 10 · loss {losses[step] / np.log(2):.3f}")
        assert slider.get_attribute("aria-valuetext") == f"{step} of 10"
        wanted = record(moments[step], TEXT).layers["layer0"]["forget"].transpose("unit", "step").to_numpy()
        seen.append(pixels(page))
        # Half a level of 255, where a channel changes by less than two a level.
        np.testing.assert_allclose(seen[-1], colours(wanted, "forget", limits("forget")), atol=2)
    assert np.abs(seen[0].astype(int) - seen[-1]).max() > 20
    assert "bits per character" in status(page).text_content()
    page.locator(".film .frame").hover(position={"x": 1, "y": 1})
    forget = record(moments[10], TEXT).layers["layer0"]["forget"]
    expect(page.locator(".film .tip")).to_have_text(f"unit 0, step 0 <: forget gate {float(forget[0, 0]):.2f}")


def test_all_six_signals_share_one_scale_of_the_cell_state(page, address, moments):
    slider = open_film(page, address, signal="all six")
    slider.fill("3")
    expect(status(page)).to_contain_text("step 4 of 10")
    expect(page.locator(".film .panel")).to_have_count(6)
    recorded = {step: record(model, TEXT).layers["layer0"] for step, model in moments.items()}
    reach = limits("cell", *(layer["cell"] for layer in recorded.values()))
    for at, name in ((3, "candidate"), (4, "cell"), (5, "hidden")):
        wanted = recorded[4][name].transpose("unit", "step").to_numpy()
        ends = reach if name == "cell" else (-1.0, 1.0)
        np.testing.assert_allclose(pixels(page, at), colours(np.clip(wanted, *ends), name, ends), atol=3)


def test_it_plays_and_a_link_leads_to_the_step(page, address):
    slider = open_film(page, address)
    slider.press("Home")
    expect(status(page)).to_contain_text("step 0 of 10")
    page.wait_for_url("**training_step=0**")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(status(page)).to_contain_text("step 10 of 10")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.wait_for_function("() => !location.search.includes('training_step')")  # the last is what a link shows anyway
    slider.press("ArrowLeft")
    expect(status(page)).to_contain_text("step 8 of 10")
    page.wait_for_url("**training_step=8**")
    settled(page)
    link, shown = page.url, pixels(page)
    page.goto("about:blank")
    page.goto(link)
    expect(status(page)).to_contain_text("step 8 of 10")
    np.testing.assert_array_equal(pixels(page), shown)
    slider.press("Space")
    expect(status(page)).to_contain_text("step 10 of 10")


def test_the_heatmap_of_learning_holds_the_numbers_of_the_chosen_gate(page, address, moments):
    open_film(page, address, gate="output")
    open_tab(page, "Each unit's gate during training")
    page.wait_for_selector(".st-key-learning .heatmaplayer image")
    settled(page)
    found = page.evaluate(
        """() => Object.fromEntries(document.querySelector('.st-key-learning .js-plotly-plot')._fullData
            .map((one) => [one.name, { x: one.x, ends: [one.zmin, one.zmax], z: Array.from(one.z, (row) => Array.from(row)) }]))"""
    )
    gates = [record(moments[step], TEXT).layers["layer0"]["output"].to_numpy() for step in STEPS]
    wanted = {
        "mean": [gate.mean(axis=0) for gate in gates],
        "shut": [(gate < 0.1).mean(axis=0) for gate in gates],
        "open": [(gate > 0.9).mean(axis=0) for gate in gates],
    }
    for name, columns in wanted.items():
        assert found[name]["x"] == [str(step) for step in STEPS]
        assert found[name]["ends"] == [0, 1]
        np.testing.assert_allclose(found[name]["z"], np.array(columns).T, atol=1e-6)
