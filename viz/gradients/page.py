"""Gradients: how does a prediction depend on every step before it?"""

from contextlib import nullcontext
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording
from viz.gradients.backward_section import show_equations
from viz.gradients.cached import SOON, Question, load_equations, load_gradients, load_reach_order
from viz.gradients.controls import REACH, choose_neuron, choose_part, choose_rows, choose_target
from viz.gradients.reach_section import headline, reach_of, sentence, show_weights
from viz.gradients.sections import about_target, show_decay, show_map
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import describe, model_names
from viz.shared.controls import Window
from viz.shared.finding_picker import about_finding, take_finding
from viz.shared.findings import FINDINGS
from viz.shared.head import page_head, page_sides
from viz.shared.layer_controls import choose_layer
from viz.shared.passage import Passage
from viz.shared.reading import load_row_order
from viz.shared.tabs import show_tab
from viz.shared.text_controls import recorded
from viz.shared.wording import NETWORKS
from viz.theme import cell_type_of

OPENING = FINDINGS[N_("A letter remembered over 16 steps")]  # on the other pages' text the gradient fades too soon
LSTM = (
    r"\text{LSTM: } \frac{\mathrm{d}L}{\mathrm{d}c_t} = \Big(\prod_{j=t+1}^{s} f_j\Big) \frac{\mathrm{d}L}{\mathrm{d}c_s}"
    r" + \text{<hidden>}"
)
RNN = (
    r"\text{<rnn>: } \frac{\mathrm{d}L}{\mathrm{d}h_t} = \Big(\prod_{j=t+1}^{s} U^\top "
    r"\operatorname{diag}(1 - h_j^2)\Big) \frac{\mathrm{d}L}{\mathrm{d}h_s}"
)


def page() -> None:
    fresh = state.begins_here()
    state.begin("gradients")
    if fresh and OPENING.model_name in model_names():
        take_finding(OPENING)
    title = _("How far back does a gradient reach?")
    model_name, passage = page_head(title, page="gradients", explain=explain, note=False)
    recording = recorded(model_name, passage)
    if recording is not None:
        ask(recording, model_name, passage)
    state.finish(always=("model",))  # an address without anything opens the example


def explain() -> None:
    st.markdown(
        _(
            "The **gradient** says how much a later prediction depends on an earlier step; without it, nothing is learnt from "
            "that step. It goes back through the text one timestep at a time (backpropagation through time). In a simple RNN "
            "each timestep multiplies it by weights and the slope of a tanh, so it usually vanishes. Along an LSTM's cell state "
            "only the forget gate multiplies it (constant error carousel), so it reaches as far as forget gates stay open."
        )
    )


def ask(recording: Recording, model_name: str, passage: Passage) -> None:
    """The question on the left, and beside it its answer or why there is none."""
    config = describe(model_name)[0]
    _first, left, right = page_sides()
    with left:
        layer_name = choose_layer(recording, config)
        question = Question(model_name, passage, layer_name, choose_target(config, recording))
        about = st.container()
        steps = recording.prediction.sizes["step"]
        long = steps > min(controls.WINDOWS.values())
        with st.popover(_("More"), icon=":material/tune:") if long else nullcontext():
            window = controls.choose_window(steps)
        about_finding("gradients")
    waiting = partial(st.spinner, _("Computing the gradient …")) if steps > SOON else nullcontext
    try:
        with right, waiting():
            found = load_gradients(question)
    except ValueError as error:
        right.info(sentence(error))
        return
    about.caption(about_target(question, found, config))
    if not np.any(found["hidden"].to_numpy()):
        right.info(
            _("The gradient is zero at every step: the prediction is saturated, so no earlier step could change it.")
        )
        return
    answer(recording, question, found, window, right)


def answer(recording: Recording, question: Question, found: xr.Dataset, window: Window, right: DeltaGenerator) -> None:
    """The weights of the tokens and what remains of the gradient; behind tabs each unit, and the equations."""
    with right:
        reach = reach_of(recording, question, found)
        st.markdown(headline(reach, found))
        equations = f"${LSTM}$ $\\qquad {RNN}$".replace("<hidden>", _("through hidden states"))
        st.markdown(equations.replace("<rnn>", _("simple RNN")))
        show_weights(reach, question, found, window)
    with st.container(key="below"):
        show_tab(
            {
                "map": (_("Where the gradient is large"), lambda: show_units(question, found, window)),
                "backward": (
                    _("The backward equations, in numbers"),
                    lambda: show_backward(recording, question, found),
                ),
            }
        )


def show_units(question: Question, found: xr.Dataset, window: Window) -> None:
    """The gradient of every unit at every step, and its norm."""
    part_box, order_box = st.columns([9, 3])
    with part_box:
        part = choose_part(found)
    rows = part.values.dims[-1] == "unit"
    with order_box:
        by = choose_rows() if rows else ""
    neuron = choose_neuron(found, question.model_name, question.layer_name)
    order = []
    if rows and by == REACH:
        order = load_reach_order(question, part.name, part.values)
    elif rows:
        order = load_row_order(question, by)
    show_map(part, question, order, window, neuron=neuron)
    if question.target.step is not None:
        show_decay(part, found)


def show_backward(recording: Recording, question: Question, found: xr.Dataset) -> None:
    """The equations in numbers, or why there are none."""
    cell_type = cell_type_of(found)
    if cell_type != "LSTM":
        st.info(
            _("These equations are an LSTM's, but this layer is {network}. The heatmap shows its gradients.").format(
                network=_(NETWORKS[cell_type])
            )
        )
        return
    neuron = choose_neuron(found, question.model_name, question.layer_name)
    try:
        with st.spinner(_("Computing the equations …")) if found.sizes["step"] > SOON else nullcontext():
            equations = load_equations(question)
    except ValueError as error:
        st.info(sentence(error))
        return
    show_equations(recording, question, found, equations, neuron=neuron)


page()
