"""A run's numbers as they are shown: its files and its model's card hold losses and scores in nats."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from lstm_core import Card
from lstm_core.bits import loss_in_bits, measure_in_bits, score_in_bits
from lstm_core.runs import CurvePoint
from lstm_core.tasks import TASKS
from viz.figures.bits import unit_of_loss
from viz.locale import _
from viz.shared.model_facts import peers_in_words, score_in_words


def shown_points(points: Sequence[CurvePoint], task: str) -> list[CurvePoint]:
    """The points of a run's curve, with loss and score in the units of `units_of`."""
    numbers, measure = TASKS[task].predicts_numbers, TASKS[task].measure
    return [
        replace(
            point,
            loss=loss_in_bits(point.loss, of_numbers=numbers),
            score=None if point.score is None else score_in_bits(point.score, measure),
        )
        for point in points
    ]


class Units(TypedDict):
    """What a task's loss and score are counted in where they are shown, in the reader's language."""

    unit_of_loss: str
    measure: str


def units_of(task: str) -> Units:
    made = TASKS[task]
    return Units(
        unit_of_loss=_(unit_of_loss(of_numbers=made.predicts_numbers)), measure=_(measure_in_bits(made.measure))
    )


def held_out_in_words(evaluation: Mapping[str, object]) -> str:
    """The score on held-out sequences, the untrained model's, and further measures; "" where it is no number."""
    card = Card(evaluation=dict(evaluation))
    score, peers = score_in_words("", card), "; ".join(peers_in_words(card, None))
    return _("{score} ({peers})").format(score=score, peers=peers) if score and peers else score
