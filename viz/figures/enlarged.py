"""A figure for a projector: everything in it that is measured in pixels is larger, and no more stands in it than has room."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["as_wide", "enlarge", "enlarged"]

_by = ContextVar("enlarged", default=1.0)
# Of layouts and traces, by name: what is measured in pixels. Heights are not among them: the page gives figures theirs.
PIXELS = frozenset(
    ("size", "thickness", "xpad", "ypad", "ticklen", "xshift", "yshift", "xgap", "ygap", "standoff", "itemwidth")
)
SIDES = {"margin": frozenset("tblr"), "pad": frozenset("tblr"), "line": frozenset(("width",))}


@contextmanager
def enlarged(by: float) -> Iterator[None]:
    """In this block figures are drawn so many times larger than in their functions."""
    before = _by.set(by)
    try:
        yield
    finally:
        _by.reset(before)


def as_wide(pixels: float) -> float:
    """How many of the pixels in which a figure is drawn are as wide as so many of the page's?"""
    return pixels / _by.get()


def enlarge(specified: dict[str, Any]) -> dict[str, Any]:
    """Data and layout, as Plotly's JSON has them, in the pixels of the page."""
    by = _by.get()
    return specified if by == 1 else _times(specified, by, frozenset())


def _times(value: Any, by: float, sides: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            name: one * by
            if isinstance(one, int | float) and not isinstance(one, bool) and (name in PIXELS or name in sides)
            else _times(one, by, SIDES.get(name, frozenset()))
            for name, one in value.items()
        }
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        return [_times(one, by, sides) for one in value]
    return value
