"""Garbage is collected when nobody waits, and not after each run of a page."""

import ctypes
import gc
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from typing import ClassVar

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.caching import cache_data_api, cache_resource_api

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

    def is_alive(self) -> bool:
        return self.state == "running"


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


def test_a_server_that_is_never_idle_has_one_now_and_then(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(Clock, "made", [])
    monkeypatch.setattr(garbage, "Timer", Clock)
    monkeypatch.setattr(garbage, "monotonic", lambda: now[0])
    monkeypatch.setattr(garbage._Waiting, "timer", None)
    while now[0] < 100 + garbage.LATEST + 8:
        garbage.collect_when_idle()
        now[0] += 4  # always before IDLE is over
    assert [clock.state for clock in Clock.made[-2:]] == ["cancelled", "running"]
    last = Clock.made[-1]
    garbage.collect_when_idle()
    assert (Clock.made[-1], last.state) == (last, "running")  # this one will ring


@st.cache_resource(max_entries=2)
def resource(number: int) -> int:
    return number


@st.cache_data(max_entries=2)
def data(number: int) -> int:
    return number


def test_locks_of_values_that_are_gone_go():
    """Streamlit's caches, whose insides this looks into, keep one for every value that they ever made."""
    for cached, caches in ((resource, cache_resource_api._resource_caches), (data, cache_data_api._data_caches)):
        assert [cached(number) for number in range(40)] == list(range(40))
        [own] = [
            cache
            for some in caches._function_caches.values()
            for cache in some.values()
            if cache.display_name.endswith(f".{cached.__name__}") and len(cache._value_locks) == 40
        ]
        held = next(iter(own._value_locks.values()))
        with held:
            garbage._collect()
            assert list(own._value_locks.values()) == [held]
        garbage._collect()
        assert not own._value_locks
        assert [cached(number) for number in range(40)] == list(range(40))


MAPPED_ALONE = """
import ctypes, sys
if sys.argv[1:]:
    from viz.shared.garbage import fix_thresholds
    fix_thresholds()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def is_mapped(size):
    places = [libc.malloc(size) for _ in range(50)]  # what was freed before has room for some of them
    mark = ctypes.c_size_t.from_address(places[-1] - 8).value & 2  # in a chunk's head: it is mapped alone
    for place in places:
        libc.free(place)
    return bool(mark)
print([is_mapped(size << 19) for size in (48, 4, 1)])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc's allocator")
def test_what_is_large_goes_back_to_the_system_also_after_something_larger_did():
    """In processes of their own, for what a test before this one freed decides too where the next piece lies."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    for fixed, expected in (([], [True, False, False]), (["fixed"], [True, True, False])):
        ran = subprocess.run(
            [sys.executable, "-c", MAPPED_ALONE, *fixed], env=environment, capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == str(expected)


def test_where_the_system_cannot_give_memory_back_a_collection_is_all(monkeypatch, collections):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    garbage._collect()
    assert collections == [()]
