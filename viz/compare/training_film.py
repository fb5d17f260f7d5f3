"""How training changed the gates: an animation of it, and every unit's gate at every checkpoint."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import streamlit as st

from lstm_core import GATES, SIGNALS
from lstm_core.model_files import CheckpointError
from viz.compare.cached import MAX_FILM_STEPS, TrainingFilm, load_learning, load_training_film
from viz.figures import learning
from viz.film import film
from viz.locale import _, ngettext
from viz.shared import state
from viz.shared.cached import trained
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.model_facts import title_of
from viz.shared.reading import Reading
from viz.shared.wording import gaps_in_words, plain
from viz.theme import SIGNAL

ALL = "all six"
SOON = 500  # so few steps take no time: a spinner would only make the page jump during typing


@dataclass(frozen=True)
class Learnt:
    """Which layer, units and steps are followed through the training. An untrained model shows its trained one's training."""

    reading: Reading
    window: Window
    order: tuple[int, ...]  # which unit each row is, from the top

    @property
    def model_name(self) -> str:
        return trained(self.reading.model_name)


T = TypeVar("T")


def _loaded(load: Callable[[], T | None], learnt: Learnt) -> T | None:
    """What reading the text at every checkpoint gives; None after a sentence that says why it gives nothing."""
    steps = learnt.reading.layer.sizes["step"]
    waiting = st.spinner(_("Reading the text at every training checkpoint …")) if steps > SOON else nullcontext()
    try:
        with waiting:
            found = load()
    except CheckpointError as error:
        st.warning(_("A training checkpoint of this model cannot be read, so there is no animation:"))
        st.text(str(error))
        return None
    if found is None:
        missing = _("No training checkpoints were saved with “{model}”, so there is no animation.")
        st.caption(missing.format(model=plain(title_of(learnt.model_name))))
    return found


def show_film(learnt: Learnt) -> None:
    """The animation of a training."""
    window = learnt.window
    state.reset_unless("signal", (*SIGNALS, ALL))
    signals = SIGNALS if st.session_state["signal"] == ALL else (st.session_state["signal"],)
    film_data = _loaded(lambda: load_training_film(learnt.reading, window.start, window.stop, tuple(signals)), learnt)
    if film_data is None:
        return
    st.caption(
        _(
            "The model reads the same text at each training checkpoint, from before the first training step to the "
            "last. Press Play to watch noise become gates that open and shut for a reason."
        )
    )
    state.widget(st.pills, "signal", _("Signal"), (*SIGNALS, ALL), required=True, format_func=_signal_title, wrap=True)
    state.reset_unless("training_step")
    last = film_data.frames[-1].step
    film(
        film_data.frames,
        signals=signals,
        layer=learnt.reading.layer.isel(step=window.steps).isel(step=slice(-MAX_FILM_STEPS, None)),
        order=learnt.order,
        steps=last,
        unit_of_loss=_(film_data.unit_of_loss),
        measure=_(film_data.measure),
        cell_limit=film_data.cell_limit,
        at=st.session_state["training_step"],
        note=_note(film_data, window),
        title=_("How training changed the gates"),
        key="film",
        on_rest=lambda step: state.set_value("training_step", None if step == last else step),
    )


def _signal_title(name: str) -> str:
    return _("All six") if name == ALL else f"{SIGNAL[name].title} {SIGNAL[name].symbol}"


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


def show_units(learnt: Learnt) -> None:
    """Every unit's gate at every checkpoint."""
    state.reset_unless("gate")
    gate = str(st.session_state["gate"])
    found = _loaded(lambda: load_learning(learnt.reading, learnt.window.start, learnt.window.stop, gate), learnt)
    if found is None:
        return
    state.widget(st.segmented_control, "gate", _("Gate"), GATES, required=True, format_func=_signal_title)
    draw = partial(learning, found, gate=gate, order=learnt.order, dark=is_dark())
    name = SIGNAL[gate].title.lower()
    show(
        draw,
        key="learning",
        alt=_("Mean and saturation of the {gate} of every unit at every training checkpoint").format(gate=name),
    )
    about = _(
        "Rows are units, columns are checkpoints. Left: the mean of the {gate} over the text. Middle and right: how "
        "often it is nearly shut and nearly open. A row that gains colour has learnt to shut the gate (middle) or to keep "
        "it open (right)."
    ).format(gate=name)
    st.caption(about + gaps_in_words(found))
    figure_downloads(_("Learning"), draw, key="learning")
