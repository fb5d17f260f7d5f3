"""What stands before and after the recurrent layers of a checkpoint: its embedding and its readout.

A checkpoint has names and sizes and does not tell what reads what. An embedding is a matrix without a bias, with as many
columns as the bottom layer reads, that is called one or stands just before it. A linear layer is the readout only if it
alone reads as many numbers as the top layer gives and if nothing else in the file is left unexplained: what is left could
stand between them, or be joined to what it reads.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.importers.imported import Head, HeadActivation
from lstm_core.importers.tensorflow.cells import Arrays
from lstm_core.importers.tensorflow.layers import Run, StackedLayer
from lstm_core.importers.tensorflow.variables import Matrix, Variables
from lstm_core.importers.vocabulary import taken_of, too_long

CALLED = re.compile(r"emb|lookup|glove|word2vec|w2v", re.IGNORECASE)
PERHAPS = re.compile(r"vocab|word|token|char", re.IGNORECASE)
NEVER = re.compile(r"soft|out|dense|proj|logit|fully|fc|linear|decoder|att|query|key|value|memory", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Everything in a file that is no cell, and the runs that may read it or be read by it."""

    variables: Variables
    runs: Sequence[Run]
    embeddings: frozenset[int]  # ids of the matrices that are one, of whatever layer
    before: frozenset[int]  # ids of linear layers that stand before a layer that reads as many numbers as they give


def surroundings(variables: Variables, runs: Sequence[Run]) -> Surroundings:
    matrices = variables.matrices
    bottoms = {run.bottom.layout.features for run in runs}
    tops = {run.top.layout.outputs for run in runs}
    embeddings = {
        id(one)
        for one in matrices
        if one.bias is None and (_called_embedding(one) or (one.outputs in bottoms and one.reads not in tops))
    }
    first = min((run.bottom.place for run in runs), default=0)
    before = {
        id(one)
        for one in matrices
        if id(one) not in embeddings and variables.ordered and one.outputs in bottoms and one.place < first
    }
    return Surroundings(variables, runs, frozenset(embeddings), frozenset(before))


def embedding_of(run: Run, around: Surroundings) -> tuple[Matrix | None, list[str]]:
    """The embedding that the bottom layer of a run reads, and a note on the choice."""
    bottom = run.bottom
    fitting = [
        one
        for one in around.variables.matrices
        if id(one) in around.embeddings and one.outputs == bottom.layout.features
    ]
    if not fitting or _reads_another(bottom, around):
        return None, []
    near = max(_nearness(one.name, bottom.scope) for one in fitting)
    best = [one for one in fitting if _nearness(one.name, bottom.scope) == near]
    chosen = best[0]
    if long := too_long(chosen.name, chosen.reads):
        return None, long
    return chosen, taken_of([one.name for one in best], repr(bottom.title))


def head_of(run: Run, around: Surroundings) -> tuple[Matrix | None, list[str]]:
    """The linear layer that reads the top layer of a run, if only one can, or the reason why there is none."""
    top = run.top
    if _read_by_another(top, around) or top.residual:
        return None, []
    free = [
        one for one in around.variables.matrices if id(one) not in around.embeddings and id(one) not in around.before
    ]
    fitting = [one for one in free if one.reads == top.layout.outputs]
    if not fitting:
        return None, _joined(free, top)
    names = ", ".join(one.name for one in free[:5]) + (" …" if len(free) > 5 else "")
    if len(free) > 1:
        return None, [
            f"The file has several linear layers ({names}) and does not tell how they follow {top.title!r}: no readout is shown."
        ]
    possible = [one for one in _tops(around) if not one.residual and one.layout.outputs == fitting[0].reads]
    possible = [one for one in possible if not re.search("encod", one.scope, re.IGNORECASE)] or possible
    near = max(_nearness(fitting[0].name, one.scope) for one in possible)
    nearest = [one for one in possible if _nearness(fitting[0].name, one.scope) == near]
    if top not in nearest:
        return None, []
    if len(nearest) > 1:
        others = ", ".join(repr(one.title) for one in nearest[:4])
        return None, [f"The file does not tell which of {others} is read by {fitting[0].name}: no readout is shown."]
    between = [one for one in around.variables.others if one.shape and max(one.shape) > 1]
    if between:
        return None, [f"{between[0].name} may stand between {top.title!r} and {fitting[0].name}: no readout is shown."]
    return fitting[0], []


def _joined(free: Sequence[Matrix], top: StackedLayer) -> list[str]:
    """Why none of the linear layers can be the readout, if there are some."""
    if not free:
        return []
    read = ", ".join(f"{one.name} reads {one.reads:,} numbers" for one in free[:3])
    return [
        f"{top.title!r} gives {top.layout.outputs:,} numbers, but {read}: something is joined or stands between, so no readout "
        "is shown."
    ]


def head_from(matrix: Matrix, arrays: Arrays, activation: str | None) -> Head:
    """The readout that a linear layer is; `activation` is Keras's name for what is applied to it, if that is known."""
    weight = np.ascontiguousarray(arrays(matrix.weight.key).T)
    bias = np.zeros(len(weight), np.float32) if matrix.bias is None else arrays(matrix.bias.key)
    known: dict[str | None, HeadActivation] = {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "linear"}
    return Head(matrix.name, weight, bias, known.get(activation, "unknown"))


def _tops(around: Surroundings) -> list[StackedLayer]:
    tops = {id(run.top): run.top for run in around.runs if not _read_by_another(run.top, around)}
    return list(tops.values())


def _read_by_another(layer: StackedLayer, around: Surroundings) -> bool:
    return any(layer is one for run in around.runs for one in run.layers[:-1])


def _reads_another(layer: StackedLayer, around: Surroundings) -> bool:
    return any(layer is one for run in around.runs for one in run.layers[1:])


def _called_embedding(one: Matrix) -> bool:
    own = one.weight.name
    return bool(CALLED.search(own)) or (bool(PERHAPS.search(own)) and not NEVER.search(own))


def _nearness(one: str, other: str) -> int:
    """How many words do two names begin with alike?"""
    count = 0
    for left, right in zip(
        re.findall(r"[a-z]+|\d+", one.lower()), re.findall(r"[a-z]+|\d+", other.lower()), strict=False
    ):
        if left != right:
            break
        count += 1
    return count
