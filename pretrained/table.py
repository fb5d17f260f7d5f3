"""`python -m pretrained.table` prints the table of docs/models.md: what the models of the zoo reached."""

from functools import partial
from typing import Any

import click

from lstm_core import SequenceModel
from lstm_core.bits import measure_in_bits, score_in_bits
from pretrained import load, rnn_baseline, rnn_baselines, zoo

# What each has to reach on held-out data.
TARGETS = {
    "adding": "below 0.002",
    "anbn": "at least 100",
    "anbncn": "at least 28",
    "brackets": "at least 0.93",
    "embedded_reber": "1",
    "sentiment": "at least 0.8",
    "shakespeare": f"at most {score_in_bits(1.56, 'nats per character'):.4g}",
    "temperature": "at most 4.75",
    "temporal_order": "at least 0.995",
}


def table() -> str:
    """A table in Markdown: the score of each model on held-out data, before training, of an RNN, and of simple baselines."""
    columns = ("model", "size", "score", "before training", "tanh RNN", "target", "baselines")
    head = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    return "\n".join([*head, *(_row(name, load(name, device="cpu")) for name in zoo())])


def _row(name: str, model: SequenceModel) -> str:
    config = model.config
    score: dict[str, Any] = model.card.evaluation
    others: dict[str, float] = score["others"]
    measure = str(score["measure"])
    shown = partial(score_in_bits, measure=measure)
    baselines = "; ".join(f"{other}: {shown(value):.4g}" for other, value in others.items())
    cells = (
        f"[{name}](../pretrained/{name}/README.md)",
        f"{config.layers} x {config.hidden}",
        f"**{shown(score['score']):.5g}** {measure_in_bits(measure)}",
        f"{shown(score['untrained']):.4g}",
        _rnn(name),
        TARGETS.get(name, "none set"),
        baselines,
    )
    return f"| {' | '.join(cells)} |"


def _rnn(name: str) -> str:
    if name not in rnn_baselines():
        return ""
    score: dict[str, Any] = rnn_baseline(name, device="cpu").card.evaluation
    return f"{score_in_bits(score['score'], str(score['measure'])):.5g}"


if __name__ == "__main__":
    click.echo(table())
