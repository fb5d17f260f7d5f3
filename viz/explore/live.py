"""Explore in the reader's browser: what the component is sent, and what it reports when the reader rests."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

import viz.live
from lstm_core import ModelConfig
from lstm_core.costs import recurrent_weights
from viz.browser.component import component
from viz.browser.modules import messages
from viz.live.description import described
from viz.live.limit import fits
from viz.live.options import ORDERS, WHICH, LiveOptions, defaults
from viz.live.view import view_of
from viz.live.weights import new_facts, new_weights, wanted
from viz.locale import language
from viz.shared import controls, state
from viz.shared.cached import UNTRAINED, counterpart, describe, load_model, load_tokens
from viz.shared.example_picker import take_back
from viz.shared.passage import Passage

KEY = "explore_live"
VERSION = "explore_version"  # in the session: of the options that the browser reported last
FOLDER = Path(viz.live.__file__).parent
MESSAGES = messages("explore_host", FOLDER, markup="explore_view")
MOST_STEPS = 4_000
MOST_PRODUCTS = 2_000_000_000  # weights times steps: a quarter of a second in the browser
OPTIONS: dict[str, str] = {  # of a view, by name: the parameter of the link
    "layer": "layer",
    "signals": "signals",
    "sort": "ordered",
    "which": "which",
    "units": "units",
    "unit": "unit",
    "step": "step",
    "before": "before",
}
_component = component("explore_host", FOLDER, markup="explore_view")


def live_text(model_name: str, passage: Passage) -> str | None:
    """The text that the browser reads, or None where the server has to read it.

    The server reads with large models, long texts, and generated tokens that are no text.
    """
    model = load_model(model_name)
    if not fits(model):
        return None
    text = passage.text
    if passage.writing:
        try:
            tokens = load_tokens(model_name, passage)
            text += model.config.class_encoder.decode(tokens.ids[len(load_tokens(model_name, Passage(text))) :])
            if load_tokens(model_name, Passage(text)) != tokens:
                return None
        except ValueError:
            return None
    return text if len(text.encode(errors="surrogatepass")) <= most_steps(model_name) else None


def most_steps(model_name: str) -> int:
    """The most steps that a browser reads with this model at every key."""
    return min(MOST_STEPS, MOST_PRODUCTS // max(recurrent_weights(load_model(model_name)), 1))


def show_live(model_name: str, text: str, *, about: str = "") -> LiveOptions:
    """Draw the component: it reads `text`. `about` is a sentence on that text. Returns what it shows."""
    options = _options(text)
    models = {name: f"{name} {digest} {language()}" for name, digest in _digests(model_name).items()}
    config = describe(model_name)[0]
    dressing = f"dressing {'-'.join(sorted(_cell_types(config)))} {language()}"
    facts: dict[str, Callable[[], object]] = {key: partial(_facts, name) for name, key in models.items()}
    facts[dressing] = partial(_dressing, config)
    first = load_model(model_name)
    asked = st.session_state.setdefault("live_asked", set())
    weights = {first.digest: partial(load_model, model_name)}
    for name, digest in _digests(model_name).items():
        if digest in asked:
            weights[digest] = partial(load_model, name)
    _component(
        key=KEY,
        data={
            "models": list(models.values()),
            "dressing": dressing,
            "options": options,
            "version": st.session_state.get(VERSION, 0),
            "about": about,
            "limit": most_steps(model_name),
            "facts": new_facts(facts),
            **new_weights(weights),
        },
        on_rested_change=partial(_rested, text),
        on_wanted_change=_wanted,
        height="content",
    )
    return options


def _digests(model_name: str) -> dict[str, str]:
    """The model and itself before training, if that is another, each with the id of its weights."""
    before = counterpart(model_name)
    names = (model_name, before) if before.endswith(UNTRAINED) else (model_name,)
    return {name: load_model(name).digest for name in names}


def _facts(name: str) -> dict[str, object]:
    config, card = describe(name)
    return described(name, config, card, weights=load_model(name).digest)


def _dressing(config: ModelConfig) -> dict[str, object]:
    view = view_of([], config, defaults(), MESSAGES)
    return {key: view[key] for key in ("cells", "themes", "probability", "strings")}


def _cell_types(config: ModelConfig) -> set[str]:
    return {config.cell(layer).type for layer in config.layer_names}


def _options(text: str) -> LiveOptions:
    """What the link and the reader have chosen, as a view has it."""
    options = defaults()
    options["text"] = text
    for name, key in OPTIONS.items():
        options[name] = st.session_state[key]  # type: ignore[literal-required]
    options["zoom"] = _zoom(st.session_state["zoom"])
    if options["sort"] not in ORDERS or options["which"] not in WHICH:
        options["sort"], options["which"] = defaults()["sort"], defaults()["which"]
    if set(options["signals"]) == set(state.PARAMETERS["signals"].default):  # type: ignore[call-overload]
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
    state.set_value("zoom", "-".join(map(str, options["zoom"] or [])))
    controls.look_at(options["step"], int(told["steps"]))
    st.session_state[VERSION] = int(told["version"])
