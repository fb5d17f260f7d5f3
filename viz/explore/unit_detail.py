"""Below the heatmaps of Explore: one unit step by step, and facts about the model."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st
import xarray as xr

from lstm_core import Recording, signals_of, wiring
from lstm_core.analysis import preactivation_terms
from lstm_core.cells import CellType
from viz.explore.cell_equations import cell_arithmetic
from viz.locale import N_, _, ngettext
from viz.shared.cached import describe, load_model, load_tokens
from viz.shared.controls import Selection
from viz.shared.downloads import show
from viz.shared.model_facts import score_in_words, title_of
from viz.shared.wording import layers_in_words, plain
from viz.theme import cell_type_of

REMEMBERS: dict[CellType, str] = {
    "LSTM": N_("f near 1 and i near 0: the cell state stays flat, so the unit remembers."),
    "GRU": N_("z near 1: the hidden state stays flat, so the unit remembers. z near 0: the candidate replaces it."),
    "RNN": N_("No gate can hold this state: it is recomputed at every step."),
}


def show_traces(recording: Recording, selection: Selection, draw: Callable[[], go.Figure]) -> None:
    layer = recording.layers[selection.layer_name]
    st.header(_("Unit {unit}, step by step").format(unit=selection.unit), anchor=False)
    cell_type, cell = cell_type_of(layer), describe(selection.model_name)[0].cell(selection.layer_name)
    terms = sum_of(recording, selection) if cell_type == "RNN" else None
    for line in cell_arithmetic(layer, selection.unit, selection.step, cell=cell, terms=terms):
        st.latex(line)
    count = len(signals_of(layer))
    charts = ngettext(
        "{count} line chart of unit {unit}, its signal",
        "{count} line charts of unit {unit}, one for each signal",
        count,
    )
    show(draw, key="traces", alt=charts.format(count=count, unit=selection.unit))
    about_lines = _("The coloured line is unit {unit}, marked at step {step}; grey lines are other units.")
    st.caption(f"{about_lines.format(unit=selection.unit, step=selection.step)} {_(REMEMBERS[cell_type])}")


def sum_of(recording: Recording, selection: Selection) -> xr.DataArray:
    """The terms of the sum in a simple RNN's only equation, which make up the unit's hidden state."""
    model, layer = load_model(selection.model_name), recording.layers[selection.layer_name]
    wires = wiring(model, load_tokens(selection.model_name, selection.passage), recording, selection.layer_name)
    return preactivation_terms(layer, wires, selection.unit, cell=model.config.cell(selection.layer_name))


def about(name: str) -> None:
    model = load_model(name)
    config, card = model.config, model.card
    facts = [layers_in_words(config)]
    parameters = sum(weights.numel() for weights in model.parameters())
    facts.append(ngettext("{count} parameter", "{count} parameters", parameters).format(count=f"{parameters:,}"))
    score = score_in_words(name, card)
    if score:
        facts.append(_("{score} on held-out data").format(score=score))
    st.caption(f"**{plain(title_of(name))}**: " + plain(f"{'; '.join(facts)}. {_(card.summary)}"))
