"""Films of a training: what a layer did with one passage at each checkpoint of the model's training, cached."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

import numpy as np
import streamlit as st
import xarray as xr

import pretrained
from lstm_core import GATES, SIGNALS, Card, SequenceModel, Tokens, record
from lstm_core.analysis import learning
from lstm_core.training_checkpoints import TrainingCheckpoint, load_checkpoint
from viz.film import Frame, levels_of
from viz.shared.cached import UNTRAINED, load_model, load_tokens
from viz.shared.passage import Passage
from viz.theme import limits

BOUNDED = [name for name in SIGNALS if name != "cell"]
MAX_FILM_STEPS = 1_000  # steps of the text; of more, the last ones


@dataclass(frozen=True, eq=False)
class TrainingFilm:
    """One layer's reading of some steps of a passage at each checkpoint, from before training to its end."""

    frames: tuple[Frame, ...]  # all six signals, of the last LONGEST_FILM of these steps at most
    gates: Mapping[str, xr.Dataset]  # of each gate, `learning` over all of these steps
    cell_limit: float  # where the colours of the cell state end, in every frame
    rounded: tuple[int, ...]  # the training steps whose weights were saved in half precision


def trained(name: str) -> str:
    """The model whose training is meant: of an untrained one, the trained one."""
    return name.removesuffix(UNTRAINED)


def load_training_film(name: str, passage: Passage, layer_name: str, start: int, stop: int) -> TrainingFilm | None:
    """What a layer did with the steps from `start` to `stop` of a passage at each checkpoint; None without checkpoints.

    Raises CheckpointError, naming the file, for one that is damaged, and ValueError for a passage the model cannot read.
    """
    name = trained(name)
    checkpoints = pretrained.checkpoints(name) if name in pretrained.names() else ()  # others were trained elsewhere
    if not checkpoints:
        return None
    tokens = load_tokens(name, passage)
    key = (load_model(name).digest, repr(checkpoints), tokens.digest, layer_name, start, stop)
    return _training_film(
        key, _name=name, _checkpoints=checkpoints, _tokens=tokens, _layer=layer_name, _steps=slice(start, stop)
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _training_film(
    key: tuple[object, ...],  # noqa: ARG001 (the cache key, for the underscored)
    _name: str,
    _checkpoints: tuple[TrainingCheckpoint, ...],
    _tokens: Tokens,
    _layer: str,
    _steps: slice,
) -> TrainingFilm:
    seen: list[TrainingCheckpoint] = []
    levels: list[dict[str, np.ndarray]] = []
    cells: list[xr.Dataset] = []
    learnt: dict[str, list[xr.Dataset]] = {gate: [] for gate in GATES}
    for checkpoint, model in _models_at(_name, _checkpoints):
        read = record(model, _tokens).layers[_layer].isel(step=_steps)
        shown = read.isel(step=slice(-MAX_FILM_STEPS, None))
        seen.append(checkpoint)
        levels.append(levels_of(shown, BOUNDED))
        cells.append(shown[["cell"]].copy(deep=True))  # a view would keep the whole recording in memory
        for gate in GATES:
            learnt[gate].append(learning([read[gate]], [checkpoint.step]))
    cell_limit = limits("cell", *(one["cell"] for one in cells))[1]
    for found, one in zip(levels, cells, strict=True):
        found |= levels_of(one, ["cell"], cell_limit=cell_limit)
        for values in found.values():
            values.setflags(write=False)
    return TrainingFilm(
        frames=tuple(Frame(one.step, one.loss, one.score, found) for one, found in zip(seen, levels, strict=True)),
        gates={gate: xr.concat(parts, "training_step") for gate, parts in learnt.items()},
        cell_limit=cell_limit,
        rounded=tuple(checkpoint.step for checkpoint in seen if not checkpoint.exact),
    )


def _models_at(
    name: str, checkpoints: tuple[TrainingCheckpoint, ...]
) -> Iterator[tuple[TrainingCheckpoint, SequenceModel]]:
    """Every checkpoint and the model as it was then: first the untrained model, at last the trained one.

    These two are at hand, and exact, whether or not they were saved as checkpoints too.
    """
    model = load_model(name)
    known = {checkpoint.step: checkpoint for checkpoint in checkpoints}
    last = trained_steps(name, checkpoints)
    first_loss, last_loss = _losses(model.card)
    yield _whole(0, known, first_loss), load_model(name + UNTRAINED)
    for checkpoint in checkpoints:
        if 0 < checkpoint.step < last:
            yield checkpoint, load_checkpoint(checkpoint, model.config)
    yield _whole(last, known, last_loss), model


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
