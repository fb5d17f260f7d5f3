"""The card of a model: the README.md beside its weights, written from what its JSON says."""

from lstm_core import SequenceModel


def card_text(model: SequenceModel) -> str:
    """What should a reader know about `model`: what it is, how it was trained, how well it does?"""
    config, card = model.config, model.card
    weights = sum(parameter.numel() for parameter in model.parameters())
    score = card.evaluation
    settings: dict[str, object] = dict(card.training["settings"])  # type: ignore[call-overload]  # typed object, but a JSON object by Card
    lines = [
        f"# {card.name}",
        "",
        card.summary,
        "",
        "| | |",
        "| --- | --- |",
        f"| layers | {config.layers} x {config.hidden} units, {'both directions' if config.bidirectional else 'forward'} |",
        f"| reads | {config.encoder.to_json()['kind']}s, {config.encoder.size} classes, embedded in {config.embedding} features |",
        f"| weights | {weights:,} |",
        f"| trained on | {card.training['data']}, its first {card.training['tokens']:,} tokens |",
        f"| held out | {score['held_out']} ({score['tokens']:,} tokens) |",
        f"| **score** | **{score['nats_per_character']:.4f} nats per character** on the held-out part |",
        f"| before training | {score['untrained_nats_per_character']:.4f} nats per character |",
        f"| command | `{card.training['command']}` |",
        f"| settings | {', '.join(f'{name} {value}' for name, value in settings.items())} |",
        "",
        "The untrained twin has the very weights that training began from: rebuilt from the seed, and held against",
        "the digest in `model.json`. Its readout already knows which bytes are letters of the text's alphabet: all",
        "others start with 10 nats less in their bias.",
        "",
    ]
    return "\n".join(lines)
