"""The section "Gates being learnt": the film of a model's training, and every unit's gate at every checkpoint."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

import streamlit as st

from lstm_core import GATES, SIGNALS, Recording
from lstm_core.model_files import CheckpointError
from lstm_core.tasks import TASKS
from viz.compare.cached import LONGEST_FILM, Lapse, load_lapse, trained
from viz.figures import learning
from viz.film import film
from viz.shared import state
from viz.shared.cached import load_model
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.wording import gaps_in_words
from viz.theme import SIGNAL

ALL = "all six"
SOON = 500  # steps that are read in no time: a spinner would only make the page jump while one types


def show_learnt(
    recording: Recording, model: str, passage: Passage, layer: str, *, window: Window, order: Sequence[int]
) -> None:
    """The whole section, for the training of `model`, or of the trained twin of an untrained one."""
    st.subheader("Gates being learnt", anchor=False)
    steps = recording.layers[layer].sizes["step"]
    waiting = st.spinner("Reading the text at every checkpoint of the training …") if steps > SOON else nullcontext()
    try:
        with waiting:
            lapse = load_lapse(model, passage, layer, window.start, window.stop)
    except CheckpointError as error:
        st.warning("A checkpoint of this model's training cannot be read, so its film cannot be shown:")
        st.text(str(error))
        return
    if lapse is None:
        st.caption(f"No checkpoints of its training were kept with {trained(model)}: there is no film to show.")
        return
    st.caption(
        "The same text, read by the model as it was after more and more steps of training, from before the first to "
        "the last. Press Play, and watch rows of noise become gates that open and shut for a reason."
    )
    _film(recording, trained(model), layer, lapse, window=window, order=order)
    _heatmap(lapse, order=order)


def _film(recording: Recording, model: str, layer: str, lapse: Lapse, *, window: Window, order: Sequence[int]) -> None:
    state.reset_unless("signal", (*SIGNALS, ALL))
    chosen = state.widget(
        st.pills, "signal", "Signal", (*SIGNALS, ALL), required=True, format_func=_signal_title, wrap=True
    )
    state.reset_unless("training_step")
    last = lapse.frames[-1].step
    film(
        lapse.frames,
        signals=SIGNALS if chosen == ALL else (chosen,),
        layer=recording.layers[layer].isel(step=window.steps).isel(step=slice(-LONGEST_FILM, None)),
        order=order,
        steps=last,
        measure=_measure(model),
        cell_limit=lapse.cell_limit,
        at=st.session_state["training_step"],
        note=_note(lapse, window),
        key="film",
        on_rest=lambda step: state.set_value("training_step", None if step == last else step),
    )


def _signal_title(name: str) -> str:
    return "All six" if name == ALL else f"{SIGNAL[name].title} {SIGNAL[name].symbol}"


def _measure(model: str) -> str:
    """What the score of a checkpoint is: that on the validation sequences of the model's task."""
    card = load_model(model).card
    task = TASKS.get(str(card.training.get("task")))
    return task.measure if task else str(card.evaluation.get("measure", ""))


def _note(lapse: Lapse, window: Window) -> str:
    """What a reader should know of these pictures, beyond what they show."""
    notes = []
    if lapse.rounded:
        steps = ", ".join(f"{step:,}" for step in lapse.rounded)
        notes.append(f"The weights after step {steps} were kept in half precision; the first and the last are exact.")
    if window.stop - window.start > LONGEST_FILM:
        notes.append(
            f"The film shows the last {LONGEST_FILM:,} of the {window.stop - window.start:,} steps of the text."
        )
    return " ".join(notes)


def _heatmap(lapse: Lapse, *, order: Sequence[int]) -> None:
    state.reset_unless("gate")
    st.markdown("**When did each unit learn it?**")
    gate = state.widget(st.segmented_control, "gate", "Gate", GATES, required=True, format_func=_signal_title)
    draw = partial(learning, lapse.gates[gate], gate=gate, order=order, dark=is_dark())
    name = SIGNAL[gate].title.lower()
    show(
        draw(),
        key="learning",
        alt=f"Mean and saturation of the {name} of every unit at every checkpoint of the training",
    )
    st.caption(
        f"A row is a unit, a column a checkpoint. Left: the {name}'s mean over the text. Middle and right: at how many "
        "of its steps it is nearly shut and nearly open. A row that takes on colour in the middle has learnt "
        f"to shut, one that does on the right to stay open.{gaps_in_words(lapse.gates[gate])}"
    )
    figure_downloads("Learning", draw, key="learning")
