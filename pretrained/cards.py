"""The card of a model: the README.md beside its weights, written from what its JSON says."""

from lstm_core import SequenceModel


def card_text(model: SequenceModel) -> str:
    """What should a reader know about `model`: what it is, how it was trained, how well it does?"""
    config, card = model.config, model.card
    training, score = card.training, card.evaluation
    weights = sum(parameter.numel() for parameter in model.parameters())
    settings: dict[str, object] = dict(training["settings"])  # type: ignore[call-overload]  # a JSON object
    others: dict[str, float] = dict(score["others"])  # type: ignore[call-overload]  # a JSON object
    kind = config.encoder.to_json()["kind"]
    classes = f", {config.classes} classes, embedded in {config.embedding} features" if config.classes else ""
    rows = [
        ("layers", f"{config.layers} x {config.hidden} units"),
        ("reads", f"{kind}s{classes}"),
        ("weights", f"{weights:,}"),
        ("trained on", training["data"]),
        ("**score**", f"**{score['score']:g}** {score['measure']}"),
        ("before training", f"{score['untrained']:g}"),
        *((name, f"{value:g}") for name, value in others.items()),
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
        "The untrained twin has the very weights that training began from: rebuilt from the seed, and held against",
        "the digest in `model.json`.",
    ]
    if isinstance(training["initial"], dict) and training["initial"]["expected"] is not None:
        lines += [
            "Its readout already knows which classes occur at all: the others start with 10 nats less in their bias."
        ]
    return "\n".join([*lines, ""])
