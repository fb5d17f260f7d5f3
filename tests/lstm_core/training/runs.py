"""Small runs that the tests of training share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lstm_core import SequenceModel
from lstm_core.model import weights_digest
from lstm_core.tasks import Adding, Size, Task, Text
from lstm_core.training import Initial, Progress, Settings, initial_model, train

TEXT = Text("".join(f"{number} and " for number in range(300)), window=100)
ADDING = Adding(length=5)
SIZE = Size(hidden=5, embedding=3)
PLAIN = Settings(steps=9, batch=4, warmup=2, seed=5)
EVERYTHING = Settings(
    steps=11,
    batch=8,
    warmup=3,
    dropout=0.2,
    input_dropout=0.1,
    weight_noise=0.02,
    keep_best=True,
    score_every=3,
    seed=5,
)


def fresh(task: Task, settings: Settings, size: Size = SIZE) -> SequenceModel:
    return initial_model(task.config(size), Initial.of(task, settings))


def trained(task: Task, settings: Settings, folder: Path | None = None) -> tuple[SequenceModel, list[Progress]]:
    model = fresh(task, settings)
    return model, list(train(model, task, settings, folder=folder))


@dataclass(frozen=True)
class Scripted(Adding):
    """Adding, with validation scores that were set beforehand, and a batch that spoils step `bad`."""

    length: int = 5
    scores: tuple[float, ...] = ()
    bad: int = -1

    def batch(self, step, size, random):
        batch = super().batch(step, size, random)
        if step == self.bad:
            batch.inputs[0, 0, 0] = float("nan")
        return batch

    def scripted(self) -> Iterator[float]:
        return self.__dict__.setdefault("_left", iter(self.scores))

    def validate(self, model):
        return next(self.scripted(), None) or super().validate(model)


def digests(model: SequenceModel, progress: Iterator[Progress]) -> list[str]:
    """The digest of the weights after each step."""
    return [weights_digest(model) for _ in progress]
