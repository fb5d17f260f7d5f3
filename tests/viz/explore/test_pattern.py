"""Find this pattern, without a browser: what is marked, what is looked for, and what is found."""

from typing import Any
from urllib.parse import parse_qs

import pytest

import pretrained
from lstm_core.corpus import Condition
from tests.support.apps import begun
from viz.explore import pattern_section, pattern_view
from viz.explore.pattern_link import parsed, written
from viz.shared import places

ANBN = {"model": "anbn", "text": "SaaaaabbbbbT", "find": "true"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the section has drawn, run by run."""
    every: list[dict[str, Any]] = []
    monkeypatch.setattr(
        pattern_section,
        "draw_pattern",
        lambda marked, places, **more: every.append({"marked": marked, "places": places, **more}),
    )
    return every


def framed(one: dict[str, Any]) -> str:
    return "".join(one["tokens"][one["before"] : one["before"] + one["length"]])


def test_the_units_of_the_marked_steps_are_found_in_the_held_out_text_and_a_place_opens_as_a_text(drawn):
    app = begun("", **ANBN, span="1-6")
    assert not app.exception
    found = drawn[-1]
    assert framed(found["marked"]) == "aaaaa"
    assert all(all(row["on"][1:6]) for row in found["marked"]["rows"])
    best = found["places"][0]
    assert (framed(best), best["score"], best["begins"]) == ("aaaaa", 1.0, True)
    assert best["share"][1:6] == [1.0] * 5
    assert best["count"] == pretrained.units_text("anbn").count("SaaaaabbbbbT")
    assert found["after"][0][0] == "b"
    assert len({(*one["tokens"], one["before"], one["length"]) for one in found["places"]}) == len(found["places"])
    # The address of a place that reads otherwise has that text, and the same units are looked for in it.
    other = next(one for one in found["places"] if one["text"] != ANBN["text"])
    link = {key: values[0] for key, values in parse_qs(pattern_view._link(found["link"], other)[1:]).items()}
    again = begun("", **link)
    assert not again.exception
    assert again.session_state["text"] == other["text"]
    assert framed(drawn[-1]["marked"]) == framed(other)
    assert drawn[-1]["link"] == found["link"]
    assert drawn[-1]["places"] == found["places"] or drawn[-1]["marked"]["length"] != found["marked"]["length"]


def test_the_slider_marks_and_units_of_a_link_are_looked_for_until_it_does(drawn):
    app = begun("", **ANBN, span="1-6", pattern="1 forget above 0.5,99 cell above 0,1 smell above 0")
    assert [row["label"] for row in drawn[-1]["marked"]["rows"]] == ["unit 1: f > 0.5"]
    app.slider(key="pattern-span").set_range(7, 11).run()
    assert not app.exception
    assert app.session_state["span"] == "6-11"
    assert app.session_state["pattern"] == ""
    assert framed(drawn[-1]["marked"]) == "bbbbb"
    app.number_input(key="widget:pattern_threshold:").set_value(1e5).run()
    assert not app.exception
    assert "No unit is on throughout these steps" in app.info[0].value


def test_a_click_on_a_place_looks_for_the_same_units_in_its_text(monkeypatch):
    chosen: dict[str, object] = {}
    monkeypatch.setattr(places, "take", lambda text: chosen.update(text=text, pattern="", step=None))
    monkeypatch.setattr(places.state, "set_value", chosen.__setitem__)
    asked = {"pattern": "1 forget above 0.5", "pattern_signal": "forget", "pattern_ends": "before"}
    pattern_section._read(asked, {"text": "SaabbT", "span": (1, 3)})
    assert chosen == {**asked, "text": "SaabbT", "span": "1-3", "step": 2, "zoom": ""}


def test_steps_are_marked_and_what_is_missing_is_said_where_there_is_no_longer_text(drawn):
    app = begun("", **ANBN)
    assert not app.exception
    start, stop = map(int, app.session_state["span"].split("-"))
    assert 0 <= start < stop <= len(ANBN["text"])
    assert len(drawn) == 1
    untrained = begun("", **ANBN | {"model": "anbn (untrained)"})
    assert not untrained.exception
    assert "before training" in untrained.info[0].value


def test_a_link_restores_units_and_what_it_says_wrongly_is_left_out():
    every = (Condition(3, "cell", -0.25, "below"), Condition(0, "forget", 0.9), Condition(7, "hidden", when="rising"))
    signals = ("cell", "forget", "hidden")
    assert parsed(written(every), signals, 8) == every
    wrong = (
        "3,-1 cell above 0,8 cell above 0,1 cell near 0,1 cell above nan,1 cell above x,2 cell above 1,2 cell above 1"
    )
    assert parsed(wrong, signals, 8) == (Condition(2, "cell", 1.0),)
