"""What each unit of a shipped model does, a line each: of those units of which the cards that come with it say something."""

from collections.abc import Mapping
from typing import Any

import pretrained
from lstm_core import ModelConfig
from lstm_core.model_files import saved_digest
from pretrained import unit_files
from viz.shared.unit_lines import line_in_words
from viz.shared.wording import step_nouns

__all__ = ["has_cards", "lines_are_read", "shipped_lines"]

_read: dict[str, dict[str, dict[int, Mapping[str, Any]]]] = {}  # of each model of the zoo, by its digest and layer


def shipped_lines(name: str, digest: str, config: ModelConfig) -> dict[str, dict[int, str]]:
    """By layer and unit, in the reader's language. Empty for a model without cards, and for other weights under its name."""
    if digest not in _read:
        known = name in pretrained.zoo() and saved_digest(pretrained.folder_of(name)) == digest
        if not known:
            return {}
        _read[digest] = {layer: _lines(name, layer) for layer in config.layer_names}
    tokens = step_nouns(config.encoder)
    nothing = line_in_words({}, tokens)
    found = {
        layer: {unit: line_in_words(line, tokens) for unit, line in own.items()} for layer, own in _read[digest].items()
    }
    return {layer: {unit: line for unit, line in own.items() if line != nothing} for layer, own in found.items()}


def has_cards(name: str) -> bool:
    """Do cards of its units come with this model?"""
    return name in pretrained.zoo() and (pretrained.folder_of(name) / unit_files.FOLDER).is_dir()


def lines_are_read(digest: str) -> bool:
    """Are the cards of the model with this digest read already? To read them takes 0.1 s."""
    return digest in _read


def _lines(name: str, layer: str) -> dict[int, Mapping[str, Any]]:
    try:
        return {card["unit"]: card["line"] for card in pretrained.units(name, layer)["cards"]}
    except (FileNotFoundError, ValueError):  # none are shipped, or they are of other weights: the page Units says so
        return {}
