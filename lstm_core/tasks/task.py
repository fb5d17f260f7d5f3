"""Task: what a model is trained on: training sequences, and a score."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from lstm_core.config import ModelConfig
from lstm_core.device import aligned
from lstm_core.encoders import Encoder, NumberEncoder
from lstm_core.model import SequenceModel
from lstm_core.readouts import NextToken, Readout
from lstm_core.settings import Settings


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch of training sequences, padded to one length.

    >>> import numpy as np
    >>> from lstm_core.tasks import make_task
    >>> batch = make_task("anbn").batch(step=0, size=4, random=np.random.default_rng(0))
    >>> batch.inputs.shape == batch.weights.shape
    True
    """

    inputs: Tensor  # (sequence, step) int64 classes, or (sequence, step, feature) float32 numbers
    targets: Tensor  # (sequence, step) int64 classes, or (sequence, step, output) float32 chances or numbers
    weights: Tensor  # (sequence, step) float32: how much a step counts in the loss; 0 for padding
    tokens: int  # how many steps are read, padding left out
    # Before the first step the states are zero, or what they were at the end of the batch before; "rolled":
    # each sequence goes on from the state of the sequence before it, the first from the last one's.
    state: Literal["fresh", "carried", "rolled"] = "fresh"


@dataclass(frozen=True)
class Size:
    """How large a model is.

    >>> Size(hidden=64).layers
    1
    """

    hidden: int = 32  # units a layer
    layers: int = 1
    embedding: int = 16  # features a class becomes; numbers are read as they are


@dataclass(frozen=True)
class Score:
    """The score of a model on held-out sequences.

    >>> Score(0.95, "closing brackets right (share)", "1,000 new strings").value
    0.95
    """

    value: float
    measure: str  # what the value is, with its unit: "nats per character"
    held_out: str  # on which sequences
    others: Mapping[str, float] = field(default_factory=dict)  # further measures, and naive rivals, by name


class Task(ABC):
    """What a model is trained on. Tasks are frozen dataclasses of plain options; equal tasks give equal sequences.

    >>> from lstm_core.tasks import make_task
    >>> task = make_task("anbn")
    >>> task.title, task.config(task.size).hidden == task.size.hidden
    ('Counting: a…ab…b', True)
    """

    name: ClassVar[str]  # as in TASKS and on the command line
    title: ClassVar[str]  # a few words for a reader
    summary: ClassVar[str]  # what is to be learnt, one sentence
    look_for: ClassVar[str]  # what may be found in a trained model, as a question: nobody has measured it yet
    literature: ClassVar[str]  # what was reached and by whom; "" where nothing comparable is known
    measure: ClassVar[str]  # of `validate`, for an axis: "strings all right (share)"
    higher_is_better: ClassVar[bool]
    predicts_numbers: ClassVar[bool] = False  # then its loss is a mean squared error, otherwise a cross-entropy in nats
    size: ClassVar[Size] = Size()  # that works
    settings: ClassVar[Settings] = Settings()  # that work

    @property
    @abstractmethod
    def encoder(self) -> Encoder: ...

    @property
    def readout(self) -> Readout:
        return NextToken()

    @property
    def source(self) -> str:
        """Where the sequences come from, for a model's card."""
        return "made up by the task's own generator"

    @property
    def expected(self) -> tuple[int, ...] | None:
        """The classes that occur, None for all; the others start with a low bias in the readout."""
        return None

    @abstractmethod
    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:
        """The sequences of training step `step` (from 0); `random` is that step's own generator."""

    @abstractmethod
    def validate(self, model: SequenceModel) -> float:
        """The score of `model` on the validation sequences, in units of `measure`."""

    @abstractmethod
    def test(self, model: SequenceModel) -> Score:
        """The score of `model` on test sequences, used neither for training nor for choosing."""

    @abstractmethod
    def examples(self) -> Mapping[str, str]:
        """Typical sequences as a user types them, by title; the first is shown during training."""

    def config(self, size: Size) -> ModelConfig:
        """The layout of a model of that size for this task."""
        encoder = self.encoder
        embedding = encoder.features if isinstance(encoder, NumberEncoder) else size.embedding
        return ModelConfig(encoder, embedding, size.hidden, layers=size.layers, readout=self.readout)

    def describe(self) -> dict[str, object]:
        """Everything that tells this task from another, as JSON; data by its digest."""
        return {"task": self.name, **asdict(self)}  # type: ignore[call-overload]  # every task is a dataclass

    def caution(self, batch: int) -> str:  # noqa: ARG002 (of the sequences a step learns from, for a task that needs it)
        """A warning before training with that batch size; "" if there is none.

        A sentence or two where the data are so few that the model can only learn them by heart.
        """
        return ""

    def better(self, one: float, other: float) -> bool:
        """Is score `one` better than `other`? Any number is better than NaN, and NaN is better than None."""
        if math.isnan(one) or math.isnan(other):
            return math.isnan(other) and not math.isnan(one)
        return one > other if self.higher_is_better else one < other


def padded(
    inputs: Sequence[np.ndarray], targets: Sequence[np.ndarray], weights: Sequence[np.ndarray] | None = None
) -> Batch:
    """A batch of sequences of different lengths, each from a zero state; every step counts 1 unless weighted."""
    weights = [np.ones(len(one), dtype=np.float32) for one in inputs] if weights is None else weights
    return Batch(
        inputs=_padded(inputs),
        targets=_padded(targets),
        weights=_padded([one.astype(np.float32) for one in weights]),
        tokens=sum(len(one) for one in inputs),
    )


def _padded(arrays: Sequence[np.ndarray]) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.from_numpy(one) for one in arrays], batch_first=True)


def logits_of(model: SequenceModel, batch: Batch) -> Tensor:
    """The readout of `model` on a batch, without learning: (sequence, step, class), on the CPU."""
    model.eval()
    with torch.inference_mode():
        logits: Tensor = model(aligned(batch.inputs, model.device))[0]
        return logits.cpu()


def share_right(right: float, logits: Tensor) -> float:
    """The share `right`, or NaN where a logit is NaN: then any could be the largest."""
    return math.nan if bool(logits.isnan().any()) else right
