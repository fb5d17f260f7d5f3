"""Explore in the reader's browser: what the component is sent, and what it reports when the reader rests."""

from functools import partial

import streamlit as st

from viz.live.explore_host import MESSAGES, Models, draw
from viz.live.facts import dressing_id, facts_of, lines_facts, lines_id, model_id
from viz.live.limit import obstacle
from viz.live.options import CARDS, ORDERS, WHICH, LiveOptions, defaults
from viz.locale import _
from viz.shared import controls, state
from viz.shared.cached import counterpart, describe, has_untrained, load_model, load_tokens, trained
from viz.shared.example_picker import take_back
from viz.shared.model_controls import take_before
from viz.shared.model_facts import UNTRAINED
from viz.shared.passage import Passage

KEY = "explore_live"
VERSION = "explore_version"  # in the session: of the options that the browser reported last
OPTIONS: dict[str, str] = {  # of a view, by name: the parameter of the link
    "layer": "layer",
    "signals": "signals",
    "sort": "ordered",
    "which": "which",
    "units": "units",
    "unit": "unit",
    "step": "step",
    "card": "card",
}


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
    options, digests = options_of(model_name, text), _digests(trained(model_name))
    models = Models(
        ids=[model_id(name) for name in digests],
        dressing=dressing_id("explore", describe(model_name)[0]),
        facts=facts_of("explore", list(digests), MESSAGES) | lines_facts(trained(model_name)),
        weights={digest: partial(load_model, name) for name, digest in digests.items()},
        lines=lines_id(trained(model_name)),
    )
    version = st.session_state.get(VERSION, 0)
    if draw(models, options, key=KEY, version=version, on_rested=partial(_rested, text), about=about, linked=True):
        st.switch_page(controls.UNITS)
    return options


def _digests(model_name: str) -> dict[str, str]:
    """The model and, where that is known, itself before training, each with the id of its weights."""
    names = (model_name, counterpart(model_name)) if has_untrained(model_name) else (model_name,)
    return {name: load_model(name).digest for name in names}


def options_of(model_name: str, text: str) -> LiveOptions:
    """What the link and the reader have chosen, as a view has it."""
    state.reset_unless("card", CARDS)
    options = defaults()
    options["text"] = text
    options["before"] = model_name.endswith(UNTRAINED)
    for name, key in OPTIONS.items():
        options[name] = st.session_state[key]  # type: ignore[literal-required] # OPTIONS has its names
    options["zoom"], options["span"] = (range_of(st.session_state[key]) for key in ("zoom", "span"))
    if options["sort"] not in ORDERS or options["which"] not in WHICH:
        options["sort"], options["which"] = defaults()["sort"], defaults()["which"]
    if set(options["signals"]) == set(state.PARAMETERS["signals"].default):  # type: ignore[call-overload] # a list of names
        options["signals"] = []
    return options


def range_of(written: str) -> tuple[int, int] | None:
    """The first step and the one after the last, as a link has them: "10-24"; None for what is none."""
    start, _dash, stop = written.partition("-")
    return (int(start), int(stop)) if start.isdecimal() and stop.isdecimal() and int(start) < int(stop) else None


def mark(span: str) -> None:
    """Mark these steps: the units of the pattern are then those that fit them."""
    state.set_value("span", span)
    state.set_value("pattern", "")


def _rested(text: str, options: LiveOptions, version: int, steps: int) -> None:
    """The reader rested: links and the other pages follow."""
    if options["text"] != text:
        take_back()
        state.set_value("text", options["text"])
        state.set_value("lines", "\n" in options["text"])
    for name, key in OPTIONS.items():
        value = options[name]  # type: ignore[literal-required]
        if name == "signals" and not value:
            value = state.PARAMETERS[key].default
        if state.PARAMETERS[key].fits(value):
            state.set_value(key, value)
    take_before(options["before"])
    state.set_value("zoom", "-".join(map(str, options["zoom"] or [])))
    span = "-".join(map(str, options["span"] or []))
    if span != st.session_state["span"]:
        mark(span)
    controls.look_at(options["step"], steps)
    st.session_state[VERSION] = version
