"""Bits: the unit in which a reader sees a loss, a score or a divergence.

Training and analyses count in nats, and so do the files of runs, checkpoints and models: 1 nat is 1.4427 bits.
"""

from math import log

__all__ = ["loss_in_bits", "measure_in_bits", "score_in_bits"]


def loss_in_bits(loss: float, *, of_numbers: bool) -> float:
    """A stored loss as it is shown; that of a model that predicts numbers is no surprisal, and stays what it is.

    >>> round(loss_in_bits(1.0, of_numbers=False), 4), loss_in_bits(1.0, of_numbers=True)
    (1.4427, 1.0)
    """
    return loss if of_numbers else loss / log(2)


def score_in_bits(score: float, measure: str) -> float:
    """A stored score in what `measure_in_bits` names.

    >>> round(score_in_bits(1.0, "nats per character"), 4), score_in_bits(1.0, "letters right (share)")
    (1.4427, 1.0)
    """
    return score if measure_in_bits(measure) == measure else score / log(2)


def measure_in_bits(measure: str) -> str:
    """What a stored score's measure is called where it is shown, in English.

    >>> measure_in_bits("nats per character"), measure_in_bits("letters right (share)")
    ('bits per character', 'letters right (share)')
    """
    return f"bits{rest}" if (rest := measure.removeprefix("nats")) != measure else measure
