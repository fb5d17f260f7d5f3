"""Which bracket must be closed next? Two kinds of brackets, nested (Dyck-2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstm_core.encoders import CharacterEncoder
from lstm_core.model import SequenceModel
from lstm_core.settings import Settings
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of, padded, share_right

OPEN, CLOSE = "([", ")]"
VALIDATION_DEPTH, TEST_DEPTH, MAX_TEST_CHARS = (
    6,
    8,
    100,
)  # what validates, what is tested, and how long these strings are at most


@dataclass(frozen=True)
class Brackets(Task):
    """Strings of ( ) [ ] in which every bracket is closed by its own kind, up to `depth` of them open at once.

    The targets at each step are the chances of what may come next: 1/2 that the innermost bracket is closed or,
    where none is open, that the string ends, and 1/4 for each opening one. No limit of depth or length shows in
    them: a model is not to learn these.

    >>> Brackets(depth=2).name
    'brackets'
    """

    depth: int = 4
    longest: int = 60  # brackets of a string that is learnt from

    name: ClassVar[str] = "brackets"
    title: ClassVar[str] = "Nested brackets (Dyck-2)"
    summary: ClassVar[str] = "Reads nested brackets of two kinds and predicts which one closes the innermost."
    look_for: ClassVar[str] = (
        "Does a cell state measure the depth: down at each opening bracket and up at each closing one, or the reverse? Does a unit "
        "hold the kind of the innermost bracket?"
    )
    literature: ClassVar[str] = (
        "Suzgun, Gehrmann, Belinkov & Shieber 2019 (arXiv:1906.03648): LSTMs learn Dyck-1, a counting language, but not Dyck-2; "
        "they count whole strings, which is stricter, so the scores cannot be compared."
    )
    measure: ClassVar[str] = "closing brackets right (share)"
    higher_is_better: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=32, embedding=8)
    settings: ClassVar[Settings] = Settings(
        steps=2000, learning_rate=1e-2, warmup=50, weight_decay=0.0, forget_bias=3.0, weight_noise=0.05, keep_best=True
    )

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 12 or not 2 * self.depth <= self.longest <= 400:
            raise ValueError(
                f"depth must be from 1 to 12 and longest from twice the depth to 400, not {self.depth} and {self.longest}"
            )

    @property
    def encoder(self) -> CharacterEncoder:
        return CharacterEncoder(tuple("S()[]T"))

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (always fresh strings)
        strings = ["S" + nested(random, self.depth, self.longest) for _ in range(size)]
        return padded([self.encoder.encode(text).ids for text in strings], [self.chances(text) for text in strings])

    def chances(self, text: str) -> np.ndarray:
        """The probability of each symbol after each symbol of `text`, which begins with S: (step, class) float32."""
        number = {symbol: index for index, symbol in enumerate(self.encoder.vocabulary)}
        found = np.zeros((len(text), len(number)), dtype=np.float32)
        due: list[str] = []
        for step, symbol in enumerate(text):
            if symbol in OPEN:
                due.append(CLOSE[OPEN.index(symbol)])
            elif symbol in CLOSE:
                due.pop()
            found[step, [number[opening] for opening in OPEN]] = 0.25
            found[step, number[due[-1] if due else "T"]] = 0.5
        return found

    def validate(self, model: SequenceModel) -> float:
        return self.right(model, depth=VALIDATION_DEPTH, count=200, seed=1)

    def test(self, model: SequenceModel) -> Score:
        return Score(
            self.right(model, depth=TEST_DEPTH, count=1000, seed=2),
            self.measure,
            f"every closing bracket of 1,000 fresh strings that reach depth {TEST_DEPTH}, at most {MAX_TEST_CHARS} long; "
            f"trained to depth {self.depth}, at most {self.longest} long",
            {
                f"closing brackets right at depths up to {self.depth}": self.right(
                    model, depth=self.depth, count=1000, seed=3
                )
            },
        )

    def right(self, model: SequenceModel, *, depth: int, count: int, seed: int) -> float:
        """The share of closing brackets, in fresh strings that reach `depth`, whose right kind was likelier."""
        random = np.random.default_rng([10_000_079, seed])
        strings = ["S" + nested(random, depth, MAX_TEST_CHARS, reach=True) for _ in range(count)]
        read = [self.encoder.encode(text).ids for text in strings]
        logits = logits_of(model, padded(read, read))
        closing = self.encoder.encode(CLOSE).ids
        hits, total = 0, 0
        for scores, ids in zip(logits.numpy(), read, strict=True):
            steps = np.flatnonzero(np.isin(ids, closing)) - 1
            expected = closing[scores[steps][:, closing].argmax(axis=1)]
            hits, total = hits + int((expected == ids[steps + 1]).sum()), total + len(steps)
        return share_right(hits / total, logits)

    def examples(self) -> Mapping[str, str]:
        return {
            "Three deep": "S([()[]]())[]T",
            "Deeper than any in training": "S[([([([(()[])])])])]T",
            "Out and back": "S[(())(()())((()))]T",
            "Closed wrongly": "S([)]",
        }


def nested(random: np.random.Generator, depth: int, longest: int, *, reach: bool = False) -> str:
    """A random string of nested brackets: at most `depth` open at once and at most `longest` long.

    At each step one of the two opens or the innermost closes, with chance 1/2; outside all brackets the string
    ends with chance 1/10. With `reach` it does come to `depth`.
    """
    while True:
        text, due, deepest = "", "", 0
        while due or not text or (len(text) + 2 <= longest and random.random() >= 0.1):
            room = longest - len(text) - len(due)
            if room >= 2 and len(due) < depth and (not due or random.random() < 0.5):
                kind = random.integers(2)
                text, due = text + OPEN[kind], due + CLOSE[kind]
                deepest = max(deepest, len(due))
            else:
                text, due = text + due[-1], due[:-1]
        if deepest == depth or not reach:
            return text
