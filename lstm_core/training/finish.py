"""finish(...): score a trained model, write its card, and save it as a folder that the app opens."""

import os
from collections.abc import Mapping
from dataclasses import asdict

from lstm_core import model_files
from lstm_core.config import Card
from lstm_core.given import checked
from lstm_core.model import SequenceModel, weights_digest
from lstm_core.numerals import significant
from lstm_core.settings import Settings
from lstm_core.tasks.task import Task
from lstm_core.training.initial import Initial, initial_model
from lstm_core.training.loop import probe


@checked
def finish(
    model: SequenceModel,
    task: Task,
    settings: Settings,
    folder: str | os.PathLike[str],
    *,
    name: str,
    command: str,
    steps: int | None = None,
    further: dict[str, object] | None = None,
    examples: Mapping[str, str] | None = None,
    look_for: str | None = None,
) -> Card:
    """Score the trained `model`, write its card, and save both in `folder`.

    By default `look_for` is the task's, which asks what to look for.

    The card's `training` holds `task` (its name), `command`, `data`, `settings`, `steps` (those that were done),
    `initial` (what the first weights are rebuilt from), `untrained_digest` (of those weights), `losses` (untrained
    and trained, on the fixed batch of the checkpoints) and what is in `further`; its `evaluation` holds `measure`, `score`, `untrained` (the same score before training),
    `higher_is_better`, `held_out`, `others` and `literature`.

    >>> from lstm_core.tasks import make_task
    >>> from lstm_core.training import Initial, Settings, finish, initial_model, train
    >>> task = make_task("adding", options={"length": 5})
    >>> settings = Settings(steps=2, batch=4)
    >>> model = initial_model(task.config(task.size), Initial.of(task, settings))
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     losses = [now.loss for now in train(model, task, settings)]
    ...     card = finish(model, task, settings, folder, name="counter", command="a script")
    >>> card.name, len(losses)
    ('counter', 2)
    """
    initial = Initial.of(task, settings)
    before = initial_model(model.config, initial, device=model.device)
    score, untrained = task.test(model), task.test(before)
    model.card = Card(
        name=name,
        summary=task.summary,
        look_for=task.look_for if look_for is None else look_for,
        examples={**(examples or {}), **task.examples()},
        training={
            "task": task.name,
            "command": command,
            "data": task.source,
            "settings": asdict(settings),
            "steps": settings.steps if steps is None else steps,
            "initial": initial.to_json(),
            "untrained_digest": weights_digest(before),
            "losses": [probe(one, task, settings) for one in (before, model)],
            **(further or {}),
        },
        evaluation={
            "measure": score.measure,
            "score": significant(score.value),
            "untrained": significant(untrained.value),
            "higher_is_better": task.higher_is_better,
            "held_out": score.held_out,
            "others": {other: significant(value) for other, value in score.others.items()},
            "literature": task.literature,
        },
    )
    model_files.save(model, folder)
    return model.card
