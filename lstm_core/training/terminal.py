"""Training progress in a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from tqdm import tqdm

from lstm_core.bits import loss_in_bits, measure_in_bits, score_in_bits
from lstm_core.tasks import Task
from lstm_core.training.loop import Progress


def bar(progress: Iterator[Progress], task: Task) -> Iterator[Progress]:
    """Pass the progress on, and show it as a progress bar in the terminal: loss and score in bits where they are surprisals."""
    unit = "" if task.predicts_numbers else " bits"
    with tqdm(unit="step", smoothing=0.05) as shown:
        score = None
        for now in progress:
            shown.total, shown.n = now.steps, now.step
            score = now.score if now.score is not None else score
            known = {} if score is None else {"score": f"{score_in_bits(score, task.measure):.4g}"}
            loss = f"{loss_in_bits(now.loss, of_numbers=task.predicts_numbers):.4g}{unit}"
            shown.set_postfix(loss=loss, **known, tokens_per_s=f"{now.tokens_per_second:,.0f}", refresh=False)
            shown.update(0)
            yield now


def score_line(evaluation: Mapping[str, Any]) -> str:
    """The score on held-out sequences, its measure, and the untrained model's: in bits where a model's file has nats.

    >>> score_line({"score": 1.48711, "measure": "nats per character", "untrained": 4.17891})
    '2.145446 bits per character (before training 6.028893)'
    """
    measure = str(evaluation["measure"])
    score, untrained = (score_in_bits(evaluation[name], measure) for name in ("score", "untrained"))
    return f"{score:.7g} {measure_in_bits(measure)} (before training {untrained:.7g})"
