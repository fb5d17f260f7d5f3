"""In which order did X and Y come?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lstm_core.encoders import CharacterEncoder
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels
from lstm_core.settings import Settings
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of, share_right

ORDERS = ("XX", "XY", "YX", "YY")


@dataclass(frozen=True)
class TemporalOrder(Task):
    """Two of many symbols matter, X or Y each, far apart: at the end, tell which came first and which second.

    Hochreiter & Schmidhuber 1997, experiment 6a, with sequences of `length` symbols: B, distractors a to d, E;
    the first of the two between 10 and 20% of the way, the second between 50 and 60%.

    >>> TemporalOrder(length=20).name
    'temporal_order'
    """

    length: int = 50

    name: ClassVar[str] = "temporal_order"
    title: ClassVar[str] = "Which came first, X or Y?"
    summary: ClassVar[str] = "Reads many symbols, of which only two matter (each X or Y), and outputs their order."
    look_for: ClassVar[str] = (
        "Do cell states jump at an X or a Y? Does a cell state show at the end which of the two came first?"
    )
    literature: ClassVar[str] = (
        "Hochreiter & Schmidhuber 1997, experiment 6a, with sequences of 100 to 110 symbols: 1 of 2,560 test sequences wrong on average."
    )
    measure: ClassVar[str] = "sequences right (share)"
    higher_is_better: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=16, embedding=8)
    settings: ClassVar[Settings] = Settings(
        steps=1500, learning_rate=1e-2, warmup=0, weight_decay=0.0, forget_bias=4.0, keep_best=True
    )

    def __post_init__(self) -> None:
        if not 20 <= self.length <= 1000:
            raise ValueError(f"length must be from 20 to 1000 symbols, not {self.length}")

    @property
    def encoder(self) -> CharacterEncoder:
        return CharacterEncoder(tuple("BEXYabcd"))

    @property
    def readout(self) -> Labels:
        return Labels(ORDERS)

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (always fresh sequences)
        length, rows = self.length, np.arange(size)
        ids = random.integers(4, 8, (size, length))
        ids[:, 0], ids[:, -1] = 0, 1
        first, second = random.integers(0, 2, (2, size))
        ids[rows, random.integers(length // 10, length // 5 + 1, size)] = 2 + first
        ids[rows, random.integers(length // 2, 3 * length // 5 + 1, size)] = 2 + second
        targets = np.repeat((2 * first + second)[:, None], length, axis=1)
        weights = torch.zeros(size, length)
        weights[:, -1] = 1
        return Batch(torch.from_numpy(ids), torch.from_numpy(targets), weights, tokens=ids.size)

    def validate(self, model: SequenceModel) -> float:
        return self.right(model, count=500, seed=1)

    def test(self, model: SequenceModel) -> Score:
        return Score(
            self.right(model, count=2560, seed=2), self.measure, f"2,560 fresh sequences of {self.length} symbols"
        )

    def right(self, model: SequenceModel, *, count: int, seed: int) -> float:
        """The share of fresh sequences whose order is right at the last step."""
        batch = self.batch(0, count, np.random.default_rng([10_000_121, seed]))
        logits = logits_of(model, batch)[:, -1]
        return share_right(float((logits.argmax(-1) == batch.targets[:, -1]).float().mean()), logits)

    def examples(self) -> Mapping[str, str]:
        made = {}
        for seed, (title, symbols) in enumerate(
            {"X, later Y": ("X", "Y"), "Y, later X": ("Y", "X"), "Y twice": ("Y", "Y")}.items()
        ):
            letters = list("".join("abcd"[k] for k in np.random.default_rng(seed).integers(0, 4, self.length)))
            letters[0], letters[-1] = "B", "E"
            letters[self.length // 6], letters[11 * self.length // 20] = symbols
            made[title] = "".join(letters)
        return made
