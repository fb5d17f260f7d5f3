"""The head of a page in two lines: its question, the model and the text. What takes longer to read opens on a click."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import viz.browser
from viz.locale import _
from viz.shared.finding_picker import about_finding, list_key, offer_findings
from viz.shared.findings import findings_on
from viz.shared.model_controls import about_model, choose_before, choose_model, warn_of_model
from viz.shared.passage import Passage
from viz.shared.text_controls import choose_example, choose_lines, choose_passage

# On a projector's 1280 x 720 pixels the picture begins above the 260th pixel and ends above the 720th.
STYLE = (Path(viz.browser.__file__).parent / "pages.css").read_text(encoding="utf-8")
WIDE = 200  # pixels of a menu
WIDE_ALONE = 420  # of one that has the line to itself: it has room for title, score and group


def page_head(
    title: str, *, page: str = "", explain: Callable[[], None] | None = None, note: bool = True
) -> tuple[str, Passage]:
    """The title, "Model", "Example", the findings of `page`, "Text" and "Several lines": the model's name, and its passage.

    Where to look in a finding stands below them, unless the page itself has a place for that `note`.
    `explain` draws what the page is about: the idea, its equation. It waits behind "What is this?", beside what the model
    reads.
    """
    with _first_line(title):
        with st.container(width=WIDE, key="head-model"):
            model_name = choose_model()
        choose_before()
        with st.container(width=WIDE, key="head-example"):
            choose_example(model_name)
        if findings_on(page):
            with st.popover(_("Look for this"), icon=":material/visibility:", key=list_key(), on_change="rerun"):
                offer_findings(page)
        _what_is_this(explain, model_name)
    warn_of_model(model_name)
    text_box, lines_box = st.columns([10, 2], vertical_alignment="top")
    with lines_box:
        choose_lines()
    with text_box:
        passage = choose_passage(model_name, labelled=False)
    if page and note:
        about_finding(page)
    return model_name, passage


def page_title(title: str, *, explain: Callable[[], None]) -> None:
    """The head of a page that has neither a model nor a text of its own: the title, and "What is this?"."""
    with _first_line(title):
        _what_is_this(explain)


def model_head(title: str, *, explain: Callable[[], None]) -> str:
    """The head of a page whose text stands elsewhere: the title, "Model", "What is this?". Returns the model's name."""
    with _first_line(title):
        with st.container(width=WIDE_ALONE, key="head-model"):
            model_name = choose_model()
        _what_is_this(explain, model_name)
    warn_of_model(model_name)
    return model_name


def _first_line(title: str) -> DeltaGenerator:
    """The line of a page's head, with its title."""
    st.html(f"<style>{STYLE}</style>")  # for a server that sends Streamlit's own HTML: see viz.browser.first_words
    line = st.container(key="page-head", horizontal=True, vertical_alignment="center")
    line.title(title, anchor=False, width="content")
    return line


def _what_is_this(explain: Callable[[], None] | None, model_name: str = "") -> None:
    with st.popover(_("What is this?"), icon=":material/help:"):
        if explain is not None:
            explain()
        if model_name:
            about_model(model_name)


def page_controls() -> Any:
    """A line for the page's own widgets, to be used with `with`: they stand beside each other as far as there is room."""
    return st.container(key="page-controls", horizontal=True, vertical_alignment="bottom")


def page_sentence(sentence: str, *, rule: str = "", key: str = "measured") -> None:
    """One measured sentence above the picture, as Markdown; `rule` says behind a (?) how it was found."""
    with st.container(key=f"sentence-{key}"):
        st.markdown(sentence, help=rule or None)


def page_picture() -> DeltaGenerator:
    """The place of the page's main picture, with the sentence above it: made before the page's controls are drawn.

    On a phone it comes before them, and has its room at once.
    """
    box = st.container(key="page-picture")
    box.empty()  # an empty container would not be there yet
    return box


def page_sides() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Two columns, of 320 pixels for controls and of all the rest for the picture: places for the first of the controls,
    for the others, and for the picture. On a phone the picture stands between the two.
    """
    with st.container(key="page-sides"):
        left, right = st.columns([1, 3])
    with left:
        first, others = st.container(key="first-controls"), st.container(key="other-controls")
    with right:
        return first, others, page_picture()
