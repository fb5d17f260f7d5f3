"""What the cards need of models, computed once for all readers."""

from dataclasses import dataclass

import streamlit as st

import pretrained
from lstm_core import Card, SequenceModel, record
from lstm_core.model_files import read_description, saved_digest
from viz.models.picture import gates_picture
from viz.shared.cached import reading_obstacle
from viz.shared.example_picker import offered
from viz.shared.imported_models import own_models


@dataclass(frozen=True)
class Look:
    """How large a model is, and its gates on its first example; no picture where it has none, or cannot read it."""

    parameters: int
    picture: bytes | None
    example: str  # its title


def load_look(name: str, *, dark: bool) -> Look:
    return _look(_digest(name), dark, name)


def _digest(name: str) -> str:
    mine = own_models().get(name)
    if mine is not None:
        return mine.model.digest
    try:
        return saved_digest(pretrained.folder_of(name))
    except KeyError:  # not from a folder
        return _loaded(name).digest


def _loaded(name: str) -> SequenceModel:
    """The model: not through the cache of the models that are read now, from which it would drop others."""
    mine = own_models().get(name)
    return pretrained.load(name) if mine is None else mine.model


@st.cache_data(max_entries=400, show_spinner=False)
def _look(digest: str, dark: bool, name: str) -> Look:  # noqa: ARG001 (digest: a part of the cache key)
    model = _loaded(name)
    parameters = sum(weights.numel() for weights in model.parameters())
    for title, text in offered(name).items():
        try:
            tokens = model.encode(text)
        except ValueError:
            break
        if not len(tokens) or reading_obstacle(model, len(tokens)):
            break
        return Look(parameters, gates_picture(record(model, tokens), dark=dark), title)
    return Look(parameters, None, "")


@st.cache_resource(max_entries=200, show_spinner=False)
def rnn_card(name: str) -> Card | None:
    """The card of the tanh RNN of the same size; None for a model that has none."""
    if name not in pretrained.rnn_baselines():
        return None
    return read_description(pretrained.folder_of(name) / pretrained.RNN_FOLDER)[1]
