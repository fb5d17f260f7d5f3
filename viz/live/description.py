"""What the browser needs to know of a model to read with it, as plain JSON; its weights travel apart."""

from lstm_core import ModelConfig, NumberEncoder, generation_obstacle
from lstm_core.config import Card
from lstm_core.model_files import config_to_json
from viz.locale import _
from viz.shared.examples import examples_for
from viz.shared.model_facts import title_of
from viz.shared.wording import apart, step_noun, step_nouns, to_type, what_it_reads

__all__ = ["described"]


def described(name: str, config: ModelConfig, card: Card, *, weights: str) -> dict[str, object]:
    """A model under its name: layout, vocabulary, examples, words; `weights` is the content id of its weights."""
    encoder = config.encoder
    why = _(generation_obstacle(config))
    return {
        "name": name,
        "title": title_of(name),
        "config": config_to_json(config),
        "labels": [] if isinstance(encoder, NumberEncoder) else list(config.class_encoder.class_labels),
        "reads": what_it_reads(config),
        "summary": _(card.summary),
        "look_for": _(card.look_for),
        "unit": card.unit,
        "examples": {_(title): text for title, text in examples_for(config, card).items()},
        "obstacle": f"{why[0].upper()}{why[1:]}." if why else "",
        "nouns": [step_noun(encoder), step_nouns(encoder)],
        "apart": apart(encoder),
        "to_type": to_type(encoder),
        "weights": weights,
    }
