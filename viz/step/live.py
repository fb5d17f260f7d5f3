"""What Step gives a browser that reads by itself: models, the text, what is known of it, and what there is to say of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from lstm_core import ModelConfig, NumberEncoder, SequenceModel
from lstm_core.costs import recurrent_weights
from lstm_core.encoders.typed_numbers import about_commas
from viz.live.description import described
from viz.live.limit import fits
from viz.live.options import defaults
from viz.live.view import view_of
from viz.locale import _, language
from viz.shared.cached import describe, load_model, load_tokens
from viz.shared.example_picker import kept_aside, offered
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.text_controls import KEPT_ASIDE, LONGEST, known_in_words, writing_asked
from viz.shared.wording import SPOKEN, step_noun
from viz.step.stage import writing_offer

MOST_STEPS = 4_000
MOST_PRODUCTS = 600_000_000  # weights times steps at a key: 0.1 s in WebAssembly, 0.3 s on a slow machine
VERSION = "step_version"  # in the session: the last of the texts and places that this visit's browser has told


@dataclass(frozen=True)
class Typed:
    """The text in the field, as far as it can be read, and what there is to say of that."""

    text: str
    known: str | None  # None if nothing of it can be read
    notes: tuple[str, ...]
    steps: int


def most_steps(models: Sequence[SequenceModel]) -> int:
    """How many steps are read in the browser at a key press; longer texts go by the server."""
    return min(MOST_STEPS, MOST_PRODUCTS // sum(map(recurrent_weights, models)))


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
        about = _("{model} cannot read this text:").format(model=model_name)
        return Typed(text, None, (*notes, f"{about} {error}"), 0)
    commas = about_commas(known, len(encoder.names)) if isinstance(encoder, NumberEncoder) else ""
    return Typed(text, known, (*notes, commas) if commas else tuple(notes), steps)


def why_not(names: Sequence[str], found: Typed) -> str:
    """Why does the browser not read this text by itself, in a sentence? Empty if it does."""
    models = [load_model(name) for name in names]
    if found.text and writing_asked():
        return _("This text was continued by a model, so the server reads it: it follows your typing a little later.")
    if not all(map(fits, models)):
        return _(
            "This model is too large for the browser, so the server reads the text: it follows your typing a little later."
        )
    if found.steps > most_steps(models) or len(found.text) > LONGEST:
        return _(
            "This text is too long for the browser, so the server reads it: it follows your typing a little later."
        )
    return ""


def header(names: Sequence[str], found: Typed, layer: str, unit: int | None, step: int | None) -> dict[str, object]:
    """What is shown, in plain JSON: models and words by the ids of `facts`, and what is the reader's own."""
    model_name, config = names[0], describe(names[0])[0]
    empty = _("Type a text above, or pick an example, to see every gate at every {token}.")
    return {
        "models": [_model_id(name) for name in names],
        "dressing": _dressing_id(config),
        "options": defaults() | {"text": found.text, "layer": layer, "unit": unit, "step": step},
        "version": st.session_state.get(VERSION, 0),
        "limit": most_steps([load_model(name) for name in names]),
        "known": found.known,
        "notes": list(found.notes) if found.text else [*found.notes, empty.format(token=step_noun(config.encoder))],
        "example": bool(found.text) and found.known is None and bool(offered(model_name)),
        "writing": writing_offer(config, st.session_state["temperature"], st.session_state["seed"]),
    }


def facts(names: Sequence[str], messages: Sequence[str]) -> dict[str, Callable[[], object]]:
    """What the browser needs to know of models, and the words and colours of this page, by their ids."""
    config = describe(names[0])[0]
    found: dict[str, Callable[[], object]] = {_model_id(name): partial(_facts, name) for name in names}
    found[_dressing_id(config)] = partial(_dressing, config, messages)
    return found


def _facts(name: str) -> dict[str, object]:
    return described(name, *describe(name), weights=load_model(name).digest)


def _dressing(config: ModelConfig, messages: Sequence[str]) -> dict[str, object]:
    return view_of([], config, defaults(), messages) | {"spoken": SPOKEN, "nothing": NOTHING}


def _model_id(name: str) -> str:
    return f"{name} {load_model(name).digest} {language()}"


def _dressing_id(config: ModelConfig) -> str:
    types = sorted({config.cell(layer).type for layer in config.layer_names})
    return f"step {'-'.join(types)} {language()}"
