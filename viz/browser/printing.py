"""Pages on paper: a style sheet for print, and what it needs to know about each figure."""

from pathlib import Path

import streamlit as st

from viz.browser.component import component

__all__ = ["printable"]

HERE = Path(__file__).parent
STYLE = HERE / "print.css"

_component = component("printing", HERE)


def printable() -> None:
    """Make the page printable: figures as wide as the paper, no buttons, the colours of the screen."""
    st.html(STYLE)
    _component(key="printing", data={}, height="content")
