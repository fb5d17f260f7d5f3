"""Garbage is collected when nobody waits, and not after each run of a page."""

import ctypes
import gc
import sys
from collections.abc import Callable
from typing import ClassVar

import pytest
from streamlit import config

from tests.support.apps import opened
from viz import launch
from viz.shared import garbage


@pytest.fixture
def collections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """The arguments of each collection that somebody asks for, once everything is loaded."""
    launch.load()
    asked: list[tuple[object, ...]] = []
    # Other tests of this process may have imported it; Streamlit then clears its session, which collects. The app never does.
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(gc, "collect", lambda *generation: asked.append(generation))
    return asked


def test_no_run_of_a_page_ends_with_a_collection(collections):
    assert config.get_option("runner.postScriptGC") is False
    app = opened(text="Hark")
    app.text_input(key="widget:text:line").set_value("who").run()
    assert not app.exception
    assert collections == []


class Clock:
    """A timer that rings when a test says so."""

    made: ClassVar[list["Clock"]] = []

    def __init__(self, seconds: float, ring: Callable[[], object]) -> None:
        self.seconds, self.ring, self.state = seconds, ring, ""
        self.made.append(self)

    def start(self) -> None:
        self.state = "running"

    def cancel(self) -> None:
        self.state = "cancelled"


def test_one_follows_when_the_last_run_is_long_ago(monkeypatch, collections):
    monkeypatch.setattr(garbage, "Timer", Clock)
    monkeypatch.setattr(garbage._Waiting, "timer", None)
    for _ in range(3):
        garbage.collect_when_idle()
    assert [(clock.seconds, clock.state) for clock in Clock.made] == [
        *[(garbage.IDLE, "cancelled")] * 2,
        (garbage.IDLE, "running"),
    ]
    Clock.made[-1].ring()
    assert collections == [()]


def test_where_the_system_cannot_give_memory_back_a_collection_is_all(monkeypatch, collections):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    garbage._collect()
    assert collections == [()]
