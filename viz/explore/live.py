"""Explore in the reader's browser: what the component is sent, and what it reports when the reader rests."""

from functools import partial
from pathlib import Path

import streamlit as st

import viz.live
from viz.browser.component import component
from viz.browser.modules import messages
from viz.live.facts import dressing_id, facts_of, model_id
from viz.live.limit import most_steps, obstacle
from viz.live.options import ORDERS, WHICH, LiveOptions, defaults
from viz.live.weights import new_facts, new_weights, wanted
from viz.locale import _
from viz.shared import controls, state
from viz.shared.cached import UNTRAINED, counterpart, describe, has_untrained, load_model, load_tokens, trained
from viz.shared.example_picker import take_back
from viz.shared.passage import Passage
from viz.shared.text_controls import take_before

KEY = "explore_live"
VERSION = "explore_version"  # in the session: of the options that the browser reported last
FOLDER = Path(viz.live.__file__).parent
MESSAGES = messages("explore_host", FOLDER, markup="explore_view")
OPTIONS: dict[str, str] = {  # of a view, by name: the parameter of the link
    "layer": "layer",
    "signals": "signals",
    "sort": "ordered",
    "which": "which",
    "units": "units",
    "unit": "unit",
    "step": "step",
}
_component = component("explore_host", FOLDER, markup="explore_view")


def live_text(model_name: str, passage: Passage) -> tuple[str, str]:
    """The text that the browser reads, and why it does not and the server has to: one of both is empty.

    The server reads with large models, long texts, and generated tokens that are no text.
    """
    model, text = load_model(model_name), passage.text
    if passage.writing:
        try:
            tokens = load_tokens(model_name, passage)
            text += model.config.class_encoder.decode(tokens.ids[len(load_tokens(model_name, Passage(text))) :])
            same = load_tokens(model_name, Passage(text)) == tokens
        except ValueError:
            same = False
        if not same:
            return "", _("The generated tokens are no text that can be typed, so the server reads them.")
    why_not = obstacle([model], len(text.encode(errors="surrogatepass")))
    return ("", why_not) if why_not else (text, "")


def show_live(model_name: str, text: str, *, about: str = "") -> LiveOptions:
    """Draw the component: it reads `text`. `about` is a sentence on that text. Returns what it shows.

    It has the model and, where that is known, itself before training, and a switch for which of both is shown.
    """
    options = _options(model_name, text)
    digests, config = _digests(trained(model_name)), describe(model_name)[0]
    first = load_model(trained(model_name))
    asked = st.session_state.setdefault("live_asked", set())
    weights = {first.digest: partial(load_model, trained(model_name))}
    for name, digest in digests.items():
        if digest in asked:
            weights[digest] = partial(load_model, name)
    _component(
        key=KEY,
        data={
            "models": [model_id(name) for name in digests],
            "dressing": dressing_id("explore", config),
            "options": options,
            "version": st.session_state.get(VERSION, 0),
            "about": about,
            "limit": most_steps([first]),
            "facts": new_facts(facts_of("explore", list(digests), MESSAGES)),
            **new_weights(weights),
        },
        on_rested_change=partial(_rested, text),
        on_wanted_change=_wanted,
        height="content",
    )
    return options


def _digests(model_name: str) -> dict[str, str]:
    """The model and, where that is known, itself before training, each with the id of its weights."""
    names = (model_name, counterpart(model_name)) if has_untrained(model_name) else (model_name,)
    return {name: load_model(name).digest for name in names}


def _options(model_name: str, text: str) -> LiveOptions:
    """What the link and the reader have chosen, as a view has it."""
    options = defaults()
    options["text"] = text
    options["before"] = model_name.endswith(UNTRAINED)
    for name, key in OPTIONS.items():
        options[name] = st.session_state[key]  # type: ignore[literal-required] # OPTIONS has its names
    options["zoom"] = _zoom(st.session_state["zoom"])
    if options["sort"] not in ORDERS or options["which"] not in WHICH:
        options["sort"], options["which"] = defaults()["sort"], defaults()["which"]
    if set(options["signals"]) == set(state.PARAMETERS["signals"].default):  # type: ignore[call-overload] # a list of names
        options["signals"] = []
    return options


def _zoom(written: str) -> tuple[int, int] | None:
    start, _dash, stop = written.partition("-")
    return (int(start), int(stop)) if start.isdecimal() and stop.isdecimal() and int(start) < int(stop) else None


def _wanted() -> None:
    ids: list[str] = st.session_state.get(KEY, {}).get("wanted") or []
    st.session_state.setdefault("live_asked", set()).update(map(str, ids))
    wanted(ids)


def _rested(text: str) -> None:
    """The reader rested: links and the other pages follow."""
    told = st.session_state.get(KEY, {}).get("rested")
    if not told:
        return
    options = told["options"]
    if options["text"] != text:
        take_back()
        state.set_value("text", options["text"])
        state.set_value("lines", "\n" in options["text"])
    for name, key in OPTIONS.items():
        value = options[name]
        if name == "signals" and not value:
            value = state.PARAMETERS[key].default
        if state.PARAMETERS[key].fits(value):
            state.set_value(key, value)
    take_before(options["before"])
    state.set_value("zoom", "-".join(map(str, options["zoom"] or [])))
    controls.look_at(options["step"], int(told["steps"]))
    st.session_state[VERSION] = int(told["version"])
