"""The section "How training changed the gates": an animation of it, and every unit's gate at every checkpoint."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

import streamlit as st

from lstm_core import GATES, SIGNALS, Recording
from lstm_core.model_files import CheckpointError
from lstm_core.tasks import TASKS
from viz.compare.cached import MAX_FILM_STEPS, TrainingFilm, load_training_film, trained
from viz.figures import learning
from viz.film import film
from viz.locale import _, ngettext
from viz.shared import state
from viz.shared.cached import load_model
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.wording import gaps_in_words
from viz.theme import SIGNAL

ALL = "all six"
SOON = 500  # so few steps take no time: a spinner would only make the page jump during typing


def show_learnt(
    recording: Recording, model_name: str, passage: Passage, layer_name: str, *, window: Window, order: Sequence[int]
) -> None:
    """The whole section, for the training of a model, or for an untrained one of the trained one."""
    st.subheader(_("How training changed the gates"), anchor=False)
    steps = recording.layers[layer_name].sizes["step"]
    waiting = st.spinner(_("Reading the text at every training checkpoint …")) if steps > SOON else nullcontext()
    try:
        with waiting:
            film_data = load_training_film(model_name, passage, layer_name, window.start, window.stop)
    except CheckpointError as error:
        st.warning(_("A training checkpoint of this model cannot be read, so there is no animation:"))
        st.text(str(error))
        return
    if film_data is None:
        missing = _("No training checkpoints were saved with {model}, so there is no animation.")
        st.caption(missing.format(model=trained(model_name)))
        return
    st.caption(
        _(
            "The model reads the same text at each training checkpoint, from before the first training step to the "
            "last. Press Play to watch noise become gates that open and shut for a reason."
        )
    )
    _film(recording, trained(model_name), layer_name, film_data, window=window, order=order)
    _heatmap(film_data, order=order)


def _film(
    recording: Recording,
    model_name: str,
    layer_name: str,
    film_data: TrainingFilm,
    *,
    window: Window,
    order: Sequence[int],
) -> None:
    state.reset_unless("signal", (*SIGNALS, ALL))
    chosen = state.widget(
        st.pills, "signal", _("Signal"), (*SIGNALS, ALL), required=True, format_func=_signal_title, wrap=True
    )
    state.reset_unless("training_step")
    last = film_data.frames[-1].step
    film(
        film_data.frames,
        signals=SIGNALS if chosen == ALL else (chosen,),
        layer=recording.layers[layer_name].isel(step=window.steps).isel(step=slice(-MAX_FILM_STEPS, None)),
        order=order,
        steps=last,
        measure=_measure(model_name),
        cell_limit=film_data.cell_limit,
        at=st.session_state["training_step"],
        note=_note(film_data, window),
        title=_("How training changed the gates"),
        key="film",
        on_rest=lambda step: state.set_value("training_step", None if step == last else step),
    )


def _signal_title(name: str) -> str:
    return _("All six") if name == ALL else f"{SIGNAL[name].title} {SIGNAL[name].symbol}"


def _measure(model_name: str) -> str:
    """The unit of a checkpoint's score, which is measured on the task's validation sequences."""
    card = load_model(model_name).card
    task = TASKS.get(str(card.training.get("task")))
    return task.measure if task else str(card.evaluation.get("measure", ""))


def _note(film_data: TrainingFilm, window: Window) -> str:
    """What the heatmaps do not show themselves: half precision, and a text that was cut."""
    notes = []
    if film_data.rounded:
        steps = ", ".join(f"{step:,}" for step in film_data.rounded)
        note = ngettext(
            "The weights at training step {steps} are in half precision; the first and the last are exact.",
            "The weights at training steps {steps} are in half precision; the first and the last are exact.",
            len(film_data.rounded),
        )
        notes.append(note.format(steps=steps))
    if window.stop - window.start > MAX_FILM_STEPS:
        note = _("The animation shows the last {shown:,} of {all:,} timesteps.")
        notes.append(note.format(shown=MAX_FILM_STEPS, all=window.stop - window.start))
    return " ".join(notes)


def _heatmap(film_data: TrainingFilm, *, order: Sequence[int]) -> None:
    state.reset_unless("gate")
    st.markdown(_("**Each unit's gate during training**"))
    gate = state.widget(st.segmented_control, "gate", _("Gate"), GATES, required=True, format_func=_signal_title)
    draw = partial(learning, film_data.gates[gate], gate=gate, order=order, dark=is_dark())
    name = SIGNAL[gate].title.lower()
    show(
        draw(),
        key="learning",
        alt=_("Mean and saturation of the {gate} of every unit at every training checkpoint").format(gate=name),
    )
    about = _(
        "Rows are units, columns are checkpoints. Left: the mean of the {gate} over the text. Middle and right: how "
        "often it is nearly shut and nearly open. A row that gains colour has learnt to shut the gate (middle) or to keep "
        "it open (right)."
    ).format(gate=name)
    st.caption(about + gaps_in_words(film_data.gates[gate]))
    figure_downloads(_("Learning"), draw, key="learning")
