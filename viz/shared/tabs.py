"""The parts of a page below its first screen, behind tabs: only the open one is computed, drawn and sent."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from viz.browser.reveal import reveal
from viz.locale import _
from viz.shared import state

OPEN_TAB = "open-tab"  # the key of the tabs and of what the open one shows


def show_tab(tabs: Mapping[str, tuple[str, Callable[[], None]]], *, first: str | None = None) -> None:
    """Draw the open one of `tabs`: by the name that a link has, the title of each and what draws it.

    Open is what the reader or a link chose, or else `first`, by default the first of all. Streamlit's own tabs draw all of them
    at every run of the page, or keep the title, in the reader's language, as their value.
    """
    usual = first or next(iter(tabs))
    state.reset_unless("tab", tabs, default=usual)
    with st.container(key=OPEN_TAB):
        name = state.widget(
            st.segmented_control,
            "tab",
            _("More about this text"),
            list(tabs),
            required=True,
            format_func=lambda one: tabs[one][0],
            label_visibility="collapsed",
            on_change=partial(reveal, OPEN_TAB, framed=False),
        )
        if name == usual:
            st.session_state["tab"] = state.PARAMETERS["tab"].default  # a link need not say so
        tabs[name][1]()
