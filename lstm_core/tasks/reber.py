"""Which symbols may come next in a string of the Reber grammar, plain or embedded?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstm_core.encoders import CharacterEncoder
from lstm_core.model import SequenceModel
from lstm_core.settings import Settings
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of, padded, share_right

SYMBOLS = "BTSXPVE"
# The graph of Hochreiter & Schmidhuber 1997, fig. 3: from each node, the symbols and the nodes they lead to.
GRAPH: tuple[dict[str, int], ...] = (
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
)


@dataclass(frozen=True)
class Reber(Task):
    """Strings of the Reber grammar (Reber 1967): expect the next symbol, of one or two that are legal.

    >>> Reber().name
    'reber'
    """

    name: ClassVar[str] = "reber"
    title: ClassVar[str] = "Reber grammar"
    summary: ClassVar[str] = "Reads strings of the Reber grammar and predicts which symbols may come next."
    look_for: ClassVar[str] = (
        "Does a unit stand for a node of the grammar's graph, with the same gates wherever the string passes that node?"
    )
    literature: ClassVar[str] = (
        "Cleeremans, Servan-Schreiber & McClelland 1989 (Neural Computation 1:372) trained simple recurrent nets on it."
    )
    measure: ClassVar[str] = "strings right at every step (share)"
    higher_is_better: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=12, embedding=7)
    settings: ClassVar[Settings] = Settings(steps=600, learning_rate=1e-2, warmup=20, weight_decay=0.0)

    @property
    def encoder(self) -> CharacterEncoder:
        return CharacterEncoder(tuple(SYMBOLS))

    def string(self, random: np.random.Generator) -> tuple[str, list[str]]:
        """A random string, and the symbols that may come after each of its symbols but the last."""
        return walk(random)

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:  # noqa: ARG002 (always fresh strings)
        read = [self.encoder.encode(self.string(random)[0]).ids for _ in range(size)]
        return padded([ids[:-1] for ids in read], [ids[1:] for ids in read])

    def validate(self, model: SequenceModel) -> float:
        return self.right(model, count=200, seed=1)

    def test(self, model: SequenceModel) -> Score:
        return Score(self.right(model, count=1000, seed=2), self.measure, "1,000 fresh strings")

    def right(self, model: SequenceModel, *, count: int, seed: int) -> float:
        """The share of fresh strings in which the legal symbols are the likeliest ones at every step."""
        random = np.random.default_rng([10_000_019, seed])
        strings = [self.string(random) for _ in range(count)]
        read = [self.encoder.encode(string).ids for string, _ in strings]
        logits = logits_of(model, padded([ids[:-1] for ids in read], [ids[1:] for ids in read]))
        hits = 0
        for scores, (_, legal) in zip(logits.numpy(), strings, strict=True):
            hits += all(
                {SYMBOLS[best] for best in np.argsort(-scores[step], kind="stable")[: len(allowed)]} == set(allowed)
                for step, allowed in enumerate(legal)
            )
        return share_right(hits / count, logits)

    def examples(self) -> Mapping[str, str]:
        return {"Round both loops": "BTSSXXTTVVE", "The short way": "BPVVE", "There and back": "BTXXVPXVPSE"}


@dataclass(frozen=True)
class EmbeddedReber(Reber):
    """A Reber string between two T's or two P's: the second must be the first again, however long that lasts.

    Hochreiter & Schmidhuber 1997 ("Long short-term memory", Neural Computation 9:1735), experiment 1.

    >>> EmbeddedReber().name
    'embedded_reber'
    """

    name: ClassVar[str] = "embedded_reber"
    title: ClassVar[str] = "Embedded Reber grammar"
    summary: ClassVar[str] = (
        "Reads strings of the embedded Reber grammar: the second-to-last symbol must repeat the second, across a whole string."
    )
    look_for: ClassVar[str] = (
        "Does the cell state of a unit differ after BT and after BP, and does its forget gate stay open until the end?"
    )
    literature: ClassVar[str] = (
        "Hochreiter & Schmidhuber 1997, experiment 1: LSTM solved it in 97 to 100% of trials; "
        "of the other nets in the comparison, RTRL in some, Elman nets in none, recurrent cascade-correlation in half."
    )
    size: ClassVar[Size] = Size(hidden=12, embedding=7)
    settings: ClassVar[Settings] = Settings(steps=1500, learning_rate=1e-2, warmup=20, weight_decay=0.0, keep_best=True)

    def string(self, random: np.random.Generator) -> tuple[str, list[str]]:
        inner, legal = walk(random)
        outer = "TP"[random.integers(2)]
        return f"B{outer}{inner}{outer}E", ["TP", "B", *legal, outer, "E"]

    def examples(self) -> Mapping[str, str]:
        return {
            "T remembered": "BTBTSSXXTVVETE",
            "P remembered": "BPBTSSXXTVVEPE",
            "P across a long string": "BPBPTTTTVPXTTTVPSEPE",
        }


def walk(random: np.random.Generator) -> tuple[str, list[str]]:
    """A walk through the graph, each of two ways with chance 1/2: its symbols, and what may follow each but the last."""
    node, symbols, legal = 0, "", []
    while node < len(GRAPH):
        ways = GRAPH[node]
        legal.append("".join(ways))
        symbol = list(ways)[random.integers(len(ways))]
        symbols, node = symbols + symbol, ways[symbol]
    return symbols, legal[1:]
