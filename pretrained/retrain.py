"""retrain(NAME): retrain a zoo model from its recipe; with several seeds, keep the best."""

import shutil
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from lstm_core import SequenceModel, model_files, saving, training_checkpoints
from lstm_core.bits import measure_in_bits, score_in_bits
from lstm_core.cells import LSTM, Cell
from lstm_core.settings import Settings
from lstm_core.tasks.task import Task
from lstm_core.training import Initial, Progress, finish, initial_model, of_cells, train
from pretrained.cards import card_text
from pretrained.hints import OF_AN_RNN
from pretrained.recipes import RECIPES, Recipe

POOL = ".pool"  # within a model's folder, the nets that are trained to choose from

Watch = Callable[[Iterator[Progress], Task], Iterator[Progress]]


def retrain(name: str, data: Path | None, folder: Path, *, watch: Watch, cell: Cell = LSTM) -> SequenceModel:
    """Retrain the zoo model `name` from its recipe and save it, with its card, in `folder`.

    With another `cell`: its baseline, of the same size and settings, without checkpoints.

    `data` is the file that the recipe names, or None where it needs none. A run that was cut off goes on where
    it stopped. `watch` passes the progress on and may show it. Raises ValueError for a file that is not what
    the task reads.
    """
    recipe, task = RECIPES[name], task_of(name, data)
    _check_free(folder)
    runs = [folder / POOL / str(number) for number in range(recipe.pool)]
    scores = [_trained(recipe, task, number, run, watch, cell) for number, run in enumerate(runs)]
    best = best_of(task, scores)
    settings = _settings(recipe, best)
    model = model_files.load(runs[best], device="cpu")
    further: dict[str, object] = {"file": recipe.file} if recipe.file else {}
    if recipe.pool > 1:
        further["pool"] = _spread(task, runs, scores, best)
    training_checkpoints.clear(folder)
    command = f"python -m pretrained {name}" + (" --data PATH" if recipe.file else "")
    if cell != LSTM:
        name, command = f"{name} ({cell.type})", f"{command} --cell {cell.type}"
    finish(
        model,
        task,
        settings,
        folder,
        name=name,
        command=command,
        further=further,
        examples=recipe.examples,
        look_for=OF_AN_RNN if cell.type == "RNN" else None,
    )
    for checkpoint in training_checkpoints.checkpoints(runs[best]):
        if cell == LSTM and (recipe.checkpoints is None or checkpoint.step in recipe.checkpoints):
            _copy(checkpoint.path, folder / training_checkpoints.FOLDER / checkpoint.path.name)
    saving.write_text(folder / "README.md", card_text(model))
    shutil.rmtree(folder / POOL)
    return model


def task_of(name: str, data: Path | None) -> Task:
    """The task of the zoo model `name`, on the file that its recipe names. Raises ValueError as `retrain`."""
    recipe = RECIPES[name]
    if (data is None) == bool(recipe.file):
        wanted = (
            f"needs --data, the file found at {recipe.file}"
            if recipe.file
            else "makes up its own sequences: leave out --data"
        )
        raise ValueError(f"{name} {wanted}")
    return recipe.make(data)


def best_of(task: Task, scores: list[float]) -> int:
    """The index of the best score: the first of equals; NaN only if all are."""
    best = 0
    for number, score in enumerate(scores):
        best = number if task.better(score, scores[best]) else best
    return best


def _check_free(folder: Path) -> None:
    """Raise OccupiedError, before hours of training, if saving the model into `folder` would destroy something."""
    model_files.check_free(folder)
    card, foreign = folder / "README.md", training_checkpoints.foreign(folder)
    foreign += [f"{POOL}/{one.name}" for one in (folder / POOL).glob("*") if not one.name.isdecimal()]
    if card.exists() and not model_files.is_model(folder):
        foreign.append(card.name)
    if foreign:
        raise saving.OccupiedError(
            f"{folder} holds {saving.listed(foreign)}, which would be lost: choose another folder for the model"
        )


def _settings(recipe: Recipe, number: int) -> Settings:
    return replace(recipe.settings, seed=recipe.settings.seed + number)


def _trained(recipe: Recipe, task: Task, number: int, run: Path, watch: Watch, cell: Cell) -> float:
    """Train one net of the pool in its own folder; returns its validation score."""
    settings = _settings(recipe, number)
    config = task.config(recipe.size)
    model = initial_model(config if cell == LSTM else of_cells(config, cell), Initial.of(task, settings))
    for _ in watch(train(model, task, settings, folder=run, half=recipe.half), task):
        pass
    model_files.save(model, run)
    return task.validate(model)


def _spread(task: Task, runs: list[Path], scores: list[float], best: int) -> str:
    """A sentence on the pool: how the net was chosen, and what all nets reached in the test."""
    shown = partial(score_in_bits, measure=task.measure)
    tested = sorted(shown(task.test(model_files.load(run, device="cpu")).value) for run in runs)
    validated = f"from {shown(min(scores)):g} to {shown(max(scores)):g}"
    return (
        f"{len(runs)} nets from {len(runs)} seeds, {validated} in validation ({measure_in_bits(task.measure)}); the best is "
        f"net {best + 1}. On the test data, the pool ranges from {tested[0]:g} to {tested[-1]:g}, median {statistics.median(tested):g}"
    )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
