"""The address bar: a link restores what its sender saw.

Streamlit's own binding of widgets (`bind="query-params"`) loses what came by a link when the reader changes
pages, gives a widget that replaces another under its key the other's old value, and cannot leave out a text
that is too long for an address. So values live in the session, come from the address once, and are written
back by us.
"""

from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import streamlit as st

from viz.browser.component import component

LONGEST_TEXT = 45_000  # bytes of one value in an address; servers refuse addresses of more than 64 kB

_component = component("address", Path(__file__).parent)


@dataclass(frozen=True)
class Between:
    """All numbers from `low` to `high`, both included, as what a parameter may be."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high  # NaN is in none


@dataclass(frozen=True)
class Parameter:
    """One value that a link carries, declared once: its default, its kind, and what it may be."""

    default: object
    one: Callable[[str], object]  # a value as it stands in the address; ValueError for what is none
    several: bool = False
    allowed: Container[Any] | None = None  # None where it depends on the model, text or layer: `fits` is then told

    def read(self, values: list[str]) -> object:
        """What the address says under this parameter's name. Raises ValueError for what is not of its kind."""
        return [self.one(value) for value in values if value] if self.several else self.one(values[-1])

    def fits(self, value: Any, allowed: Container[Any] | None = None) -> bool:
        """Is it of this kind, and all of it among `allowed`, or else among what the parameter may always be?"""
        among = self.allowed if allowed is None else allowed
        if self.several != isinstance(value, list):
            return False
        return among is None or all(part in among for part in (value if self.several else [value]))


def text(default: str, allowed: Container[str] | None = None) -> Parameter:
    return Parameter(default, str, allowed=allowed)


def switch() -> Parameter:
    return Parameter(False, lambda value: value == "true")


def number(default: int | None = None, allowed: Container[int] | None = None) -> Parameter:
    return Parameter(default, int, allowed=allowed)


def decimal(default: float | None, allowed: Container[float] | None = None) -> Parameter:
    return Parameter(default, float, allowed=allowed)


def names(default: tuple[str, ...], allowed: Container[str] | None = None) -> Parameter:
    return Parameter(list(default), str, several=True, allowed=allowed)


def numbers() -> Parameter:
    return Parameter([], int, several=True)


def restore(parameters: dict[str, Parameter]) -> None:
    """Give every parameter its value in `st.session_state`: once per visit that of the address, else the default."""
    fresh = "address_read" not in st.session_state
    st.session_state["address_read"] = True
    for key, parameter in parameters.items():
        given = st.query_params.get_all(key) if fresh else []
        if given:
            with suppress(ValueError):  # no number: a slip in the address; the default is what they see
                st.session_state[key] = parameter.read(given)
        st.session_state.setdefault(key, parameter.default)


def publish(parameters: dict[str, Parameter], *, always: tuple[str, ...] = ()) -> bool:
    """Write all that is not as by default, and what is in `always`, into the address, beside what others have put there.

    False when a text was too long for that. What stands in the address is known to the browser alone: Streamlit tells
    a script nothing of `embed`.
    """
    fields, whole = [], True
    for key, parameter in parameters.items():
        value = st.session_state[key]
        if value == parameter.default and key not in always:
            continue
        values = value if isinstance(value, list) else [value]
        written = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
        if sum(len(quote_plus(one, errors="replace")) for one in written) > LONGEST_TEXT:
            whole = False
            continue
        fields += [(key, one) for one in written] or [(key, "")]
    data = {"ours": list(parameters), "written": urlencode(fields, errors="replace")}
    _component(key="address", data=data, height="content")
    return whole
