"""After a click that promises something: scroll to it where it is outside of the window, and frame it for a moment."""

from pathlib import Path

import streamlit as st

from viz.browser.component import component

__all__ = ["reveal", "reveal_asked"]

ASKED, COUNT = "to_reveal", "revealed"  # in the session: what is to be shown, and how often something was

_component = component("reveal", Path(__file__).parent)


def reveal(key: str, *, framed: bool = True) -> None:
    """Let the browser show the element or container of that key once the page, or the one that follows, is drawn."""
    st.session_state[ASKED] = (key, framed)


def reveal_asked() -> None:
    """What every page calls last."""
    if ASKED not in st.session_state:
        return
    key, framed = st.session_state.pop(ASKED)
    number = st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1
    _component(key="reveal", data={"place": key, "framed": framed, "number": number}, height="content")
