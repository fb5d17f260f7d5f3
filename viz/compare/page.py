"""Compare: the trained model beside its untrained self, or beside another of the zoo."""

from functools import partial
from statistics import fmean

import streamlit as st
import xarray as xr

from lstm_core import Recording
from lstm_core.analysis import saturation
from viz.compare.training_film import show_learnt
from viz.figures import comparison, distributions, saturations
from viz.figures.gates import gates_of
from viz.shared import controls, state
from viz.shared.cached import UNTRAINED, comparable, describe
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.reading import Reading, load_row_order
from viz.shared.text_controls import choose_text, recorded, recorded_beside
from viz.shared.wording import AT_FIRST, OPEN, gaps_in_words, in_digits, plain
from viz.theme import cell_type_of


def page() -> None:
    state.begin("compare")
    st.title("What did training change?", anchor=False)
    st.caption(
        "The same text, read by two models: on the left the chosen one, beside it, by default, itself before training. "
        "Further down: its gates while they were being learnt."
    )
    model, passage = choose_text()
    recording = recorded(model, passage)
    if recording is not None:
        show_comparison(recording, model, passage)
    state.finish()


def show_comparison(recording: Recording, model: str, passage: Passage) -> None:
    other_box, layer_box, signal_box, order_box = st.columns([3, 2, 6, 4])
    with other_box:
        other = controls.choose_other(comparable(model))
    with layer_box:
        layer = controls.choose_layer(recording, describe(model)[0])
    with signal_box:
        signals = controls.choose_signals("compared", recording.layers[layer])
    with order_box:
        by = controls.choose_order()
    peer = recorded_beside(recording, other, passage)
    window = controls.choose_window(recording.layers[layer].sizes["step"])
    order = load_row_order(Reading(model, passage, layer), by)
    if peer is not None:
        pair = recording.layers[layer].isel(step=window.steps), peer.layers[layer].isel(step=window.steps)
        show_figures(*pair, titles=(model, other), signals=signals, order=order)
    show_learnt(recording, model, passage, layer, window=window, order=order)


def show_figures(
    first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str], signals: list[str], order: list[int]
) -> None:
    pair, dark = (first, second), controls.is_dark()
    model, other = titles
    if not signals:
        st.info("Choose at least one signal above to see its heatmaps.")
        return
    draw = partial(comparison, *pair, titles=titles, signals=signals, order=order, dark=dark)
    show(draw(), key="comparison", alt=f"Heatmaps of {model}, of {other}, and their difference")
    about = (
        "Left and middle share one colour scale. On the right, white (black in the dark) is no difference: what is coloured "
        "there is what training has made of that unit."
        if UNTRAINED in other
        else "Left and middle share one colour scale; on the right, only what differs is coloured."
    )
    st.caption(about + gaps_in_words(first[signals], second[signals]))
    figure_downloads("Comparison", draw, key="comparison")
    st.subheader("Which values do the gates take?", anchor=False)
    if cell_type_of(first) == "RNN":
        st.caption("A simple RNN has no gates: its hidden state, above, is all there is to compare.")
        return
    show_gates(*pair, titles=titles)


def share_at_the_ends(layer: xr.Dataset) -> float:
    """Which share of the values of all gates is below 0.1 or above 0.9?"""
    return fmean(share["below"] + share["above"] for share in (saturation(layer[gate]) for gate in gates_of(layer)))


def show_gates(first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str]) -> None:
    pair, dark, cell_type, (model, other) = (first, second), controls.is_dark(), cell_type_of(first), titles
    gates = [layer[gates_of(layer)] for layer in pair]
    ends = [in_digits(share_at_the_ends(layer), ".0%") for layer in pair]
    draw = partial(distributions, *pair, titles=titles, dark=dark)
    show(draw(), key="distributions", alt="The distribution of each gate's values in both models")
    st.caption(
        f"An untrained gate hovers around one half{AT_FIRST.get(cell_type, '')}. Training "
        f"often drives gates to the ends: shut (0) or open (1), like switches. Of these values, {ends[0]} are nearly shut or "
        f"nearly open in {plain(model)}, {ends[1]} in {plain(other)}.{gaps_in_words(*gates)}"
    )
    figure_downloads("Distributions", draw, key="distributions")
    draw = partial(saturations, *pair, titles=titles, dark=dark)
    show(draw(), key="saturations", alt="The share of each gate's values below 0.1 and above 0.9")
    st.caption(
        "Grey: nearly shut (below 0.1); coloured: nearly open (above 0.9); pale: in between. "
        f"{OPEN[cell_type]} that is nearly open remembers; the measure is that of Karpathy et al. 2015.{gaps_in_words(*gates)}"
    )
    figure_downloads("Saturation", draw, key="saturations")


page()
