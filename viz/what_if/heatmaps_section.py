"""The section "How the layer changes": its heatmaps with the change, without it, and their difference."""

from functools import partial

import streamlit as st
import xarray as xr
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording, layer_number, signals_of
from lstm_core.analysis.telling import TELLING
from viz.browser.picker import Picked
from viz.browser.presenting import wide
from viz.figures import comparison
from viz.figures.blocks import block_length
from viz.figures.comparison import MAX_CELLS
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.clicks import set_by_click
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.reading import Reading, load_row_order
from viz.shared.tables import Table, comparison_table
from viz.shared.wording import gaps_in_words
from viz.theme import cell_type_of, signal_of
from viz.what_if.cached import InterventionResult, load_telling
from viz.what_if.controls import Interventions, click_on_row, with_unit_toggled
from viz.what_if.sections import UPPER

TITLES = (N_("with the change"), N_("original"))
HEIGHT, TOP, WIDTH = 228, 42, 920  # pixels: three heatmaps that end above the 720th pixel of a screen


def show_heatmaps(
    recording: Recording,
    result: InterventionResult,
    model_name: str,
    passage: Passage,
    interventions: Interventions,
    window: Window,
    more: DeltaGenerator,
) -> None:
    """The layer with the change, without it, and the difference; a click chooses a unit, in other layers the step."""
    changed = interventions[0].layer
    with more:
        seen = _choose_seen(list(recording.layers), changed)
        signals = _choose_signals(
            recording.layers[seen], [one.signal for one in interventions] if seen == changed else []
        )
        reading = Reading(model_name, passage, seen)
        clamped = {unit for one in interventions for unit in one.units or ()} if seen == changed else set()
        order = _rows(reading, clamped)
    if not signals:
        st.info(_("Choose at least one signal above to see its heatmaps."))
        return
    pair = [one.layers[seen].isel(step=window.steps) for one in (result.recording, recording)]
    shown = [one.sel(unit=order) for one in pair]
    titles = (_(TITLES[0]), _(TITLES[1]))
    draw = partial(
        comparison,
        *shown,
        titles=titles,
        signals=signals,
        order=order,
        row_height=HEIGHT,
        top=TOP,
        width=wide(WIDTH),
        dark=is_dark(),
    )
    alt = _("Heatmaps of {layer} with the change, original, and their difference").format(layer=seen)
    show(draw, key="comparison", alt=alt, grows=1 - UPPER)
    every = pair[0].sizes["unit"]
    rows = (
        _("All {count} units.")
        if len(order) == every
        else _("{shown} of {count} units: the most telling, and those changed.")
    )
    about = _(
        "Left and middle share one colour scale. Right: the change raised what is orange and lowered what is blue."
    )
    click = f" {click_on_row(interventions)}" if seen == changed else ""
    gaps = gaps_in_words(*(one[signals] for one in pair))
    st.caption(f"{rows.format(shown=len(order), count=every)} {about}{click}{gaps}")
    block = block_length(shown[0], heatmaps=3 * len(signals), most=MAX_CELLS)

    def values(picked: Picked) -> dict[str, object]:
        if seen == changed:
            return with_unit_toggled(interventions, order[picked.row])
        return {"step": min(window.start + picked.column * block, window.stop - 1)}

    set_by_click("comparison", values, shown=(model_name, seen, window.start, passage, tuple(order), interventions))
    table = Table(
        partial(comparison_table, pair[1], pair[0], signals),
        _("{columns}, for the steps shown").format(
            columns=", ".join(("signal", "step", "token", "unit", "before", "after"))
        ),
        rows=len(signals) * pair[0]["hidden"].size,
    )
    figure_downloads(_("Comparison"), draw, key="comparison", table=table)


def _rows(reading: Reading, clamped: set[int]) -> list[int]:
    """ "Sort units" and "All units": which units have a row, from the top."""
    order = load_row_order(reading, controls.choose_order())
    if len(order) <= TELLING or state.widget(st.toggle, "every", _("All units")):
        return order
    shown = clamped | set(load_telling(reading))
    return [unit for unit in order if unit in shown]


def _choose_seen(layers: list[str], changed: str) -> str:
    """ "Heatmaps of": the changed layer unless another is chosen; a single layer leaves no choice."""
    state.reset_unless("seen", layers)
    if len(layers) == 1:
        return changed
    options = ["", *(name for name in layers if name != changed)]
    if st.session_state["seen"] == changed:
        state.set_value("seen", "")
    chosen = state.widget(
        st.selectbox,
        "seen",
        _("Heatmaps of"),
        options,
        kind=changed,
        format_func=lambda name: _title(name) if name else _("{layer}, which is changed").format(layer=_title(changed)),
    )
    return str(chosen or changed)


def _title(layer_name: str) -> str:
    backwards = layer_name.endswith("_reverse")
    title = _("layer {number}, reading backwards") if backwards else _("layer {number}")
    return title.format(number=layer_number(layer_name))


def _choose_signals(layer: xr.Dataset, intervened: list[str]) -> list[str]:
    """ "Signals": the memory, or where only what leaves the cell is clamped, the output, unless the reader chooses."""
    has, cell_type = signals_of(layer), cell_type_of(layer)
    outwards = bool(intervened) and set(intervened) <= {"output", "hidden"}
    usual = ["hidden" if outwards or "cell" not in has else "cell"]
    value = [name for name in st.session_state["altered"] if name in has]
    if not value or value == st.session_state.get("altered_usual"):
        state.set_value("altered", usual)
    elif value != st.session_state["altered"]:
        state.set_value("altered", value)
    st.session_state["altered_usual"] = usual
    chosen = state.widget(
        st.pills,
        "altered",
        _("Signals"),
        has,
        kind=cell_type,
        selection_mode="multi",
        format_func=lambda name: f"{signal_of(name, cell_type).title} {signal_of(name, cell_type).symbol}",
        wrap=True,
    )
    if set(chosen) == set(usual):
        st.session_state["altered"] = []
    return [name for name in has if name in chosen]
