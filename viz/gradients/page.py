"""Gradients: how does a prediction depend on every step before it?"""

from contextlib import nullcontext
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import Recording
from viz.gradients.backward_section import show_equations
from viz.gradients.cached import SOON, Question, load_equations, load_gradients, load_reach_order
from viz.gradients.controls import REACH, choose_neuron, choose_part, choose_rows, choose_target
from viz.gradients.reach_section import Reach, headline, reach_of, sentence, show_split
from viz.gradients.sections import about_target, show_decay, show_map
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import describe, model_names
from viz.shared.finding_picker import about_finding, offer_findings, take_finding
from viz.shared.findings import FINDINGS
from viz.shared.passage import Passage
from viz.shared.reading import load_row_order
from viz.shared.text_controls import choose_text, recorded
from viz.shared.wording import NETWORKS
from viz.theme import cell_type_of

OPENING = FINDINGS[
    N_("A sum kept over 100 numbers")
]  # its gradient reaches far: on the other pages' text it fades too soon


def page() -> None:
    fresh = state.begins_here()
    state.begin("gradients")
    if fresh and OPENING.model_name in model_names():
        take_finding(OPENING)
    st.title(_("How far back does a gradient reach?"), anchor=False)
    introduce()
    model_name, passage = choose_text()
    recording = recorded(model_name, passage)
    if recording is not None:
        ask(recording, model_name, passage)
    state.finish(always=("model",))  # an address without anything opens the example


def introduce() -> None:
    st.caption(
        _(
            "The **gradient** says how much a later prediction depends on an earlier step; without it, nothing is learnt from "
            "that step. It goes back through the text one timestep at a time (backpropagation through time). In a simple RNN "
            "each timestep multiplies it by weights and the slope of a tanh, so it usually vanishes. Along an LSTM's cell state "
            "only the forget gate multiplies it (constant error carousel), so it reaches as far as forget gates stay open."
        )
    )
    equations = (
        r"\text{LSTM:}\quad \frac{\mathrm{d}L}{\mathrm{d}c_t} = \Big(\prod_{j=t+1}^{s} f_j\Big) \frac{\mathrm{d}L}{\mathrm{d}c_s}"
        r" + \text{<hidden>} \qquad\qquad "
        r"\text{<rnn>:}\quad \frac{\mathrm{d}L}{\mathrm{d}h_t} = \Big(\prod_{j=t+1}^{s} U^\top "
        r"\operatorname{diag}(1 - h_j^2)\Big) \frac{\mathrm{d}L}{\mathrm{d}h_s}"
    )
    st.latex(equations.replace("<hidden>", _("through hidden states")).replace("<rnn>", _("simple RNN")))
    offer_findings("gradients")
    about_finding("gradients")


def ask(recording: Recording, model_name: str, passage: Passage) -> None:
    """The question, and its answer or why there is none."""
    config = describe(model_name)[0]
    layer_box, target_box = st.columns([2, 9])
    with layer_box:
        layer_name = controls.choose_layer(recording, config)
    with target_box:
        question = Question(model_name, passage, layer_name, choose_target(config, recording))
    steps = recording.prediction.sizes["step"]
    waiting = partial(st.spinner, _("Computing the gradient …")) if steps > SOON else nullcontext
    try:
        with waiting():
            found = load_gradients(question)
    except ValueError as error:
        st.info(sentence(error))
        return
    st.caption(about_target(question, found, config))
    if not np.any(found["hidden"].to_numpy()):
        st.info(
            _("The gradient is zero at every step: the prediction is saturated, so no earlier step could change it.")
        )
        return
    reach = reach_of(recording, question, found)
    if reach is not None:
        st.markdown(headline(reach))
    answer(recording, question, found, reach)


def answer(recording: Recording, question: Question, found: xr.Dataset, reach: Reach | None) -> None:
    st.header(_("Where the gradient is large"), anchor=False)
    part_box, order_box = st.columns([9, 3])
    with part_box:
        part = choose_part(found)
    rows = part.values.dims[-1] == "unit"
    with order_box:
        by = choose_rows() if rows else ""
    window = controls.choose_window(found.sizes["step"])
    map_box = st.container()
    if question.target.step is None:
        st.info(
            _(
                "The mean loss is taken at every step, so no step is at a distance. For the curves, choose a target at one step."
            )
        )
    else:
        show_decay(part, found)
        show_split(reach, found)
    st.header(_("The backward equations, in numbers"), anchor=False)
    neuron = choose_neuron(found)
    with map_box:
        order = []
        if rows and by == REACH:
            order = load_reach_order(question, part.name, part.values)
        elif rows:
            order = load_row_order(question, by)
        show_map(part, question, order, window, neuron=neuron)
    cell_type = cell_type_of(found)
    if cell_type != "LSTM":
        st.info(
            _("These equations are an LSTM's, but this layer is {network}. The heatmap shows its gradients.").format(
                network=_(NETWORKS[cell_type])
            )
        )
        return
    try:
        with st.spinner(_("Computing the equations …")) if found.sizes["step"] > SOON else nullcontext():
            equations = load_equations(question)
    except ValueError as error:
        st.info(sentence(error))
        return
    show_equations(recording, question, found, equations, neuron=neuron)


page()
