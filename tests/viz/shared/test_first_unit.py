"""The unit that pages show first is the one that the hint above them speaks of."""

import re

import pytest

import pretrained
from lstm_core import record
from lstm_core.analysis import most_varying, timescale
from pretrained.hints import HINTS
from tests.support.apps import begun, opened
from viz.memory.sections import longest
from viz.shared import controls
from viz.step import component


def headers(app) -> str:
    return " ".join(one.value for one in app.header)


@pytest.mark.parametrize("name", ["anbn", "embedded_reber", "shakespeare"])
def test_explore_opens_on_the_unit_of_the_hint(name):
    hint = HINTS[name]
    app = opened(model=name)
    assert not app.exception
    assert any(hint.text in caption.value for caption in app.caption)
    assert f"Unit {hint.unit}, step by step" in headers(app)
    assert app.number_input(key="widget:unit:").placeholder == f"named above: {hint.unit}"
    assert app.session_state["unit"] is None  # a link without a unit stays one


def test_step_opens_on_it_too(monkeypatch):
    app, shown = opened(model="anbn"), []
    monkeypatch.setenv("GATESCOPE_LIVE_MEGABYTES", "16")
    monkeypatch.setattr(component, "live_stepper", lambda header, facts, *_: shown.append((header, facts)))
    app.switch_page("viz/step/page.py").run()
    assert not app.exception
    ((header, facts),) = shown
    assert (header["options"]["unit"], header["options"]["step"]) == (None, None)  # a link without them stays one
    assert facts[header["models"][0]]()["unit"] == HINTS["anbn"].unit == 0  # and the browser takes the hint's


def test_step_opens_on_it_too_where_the_server_reads(monkeypatch):
    monkeypatch.setenv("GATESCOPE_LIVE_MEGABYTES", "0")
    app, places, choose = opened(model="anbn"), [], controls.choose_place
    monkeypatch.setattr(controls, "choose_place", lambda *of: places.append(choose(*of)) or places[-1])
    app.switch_page("viz/step/page.py").run()
    assert not app.exception
    assert places == [(0, None)]


def test_a_unit_that_the_reader_chose_stays():
    assert "Unit 3, step by step" in headers(opened(model="anbn", unit="3"))


@pytest.mark.usefixtures("with_odd_models")
def test_where_no_hint_names_a_unit_the_most_varying_is_shown():
    app = opened(model="opinions")
    assert not app.exception
    assert re.search(r"Unit \d+, step by step", headers(app))
    assert app.number_input(key="widget:unit:").placeholder == "most varying"


@pytest.mark.parametrize("name", ["anbn", "adding", "brackets", "embedded_reber"])
def test_memory_opens_on_it_where_it_remembers_long(name):
    app = begun("memory", model=name)
    assert not app.exception
    assert app.number_input(key="widget:unit:").placeholder == f"named above: {HINTS[name].unit}"


def test_memory_passes_over_one_that_does_not():
    model = pretrained.load("shakespeare", device="cpu")
    layer = record(model, "To be, or not to be").layers["layer0"]
    found, hinted = timescale(layer), HINTS["shakespeare"].unit
    assert longest(found, hinted=hinted) == longest(found) != hinted
    first = longest(found)
    assert longest(found, hinted=first) == first
    assert most_varying(layer["hidden"], 1)[0] != hinted
