"""`python -m pretrained.table` prints the table of docs/models.md: what the models of the zoo reached."""

import click

from lstm_core import SequenceModel
from pretrained import load, rnn_baseline, rnn_baselines, zoo

# What each has to reach on held-out data.
TARGETS = {
    "adding": "below 0.002",
    "anbn": "at least 100",
    "anbncn": "at least 28",
    "brackets": "at least 0.93",
    "embedded_reber": "1",
    "sentiment": "at least 0.8",
    "shakespeare": "at most 1.56",
    "temperature": "at most 4.75",
    "temporal_order": "at least 0.995",
}


def table() -> str:
    """A table in Markdown: the score of each model on held-out data, before training, of an RNN, and of simple baselines."""
    columns = ("model", "size", "score", "before training", "tanh RNN", "target", "baselines")
    head = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    return "\n".join([*head, *(_row(name, load(name, device="cpu")) for name in zoo())])


def _row(name: str, model: SequenceModel) -> str:
    config, score = model.config, model.card.evaluation
    others: dict[str, float] = dict(score["others"])  # type: ignore[call-overload]  # a JSON object
    baselines = "; ".join(f"{other}: {value:.4g}" for other, value in others.items())
    cells = (
        f"[{name}](../pretrained/{name}/README.md)",
        f"{config.layers} x {config.hidden}",
        f"**{score['score']:.5g}** {score['measure']}",
        f"{score['untrained']:.4g}",
        _rnn(name),
        TARGETS.get(name, "none set"),
        baselines,
    )
    return f"| {' | '.join(cells)} |"


def _rnn(name: str) -> str:
    if name not in rnn_baselines():
        return ""
    return f"{rnn_baseline(name, device='cpu').card.evaluation['score']:.5g}"


if __name__ == "__main__":
    click.echo(table())
