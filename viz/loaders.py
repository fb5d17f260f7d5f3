"""The st.cache_* wrappers around lstm_core and pretrained, and nothing else."""

import streamlit as st

import pretrained
from lstm_core import ModelConfig, Recording, SequenceModel, record
from lstm_core.analysis import row_order

UNTRAINED = " (untrained)"


def model_names() -> list[str]:
    """Every model a reader can choose: each of the zoo, then each as it was before training."""
    names = pretrained.names()
    return names + [name + UNTRAINED for name in names]


def twin(name: str) -> str:
    """The same model before training; for an untrained one, after."""
    return name.removesuffix(UNTRAINED) if name.endswith(UNTRAINED) else name + UNTRAINED


def comparable(name: str) -> list[str]:
    """Which other models have the layout of `name`, unit for unit? Its twin is always among them, first."""
    mine = load_model(name).config
    rest = [other for other in model_names() if other not in (name, twin(name))]
    return [twin(name), *(other for other in rest if _same_layout(mine, load_model(other).config))]


def _same_layout(one: ModelConfig, other: ModelConfig) -> bool:
    return (one.hidden, one.layers, one.bidirectional) == (other.hidden, other.layers, other.bidirectional)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …")
def load_model(name: str) -> SequenceModel:
    """One model for all readers, in evaluation mode; nobody changes it."""
    if name.endswith(UNTRAINED):
        return pretrained.untrained(name.removesuffix(UNTRAINED))
    return pretrained.load(name)


def load_recording(name: str, text: str) -> Recording:
    """What the model `name` does with `text`. Raises ValueError when it cannot read it."""
    model = load_model(name)
    return _recording(model.digest, text, _model=model)


@st.cache_resource(max_entries=8, show_spinner=False)
def _recording(digest: str, text: str, _model: SequenceModel) -> Recording:  # noqa: ARG001 (digest is the key)
    # A resource, not data: a copy per rerun of up to 140 MB would be the slowest thing on the page. Its
    # arrays are locked instead, so that no page can change what another reader sees.
    recording = record(_model, text)
    for dataset in (*recording.layers.values(), recording.prediction):
        for variable in dataset.variables.values():
            if variable.dims == ("step", "unit") or variable.dims == ("step", "class"):
                variable.to_numpy().setflags(write=False)
    return recording


def load_row_order(name: str, text: str, layer: str, by: str) -> list[int]:
    """In which order the units of a layer stand, found once per text."""
    return _row_order(load_model(name).digest, text, layer, by, _name=name)


@st.cache_data(max_entries=64, show_spinner=False)
def _row_order(digest: str, text: str, layer: str, by: str, _name: str) -> list[int]:  # noqa: ARG001 (the key)
    return row_order(load_recording(_name, text).layers[layer]["hidden"], by)
