"""What if: clamp a gate, a cell state or a hidden state at a value, and see how the predictions change."""

import streamlit as st

from lstm_core import Recording
from viz.locale import _
from viz.shared import controls, exported, state
from viz.shared.cached import describe
from viz.shared.head import page_head
from viz.shared.passage import Passage
from viz.shared.text_controls import chosen_model, recorded
from viz.what_if.controls import choose_interventions
from viz.what_if.heatmaps_section import show_heatmaps
from viz.what_if.intro import explain
from viz.what_if.knock_out_section import show_knock_out
from viz.what_if.link_format import told
from viz.what_if.sections import intervened_or_reason, show_change


def page() -> None:
    state.begin("what_if")
    model_name, passage = page_head(_("What if a gate had stayed open?"), page="what_if", explain=explain_here)
    recording = recorded(model_name, passage)
    if recording is not None:
        show_what_if(recording, model_name, passage)
    state.finish()


def explain_here() -> None:
    config = describe(chosen_model())[0]
    layer = st.session_state["layer"]
    explain(config, layer if layer in config.layer_names else config.layer_names[0])


def show_what_if(recording: Recording, model_name: str, passage: Passage) -> None:
    layer_box, window_box = st.columns([2, 6])
    with layer_box:
        layer_name = controls.choose_layer(recording, describe(model_name)[0])
    layer = recording.layers[layer_name]
    with window_box:
        window = controls.choose_window(layer.sizes["step"])
    st.subheader(_("Interventions"), anchor=False)
    interventions = choose_interventions(layer_name, layer)
    exported.tell("held", "; ".join(map(told, interventions)))
    result = intervened_or_reason(model_name, passage, interventions, layer.sizes["step"])
    if result is None:
        return
    st.subheader(_("How the predictions change"), anchor=False)
    show_change(recording, result, model_name, window)
    st.subheader(_("How the layer changes"), anchor=False)
    show_heatmaps(recording, result, model_name, passage, interventions, window)
    show_knock_out(recording, model_name, passage, interventions)


page()
