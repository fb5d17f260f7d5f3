"""Explore: type a text, see every gate at every character."""

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from lstm_core import Recording
from lstm_core.cells import CellType
from viz.explore.unit_detail import about, show_traces
from viz.figures import heatmaps, traces
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import describe
from viz.shared.clicks import set_by_click
from viz.shared.controls import Selection, Window
from viz.shared.downloads import figure_downloads, recording_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import about_predictions, prediction_panels
from viz.shared.reading import Reading, load_row_order
from viz.shared.text_controls import choose_text, recorded
from viz.shared.wording import gaps_in_words, network_type, step_noun, step_nouns
from viz.theme import cell_type_of

CHART = "heatmaps"
LISTED = 5  # predictions above each step, where a model chooses among many
TRACED = 4  # units that have lines until the reader chooses
TITLES: dict[CellType | None, str] = {
    "LSTM": N_("What does an LSTM do while it reads?"),
    "GRU": N_("What does a GRU do while it reads?"),
    "RNN": N_("What does a simple RNN do while it reads?"),
    None: N_("What does a recurrent network do while it reads?"),
}
COLOURS: dict[CellType, str] = {
    "LSTM": N_(
        "Gates: strong colour = open, pale = closed. Candidate, cell and hidden state: orange above zero, blue below."
    ),
    "GRU": N_("Gates: strong colour = open, pale = closed. Candidate and hidden state: orange above zero, blue below."),
    "RNN": N_("The hidden state is orange above zero and blue below."),
}


def page() -> None:
    state.begin("explore")
    title, intro = st.empty(), st.empty()
    title.title(_(TITLES["LSTM"]), anchor=False)
    model_name, passage = choose_text()
    network = network_type(describe(model_name)[0])
    if network != "LSTM":
        title.title(_(TITLES[network]), anchor=False)
    about_page = (
        _("Every unit, every {token}: the real numbers of a trained model on your text.")
        if network == "RNN"
        else _("Every gate, every unit, every {token}: the real numbers of a trained model on your text.")
    )
    intro.caption(about_page.format(token=step_noun(describe(model_name)[0].encoder)))
    recording = recorded(model_name, passage)
    if recording is not None:
        show_recording(recording, model_name, passage)
    state.finish()


def show_recording(recording: Recording, model_name: str, passage: Passage) -> None:
    layer_box, signal_box, order_box = st.columns([2, 7, 5])
    with layer_box:
        layer_name = controls.choose_layer(recording, describe(model_name)[0])
    with signal_box:
        signals = controls.choose_signals("signals", recording.layers[layer_name])
    with order_box:
        by = controls.choose_order()
    window = controls.choose_window(recording.layers[layer_name].sizes["step"])
    order = load_row_order(Reading(model_name, passage, layer_name), by)
    draw = show_heatmaps(recording, model_name, layer_name, window, signals, order) if signals else None
    if draw is None:
        st.info(_("Choose at least one signal above to see its heatmap."))
    cell_box, unit_box = st.columns(2)
    with cell_box:
        first = controls.hinted(recording, layer_name, model_name)
        why = "" if first is None else _("named above: {unit}").format(unit=first)
        unit, step, chosen = controls.choose_cell(recording, layer_name, window, usual=first, why=why)
    with unit_box:
        units = controls.choose_units(recording, layer_name, usual=TRACED)
    selection = Selection(model_name, passage, layer_name, unit, step)
    if draw is not None:
        listen(selection, window, order, chosen=chosen)
    lines = partial(
        traces,
        recording.layers[layer_name].isel(step=window.steps),
        units=units,
        selected=(step, unit),
        dark=controls.is_dark(),
    )
    show_traces(recording, selection, lines())
    st.divider()
    downloads = st.columns([2, 2, 2, 2], vertical_alignment="center")
    with downloads[0]:
        if draw is not None:
            figure_downloads(_("Heatmaps"), partial(draw, selected=(step, unit) if chosen else None), key=CHART)
    with downloads[1]:
        figure_downloads(_("Traces"), lines, key="traces")
    recording_downloads(recording, layer_name, window.steps, boxes=downloads[2:])
    about(model_name)


def show_heatmaps(
    recording: Recording, model_name: str, layer_name: str, window: Window, signals: list[str], order: list[int]
) -> Callable[..., go.Figure]:
    """The heatmaps. Returns a function that draws them again, for a download."""
    config = describe(model_name)[0]
    tokens = step_noun(config.encoder), step_nouns(config.encoder)
    draw = partial(
        heatmaps,
        recording.layers[layer_name].isel(step=window.steps),
        signals=signals,
        order=order,
        **prediction_panels(recording.prediction, window.steps, config.readout, count=LISTED),
        dark=controls.is_dark(),
    )
    alt = _("Heatmaps of every unit (rows) at every {token} (columns), one for each signal").format(token=tokens[0])
    show(draw(), key=CHART, alt=alt)
    sentences = (
        _("Each column is a {token}, each row a unit.").format(token=tokens[0]),
        _(COLOURS[cell_type_of(recording.layers[layer_name])]),
        about_predictions(recording.prediction, tokens, count=LISTED),
        _("**Click a cell to follow its unit.** Drag to zoom, double-click to reset."),
    )
    st.caption(" ".join(sentences) + gaps_in_words(recording.layers[layer_name][signals].isel(step=window.steps)))
    return draw


def listen(selection: Selection, window: Window, order: list[int], *, chosen: bool) -> None:
    """Let clicks on the heatmaps choose unit and step, and mark the chosen cell."""
    reading = (selection.model_name, selection.layer_name, selection.passage)
    set_by_click(
        CHART,
        lambda picked: {"unit": order[picked.row], "step": window.start + picked.column},
        shown=(reading, window.start, tuple(order)),
        row=order.index(selection.unit) if chosen else None,
        column=selection.step - window.start if chosen else None,
    )


page()
