"""What the browser needs to know of a model to read with it, as plain JSON; its weights travel apart."""

from lstm_core import ModelConfig, NumberEncoder, SequenceModel, generation_obstacle
from lstm_core.config import Card
from lstm_core.model_files import config_to_json
from viz.locale import _
from viz.shared.examples import examples_for
from viz.shared.wording import apart, step_noun, step_nouns, to_type

__all__ = ["MEGABYTE", "described", "size"]

MEGABYTE = 1_000_000


def described(name: str, model: SequenceModel) -> dict[str, object]:
    """A model under its name: layout, vocabulary, examples, words; `weights` is the content id of its weights."""
    config, card = model.config, model.card
    return _facts(name, config, card) | {"weights": model.digest, "size": size(model)}


def _facts(name: str, config: ModelConfig, card: Card) -> dict[str, object]:
    encoder = config.encoder
    why = _(generation_obstacle(config))
    return {
        "name": name,
        "config": config_to_json(config),
        "labels": [] if isinstance(encoder, NumberEncoder) else list(config.class_encoder.class_labels),
        "summary": _(card.summary),
        "look_for": _(card.look_for),
        "unit": card.unit,
        "examples": {_(title): text for title, text in examples_for(config, card).items()},
        "obstacle": f"{why[0].upper()}{why[1:]}." if why else "",
        "nouns": [step_noun(encoder), step_nouns(encoder)],
        "apart": apart(encoder),
        "to_type": to_type(encoder),
    }


def size(model: SequenceModel) -> int:
    """Bytes that the weights take."""
    return sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
