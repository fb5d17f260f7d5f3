"""Below the heatmaps of Explore: one unit step by step, and what there is to know of the model."""

import plotly.graph_objects as go
import streamlit as st
import xarray as xr

from lstm_core import Recording, signals_of, wiring
from lstm_core.analysis import preactivation_terms
from viz.explore.cell_equations import cell_arithmetic
from viz.shared.cached import describe, load_model, load_tokens
from viz.shared.controls import Selection
from viz.shared.downloads import show
from viz.shared.wording import CHARTS, REMEMBERS, layers_in_words, plain
from viz.theme import cell_type_of


def show_traces(recording: Recording, selection: Selection, figure: go.Figure) -> None:
    layer = recording.layers[selection.layer_name]
    st.subheader(f"Unit {selection.unit}, step by step", anchor=False)
    cell_type, cell = cell_type_of(layer), describe(selection.model_name)[0].cell(selection.layer_name)
    terms = sum_of(recording, selection) if cell_type == "RNN" else None
    for line in cell_arithmetic(layer, selection.unit, selection.step, cell=cell, terms=terms):
        st.latex(line)
    charts = CHARTS[len(signals_of(layer))]
    show(figure, key="traces", alt=f"{charts} of unit {selection.unit}, one for each signal")
    st.caption(
        f"The coloured line is unit {selection.unit}, marked at step {selection.step}; grey lines are other units. "
        f"{REMEMBERS[cell_type]}"
    )


def sum_of(recording: Recording, selection: Selection) -> xr.DataArray:
    """What the unit's hidden state is made of: the terms of the sum in a simple RNN's only equation."""
    model, layer = load_model(selection.model_name), recording.layers[selection.layer_name]
    wires = wiring(model, load_tokens(selection.model_name, selection.passage), recording, selection.layer_name)
    return preactivation_terms(layer, wires, selection.unit, cell=model.config.cell(selection.layer_name))


def about(name: str) -> None:
    model = load_model(name)
    config, card = model.config, model.card
    facts = [layers_in_words(config)]
    facts.append(f"{sum(weights.numel() for weights in model.parameters()):,} weights")
    if "score" in card.evaluation:
        facts.append(f"{card.evaluation['score']:g} {card.evaluation['measure']} on held-out data")
    st.caption(f"**{plain(name)}**: " + plain(f"{'; '.join(facts)}. {card.summary}"))
