"""Compare: a trained model and the same model before training, or another of the same layout, on one text."""

from functools import partial
from statistics import fmean

import streamlit as st
import xarray as xr

from lstm_core import Recording
from lstm_core.analysis import saturation
from lstm_core.cells import CellType
from viz.compare.cached import has_checkpoints
from viz.compare.training_film import Learnt, show_film, show_units
from viz.figures import comparison, distributions, saturations
from viz.figures.gates import gates_of
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import UNTRAINED, comparable, describe
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.reading import Reading, load_row_order
from viz.shared.tabs import show_tab
from viz.shared.text_controls import choose_text, recorded, recorded_beside
from viz.shared.wording import gaps_in_words, in_digits, plain
from viz.theme import cell_type_of

AT_FIRST: dict[CellType, str] = {
    "LSTM": N_("An untrained gate stays near 0.5, or nearer 1 if it is a forget gate with a positive bias."),
    "GRU": N_("An untrained gate stays near 0.5."),
}
REMEMBERS: dict[CellType, str] = {
    "LSTM": N_("A forget gate that is nearly open remembers (Karpathy et al. 2015)."),
    "GRU": N_("An update gate that is nearly open remembers (Karpathy et al. 2015)."),
}


def page() -> None:
    state.begin("compare")
    st.title(_("What did training change?"), anchor=False)
    st.caption(
        _(
            "The chosen model (left) and, by default, the same model before training (middle) read the same text; "
            "right: the difference. Below: the gates during training."
        )
    )
    model_name, passage = choose_text()
    recording = recorded(model_name, passage)
    if recording is not None:
        show_comparison(recording, model_name, passage)
    state.finish()


def show_comparison(recording: Recording, model_name: str, passage: Passage) -> None:
    other_box, layer_box, signal_box, order_box = st.columns([3, 2, 5, 5])
    with other_box:
        other = controls.choose_other(comparable(model_name))
    with layer_box:
        layer_name = controls.choose_layer(recording, describe(model_name)[0])
    with signal_box:
        signals = controls.choose_signals("compared", recording.layers[layer_name])
    with order_box:
        by = controls.choose_order()
    peer = None if other is None else recorded_beside(recording, other, passage)
    window = controls.choose_window(recording.layers[layer_name].sizes["step"])
    order = load_row_order(Reading(model_name, passage, layer_name), by)
    learnt = Learnt(Reading(model_name, passage, layer_name), window, tuple(order))
    tabs = {
        "film": (_("How training changed the gates"), lambda: show_film(learnt)),
        "units": (_("Each unit's gate during training"), lambda: show_units(learnt)),
    }
    if other is not None and peer is not None:
        titles = model_name, other
        pair = recording.layers[layer_name].isel(step=window.steps), peer.layers[layer_name].isel(step=window.steps)
        show_difference(*pair, titles=titles, signals=signals, order=order)
        tabs["gates"] = (_("Which values do the gates take?"), lambda: show_gates(*pair, titles=titles))
    show_tab(tabs, first=None if has_checkpoints(model_name) else list(tabs)[-1])


def show_difference(
    first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str], signals: list[str], order: list[int]
) -> None:
    pair, dark = (first, second), controls.is_dark()
    model_name, other = titles
    if not signals:
        st.info(_("Choose at least one signal above to see its heatmaps."))
        return
    draw = partial(comparison, *pair, titles=titles, signals=signals, order=order, dark=dark)
    alt = _("Heatmaps of {model}, of {other}, and their difference").format(model=model_name, other=other)
    show(draw, key="comparison", alt=alt)
    if UNTRAINED in other:
        about = _("Left and middle share one colour scale. Right: colour shows what training changed.")
    else:
        about = _("Left and middle share one colour scale. Right: colour shows what differs.")
    st.caption(about + gaps_in_words(first[signals], second[signals]))
    figure_downloads(_("Comparison"), draw, key="comparison")


def share_at_the_ends(layer: xr.Dataset) -> float:
    """The fraction of all gate values that are saturated: below 0.1 or above 0.9."""
    return fmean(share["below"] + share["above"] for share in (saturation(layer[gate]) for gate in gates_of(layer)))


def show_gates(first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str]) -> None:
    if cell_type_of(first) == "RNN":
        st.caption(_("A simple RNN has no gates: compare its hidden state above."))
        return
    pair, dark, cell_type, (model_name, other) = (first, second), controls.is_dark(), cell_type_of(first), titles
    gates = [layer[gates_of(layer)] for layer in pair]
    ends = [in_digits(share_at_the_ends(layer), ".0%") for layer in pair]
    draw = partial(distributions, *pair, titles=titles, dark=dark)
    show(draw, key="distributions", alt=_("The distribution of each gate's values in both models"))
    trained = _(
        "Training often saturates gates: shut (0) or open (1), like switches. Saturated here, below 0.1 or above 0.9: "
        "{first} of the values of {model}, {second} of {other}."
    ).format(first=ends[0], model=plain(model_name), second=ends[1], other=plain(other))
    st.caption(f"{_(AT_FIRST[cell_type])} {trained}{gaps_in_words(*gates)}")
    figure_downloads(_("Distributions"), draw, key="distributions")
    draw = partial(saturations, *pair, titles=titles, dark=dark)
    show(draw, key="saturations", alt=_("The fraction of each gate's values below 0.1 and above 0.9"))
    legend = _("Grey: nearly shut (below 0.1). Coloured: nearly open (above 0.9). Pale: in between.")
    st.caption(f"{legend} {_(REMEMBERS[cell_type])}{gaps_in_words(*gates)}")
    figure_downloads(_("Saturation"), draw, key="saturations")


page()
