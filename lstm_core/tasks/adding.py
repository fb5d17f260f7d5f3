"""What is the sum of the two marked numbers?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lstm_core.encoders import NumberEncoder
from lstm_core.model import SequenceModel
from lstm_core.readouts import Values
from lstm_core.settings import Settings
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of


@dataclass(frozen=True)
class Adding(Task):
    """A row of numbers from 0 to 1, two of them marked: at the end, output the sum of these two.

    Hochreiter & Schmidhuber 1997, experiment 4, in the form of later work (Le, Jaitly & Hinton 2015,
    arXiv:1504.00941): markers 0 and 1, one mark in each half, the sum itself as the target. Always saying 1
    has a mean squared error of 1/6.

    >>> Adding(length=20).name
    'adding'
    """

    length: int = 100

    name: ClassVar[str] = "adding"
    title: ClassVar[str] = "Adding two marked numbers"
    summary: ClassVar[str] = "Reads numbers, two of them marked with 1, and outputs the sum of these two at the end."
    look_for: ClassVar[str] = (
        "Does an input gate open only at the two marked numbers, in a unit whose forget gate always stays open?"
    )
    literature: ClassVar[str] = (
        "Hochreiter & Schmidhuber 1997, experiment 4, with sequences of 100 to 110 steps: an error below 0.04 on all but one of "
        "2,560 test sequences, for targets scaled from 0 to 1 (sums here are twice as wide)."
    )
    measure: ClassVar[str] = "mean squared error"
    higher_is_better: ClassVar[bool] = False
    predicts_numbers: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=48)
    settings: ClassVar[Settings] = Settings(
        steps=4000, batch=64, learning_rate=8e-3, warmup=0, weight_decay=0.0, keep_best=True
    )

    def __post_init__(self) -> None:
        if not 2 <= self.length <= 1000:
            raise ValueError(f"length must be from 2 to 1000 numbers, not {self.length}")

    @property
    def encoder(self) -> NumberEncoder:
        return NumberEncoder(("number", "mark"), (0.0, 0.0), (1.0, 1.0))

    @property
    def readout(self) -> Values:
        return Values(("sum of the marked numbers",), (0.0,), (1.0,))

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (always fresh rows)
        numbers = random.random((size, self.length), dtype=np.float32)
        half = self.length // 2
        marks = np.zeros_like(numbers)
        rows = np.arange(size)
        marks[rows, random.integers(0, half, size)] = 1
        marks[rows, random.integers(half, self.length, size)] = 1
        targets = np.repeat((numbers * marks).sum(1)[:, None, None], self.length, axis=1)
        weights = np.zeros_like(numbers)
        weights[:, -1] = 1
        inputs = torch.from_numpy(np.stack([numbers, marks], axis=-1))
        return Batch(inputs, torch.from_numpy(targets), torch.from_numpy(weights), tokens=numbers.size)

    def validate(self, model: SequenceModel) -> float:
        return self.error(model, count=500, seed=1)

    def test(self, model: SequenceModel) -> Score:
        return Score(
            self.error(model, count=2560, seed=2),
            f"{self.measure} of the sum",
            f"2,560 fresh rows of {self.length} numbers",
            {"always 1": 1 / 6},
        )

    def error(self, model: SequenceModel, *, count: int, seed: int) -> float:
        """The mean squared error at the last step of fresh rows."""
        batch = self.batch(0, count, np.random.default_rng([10_000_103, seed]))
        return float((logits_of(model, batch)[:, -1] - batch.targets[:, -1]).square().mean())

    def examples(self) -> Mapping[str, str]:
        def row(seed: int, length: int, *marked: int) -> str:
            numbers = np.random.default_rng(seed).random(length)
            return " ".join(f"{number:.2f}:{int(step in marked)}" for step, number in enumerate(numbers))

        return {
            "Two marked of a hundred": row(1, self.length, self.length // 4, 3 * self.length // 4),
            "A short row": row(2, 20, 4, 15),
            "Nothing marked": row(3, 20),
        }
