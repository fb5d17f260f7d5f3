"""What if: hold a gate, a cell or what a unit says at a value, and see what would have become of it."""

import streamlit as st

from lstm_core import Recording
from viz import controls, visit
from viz.knock_out_view import show_knock_out
from viz.loaders import describe
from viz.passage import Passage
from viz.text_controls import choose_text, recorded
from viz.what_if_controls import about_example, choose_interventions, offer_example
from viz.what_if_view import altered_or_said, show_change, show_heatmaps


def page() -> None:
    visit.begin("what_if")
    st.title("What if a gate had stayed open?", anchor=False)
    st.markdown(
        "Seeing a unit move does not say that it matters. To find out, change it: hold a gate, a cell or what a unit says at a value "
        "of yours, let the equations go on with that, and compare. Marked with ~ is what became of it: how far the model's "
        "prediction $\\tilde p$ after each step is from the $p$ that it was, and by how much its loss on what came next is higher."
    )
    st.latex(
        r"\tilde c_t = \tilde f_t \odot \tilde c_{t-1} + \tilde \imath_t \odot \tilde g_t"
        r"\qquad \text{change}_t = \sum_k p_t(k)\,\ln\frac{p_t(k)}{\tilde p_t(k)}"
        r"\qquad \text{cost}_t = \ln p_t(x_{t+1}) - \ln \tilde p_t(x_{t+1})"
    )
    offer_example()
    model, passage = choose_text()
    recording = recorded(model, passage)
    if recording is not None:
        show_what_if(recording, model, passage)
    visit.finish()


def show_what_if(recording: Recording, model: str, passage: Passage) -> None:
    layer_box, window_box = st.columns([2, 6])
    with layer_box:
        name = controls.choose_layer(recording, describe(model)[0])
    layer = recording.layers[name]
    with window_box:
        window = controls.choose_window(layer.sizes["step"])
    st.subheader("What is changed", anchor=False)
    held = choose_interventions(name, layer)
    about_example()
    altered = altered_or_said(model, passage, held, layer.sizes["step"])
    if altered is None:
        return
    st.subheader("What becomes of what it says", anchor=False)
    show_change(recording, altered, model, window)
    st.subheader("What becomes of the layer", anchor=False)
    show_heatmaps(recording, altered, model, passage, held, window)
    show_knock_out(recording, model, passage, held)


page()
