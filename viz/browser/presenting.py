"""Is the page presented on a projector? The browser says so: the address changes without a run of the page."""

import streamlit as st

__all__ = ["LARGER", "presenting", "set_presenting", "wide"]

KEY = "presenting"  # in the session
LARGER = 1.5  # times the usual type


def presenting() -> bool:
    """As the browser said last or, before it has said anything, as the link says."""
    return bool(st.session_state.get(KEY, st.query_params.get("present") == "1"))


def wide(usual: int, presented: int = 1200) -> int:
    """About how many pixels a figure has whose column is another while the page is presented."""
    return presented if presenting() else usual


def set_presenting(now: bool) -> None:
    st.session_state[KEY] = now
