"""Findings on their pages: the buttons that open them, and where to look while one is shown."""

from copy import copy

import streamlit as st

from viz.browser.reveal import reveal
from viz.locale import _
from viz.shared import state
from viz.shared.cached import model_names
from viz.shared.example_picker import READER, offered, take
from viz.shared.findings import Finding, findings_on

RESET = {  # by page: what a finding there resets where it chooses no value of its own
    "explore": ("layer", "signals", "ordered", "which", "units", "zoom"),
    "memory": ("units", "other", "layer", "training_step", "signals", "traced", "window"),
    "gradients": ("layer", "target", "gradient", "rows", "window", "tab"),
    "what_if": ("units", "other", "layer", "seen", "altered", "every", "step", "tab", "sort", "ranked", "window"),
}
TAKEN = "findings_taken"  # in the session: how many were, from lists that close
PROMISED = {"memory": "unit_memory", "gradients": "importance", "what_if": "what_if_change"}  # the key of the chart
# A finding is shown only with its values of these; on Explore, where the unit colours the letters, with its unit too.
QUESTION = {"target_step", "target_of", "held"}


def offer_findings(page: str) -> None:
    """A button for each finding on this page whose model is here."""
    findings, known = findings_on(page), model_names()
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(findings) > 1:
            st.markdown(_("**Look for this:**"), width="content")
        for finding in findings:
            if finding.model_name not in known:
                continue
            st.button(
                _(finding.title),
                on_click=take_finding,
                args=(finding,),
                icon=":material/visibility:",
                help=_(finding.help) if finding.help else None,
            )


def list_key() -> str:
    """The key of the list of findings. Each that is taken is followed by another list, which is closed.

    Telling the old one to close would not do: where the click comes while its opening is still answered, the server never
    told the browser that it is open, and "closed" is no news there.
    """
    return f"look-for-{st.session_state.get(TAKEN, 0)}"


def take_finding(finding: Finding) -> None:
    """Let all pages show the finding, and close the list, which would cover it."""
    if finding.page in PROMISED:
        st.session_state[TAKEN] = st.session_state.get(TAKEN, 0) + 1
        reveal(PROMISED[finding.page], framed=finding.page != "memory")  # which frames it as long as it is shown
    state.set_value("model", finding.model_name)
    st.session_state[READER] = finding.model_name  # its text is meant, not the model's first example
    take(_text_of(finding))
    for key in RESET[finding.page]:
        state.set_value(key, state.PARAMETERS[key].default)
    for key, value in finding.values.items():
        state.set_value(key, copy(value))


def about_finding(page: str) -> bool:
    """Where to look in a finding on this page, while it is shown. Is one shown?"""
    shown = looks(page)
    for look_for in shown:
        st.info(look_for, icon=":material/visibility:")
    return bool(shown)


def looks(page: str) -> list[str]:
    """Where to look, of each finding on this page that is shown."""
    return [_(finding.look_for) for finding in findings_on(page) if _is_shown(finding)]


def _is_shown(finding: Finding) -> bool:
    asked = QUESTION | ({"unit"} if finding.page == "explore" else set())
    question = {key: value for key, value in finding.values.items() if key in asked}
    return (
        st.session_state["model"] == finding.model_name
        and st.session_state["text"] == _text_of(finding)
        and all(st.session_state[key] == value for key, value in question.items())
    )


def _text_of(finding: Finding) -> str:
    return offered(finding.model_name).get(finding.text, finding.text)
