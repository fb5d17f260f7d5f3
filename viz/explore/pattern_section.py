"""Find this pattern: where in a longer text do the units that are on in the marked steps switch on and off together?"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st
import xarray as xr

from lstm_core.corpus import Query
from viz.explore.pattern_link import written
from viz.explore.pattern_query import (
    ENDS,
    choose_ends,
    choose_signal,
    choose_span,
    choose_threshold,
    edited,
    fitting,
    marked_span,
)
from viz.explore.pattern_search import LIKELY, Found, search, thresholds
from viz.explore.pattern_view import draw_pattern, marked_facts
from viz.live.options import LiveOptions
from viz.locale import _, ngettext
from viz.shared import controls, state
from viz.shared.cached import describe
from viz.shared.corpora import Corpus, corpus_of
from viz.shared.head import page_sentence
from viz.shared.model_facts import UNTRAINED
from viz.shared.passage import Passage
from viz.shared.places import take_place
from viz.shared.reading import Reading
from viz.shared.text_controls import recorded
from viz.shared.wording import apart, step_nouns


def find_pattern(model_name: str, passage: Passage, options: LiveOptions) -> None:
    """What opens under "Find this pattern": the sentence, the controls and the places."""
    tokens = step_nouns(describe(model_name)[0].encoder)
    about = _(
        "**Where else do these units do the same?** The pattern is the units that are on at every one of the marked {tokens}. "
        "Below are the places of a longer text where they switch on and off together."
    )
    page_sentence(about.format(tokens=tokens), rule=_rule(tokens), key="pattern")
    recording = recorded(model_name, passage)
    if recording is None:
        return
    layer_name = options["layer"] if options["layer"] in recording.layers else next(iter(recording.layers))
    survey = st.session_state["corpus"]
    corpus = (corpus_of(model_name, layer_name, survey) if survey else None) or corpus_of(model_name, layer_name)
    if corpus is None:
        _no_corpus(model_name)
        return
    layer = recording.layers[layer_name]
    if layer.sizes["step"] < 2:
        st.info(_("This text is too short to mark a part of it."))
        return
    unit = options["unit"]
    if unit is None or not 0 <= unit < layer.sizes["unit"]:
        unit = controls.hinted(recording, layer_name, model_name) or 0
    _show(Reading(model_name, passage, layer_name), layer, corpus, unit)


def _show(reading: Reading, layer: xr.Dataset, corpus: Corpus, unit: int) -> None:
    model_name, layer_name = reading.model_name, reading.layer_name
    encoder = describe(model_name)[0].encoder
    signals = [name for name in ("cell", "hidden") if name in corpus.recording and name in layer]
    signals += [str(name) for name in corpus.recording.data_vars if name in layer and name not in signals]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        slider = st.container(key="pattern-steps")
        boxes = st.columns(3, vertical_alignment="bottom")
        with boxes[0]:
            signal = choose_signal(signals, layer)
        span = marked_span(layer, unit, signal)
        if st.session_state["span"] != f"{span[0]}-{span[1]}":
            state.set_value("span", f"{span[0]}-{span[1]}")
            st.rerun()  # the picture above has the frame too
        usual = fitting(layer, span, signal, thresholds(corpus, signal))
        with boxes[1]:
            choose_threshold(_threshold(usual))
        with boxes[2]:
            choose_ends()
        with slider:
            choose_span(layer.sizes["step"], span, step_nouns(encoder))
    with right:
        query = edited(usual, layer, span, signals)
    if query is None:
        st.info(_("No unit is on throughout these steps like that: mark others, or fewer, or add a unit to the table."))
        return
    ends = next(name for name, (_title, off) in ENDS.items() if off == (query.off_before, query.off_after))
    again = {"find": "true", "pattern": written(query.conditions), "pattern_signal": signal, "pattern_ends": ends}
    found = search(corpus, query, layer_name=layer_name, model_name=model_name, apart=apart(encoder))
    draw_pattern(
        marked_facts(layer, query, span),
        found.shown,
        drawn=f"{corpus.id} {again} {span} {hash(reading.passage)}",
        said=_said(found, query, corpus, step_nouns(encoder)),
        after=found.next,
        apart=apart(encoder),
        link={"model": model_name, **again},
        on_read=partial(_read, again),
    )


def _threshold(query: Query | None) -> float | None:
    return None if query is None else abs(query.conditions[0].threshold)


def _said(found: Found, query: Query, corpus: Corpus, tokens: str) -> str:
    """How many places there are, and how many are better than chance."""
    where = _("{steps} {tokens} of {source}").format(steps=f"{corpus.steps:,}", tokens=tokens, source=_(corpus.source))
    if not found.shown:
        return _("No place in {where} is like it.").format(where=where.rstrip("."))
    if len(query.units) == 1:
        sentence = _("{every} places in {where}. One unit alone is never rarer than by chance: add others.")
    else:
        sentence = ngettext(
            "{every} places in {where}. Of the best {best}, {likely} is rarer than by chance (FDR at most {rate}).",
            "{every} places in {where}. Of the best {best}, {likely} are rarer than by chance (FDR at most {rate}).",
            found.likely,
        )
    values = {"best": found.best, "likely": found.likely, "rate": f"{LIKELY:.0%}"}
    return sentence.format(every=f"{found.every:,}", where=where.rstrip("."), **values)


def _rule(tokens: str) -> str:
    return _(
        "Score: 1 where every unit of the pattern is on from the first to the last {token_plural} of the place, off outside as "
        "asked, and the place is as long as the marked part. p-value: the share of places at least as good in a shuffled text, in which each "
        "unit is on as often and for as long, but at other times than the other units. FDR, the false-discovery rate: of the places "
        "down to this one, the share that would be found by chance alone. Grey numbers: above 5 %. A click opens a place as a text."
    ).format(token_plural=tokens)


def _no_corpus(model_name: str) -> None:
    if model_name.endswith(UNTRAINED):
        st.info(_("There is no longer text that was read before training: switch “Before training” off."))
        return
    st.info(_("This model has read no longer text yet. Let it read one on the page Units, then come back."))
    st.page_link(controls.UNITS, label=_("Units"), icon=":material/scatter_plot:")


def _read(again: Mapping[str, str], place: Mapping[str, Any]) -> None:
    """Open a place as the text, with the place marked and the same units looked for."""
    query = {key: again[key] for key in ("pattern", "pattern_signal", "pattern_ends")}
    take_place({**place, "step": place["span"][1] - 1}, **query)
