"""What Step gives a browser that reads by itself: models, the text, what is known of it, and what there is to say of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from lstm_core import NumberEncoder
from lstm_core.encoders.typed_numbers import about_commas
from viz.live.facts import dressing_id, facts_of, lines_facts, lines_id, model_id
from viz.live.limit import most_steps, obstacle
from viz.live.options import defaults
from viz.locale import _
from viz.shared.cached import describe, load_model, load_tokens
from viz.shared.controls import has_page
from viz.shared.example_picker import kept_aside, offered
from viz.shared.model_facts import title_of
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.text_controls import KEPT_ASIDE, LONGEST, known_in_words, writing_asked
from viz.shared.wording import SPOKEN, step_noun
from viz.step.stage import writing_offer

VERSION = "step_version"  # in the session: the last of the texts and places that this visit's browser has told


@dataclass(frozen=True)
class Typed:
    """The text in the field, as far as it can be read, and what there is to say of that."""

    text: str
    known: str | None  # None if nothing of it can be read
    notes: tuple[str, ...]
    steps: int


def typed(model_name: str, text: str) -> Typed:
    """What can be read of a text, without reading it."""
    encoder = describe(model_name)[0].encoder
    notes = [_(KEPT_ASIDE)] if kept_aside() else []
    if not text:
        return Typed(text, None, tuple(notes), 0)
    known, sentence, _left_out = known_in_words(text, encoder)
    notes += [sentence] if sentence else []
    try:
        steps = len(load_tokens(model_name, Passage(known)))
    except ValueError as error:
        about = _("“{model}” cannot read this text:").format(model=title_of(model_name))
        return Typed(text, None, (*notes, f"{about} {error}"), 0)
    commas = about_commas(known, len(encoder.names)) if isinstance(encoder, NumberEncoder) else ""
    return Typed(text, known, (*notes, commas) if commas else tuple(notes), steps)


def why_not(names: Sequence[str], found: Typed) -> str:
    """Why does the browser not read this text by itself, in a sentence? Empty if it does."""
    if found.text and writing_asked():
        return _("This text was continued by a model, so the server reads it: it follows your typing a little later.")
    steps = max(found.steps, len(found.text) if len(found.text) > LONGEST else 0)
    return obstacle([load_model(name) for name in names], steps)


def header(names: Sequence[str], found: Typed, layer: str, unit: int | None, step: int | None) -> dict[str, object]:
    """What is shown, in plain JSON: models and words by the ids of `facts`, and what is the reader's own."""
    model_name, config = names[0], describe(names[0])[0]
    empty = _("Type a text above, or pick an example, to see every gate at every {token}.")
    return {
        "models": [model_id(name) for name in names],
        "dressing": dressing_id("step", config),
        "lines": lines_id(model_name),
        "linked": has_page(model_name),
        "options": defaults()
        | {
            "text": found.text,
            "layer": layer,
            "unit": unit,
            "step": step,
            "card": st.session_state["card"],
        },
        "version": st.session_state.get(VERSION, 0),
        "limit": most_steps([load_model(name) for name in names]),
        "known": found.known,
        "notes": list(found.notes) if found.text else [*found.notes, empty.format(token=step_noun(config.encoder))],
        "example": bool(found.text) and found.known is None and bool(offered(model_name)),
        "writing": writing_offer(config, st.session_state["temperature"], st.session_state["seed"]),
    }


def facts(names: Sequence[str], messages: Sequence[str]) -> dict[str, Callable[[], object]]:
    """What the browser needs to know of models, and the words and colours of this page, by their ids."""
    return facts_of("step", names, messages, {"spoken": SPOKEN, "nothing": NOTHING}) | lines_facts(names[0])
