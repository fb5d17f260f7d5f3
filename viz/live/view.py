"""What a live view is given, by every host the same, as plain JSON."""

from collections.abc import Iterable, Sequence

from lstm_core import SIGNALS_OF, ModelConfig
from lstm_core.cells import CellType
from viz.live.options import LiveOptions
from viz.locale import translated
from viz.theme import described, inks, limits, probability_scale

__all__ = ["view_of", "view_of_cells"]


def view_of(
    models: Sequence[dict[str, object]], config: ModelConfig, options: LiveOptions, messages: Iterable[str]
) -> dict[str, object]:
    """A view of `models` as `viz.live.description` describes them: the model and, where it is known, itself before training.

    Both have the layout `config`. `messages` are the sentences of the component that shows it.
    """
    return view_of_cells(models, (config.cell(layer).type for layer in config.layer_names), options, messages)


def view_of_cells(
    models: Sequence[dict[str, object]], types: Iterable[CellType], options: LiveOptions, messages: Iterable[str]
) -> dict[str, object]:
    """`view_of`, where the layers have these types of cells."""
    return {
        "models": list(models),
        "options": dict(options),
        "cells": {cell_type: _signals(cell_type) for cell_type in dict.fromkeys(types)},
        "themes": inks(),
        "probability": {mode: probability_scale(dark=mode == "dark") for mode in ("light", "dark")},
        "strings": translated(messages),
    }


def _signals(cell_type: CellType) -> list[dict[str, object]]:
    """The signals of a layer; the browser finds the limits of those that are unbounded."""
    return [described(name, ends=limits(name), cell_type=cell_type) for name in SIGNALS_OF[cell_type]]
