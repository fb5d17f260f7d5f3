"""Compare: a trained model and the same model before training, or another of the same layout, on one text."""

from functools import partial
from statistics import fmean

import streamlit as st
import xarray as xr
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording
from lstm_core.analysis import mean_difference, saturation
from lstm_core.cells import CellType
from viz.browser.picker import Picked
from viz.compare.cached import has_checkpoints
from viz.compare.room import TOP, row_height
from viz.compare.training_film import Learnt, show_film, show_units
from viz.compare.wording import RULE, largest_difference
from viz.figures import comparison, distributions, saturations
from viz.figures.blocks import block_length
from viz.figures.comparison import MAX_CELLS
from viz.figures.gates import gates_of
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import comparable, describe
from viz.shared.clicks import set_by_click
from viz.shared.controls import Window
from viz.shared.downloads import figure_downloads, show
from viz.shared.head import WIDE, page_controls, page_head, page_picture, page_sentence
from viz.shared.layer_controls import choose_layer, choose_signals
from viz.shared.model_facts import titles_beside
from viz.shared.passage import Passage
from viz.shared.reading import Reading, load_rows
from viz.shared.tabs import show_tab
from viz.shared.text_controls import recorded, recorded_beside
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
    model_name, passage = page_head(_("What did training change?"), explain=explain)
    recording = recorded(model_name, passage)
    if recording is not None:
        show_comparison(recording, model_name, passage)
    state.finish()


def explain() -> None:
    st.markdown(
        _(
            "The chosen model (left) and, by default, the same model before training (middle) read the same text; "
            "right: the difference. Below the heatmaps: the gates during training, as a film."
        )
    )
    st.markdown(_(AT_FIRST["LSTM"]) + " " + _(REMEMBERS["LSTM"]))


def show_comparison(recording: Recording, model_name: str, passage: Passage) -> None:
    controls_box, picture_box = page_controls(), page_picture()
    with controls_box:
        with st.container(width=WIDE):
            other = controls.choose_other(model_name, comparable(model_name))
        layer_name = choose_layer(recording, describe(model_name)[0], width=WIDE)
        layer = recording.layers[layer_name]
        signals = choose_signals("compared", layer)
        which = controls.choose_which(layer.sizes["unit"])
        with st.popover(_("More"), icon=":material/tune:"):
            by = controls.choose_order()
            window = controls.choose_window(layer.sizes["step"])
    reading = Reading(model_name, passage, layer_name)
    peer = None if other is None else recorded_beside(recording, other, passage)
    order = load_rows(reading, by, which, st.session_state["units"])
    learnt = Learnt(reading, window, tuple(order))
    tabs = {
        "film": (_("How training changed the gates"), lambda: show_film(learnt)),
        "units": (_("Each unit's gate during training"), lambda: show_units(learnt)),
    }
    if other is not None and peer is not None:
        names, titles = (model_name, other), titles_beside(model_name, other)
        pair = layer.isel(step=window.steps), peer.layers[layer_name].isel(step=window.steps)
        with picture_box:
            page_sentence(largest_difference(mean_difference(*pair), names, cell_type_of(layer)), rule=_(RULE))
        show_difference(*pair, titles=titles, signals=signals, order=order, shown=(reading, window), box=picture_box)
        tabs["gates"] = (_("Which values do the gates take?"), lambda: show_gates(*pair, titles=titles))
    show_tab(tabs, first=None if has_checkpoints(model_name) else list(tabs)[-1])


def show_difference(
    first: xr.Dataset,
    second: xr.Dataset,
    *,
    titles: tuple[str, str],
    signals: list[str],
    order: list[int],
    shown: tuple[Reading, Window],
    box: DeltaGenerator,
) -> None:
    """The heatmaps in their `box`, and below it what they are; a click marks a unit and a step, for the other pages too."""
    pair, dark = (first, second), controls.is_dark()
    if not signals:
        st.info(_("Choose at least one signal above to see its heatmaps."))
        return
    height = row_height(len(signals), len(order))
    draw = partial(
        comparison, *pair, titles=titles, signals=signals, order=order, row_height=height, top=TOP, dark=dark
    )
    alt = _("Heatmaps of two models, {model} and {other}, and of their difference").format(
        model=titles[0], other=titles[1]
    )
    with box:
        show(draw, key="comparison", alt=alt, grows=1)
    listen(first, order, len(signals), shown)
    about = _(
        "Left and middle share one colour scale. Right: warm where the left one is higher, cool where it is lower, on a scale of its own "
        "for each row, which ends at the numbers beside it. **Click a cell to mark its unit and step.**"
    )
    st.caption(about + gaps_in_words(first[signals], second[signals]))
    reading, _window = shown
    if st.session_state["unit"] in order:
        controls.offer_unit(reading.model_name, reading.layer_name, st.session_state["unit"])
    figure_downloads(_("Comparison"), draw, key="comparison")


def listen(layer: xr.Dataset, order: list[int], signals: int, shown: tuple[Reading, Window]) -> None:
    """Mark the selected unit and step, and let a click select them."""
    _reading, window = shown
    block = block_length(layer, heatmaps=3 * signals, most=MAX_CELLS)
    unit, step = st.session_state["unit"], st.session_state["step"]
    marked = unit in order and step is not None and window.start <= step < window.stop

    def values(picked: Picked) -> dict[str, object]:
        return {"unit": order[picked.row], "step": min(window.start + picked.column * block, window.stop - 1)}

    set_by_click(
        "comparison",
        values,
        shown=(shown, tuple(order), block),
        row=order.index(unit) if marked else None,
        column=(step - window.start) // block if marked else None,
    )


def share_at_the_ends(layer: xr.Dataset) -> float:
    """The fraction of all gate values that are saturated: below 0.1 or above 0.9."""
    return fmean(share["below"] + share["above"] for share in (saturation(layer[gate]) for gate in gates_of(layer)))


def show_gates(first: xr.Dataset, second: xr.Dataset, *, titles: tuple[str, str]) -> None:
    if cell_type_of(first) == "RNN":
        st.caption(_("A simple RNN has no gates: compare its hidden state above."))
        return
    pair, dark, cell_type = (first, second), controls.is_dark(), cell_type_of(first)
    gates = [layer[gates_of(layer)] for layer in pair]
    ends = [in_digits(share_at_the_ends(layer), ".0%") for layer in pair]
    trained = _(
        "Training often saturates gates: shut (0) or open (1), like switches. Saturated here, below 0.1 or above 0.9: "
        "“{model}” {first} of the values, “{other}” {second}."
    ).format(first=ends[0], model=plain(titles[0]), second=ends[1], other=plain(titles[1]))
    st.caption(f"{_(AT_FIRST[cell_type])} {trained} {_(REMEMBERS[cell_type])}{gaps_in_words(*gates)}")
    left, right = st.columns(2)
    with left:
        draw = partial(distributions, *pair, titles=titles, dark=dark)
        show(draw, key="distributions", alt=_("The distribution of each gate's values in both models"))
        figure_downloads(_("Distributions"), draw, key="distributions")
    with right:
        draw = partial(saturations, *pair, titles=titles, dark=dark)
        show(draw, key="saturations", alt=_("The fraction of each gate's values below 0.1 and above 0.9"))
        legend = _("Grey: nearly shut (below 0.1). Coloured: nearly open (above 0.9). Pale: in between.")
        st.caption(legend + gaps_in_words(*gates))
        figure_downloads(_("Saturation"), draw, key="saturations")


page()
