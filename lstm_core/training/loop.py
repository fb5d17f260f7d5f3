"""train(model, task, settings) yields Progress; never prints, never plots."""

import math
import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lstm_core import training_checkpoints
from lstm_core.config import ModelConfig
from lstm_core.device import aligned
from lstm_core.given import checked
from lstm_core.model import SequenceModel
from lstm_core.model_files import is_model
from lstm_core.saving import OccupiedError
from lstm_core.settings import Settings
from lstm_core.tasks.task import Size, Task
from lstm_core.training import parallel
from lstm_core.training.losses import step_losses
from lstm_core.training.run import Run

RESUME = "resume.safetensors"
PROBE = 2**31  # the step whose batch is the fixed one that every checkpoint's loss is taken on


@dataclass(frozen=True)
class Progress:
    """One step of training, as it happened.

    >>> Progress(step=1, steps=10, loss=0.7, score=None, gradient_norm=0.1, tokens_per_second=5e4).step
    1
    """

    step: int  # steps done, 1 is the first
    steps: int  # steps in all
    loss: float  # on this step's batch, before the step: see `losses.py` for its unit
    score: float | None  # the task's validation score, at the steps where it is taken
    gradient_norm: float  # before clipping
    tokens_per_second: float  # of this step alone, without scoring and saving


@checked
def train(
    model: SequenceModel,
    task: Task,
    settings: Settings,
    *,
    folder: str | os.PathLike[str] | None = None,
    save_every: int = 200,
    half: bool = False,
) -> Generator[Progress, None, None]:
    """Train `model` on `task`, in place; yields after every step.

    With `folder`, all that is needed to go on is saved there every `save_every` steps and when the iterator is
    closed: that is how a run is paused or stopped. A run that finds such a file of the same task and settings
    goes on where it stopped: on the CPU the result has the same bits as without the pause, on the same machine and with
    the same number of threads. Elsewhere it differs by rounding. Training checkpoints are saved there too
    (see `training_checkpoints.py`), in half precision if `half`. States are carried from batch to batch where the task says
    so (truncated backpropagation through time, Williams & Peng 1990). With `settings.keep_best` the model ends
    with the weights that scored best. Under torch.distributed each process takes its share of every batch.

    Raises FloatingPointError when loss or gradient are no longer finite: the model then has the weights of
    before that step; CheckpointError when the folder holds another run, and OccupiedError when it holds a model.

    >>> from lstm_core.tasks import make_task
    >>> from lstm_core.training import Initial, Settings, initial_model, train
    >>> task = make_task("adding", options={"length": 5})
    >>> settings = Settings(steps=2, batch=4)
    >>> model = initial_model(task.config(task.size), Initial.of(task, settings))
    >>> [now.step for now in train(model, task, settings)]
    [1, 2]
    """
    _check_fit(model, task)
    run = Run(model, settings, task.describe())
    target = None if folder is None else Path(folder)
    if target is not None and (target / RESUME).is_file():
        run.restore(target / RESUME)
    elif target is not None and is_model(target):
        raise OccupiedError(f"{target} holds a trained model, whose checkpoints would be lost: choose another folder")
    try:
        while run.step < settings.steps:
            if target is not None and training_checkpoints.is_due(run.step, settings.steps):
                _save_checkpoint(run, task, target, half=half)
            now = _step(run, task)
            if settings.is_scored(run.step):
                now = _scored(now, run, task)
            if target is not None and (run.step % save_every == 0 or run.step == settings.steps):
                run.keep(target / RESUME)
            yield now
    except GeneratorExit:
        if target is not None and parallel.processes() == 1:
            run.keep(target / RESUME)
        raise
    if run.best is not None:
        run.score = run.best[0]
        model.load_state_dict(run.best[1])
    if target is not None:
        _save_checkpoint(run, task, target, half=half)
    model.eval()


@checked
def probe(model: SequenceModel, task: Task, settings: Settings) -> float:
    """The loss on one fixed batch of the task, the same for all its models: shown at each checkpoint.

    >>> from lstm_core.tasks import make_task
    >>> from lstm_core.training import Initial, Settings, initial_model, probe
    >>> task = make_task("adding", options={"length": 5})
    >>> settings = Settings(steps=2, batch=4)
    >>> model = initial_model(task.config(task.size), Initial.of(task, settings))
    >>> probe(model, task, settings) == probe(model, task, settings)
    True
    """
    batch = task.batch(0, settings.batch, np.random.default_rng([settings.seed, PROBE]))
    model.eval()
    with torch.inference_mode():
        inputs, targets, weights = (
            aligned(part, model.device) for part in (batch.inputs, batch.targets, batch.weights)
        )
        losses = step_losses(model.config.readout, model(inputs)[0], targets)
        return float((losses * weights).sum() / weights.sum())


def _check_fit(model: SequenceModel, task: Task) -> None:
    """Raise ValueError if the model's inputs or outputs do not fit the task."""
    own, wanted = model.config, task.config(Size())
    if (own.encoder, own.readout) != (wanted.encoder, wanted.readout):
        raise ValueError(
            f"this model was not made for the task {task.name}: it reads and predicts {_kind(own)}, but the task needs "
            f"{_kind(wanted)}; SequenceModel(task.config(Size())) makes one that fits"
        )


def _kind(config: ModelConfig) -> str:
    return f"{config.classes or config.embedding} {'classes' if config.classes else 'numbers'} and {config.outputs} outputs"


def _save_checkpoint(run: Run, task: Task, target: Path, *, half: bool) -> None:
    """Save a training checkpoint, unless the loss is NaN: the next step will raise for that."""
    if parallel.rank() != 0:
        return
    loss = probe(run.model, task, run.settings)
    score = run.score if run.settings.is_scored(run.step) else math.nan
    if math.isfinite(loss):
        training_checkpoints.save_checkpoint(target, run.model, run.step, loss=loss, score=score, half=half)


def _step(run: Run, task: Task) -> Progress:
    settings, step = run.settings, run.step
    run.model.train()
    began = time.perf_counter()
    batch = task.batch(step, settings.batch, np.random.default_rng([settings.seed, step]))
    loss, norm = run.learn(batch)
    if run.step == step:
        raise FloatingPointError(
            f"at step {step + 1} of {settings.steps} the loss was {loss:g} and its gradient's norm {norm:g}: try a smaller "
            f"learning rate (now {settings.learning_rate:g}) or a smaller clip (now {settings.clip:g})"
        )
    rate = batch.tokens / (time.perf_counter() - began)
    return Progress(run.step, settings.steps, loss, None, norm, rate)


def _scored(now: Progress, run: Run, task: Task) -> Progress:
    if parallel.rank() != 0:
        return now
    run.model.eval()
    score = task.validate(run.model)
    # Of two equal scores the later is taken: its learning rate was lower. NaN is never the best.
    better = not math.isnan(score) and (run.best is None or not task.better(run.best[0], score))
    run.judge(score, better=better)
    return Progress(now.step, now.steps, now.loss, score, now.gradient_norm, now.tokens_per_second)
