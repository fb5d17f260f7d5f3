"""What a layer did with one passage at each checkpoint of the model's training, cached."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

import numpy as np
import streamlit as st
import xarray as xr

import pretrained
from lstm_core import Card, SequenceModel, Values, record
from lstm_core.analysis import learning
from lstm_core.bits import loss_in_bits, measure_in_bits, score_in_bits
from lstm_core.model_files import CheckpointError
from lstm_core.tasks import TASKS
from lstm_core.training_checkpoints import TrainingCheckpoint, load_checkpoint
from viz.figures.bits import unit_of_loss
from viz.film import Frame, levels_of
from viz.shared.cached import load_model, trained
from viz.shared.model_facts import UNTRAINED
from viz.shared.reading import Reading
from viz.theme import limits

MAX_FILM_STEPS = 1_000  # steps of the text; of more, the last ones


@dataclass(frozen=True, eq=False)
class TrainingFilm:
    """One layer's reading of some steps of a passage at each checkpoint, from before training to its end."""

    frames: tuple[Frame, ...]  # of the last MAX_FILM_STEPS of these steps at most
    cell_limit: float  # where the colours of the cell state end, in every frame that has it
    unit_of_loss: str  # of the catalogue
    measure: str  # what a frame's score is, of the catalogue
    rounded: tuple[int, ...]  # the training steps whose weights were saved in half precision


def has_checkpoints(name: str) -> bool:
    """Were checkpoints saved while this model was trained? Also True where one of them is damaged."""
    try:
        return bool(_checkpoints(trained(name)))
    except CheckpointError:
        return True


def _checkpoints(name: str) -> tuple[TrainingCheckpoint, ...]:
    if name not in pretrained.names():
        return ()  # it was trained elsewhere
    return _saved_checkpoints(name, load_model(name).digest)


@st.cache_resource(max_entries=64, show_spinner=False)
def _saved_checkpoints(name: str, digest: str) -> tuple[TrainingCheckpoint, ...]:  # noqa: ARG001 (digest: part of the cache key)
    return pretrained.checkpoints(name)


def load_training_film(reading: Reading, start: int, stop: int, signals: tuple[str, ...]) -> TrainingFilm | None:
    """What these signals of a layer did, from step `start` to `stop` of a passage, at each checkpoint; None without any.

    Raises CheckpointError, naming the file, for one that is damaged, and ValueError for a passage the model cannot read.
    """
    reading = replace(reading, model_name=trained(reading.model_name))
    checkpoints = _checkpoints(reading.model_name)
    if not checkpoints:
        return None
    key = (*reading.key, repr(checkpoints), start, stop)
    return _training_film(key, signals, _reading=reading, _checkpoints=checkpoints, _steps=slice(start, stop))


@st.cache_resource(max_entries=4, show_spinner=False)
def _training_film(
    key: tuple[object, ...],  # noqa: ARG001 (the cache key, for the underscored)
    signals: tuple[str, ...],
    _reading: Reading,
    _checkpoints: tuple[TrainingCheckpoint, ...],
    _steps: slice,
) -> TrainingFilm:
    numbers, measure = isinstance(_reading.model.config.readout, Values), stored_measure(_reading.model.card)
    bounded = [name for name in signals if name != "cell"]
    seen: list[TrainingCheckpoint] = []
    levels: list[dict[str, np.ndarray]] = []
    cells: list[xr.Dataset] = []
    for checkpoint, layer in _layers_at(_reading, _checkpoints):
        shown = layer.isel(step=_steps).isel(step=slice(-MAX_FILM_STEPS, None))
        seen.append(checkpoint)
        levels.append(levels_of(shown, bounded))
        if "cell" in signals:
            cells.append(shown[["cell"]].copy(deep=True))  # a view would keep the whole recording in memory
    cell_limit = limits("cell", *(one["cell"] for one in cells))[1] if cells else 1.0
    for found, one in zip(levels, cells, strict=False):
        found |= levels_of(one, ["cell"], cell_limit=cell_limit)
    for found in levels:
        for values in found.values():
            values.setflags(write=False)
    return TrainingFilm(
        frames=tuple(
            Frame(one.step, loss_in_bits(one.loss, of_numbers=numbers), score_in_bits(one.score, measure), found)
            for one, found in zip(seen, levels, strict=True)
        ),
        unit_of_loss=unit_of_loss(of_numbers=numbers),
        measure=measure_in_bits(measure),
        cell_limit=cell_limit,
        rounded=tuple(checkpoint.step for checkpoint in seen if not checkpoint.exact),
    )


