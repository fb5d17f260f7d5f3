"""The head of a page in two lines: its question, the model and the text. What takes longer to read opens on a click."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from viz.locale import _
from viz.shared.finding_picker import about_finding, offer_findings
from viz.shared.findings import findings_on
from viz.shared.passage import Passage
from viz.shared.text_controls import (
    about_model,
    choose_example,
    choose_lines,
    choose_model,
    choose_passage,
    warn_of_model,
)

# On a projector's 1280 x 720 pixels the picture begins above the 260th pixel and ends above the 720th.
STYLE = """<style>
.stMainBlockContainer { padding: 3.9rem clamp(1rem, 2vw, 3rem) 2rem; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.5rem; }
.stMainBlockContainer .stElementContainer:has(> .stHtml) { display: none; }
.st-key-page-head h1 { padding: 0; font-size: 1.05rem; line-height: 1.3; white-space: nowrap; }
.st-key-page-head, .st-key-page-controls { gap: 0.5rem 0.75rem; }
.st-key-page-controls label p { font-size: 0.8rem; }
</style>"""
WIDE = 200  # pixels of a menu


def page_head(title: str, *, page: str = "", explain: Callable[[], None] | None = None) -> tuple[str, Passage]:
    """The title, "Model", "Example", the findings of `page`, "Several lines" and "Text": the model's name, and its passage.

    `explain` draws what the page is about: the idea, its equation. It waits behind "What is this?", beside what the model
    reads.
    """
    st.html(STYLE)
    with st.container(key="page-head", horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        with st.container(width=WIDE):
            model_name = choose_model(labelled=False)
        with st.container(width=WIDE):
            choose_example(model_name, labelled=False)
        if findings_on(page):
            with st.popover(_("Look for this"), icon=":material/visibility:"):
                offer_findings(page)
        with st.popover(_("What is this?"), icon=":material/help:"):
            if explain is not None:
                explain()
            about_model(model_name)
        choose_lines()
    warn_of_model(model_name)
    passage = choose_passage(model_name, labelled=False)
    if page:
        about_finding(page)
    return model_name, passage


def page_title(title: str, *, explain: Callable[[], None]) -> None:
    """The head of a page that has neither a model nor a text of its own: the title, and "What is this?"."""
    st.html(STYLE)
    with st.container(key="page-head", horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        with st.popover(_("What is this?"), icon=":material/help:"):
            explain()


def page_controls() -> Any:
    """A line for the page's own widgets, to be used with `with`: they stand beside each other as far as there is room."""
    return st.container(key="page-controls", horizontal=True, vertical_alignment="bottom")
