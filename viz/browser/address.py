"""The address bar: a link restores what its sender saw.

Streamlit's binding of widgets (`bind="query-params"`) loses the values of a link when the reader changes pages, gives a
widget that replaces another under the same key the old value, and cannot leave out a text that is too long for an
address. So values live in the session: they are read from the address once, and we write them back.
"""

from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import streamlit as st

from viz.browser.component import component

LONGEST_TEXT = 45_000  # bytes of one value in an address; servers refuse addresses beyond 64 kB

_component = component("address", Path(__file__).parent)


@dataclass(frozen=True)
class Between:
    """All numbers from `low` to `high`, both included: the values that a parameter may have."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high  # never NaN


@dataclass(frozen=True)
class Parameter:
    """One value of a link, declared once: its default, its kind, and the allowed values."""

    default: object
    one: Callable[[str], object]  # parses a value of the address; raises ValueError if it is not of the kind
    several: bool = False
    allowed: Container[Any] | None = None  # None if it depends on the model, text or layer: then pass it to `fits`

    def read(self, values: list[str]) -> object:
        """The value in the address under this parameter's name. Raises ValueError if it is not of its kind."""
        return [self.one(value) for value in values if value] if self.several else self.one(values[-1])

    def fits(self, value: Any, allowed: Container[Any] | None = None) -> bool:
        """Is it of this kind, and entirely among `allowed` or, without that, among the parameter's allowed values?"""
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
    """Give every parameter its value in `st.session_state`: from the address once per visit, or else the default."""
    fresh = "address_read" not in st.session_state
    st.session_state["address_read"] = True
    for key, parameter in parameters.items():
        given = st.query_params.get_all(key) if fresh else []
        if given:
            with suppress(ValueError):  # a typo in the address, such as a word for a number: keep the default
                st.session_state[key] = parameter.read(given)
        st.session_state.setdefault(key, parameter.default)


def publish(parameters: dict[str, Parameter], *, always: tuple[str, ...] = ()) -> bool:
    """Write all values that are not the default, and those in `always`, into the address; keep other parameters there.

    Returns False if a text is too long for that. Only the browser knows the whole address: Streamlit does not tell a
    script about `embed`.
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
