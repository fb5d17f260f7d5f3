"""A tiny model, trained in a moment, with the checkpoints of its training."""

from pathlib import Path

from lstm_core import SequenceModel
from lstm_core.tasks.task import Size
from lstm_core.tasks.text import Text
from lstm_core.training import Initial, Settings, finish, initial_model, train

TASK = Text(text="She sells sea shells by the sea shore; the shells she sells are sea shells. " * 40)
SETTINGS = Settings(steps=10, batch=4, learning_rate=0.1, warmup=0, score_every=4, seed=3)
STEPS = [0, 1, 2, 4, 8, 10]  # of its checkpoints


def train_tiny(folder: Path, *, half: bool = False) -> SequenceModel:
    """Train it into `folder`, as one's own models are; the folder's name is the model's."""
    model = initial_model(TASK.config(Size(hidden=6, embedding=5)), Initial.of(TASK, SETTINGS))
    for _ in train(model, TASK, SETTINGS, folder=folder, half=half):
        pass
    finish(model, TASK, SETTINGS, folder, name=folder.name, command="made by a test")
    return model
