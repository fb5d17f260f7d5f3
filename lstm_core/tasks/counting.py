"""Which symbols may come next in S a^n b^n T, or S a^n b^n c^n T? To know, one must count."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from lstm_core.encoders import CharacterEncoder
from lstm_core.model import SequenceModel
from lstm_core.readouts import LegalTokens
from lstm_core.settings import Settings
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of, padded


@dataclass(frozen=True)
class AnBn(Task):
    """As many b's as a's (Gers & Schmidhuber 2001, "LSTM recurrent networks learn simple context-free and
    context-sensitive languages", IEEE Transactions on Neural Networks 12:1333).

    Taught on n up to `longest` and scored by the longest n that is still right: at every step exactly the
    legal symbols are given more than 1/2, for every n up to it.

    >>> AnBn(longest=5).encoder.decode([0, 1, 2])
    'Sab'
    """

    longest: int = 10

    name: ClassVar[str] = "anbn"
    title: ClassVar[str] = "Counting: a…ab…b"
    summary: ClassVar[str] = "Reads a's, then as many b's, and predicts which symbols may come next: it must count."
    look_for: ClassVar[str] = (
        "Does the cell state of a unit rise at every a and fall at every b by the same amount, with its forget gate near 1? Then it counts."
    )
    literature: ClassVar[str] = (
        "Gers & Schmidhuber 2001 (with peephole connections, trained on n up to 10): right up to n = 1,000 with the best net; "
        "Weiss, Goldberg & Yahav 2018 (arXiv:1805.04908, trained on n up to 100): up to n = 256; Suzgun et al. 2018: one unit suffices."
    )
    measure: ClassVar[str] = "longest n that is still right"
    higher_is_better: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=5, embedding=4)
    settings: ClassVar[Settings] = Settings(
        steps=8000, batch=10, learning_rate=3e-2, warmup=0, weight_decay=0.0, forget_bias=5.0, weight_noise=0.3,
        keep_best=True, score_every=250,
    )  # fmt: skip
    letters: ClassVar[str] = "ab"
    validated: ClassVar[int] = 50  # the longest n in validation

    def __post_init__(self) -> None:
        if not 1 <= self.longest <= 200:
            raise ValueError(f"longest must be from 1 to 200, not {self.longest}")

    @property
    def encoder(self) -> CharacterEncoder:
        return CharacterEncoder(("S", *self.letters, "T"))

    @property
    def readout(self) -> LegalTokens:
        return LegalTokens()

    def string(self, n: int) -> tuple[str, np.ndarray]:
        """S, each letter n times; and after each symbol 1 for every symbol that may come next, (step, class)."""
        text = "S" + "".join(letter * n for letter in self.letters)
        legal = np.zeros((len(text), self.encoder.size), dtype=np.float32)
        legal[: n + 1, 1] = 1  # another a
        for letter in range(1, len(self.letters)):
            legal[letter * n : (letter + 1) * n, letter + 1] = 1
        legal[1 : n + 1, 2] = 1  # after any a, the b's may begin
        legal[0, 2:] = 0
        legal[-1] = np.eye(self.encoder.size)[-1]
        return text, legal

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (the same n in every batch)
        return _counted(self, tuple(k % self.longest + 1 for k in range(size)))

    def validate(self, model: SequenceModel) -> float:
        """The longest n that is still right; the fraction says how confident the model is.

        Nets that count right as far as validation goes differ in how far they would: the surest of them is the best
        bet. Its least log-odds m for what is right, at any step of n = `validated`, adds m / (1 + m), below 1.
        """
        reached = self.longest_right(model, self.validated)
        batch = _counted(self, (self.validated,))
        signs = batch.targets[0] * 2 - 1  # 1 where a symbol is legal, -1 where it is not
        margin = max(0.0, float((logits_of(model, batch)[0] * signs).min()))
        return reached + margin / (1 + margin)

    def test(self, model: SequenceModel) -> Score:
        return Score(
            float(self.longest_right(model, 1000)),
            self.measure,
            f"every n from 1 until one is wrong, trained on n up to {self.longest}",
        )

    def longest_right(self, model: SequenceModel, most: int) -> int:
        """The largest n up to which all strings are right at every step, at most `most`."""
        for n in range(1, most + 1):
            batch = _counted(self, (n,))
            given = model.probability(logits_of(model, batch))
            if not bool(((given > 0.5) == (batch.targets > 0.5)).all()):
                return n - 1
        return most

    def examples(self) -> Mapping[str, str]:
        def grown(n: int) -> str:
            return self.string(n)[0] + "T"

        return {
            "Eight of each": grown(8),
            "Longer than any in training": grown(30),
            "One too few": grown(8)[:-2] + "T",
        }


@lru_cache(maxsize=256)
def _counted(task: AnBn, counts: tuple[int, ...]) -> Batch:
    """The strings for these n, made once: every step learns from the same."""
    strings = [task.string(n) for n in counts]
    return padded([task.encoder.encode(text).ids for text, _ in strings], [legal for _, legal in strings])


@dataclass(frozen=True)
class AnBnCn(AnBn):
    """As many b's as a's, and as many c's: a context-sensitive language (Gers & Schmidhuber 2001).

    >>> AnBnCn(longest=5).name
    'anbncn'
    """

    name: ClassVar[str] = "anbncn"
    title: ClassVar[str] = "Counting: a…ab…bc…c"
    summary: ClassVar[str] = (
        "Reads a's, then as many b's and c's, and predicts which symbols may come next: it must count twice."
    )
    look_for: ClassVar[str] = (
        "Are there two counters: a cell state that rises with the a's and falls with the b's, and another that falls with the c's?"
    )
    literature: ClassVar[str] = (
        "Gers & Schmidhuber 2001 (with peephole connections, trained on n up to 10): right up to n = 52 with the best net, 28 on "
        "average; Weiss, Goldberg & Yahav 2018 (trained on n up to 50): up to n = 100."
    )
    size: ClassVar[Size] = Size(hidden=16, embedding=5)
    settings: ClassVar[Settings] = Settings(
        steps=8000, batch=10, learning_rate=1e-2, warmup=0, weight_decay=0.0, forget_bias=3.0, weight_noise=0.15,
        keep_best=True, score_every=250,
    )  # fmt: skip
    letters: ClassVar[str] = "abc"
    validated: ClassVar[int] = 30
