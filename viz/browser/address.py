"""The address bar: a link restores what its sender saw.

Streamlit's own binding of widgets (`bind="query-params"`) loses what came by a link when the reader changes
pages, gives a widget that replaces another under its key the other's old value, and cannot leave out a text
that is too long for an address. So values live in the session, come from the address once, and are written
back by us.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import streamlit as st

from viz.browser.component import component

LONGEST_TEXT = 45_000  # bytes of one value in an address; servers refuse addresses of more than 64 kB

_component = component("address", Path(__file__).parent)


@dataclass(frozen=True)
class Parameter:
    """One value that a link carries: how it is read from the address, and what it is where none stands there."""

    default: object
    read: Callable[[list[str]], object]


def text(default: str) -> Parameter:
    return Parameter(default, lambda values: values[-1])


def switch() -> Parameter:
    return Parameter(False, lambda values: values[-1] == "true")


def number(default: int | None = None) -> Parameter:
    return Parameter(default, lambda values: int(values[-1]))


def decimal(default: float | None) -> Parameter:
    return Parameter(default, lambda values: float(values[-1]))


def names(default: tuple[str, ...]) -> Parameter:
    return Parameter(list(default), lambda values: [value for value in values if value])


def numbers() -> Parameter:
    return Parameter([], lambda values: [int(value) for value in values if value])


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
