"""Explore: type a text, see every gate at every character."""

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from lstm_core import Recording
from viz.browser.picker import Picked, picker
from viz.explore.unit_detail import about, show_traces
from viz.figures import heatmaps, traces
from viz.shared import controls, state
from viz.shared.cached import describe
from viz.shared.controls import Selection, Window
from viz.shared.downloads import figure_downloads, recording_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import about_said, said
from viz.shared.reading import Reading, load_row_order
from viz.shared.text_controls import choose_text, recorded
from viz.shared.wording import SIGNED, gaps_in_words, network_in_words, step_noun
from viz.theme import cell_type_of

CHART = "heatmaps"
TRACED = 4  # units that have lines until the reader chooses


def page() -> None:
    state.begin("explore")
    title, intro = st.empty(), st.empty()
    title.title("What does an LSTM do while it reads?", anchor=False)
    model, passage = choose_text()
    network = network_in_words(describe(model)[0])
    if network != "an LSTM":
        title.title(f"What does {network} do while it reads?", anchor=False)
    noun = step_noun(describe(model)[0].encoder)
    gates = "" if network == "a simple RNN" else "Every gate, e"
    intro.caption(f"{gates or 'E'}very unit, every {noun}: the real numbers of a trained model on your text.")
    recording = recorded(model, passage)
    if recording is not None:
        show_recording(recording, model, passage)
    state.finish()


def show_recording(recording: Recording, model: str, passage: Passage) -> None:
    layer_box, signal_box, order_box = st.columns([2, 8, 4])
    with layer_box:
        layer = controls.choose_layer(recording, describe(model)[0])
    with signal_box:
        signals = controls.choose_signals("signals", recording.layers[layer])
    with order_box:
        by = controls.choose_order()
    window = controls.choose_window(recording.layers[layer].sizes["step"])
    order = load_row_order(Reading(model, passage, layer), by)
    draw = show_heatmaps(recording, model, layer, window, signals, order) if signals else None
    if draw is None:
        st.info("Choose at least one signal above to see its heatmap.")
    cell_box, unit_box = st.columns(2)
    with cell_box:
        first = controls.hinted(recording, layer, model)
        why = "most varying" if first is None else f"named above: {first}"
        unit, step, chosen = controls.choose_cell(recording, layer, window, usual=first, why=why)
    with unit_box:
        units = controls.choose_units(recording, layer, usual=TRACED)
    selection = Selection(model, passage, layer, unit, step)
    if draw is not None:
        listen(selection, window, order, chosen=chosen)
    lines = partial(
        traces,
        recording.layers[layer].isel(step=window.steps),
        units=units,
        selected=(step, unit),
        dark=controls.is_dark(),
    )
    show_traces(recording, selection, lines())
    st.divider()
    downloads = st.columns([2, 2, 2, 2], vertical_alignment="center")
    with downloads[0]:
        if draw is not None:
            figure_downloads("Heatmaps", partial(draw, selected=(step, unit) if chosen else None), key=CHART)
    with downloads[1]:
        figure_downloads("Traces", lines, key="traces")
    recording_downloads(recording, layer, window.steps, boxes=downloads[2:])
    about(model)


def show_heatmaps(
    recording: Recording, model: str, layer: str, window: Window, signals: list[str], order: list[int]
) -> Callable[..., go.Figure]:
    """The heatmaps; returns what draws them again, for a download."""
    config = describe(model)[0]
    noun = step_noun(config.encoder)
    draw = partial(
        heatmaps,
        recording.layers[layer].isel(step=window.steps),
        signals=signals,
        order=order,
        **said(recording.prediction, window.steps, config.readout),
        dark=controls.is_dark(),
    )
    show(draw(), key=CHART, alt=f"Heatmaps of every unit (rows) at every {noun} (columns), one for each signal")
    signed = SIGNED.get(cell_type_of(recording.layers[layer]))
    gates = (
        f"A gate is strongly coloured where it is open, pale where it is shut; {signed} one colour above zero and "
        "another below."
        if signed
        else "The hidden state has one colour above zero and another below."
    )
    shown = recording.layers[layer][signals].isel(step=window.steps)
    st.caption(
        f"Each column is a {noun}, each row a unit. {gates} {about_said(recording.prediction, noun)} **Click a cell to "
        f"follow its unit**; drag to zoom, double-click to go back.{gaps_in_words(shown)}"
    )
    return draw


def listen(selection: Selection, window: Window, order: list[int], *, chosen: bool) -> None:
    """Clicks on the heatmaps choose unit and step; the chosen cell is marked."""

    def take(picked: Picked) -> None:
        state.set_value("unit", order[picked.row])
        state.set_value("step", window.start + picked.column)

    picker(
        CHART,
        row=order.index(selection.unit) if chosen else None,
        column=selection.step - window.start if chosen else None,
        version=f"{selection.model_name} {selection.layer_name} {window.start} {hash(selection.passage)} {hash(tuple(order))}",
        on_pick=take,
    )


page()
