"""The card of a model: the README.md beside its weights, written from its JSON.

`python -m pretrained.cards` writes the hints of `hints.py` into the cards of all models, where their figures hold.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from lstm_core import SequenceModel, model_files
from lstm_core.bits import measure_in_bits, score_in_bits
from lstm_core.saving import write_text
from pretrained import RNN_FOLDER, folder_of, load, rnn_baselines, zoo
from pretrained.hints import HINTS, OF_AN_RNN


def card_text(model: SequenceModel) -> str:
    """The card as Markdown: what the model is, how it was trained, how well it does: in bits where its JSON has nats."""
    config, card = model.config, model.card
    training: dict[str, Any] = card.training
    score: dict[str, Any] = card.evaluation
    weights = sum(parameter.numel() for parameter in model.parameters())
    settings: dict[str, object] = training["settings"]
    others: dict[str, float] = score["others"]
    measure = str(score["measure"])
    shown = partial(score_in_bits, measure=measure)
    stored = "" if measure_in_bits(measure) == measure else f" ({score['score']:g} nats in `model.json`)"
    kind = config.encoder.to_json()["kind"]
    classes = f", {config.classes} classes, embedded in {config.embedding} features" if config.classes else ""
    rows = [
        ("layers", f"{config.layers} x {config.hidden} units"),
        ("reads", f"{kind}s{classes}"),
        ("parameters", f"{weights:,}"),
        ("trained on", training["data"]),
        ("**score**", f"**{shown(score['score']):g}** {measure_in_bits(measure)}{stored}"),
        ("before training", f"{shown(score['untrained']):g}"),
        *((name, f"{shown(value):g}") for name, value in others.items()),
        ("held out", score["held_out"]),
        ("literature", score["literature"] or "nothing comparable is known"),
        *((name, text) for name, text in training.items() if name in ("pool", "chosen")),
        ("command", f"`{training['command']}`"),
        ("settings", ", ".join(f"{name} {value}" for name, value in settings.items())),
    ]
    lines = [f"# {card.name}", "", card.summary, "", f"What to look for: {card.look_for}", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {text} |" for name, text in rows]
    lines += [
        "",
        "The untrained model has exactly the parameters that training began from: rebuilt from the seed, and checked",
        "against the digest in `model.json`.",
    ]
    if isinstance(training["initial"], dict) and training["initial"]["expected"] is not None:
        lines += ["Its readout starts with a bias that is 10 lower for classes that never occur."]
    return "\n".join([*lines, ""])


def give_hint(folder: Path, look_for: str, unit: int | None) -> None:
    """Write a hint into the card in `folder`, its JSON and its README; the weights do not change."""
    path = folder / model_files.CONFIG
    described = json.loads(path.read_text(encoding="utf-8"))
    card = {name: value for name, value in described["card"].items() if name != "unit"}
    told = {"look_for": look_for} | ({} if unit is None else {"unit": unit})
    described["card"] = {
        key: value for name, old in card.items() for key, value in (told if name == "look_for" else {name: old}).items()
    }
    write_text(path, json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    write_text(folder / "README.md", card_text(model_files.load(folder, device="cpu")))


@click.command()
def main() -> None:
    """Measure the figures of pretrained/hints.py again, then write the hints into the cards of the zoo."""
    for name in zoo():
        hint = HINTS[name]
        wrong = hint.wrong(load(name, device="cpu"))
        if wrong:
            told = "; ".join(f"{figure} is {value:.4g}, not {printed}" for figure, (printed, value) in wrong.items())
            raise click.ClickException(f"the hint of {name} does not hold: {told}: mend it in pretrained/hints.py")
        give_hint(folder_of(name), hint.text, hint.unit)
    for name in rnn_baselines():
        give_hint(folder_of(name) / RNN_FOLDER, OF_AN_RNN, None)


if __name__ == "__main__":
    main()
