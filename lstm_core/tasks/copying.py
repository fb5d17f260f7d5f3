"""Which letters were read before the long pause?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lstm_core.encoders import CharacterEncoder
from lstm_core.model import SequenceModel
from lstm_core.settings import Settings
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of, share_right

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Copying(Task):
    """Some letters, a pause of many dots, a colon: then repeat the letters in order.

    The copying problem of Hochreiter & Schmidhuber 1997 in the form of Arjovsky, Shah & Bengio 2016
    (arXiv:1511.06464): nothing but holding on to what was read carries across the lag.

    >>> Copying(letters=2, lag=5).name
    'copy'
    """

    letters: int = 3
    lag: int = 30  # dots

    name: ClassVar[str] = "copy"
    title: ClassVar[str] = "Copying across a long pause"
    summary: ClassVar[str] = "Reads some letters, waits through a long pause, and outputs the letters again."
    look_for: ClassVar[str] = (
        "Do cell states stay flat through the pause, with forget gates near 1 and input gates near 0 at every dot?"
    )
    literature: ClassVar[str] = (
        "Arjovsky, Shah & Bengio 2016: with 10 letters and lags of 100 and more, an LSTM does no better than guessing; "
        "this task is much easier."
    )
    measure: ClassVar[str] = "letters right (share)"
    higher_is_better: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=48, embedding=10)
    settings: ClassVar[Settings] = Settings(
        steps=3000, learning_rate=1e-2, warmup=20, weight_decay=0.0, forget_bias=4.0, keep_best=True
    )

    def __post_init__(self) -> None:
        if not 1 <= self.letters <= 50 or not 1 <= self.lag <= 1000:
            raise ValueError(f"letters must be from 1 to 50 and lag from 1 to 1000, not {self.letters} and {self.lag}")

    @property
    def encoder(self) -> CharacterEncoder:
        return CharacterEncoder((*LETTERS, ".", ":"))

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (always fresh letters)
        pause, colon = len(LETTERS), len(LETTERS) + 1
        letters = random.integers(0, len(LETTERS), (size, self.letters))
        between = np.full((size, self.lag), pause)
        ids = np.concatenate([letters, between, np.full((size, 1), colon), letters], axis=1)
        weights = torch.zeros(size, ids.shape[1] - 1)
        weights[:, -self.letters :] = 1
        return Batch(torch.from_numpy(ids[:, :-1]), torch.from_numpy(ids[:, 1:]), weights, tokens=ids[:, 1:].size)

    def validate(self, model: SequenceModel) -> float:
        return self.right(model, count=500, seed=1)

    def test(self, model: SequenceModel) -> Score:
        return Score(
            self.right(model, count=2560, seed=2),
            self.measure,
            f"2,560 fresh rows of {self.letters} letters and {self.lag} dots",
            {"guessing": 1 / len(LETTERS)},
        )

    def right(self, model: SequenceModel, *, count: int, seed: int) -> float:
        """The share of the letters after the colon that are predicted, each before it is read."""
        batch = self.batch(0, count, np.random.default_rng([10_000_139, seed]))
        logits = logits_of(model, batch)[:, -self.letters :]
        hits = logits.argmax(-1) == batch.targets[:, -self.letters :]
        return share_right(float(hits.float().mean()), logits)

    def examples(self) -> Mapping[str, str]:
        words = {"A short word": "bad", "Another": "egg", "Up the row": "abcdefgh"}
        pause = "." * self.lag + ":"
        made = {title: "".join(word[k % len(word)] for k in range(self.letters)) for title, word in words.items()}
        return {title: word + pause + word for title, word in made.items()}
