"""How each model of the zoo was trained; `python -m pretrained NAME` trains it again."""

import string
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lstm_core import ByteEncoder, Card, ModelConfig, SequenceModel, checkpoint
from lstm_core.model import weights_digest
from lstm_core.training import Progress, Settings, evaluate, expect_only, open_forget_gates, train
from pretrained.cards import card_text


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a model becomes, but its data."""

    summary: str  # one sentence for the card
    source: str  # where the public data is found
    config: ModelConfig
    settings: Settings
    held_out: float  # the last part of the text, never trained on
    alphabet: str  # the characters of the text: at the start, no others are expected


RECIPES = {
    "shakespeare": Recipe(
        summary="Reads Shakespeare's plays byte by byte and expects the next character.",
        source="tinyshakespeare.txt of karpathy/char-rnn (data/tinyshakespeare/input.txt)",
        config=ModelConfig(encoder=ByteEncoder(), embedding=32, hidden=256),
        settings=Settings(epochs=12, dropout=0.2, learning_rate=5e-3, forget_bias=0.0, seed=1),
        held_out=0.1,
        alphabet="\n !$&',-.3:;?" + string.ascii_letters,
    ),
}


def fresh(name: str, *, device: str = "cpu") -> SequenceModel:
    """The model of that recipe as it is before its first training step, the same to the bit each time."""
    recipe = RECIPES[name]
    model = SequenceModel(recipe.config, seed=recipe.settings.seed, device="cpu")
    open_forget_gates(model, recipe.settings.forget_bias)
    expect_only(model, recipe.config.encoder.encode(recipe.alphabet).ids)
    return model.to(device).eval()


def cook(
    name: str, data: Path, folder: Path, *, watch: Callable[[Iterator[Progress]], Iterator[Progress]]
) -> SequenceModel:
    """Train the model of that recipe on the text file `data` and save it, with its card, in `folder`.

    A run that was cut off goes on where it stopped. `watch` passes the progress on and may show it. Raises
    ValueError when `data` is not UTF-8 text, or too short.
    """
    recipe = RECIPES[name]
    try:
        text = data.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{data} is not UTF-8 text ({error}); give the text file that the card names") from error
    ids = recipe.config.encoder.encode(text).ids
    cut = int(len(ids) * (1 - recipe.held_out))
    model = fresh(name)
    before = evaluate(model, ids[cut:])
    untrained_digest = weights_digest(model)
    for _ in watch(train(model, ids[:cut], recipe.settings, folder=folder)):
        pass
    model.card = Card(
        name=name,
        summary=recipe.summary,
        training={
            "command": f"python -m pretrained {name} --data PATH",
            "data": recipe.source,
            "settings": asdict(recipe.settings),
            "tokens": cut,
            "alphabet": recipe.alphabet,
            "untrained_digest": untrained_digest,
        },
        evaluation={
            "held_out": f"the last {recipe.held_out:.0%} of the text, read as one stream from a zero state",
            "tokens": len(ids) - cut,
            "nats_per_character": round(evaluate(model, ids[cut:]), 4),
            "untrained_nats_per_character": round(before, 4),
        },
    )
    checkpoint.save(model, folder)
    checkpoint.write_text(folder / "README.md", card_text(model))
    return model
