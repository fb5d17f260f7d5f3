"""Units: what does each unit of a model do? All of them as a table, and a page for each, with the evidence."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lstm_core import ModelConfig
from lstm_core.analysis import card_json
from viz.locale import _
from viz.shared import state
from viz.shared.cached import describe
from viz.shared.corpora import Corpus, corpus_of
from viz.shared.example_picker import offered
from viz.shared.head import model_head, page_picture, page_sentence
from viz.shared.layer_controls import choose_layer_of
from viz.shared.places import EXPLORE, reveal_pattern, take_place
from viz.shared.unit_lines import line_in_words
from viz.shared.wording import apart, plain, step_nouns
from viz.theme import signal_of
from viz.units.cached import passages_of
from viz.units.grid import choose_found, show_grid
from viz.units.survey_section import choose_corpus, show_survey
from viz.units.unit_facts import signals_shown, unit_facts
from viz.units.unit_view import draw_unit

AGAIN = 0.3  # seconds


def page() -> None:
    state.begin("units")
    model_name = model_head(_("What does each unit do?"), explain=explain)
    config = describe(model_name)[0]
    with st.container(key="unit-controls", horizontal=True, vertical_alignment="center"):
        layer_name = choose_layer_of(config)
        found = corpus_of(model_name, layer_name, st.session_state["corpus"])
        choose_corpus(model_name)
        unit = choose_unit(found)
        only_found = found is not None and unit is None and choose_found(found.cards)
        signal = None if found is None or unit is None else choose_signal(found.cards[unit], config)
        if found is not None and unit is not None:
            offer_json(model_name, found.cards[unit])
    if show_survey(model_name):
        pass  # its cards are not there yet
    elif found is None:
        show_nothing()
    elif unit is None:
        page_sentence(summary(found, config), rule=rule())
        with page_picture():
            show_grid([card for card in found.cards if not (only_found and card["line"]["nothing"])], config)
        found.prepared()  # soon somebody will look at a unit
    else:
        show_unit(model_name, config, found, unit, signal or "cell")
    state.finish()


def explain() -> None:
    st.caption(
        _(
            "Each unit was recorded over a text that the model was not trained on. Half of that text chose what the unit seems to "
            "follow, the other half measured it: beside shuffled text, and beside 20 models with random weights. Nothing here is written by hand."
        )
    )


def rule() -> str:
    return _(
        "A line says that a unit follows a property of the text where, on the half of the text that it was not chosen by, the score "
        "is strong (AUC at least 0.75, correlation at least 0.5), above every unit of 20 models with random weights that read the same "
        "text, and, at a false-discovery rate of 5 %, more than shuffled text and those models give. It says how long a unit remembers "
        "where that is longer than in any of those models."
    )


def choose_unit(found: Corpus | None) -> int | None:
    """ "All units" and "Unit": the place of the chosen unit among the cards; None for all."""
    every = [] if found is None else [card["unit"] for card in found.cards]
    state.reset_unless("unit", every)
    unit = st.session_state["unit"]
    if unit is None or found is None:
        return None
    st.button(_("All units"), icon=":material/arrow_back:", on_click=state.set_value, args=("unit", None))
    with st.container(width=110):
        chosen = state.widget(st.selectbox, "unit", _("Unit"), every, label_visibility="collapsed")
    return every.index(int(chosen))


def choose_signal(card: Mapping[str, Any], config: ModelConfig) -> str:
    """ "Signal": whose values colour the passages; by default the one that the unit follows with, or its memory."""
    cell_type = config.cell(card["layer"]).type
    names = list(card["passages"])
    follows = card["line"]["follows"] or {}
    usual = next(name for name in (follows.get("signal"), "cell", "hidden", names[0]) if name in names)
    state.reset_unless("traced", names, default=usual)
    chosen = state.widget(
        st.segmented_control,
        "traced",
        _("Signal"),
        names,
        required=True,
        format_func=lambda name: f"{signal_of(name, cell_type).title} {signal_of(name, cell_type).symbol}",
        label_visibility="collapsed",
    )
    if chosen == usual:
        st.session_state["traced"] = state.PARAMETERS["traced"].default  # another unit may have another
    return str(chosen)


def offer_json(model_name: str, card: Mapping[str, Any]) -> None:
    """ "JSON": all of the card."""
    st.download_button(
        "JSON",
        data=lambda: card_json(dict(card)),
        file_name=f"gatescope-{model_name}-{card['layer']}-unit{card['unit']}.json",
        mime="application/json",
        key="unit-json",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=_("All numbers of this page, as `lstm_core.analysis.unit_card` gives them."),
    )


def summary(found: Corpus, config: ModelConfig) -> str:
    """How many units follow something that could be tested."""
    follow = sum(1 for card in found.cards if card["line"].get("follows"))
    sentence = _(
        "{follow} of {count} units follow a property of the text, beyond chance and beyond models with random weights."
    )
    about = _("Measured over {steps} {tokens}: {source}.").format(
        steps=f"{found.steps:,}", tokens=step_nouns(config.encoder), source=plain(_(found.source)).rstrip(".")
    )
    return f"**{sentence.format(follow=follow, count=len(found.cards))}** {about}"


def show_unit(model_name: str, config: ModelConfig, found: Corpus, place: int, signal: str) -> None:
    card = found.cards[place]
    line = line_in_words(card["line"], step_nouns(config.encoder))
    sentence = _("**Unit {unit}** · {line}.").format(unit=card["unit"], line=plain(line))
    page_sentence(sentence, rule=rule(), key="unit")
    texts = list(offered(model_name).values())
    ready = found.prepared()
    passages = passages_of(found, card, signal, model_name) if ready else None
    with page_picture():
        opened = draw_unit(
            unit_facts(card, config, signal, passages),
            signals_shown(card, config.cell(card["layer"]).type),
            model_name,
            drawn=f"{found.id} {card['unit']} {signal} {ready}",
            apart=apart(config.encoder),
            text=texts[0] if texts else "",
            on_unit=lambda unit: state.set_value("unit", unit),
            on_place=open_place,
        )
    if opened:
        st.switch_page(EXPLORE)
    if not ready:
        await_passages(found)


@st.fragment(run_every=AGAIN)
def await_passages(found: Corpus) -> None:
    """Until the text is read, ask again and again, beside the page, which is there already."""
    if found.prepared():
        st.rerun()


def open_place(place: Mapping[str, Any]) -> None:
    """A passage becomes the text of Explore, which looks for the units that are on at the marked steps."""
    take_place(place, unit=st.session_state["unit"], find=True)
    reveal_pattern()


def show_nothing() -> None:
    st.info(
        _(
            "No text has been read with this model yet, so nothing is known of its units. Read one of your own under “Corpus”."
        )
    )


page()
