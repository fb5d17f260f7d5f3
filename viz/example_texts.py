"""Which examples a model has, and when one of them takes the place of the text that is read."""

import streamlit as st

from viz import visit
from viz.examples import DEFAULT_TEXT, FINDINGS, Finding, examples_for
from viz.loaders import describe, load_tokens, model_names
from viz.passage import Passage
from viz.wording import kind

READER = "read_by"  # the model that the page before had chosen


def offered(model: str) -> dict[str, str]:
    """The examples of a model, by title."""
    return examples_for(*describe(model))


def model_chosen(model: str) -> None:
    """Before the text is drawn: another model, which has no use for the example that stands there, gets one of its own.

    A text that the reader typed stays, whatever the model.
    """
    before = st.session_state.get(READER)
    st.session_state[READER] = model
    texts = list(offered(model).values())
    text = st.session_state["text"]
    if before == model or not texts or text in texts or not _is_example(text) or _can_use(model, before, text):
        return
    if before is None:  # by a link, whose step and unit are of the text that now comes
        visit.put("text", texts[0])
    else:
        take(texts[0])


def take(text: str) -> None:
    """Read this example, from its end."""
    take_back()
    chosen = {"text": text, "lines": "\n" in text, "unit": None, "step": None, "written_at": None, "first": None}
    chosen |= {"target_step": None, "target_of": ""}
    for key, value in chosen.items():
        visit.put(key, value)


def take_model(name: str) -> None:
    """Let all pages show that model, on a text of its own."""
    for key in ("units", "other", "layer", "training_step"):
        visit.put(key, visit.PARAMETERS[key].default)
    visit.put("model", name)
    for text in list(offered(name).values())[:1]:
        take(text)


def take_finding(finding: Finding) -> None:
    """Let all pages show what is to be found there."""
    for key in ("units", "other", "layer", "training_step", "signals", "traced", "window"):
        visit.put(key, visit.PARAMETERS[key].default)
    visit.put("model", finding.model)
    st.session_state[READER] = finding.model  # its text is meant, not the model's first example
    take(finding.text)
    for key in ("unit", "step", "written_at", "feature"):
        visit.put(key, getattr(finding, key))


def take_back() -> None:
    """The passage ends where the reader's own text ends."""
    visit.put("written", None)


def _is_example(text: str) -> bool:
    shipped = {DEFAULT_TEXT, *(finding.text for finding in FINDINGS.values())}
    return text in shipped or any(text in offered(name).values() for name in model_names())


def _can_use(model: str, before: str | None, text: str) -> bool:
    """Can it read a text that was chosen for the model before, and would anybody type such a text for it?"""
    writer = before or str(visit.PARAMETERS["model"].default)
    known = model_names()
    if writer in known and kind(describe(writer)[0].encoder) != kind(describe(model)[0].encoder):
        return False
    try:
        load_tokens(model, Passage(text))
    except ValueError:
        return False
    return True
