"""Which examples a model has, and when one of them replaces the text."""

import streamlit as st

from lstm_core.encoders import known_part
from viz.shared import state
from viz.shared.cached import describe, load_tokens, model_names, trained
from viz.shared.examples import DEFAULT_TEXT, examples_for
from viz.shared.findings import FINDINGS
from viz.shared.passage import Passage
from viz.shared.wording import kind

READER = "read_by"  # in the session: the model of the page before
ASIDE = "text_aside"  # in the session: an example, the text that it replaced, and the model of that text


def offered(model_name: str) -> dict[str, str]:
    """The examples of a model, by title."""
    return examples_for(*describe(model_name))


def model_chosen(model_name: str) -> None:
    """Before the text is drawn: give a newly chosen model an example of its own if it cannot use the current one.

    A text that the reader typed stays, whatever the model. A text that an example replaced comes back with the first
    model that can use it.
    """
    before = st.session_state.get(READER)
    st.session_state[READER] = model_name
    if before is not None and trained(before) == trained(model_name):  # before training it reads what it reads after it
        return
    text, (aside, writer) = st.session_state["text"], _aside() or ("", before)
    if aside and (_can_use(model_name, writer, aside) if _is_example(aside) else _share(model_name, aside) > 0):
        take(aside)
        return
    texts = list(offered(model_name).values())
    if not texts or text in texts or not _is_example(text) or _can_use(model_name, before, text):
        return
    _put_aside(texts[0], aside or text, writer)
    if before is None:  # by a link, whose step and unit are of the text that now comes
        state.set_value("text", texts[0])
    else:
        take(texts[0])


def _put_aside(text: str, mine: str, writer: str | None) -> None:
    """Remember `mine`, which was chosen for the model `writer`, while the example `text` replaces it."""
    st.session_state[ASIDE] = (text, mine, writer)


def _aside() -> tuple[str, str | None] | None:
    """The text that an example replaced, and its model; None once the reader has changed the text or chosen another."""
    placed, mine, writer = st.session_state.get(ASIDE, ("", "", None))
    return (mine, writer) if mine and placed == st.session_state["text"] else None


def kept_aside() -> bool:
    """Has an example replaced a text that the reader typed?"""
    found = _aside()
    return found is not None and not _is_example(found[0])


def take(text: str) -> None:
    """Choose this example, with its last step."""
    take_back()
    chosen = {"text": text, "lines": "\n" in text, "unit": None, "step": None, "written_at": None, "first": None}
    chosen |= {"target_step": None, "target_of": "", "span": "", "pattern": ""}
    for key, value in chosen.items():
        state.set_value(key, value)


def take_instead(model_name: str) -> None:
    """Replace a text that the model cannot read by its first example, and remember the text."""
    texts = list(offered(model_name).values())
    if texts:
        _put_aside(texts[0], st.session_state["text"], model_name)
        take(texts[0])


def take_model(name: str) -> None:
    """Let all pages show that model: on the text that the reader typed, if it knows any of it, or on an example."""
    _show(name)
    if _is_example(st.session_state["text"]):
        for text in list(offered(name).values())[:1]:
            take(text)
    elif not _share(name, st.session_state["text"]):
        take_instead(name)


def take_imported(name: str, typed: str) -> None:
    """Let all pages show a model from a file: on what was typed for it, or else on the current text, if it can read that."""
    before = st.session_state.get(READER)
    _show(name)
    if typed:
        take(typed)
    elif not _is_example(st.session_state["text"]) and not _share(name, st.session_state["text"]):
        take_instead(name)
    else:
        st.session_state[READER] = before
        model_chosen(name)


def _show(name: str) -> None:
    for key in ("units", "other", "layer", "training_step"):
        state.set_value(key, state.PARAMETERS[key].default)
    state.set_value("model", name)
    st.session_state[READER] = name


def take_back() -> None:
    """Remove the generated text."""
    state.set_value("written", None)


def _is_example(text: str) -> bool:
    shipped = {DEFAULT_TEXT, *(finding.text for finding in FINDINGS.values())}
    return text in shipped or any(text in offered(name).values() for name in model_names())


def _can_use(model_name: str, before: str | None, text: str) -> bool:
    """Can it read most of a text that was chosen for the model before, and is the text of a kind that one types for it?"""
    writer = before or str(state.PARAMETERS["model"].default)
    known = model_names()
    if writer in known and kind(describe(writer)[0].encoder) != kind(describe(model_name)[0].encoder):
        return False
    return _share(model_name, text) > 0.5


def _share(model_name: str, text: str) -> float:
    """The share of a text that the model knows; 0 for a text that it cannot read at all."""
    found = known_part(describe(model_name)[0].encoder, text)
    if not found.share:
        return 0.0
    try:
        load_tokens(model_name, Passage(found.text))
    except ValueError:
        return 0.0
    return found.share
