"""Step: one cell, drawn with its real numbers, at the speed of a key press."""

from functools import partial

import streamlit as st

from lstm_core import Recording, signals_of
from lstm_core.cells import CellType
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import counterpart, describe
from viz.shared.passage import Passage
from viz.shared.text_controls import choose_text, recorded, write_on
from viz.shared.wording import gaps_in_words
from viz.step.component import stepper
from viz.step.stage import Stage, header, parts
from viz.theme import cell_type_of

TITLES: dict[CellType, str] = {
    "LSTM": N_("One step of an LSTM, in numbers"),
    "GRU": N_("One step of a GRU, in numbers"),
    "RNN": N_("One step of a simple RNN, in numbers"),
}


def page() -> None:
    state.begin("step")
    title = st.empty()
    title.title(_(TITLES["LSTM"]), anchor=False)
    st.caption(_("Press → and watch a real cell read: what it forgets, writes and outputs."))
    head = st.container()
    text_box, layer_box, beside_box = st.columns([11, 4, 5], vertical_alignment="bottom")
    with head:
        model_name, passage = choose_text(text_box)
    recording = recorded(model_name, passage)
    if recording is not None:
        with layer_box:
            layer_name = controls.choose_layer(recording, describe(model_name)[0])
        cell_type = cell_type_of(recording.layers[layer_name])
        if cell_type != "LSTM":
            title.title(_(TITLES[cell_type]), anchor=False)
        with beside_box:
            beside = controls.choose_beside(counterpart(model_name))
        show_stepper(recording, model_name, passage, layer_name, beside=beside)
    state.finish()


def show_stepper(recording: Recording, model_name: str, passage: Passage, layer_name: str, *, beside: bool) -> None:
    unit, step = controls.choose_place(recording, layer_name, model_name)
    stage = Stage(model_name, passage, layer_name, unit, step, beside=counterpart(model_name) if beside else "")
    stepper(
        header(
            stage,
            temperature=st.session_state["temperature"],
            seed=st.session_state["seed"],
        ),
        parts(stage),
        on_rest=partial(rest, stage.steps),
        on_around=partial(rest, stage.steps, unit=None),
        on_write=partial(write_on, model_name),
    )
    gaps = gaps_in_words(recording.layers[layer_name][list(signals_of(recording.layers[layer_name]))])
    if gaps:
        st.caption(gaps.strip())


def rest(steps: int, step: int | None, unit: int | None) -> None:
    """The reader stopped at a step: links and the other pages follow."""
    state.set_value("step", step)
    if unit is not None:
        state.set_value("unit", unit)
    controls.look_at(step, steps)


page()