def load_learning(reading: Reading, start: int, stop: int, gate: str) -> xr.Dataset | None:
    """`learning` of a gate over these steps of a passage, at each checkpoint; None without any. Raises as `load_training_film`."""
    reading = replace(reading, model_name=trained(reading.model_name))
    checkpoints = _checkpoints(reading.model_name)
    if not checkpoints:
        return None
    key = (*reading.key, repr(checkpoints), start, stop)
    return _learning(key, gate, _reading=reading, _checkpoints=checkpoints, _steps=slice(start, stop))


@st.cache_data(max_entries=16, show_spinner=False)
def _learning(
    key: tuple[object, ...],  # noqa: ARG001 (the cache key, for the underscored)
    gate: str,
    _reading: Reading,
    _checkpoints: tuple[TrainingCheckpoint, ...],
    _steps: slice,
) -> xr.Dataset:
    parts = [
        learning([layer[gate].isel(step=_steps)], [checkpoint.step])
        for checkpoint, layer in _layers_at(_reading, _checkpoints)
    ]
    return xr.concat(parts, "training_step")


def _layers_at(
    reading: Reading, checkpoints: tuple[TrainingCheckpoint, ...]
) -> Iterator[tuple[TrainingCheckpoint, xr.Dataset]]:
    """Every checkpoint and what the layer did then: first in the untrained model, at last in the trained one.

    These two are at hand, exact and mostly recorded already, whether or not they were saved as checkpoints too.
    """
    name, model = reading.model_name, reading.model
    known = {checkpoint.step: checkpoint for checkpoint in checkpoints}
    last = trained_steps(name, checkpoints)
    first_loss, last_loss = _losses(model.card)
    yield _whole(0, known, first_loss), replace(reading, model_name=name + UNTRAINED).layer
    for checkpoint in checkpoints:
        if 0 < checkpoint.step < last:
            read = record(
                _model_at(repr(checkpoint), model.digest, _checkpoint=checkpoint, _model=model), reading.tokens
            )
            yield checkpoint, read.layers[reading.layer_name]
    yield _whole(last, known, last_loss), reading.layer


@st.cache_resource(max_entries=24, show_spinner=False)
def _model_at(checkpoint: str, digest: str, _checkpoint: TrainingCheckpoint, _model: SequenceModel) -> SequenceModel:  # noqa: ARG001 (the cache key)
    """The model as it was then, read from its file once and not at each change of the text."""
    return load_checkpoint(_checkpoint, _model.config)


def stored_measure(card: Card) -> str:
    """What a checkpoint's score is, which was measured on the task's validation sequences."""
    task = TASKS.get(str(card.training.get("task")))
    return task.measure if task else str(card.evaluation.get("measure", ""))


def _losses(card: Card) -> tuple[float, float]:
    """The untrained and the trained model's loss, where the card has them."""
    match card.training.get("losses"):
        case [float(first), float(last)]:
            return first, last
    return nan, nan


def _whole(step: int, known: Mapping[int, TrainingCheckpoint], loss: float) -> TrainingCheckpoint:
    return replace(known.get(step, TrainingCheckpoint(Path(), step, loss, nan, exact=True)), exact=True)


def trained_steps(name: str, checkpoints: tuple[TrainingCheckpoint, ...]) -> int:
    """How many steps was the model trained for? As its card says, or else as its last checkpoint does."""
    steps = load_model(name).card.training.get("steps")
    return steps if isinstance(steps, int) else checkpoints[-1].step
