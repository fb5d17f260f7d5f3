"""Explore: type a text, see every gate at every character."""

import streamlit as st

from lstm_core import Recording
from lstm_core.cells import CellType
from viz.explore.figure import TRACED, Shown, listen, show_heatmaps, show_unit
from viz.explore.keep import keep
from viz.explore.live import live_text, options_of, show_live
from viz.live.home import take_home
from viz.live.options import LiveOptions
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import describe, trained
from viz.shared.controls import Selection
from viz.shared.finding_picker import looks, offer_findings
from viz.shared.head import model_head, page_head
from viz.shared.layer_controls import choose_layer, choose_signals
from viz.shared.model_controls import chosen_model, take_before
from viz.shared.passage import Passage
from viz.shared.places import PATTERN, reveal_pattern
from viz.shared.reading import Reading, load_row_order
from viz.shared.text_controls import about_writing, recorded, writing_asked
from viz.shared.wording import network_type, step_noun

TITLES: dict[CellType | None, str] = {
    "LSTM": N_("What does an LSTM do while it reads?"),
    "GRU": N_("What does a GRU do while it reads?"),
    "RNN": N_("What does a simple RNN do while it reads?"),
    None: N_("What does a recurrent network do while it reads?"),
}


def page() -> None:
    state.begin("explore")
    if st.session_state["before"]:  # as links had it before the model's name said so
        take_before(before=True)
        state.set_value("before", False)
    model_name = chosen_model()
    text, why_not = live_text(model_name, Passage(st.session_state["text"], writing_asked()))
    if why_not:
        show_from_server(why_not)
    else:
        show_in_browser(text)
    state.finish()


def show_in_browser(text: str) -> None:
    """The picture, read and drawn by the reader's browser; below it what is made here, once it is asked for."""
    # The component has "Before training", which follows at once: in the head it would be a second one.
    model_name = model_head(title(), explain=about_page)
    if writing_asked():
        about_writing()
    options = show_live(model_name, text, about=" ".join(looks("explore")))
    with st.container(key="explore-foot", horizontal=True, vertical_alignment="center"):
        offer_findings("explore")
        find = offer_pattern()
        kept = st.toggle(
            _("Figure to keep"),
            key="keep",
            help=_("The same picture by the server's own numbers, as a figure: PNG, HTML, CSV, zarr."),
        )
        take_home(trained(model_name), options, page="explore")
    if kept:
        keep(model_name, Passage(text), options)
    if find:
        show_pattern(model_name, Passage(text), options)


def offer_pattern() -> bool:
    return bool(
        state.widget(
            st.toggle,
            "find",
            _("Find this pattern"),
            on_change=reveal_pattern,
            help=_("Mark a part of the text: where in a longer text do the same units switch on and off?"),
        )
    )


def show_pattern(model_name: str, passage: Passage, options: LiveOptions) -> None:
    from viz.explore.pattern_section import find_pattern  # with dask and zarr: not before it is asked for

    with st.container(key=PATTERN):
        find_pattern(model_name, passage, options)


def show_from_server(why_not: str) -> None:
    """What the browser does not read is read here, at every change; a sentence says why."""
    model_name, passage = page_head(title(), page="explore", explain=about_page)
    st.caption(why_not)
    recording = recorded(model_name, passage)
    if recording is not None:
        show_recording(recording, model_name, passage)
        if offer_pattern():
            show_pattern(model_name, passage, options_of(model_name, passage.text))


def title() -> str:
    return _(TITLES[network_type(describe(chosen_model())[0])])


def about_page() -> None:
    config = describe(chosen_model())[0]
    about = (
        _("Every unit, every {token}: the real numbers of a trained model on your text.")
        if network_type(config) == "RNN"
        else _("Every gate, every unit, every {token}: the real numbers of a trained model on your text.")
    )
    st.caption(about.format(token=step_noun(config.encoder)))


def show_recording(recording: Recording, model_name: str, passage: Passage) -> None:
    layer_box, signal_box, order_box = st.columns([2, 7, 5])
    with layer_box:
        layer_name = choose_layer(recording, describe(model_name)[0])
    with signal_box:
        signals = choose_signals("signals", recording.layers[layer_name])
    with order_box:
        by = controls.choose_order()
    window = controls.choose_window(recording.layers[layer_name].sizes["step"])
    order = load_row_order(Reading(model_name, passage, layer_name), by)
    shown = Shown(recording, model_name, passage, layer_name, window, signals, order)
    draw = show_heatmaps(shown) if signals else None
    if draw is None:
        st.info(_("Choose at least one signal above to see its heatmap."))
    cell_box, unit_box = st.columns(2)
    with cell_box:
        first = controls.hinted(recording, layer_name, model_name)
        why = "" if first is None else _("named above: {unit}").format(unit=first)
        unit, step, chosen = controls.choose_cell(recording, layer_name, window, usual=first, why=why)
        controls.offer_unit(model_name, layer_name, unit)
    with unit_box:
        units = controls.choose_units(recording, layer_name, usual=TRACED)
    selection = Selection(model_name, passage, layer_name, unit, step)
    if draw is not None:
        listen(shown, selection, chosen=chosen)
    show_unit(shown, selection, draw, units, chosen=chosen)


page()
