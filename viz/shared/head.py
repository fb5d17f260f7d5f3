"""The head of a page in two lines: its question, the model and the text. What takes longer to read opens on a click."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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
.st-key-page-controls label p, .st-key-page-sides .stColumn:first-child label p { font-size: 0.8rem; }
.st-key-page-sides > * > .stHorizontalBlock > .stColumn:first-child,
.st-key-page-sides > .stHorizontalBlock > .stColumn:first-child { flex: 0 0 320px; }
.st-key-page-sides > * > .stHorizontalBlock > .stColumn:last-child,
.st-key-page-sides > .stHorizontalBlock > .stColumn:last-child { flex: 1 1 0; }
.st-key-page-sides .stVerticalBlock { gap: 0.5rem; }
.st-key-page-sides .stMarkdown p { font-size: 0.9rem; line-height: 1.4; }
.st-key-page-sides .katex { font-size: 1em; }
.st-key-page-sides .st-key-presets { gap: 0.4rem; }
.st-key-page-sides .st-key-presets button { padding: 0.2rem 0.6rem; min-height: 2.1rem; }
.st-key-page-sides .st-key-presets p { font-size: 0.85rem; }
.st-key-page-sides .stAlertContainer { padding: 0.5rem 0.75rem; }
.st-key-page-sides .stAlertContainer p { font-size: 0.85rem; line-height: 1.35; }
</style>"""
WIDE = 200  # pixels of a menu


def page_head(
    title: str, *, page: str = "", explain: Callable[[], None] | None = None, note: bool = True
) -> tuple[str, Passage]:
    """The title, "Model", "Example", the findings of `page`, "Several lines" and "Text": the model's name, and its passage.

    Where to look in a finding stands below them, unless the page itself has a place for that `note`.
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
    if page and note:
        about_finding(page)
    return model_name, passage


def page_controls() -> Any:
    """A line for the page's own widgets, to be used with `with`: they stand beside each other as far as there is room."""
    return st.container(key="page-controls", horizontal=True, vertical_alignment="bottom")


def page_sides() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns: 320 pixels of controls, and what they do. On a narrow screen the second stands below the first."""
    with st.container(key="page-sides"):
        left, right = st.columns([1, 3])
    return left, right
