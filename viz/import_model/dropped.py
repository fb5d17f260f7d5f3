"""Which of the dropped files is meant: the newest, or all parts of the model that it is a part of."""

import re
from collections.abc import Sequence
from typing import Protocol

from lstm_core.importers.unsupported.archives import scalers_beside

PARTS = re.compile(r"(?P<prefix>.*?)\.(index|data-\d{5}-of-\d{5}|meta)")  # of a TensorFlow checkpoint
SAVED_MODEL = ("saved_model.pb", "keras_metadata.pb", "fingerprint.pb")
WEIGHTS, SETTINGS = (".h5", ".hdf5"), ".json"  # of Keras
SCALER = re.compile(r"(scal|norm).*\.(pkl|pickle|joblib|save)$")
LISTING = "checkpoint"  # names the newest of several


class Dropped(Protocol):
    """A file as the uploader gives it."""

    @property
    def name(self) -> str: ...
    @property
    def file_id(self) -> str: ...


def batches(before: Sequence[Sequence[str]], given: Sequence[Dropped]) -> list[list[str]]:
    """The numbers of the files that were dropped together, the newest last; those that were taken back are gone."""
    there = [one.file_id for one in given]
    found = [[number for number in batch if number in there] for batch in before]
    known = {number for batch in found for number in batch}
    found.append([number for number in there if number not in known])
    return [batch for batch in found if batch]


def meant(given: Sequence[Dropped], dropped: Sequence[Sequence[str]]) -> list[Dropped]:
    """Of all files that are listed, those of the model that was dropped last.

    A file alone is a model, a part of one asks for its other parts: those of its name that were dropped before it.
    """
    newest = [one for one in given if dropped and one.file_id in dropped[-1]]
    pair = _settings_with_weights(given, newest, dropped) or _scaler_with_model(given, newest, dropped)
    if pair:
        return pair
    wholes = {part_of(one.name) for one in newest} - {None}
    if len(wholes) != 1:
        return newest
    order = {number: place for place, batch in enumerate(dropped) for number in batch}
    parts = [one for one in given if part_of(one.name) in wholes or one in newest]
    parts.sort(key=lambda one: order.get(one.file_id, 0))
    return list({one.name: one for one in parts}.values())  # of two with one name the newer


def _settings_with_weights(
    given: Sequence[Dropped], newest: Sequence[Dropped], dropped: Sequence[Sequence[str]]
) -> list[Dropped]:
    """A Keras file of weights and the JSON that describes its layers, whichever was dropped last; else nothing."""
    if len(newest) != 1 or not newest[0].name.lower().endswith((*WEIGHTS, SETTINGS)):
        return []
    others = WEIGHTS if newest[0].name.lower().endswith(SETTINGS) else (SETTINGS,)
    order = {number: place for place, batch in enumerate(dropped) for number in batch}
    fitting = [one for one in given if one.name.lower().endswith(others)]
    return [max(fitting, key=lambda one: order.get(one.file_id, 0)), newest[0]] if fitting else []


def _scaler_with_model(
    given: Sequence[Dropped], newest: Sequence[Dropped], dropped: Sequence[Sequence[str]]
) -> list[Dropped]:
    """A file that is called like a scaler, dropped after the file of its model; else nothing."""
    if len(newest) != 1 or len(dropped) < 2 or not SCALER.search(newest[0].name.lower()):
        return []
    before = [one for one in given if one.file_id in dropped[-2]]
    return [*before, newest[0]] if scalers_beside([one.name for one in (*before, newest[0])])[0] else []


def part_of(name: str) -> str | None:
    """What a file of that name is a part of; None for a whole model."""
    if name in SAVED_MODEL:
        return "variables"
    found = PARTS.fullmatch(name)
    return found["prefix"] if found else None


def common_name(names: Sequence[str]) -> str:
    """What a model in files of these names is called."""
    if len(names) > 1 and any(name in SAVED_MODEL for name in names):
        return "saved_model.pb"
    model = scalers_beside(names)[0]
    return model or next((name for name in names if name.endswith((".index", *WEIGHTS))), names[0])
