"""Gradients of a model's predictions on a passage, computed once for each question; cached."""

from dataclasses import dataclass, replace

import streamlit as st
import xarray as xr

import pretrained
from lstm_core import SequenceModel, Tokens, wiring
from lstm_core.analysis import (
    Target,
    backward,
    difference,
    furthest_reaching,
    gradients,
    importance,
    signal_gradients,
    weight_gradients,
)
from lstm_core.analysis.backward import max_equation_steps
from lstm_core.analysis.gradients import MAX_LOOPED_STEPS, max_gradient_steps
from viz.locale import _
from viz.shared.reading import Reading

SOON = 300  # steps whose gradients are there in no time: a spinner would only make the page jump while one types


@dataclass(frozen=True)
class Question(Reading):
    """What is differentiated, and inside which layer."""

    target: Target


@dataclass(frozen=True, eq=False)
class Equations:
    """The backward equations of one layer in numbers, and how far from autograd they are."""

    signals: xr.Dataset  # as `lstm_core.analysis.backward` returns it
    differences: dict[str, float]  # by kind, as `lstm_core.analysis.difference` returns it


def load_gradients(question: Question) -> xr.Dataset:
    """What `lstm_core.analysis.gradients` answers. Raises ValueError, a sentence, where there is no answer."""
    return _asked(question.model, question)


def load_importance(question: Question) -> xr.DataArray:
    """How much the target depends on each token, whatever the layer. Raises ValueError as `load_gradients` does."""
    return importance(load_gradients(replace(question, layer_name=question.model.config.layer_names[0])))


def load_rnn_gradients(question: Question) -> xr.Dataset | None:
    """The same of the tanh RNN beside the model; None where there is none. Raises ValueError as `load_gradients` does."""
    if question.model_name not in pretrained.rnn_baselines():
        return None
    return _asked(_rnn_baseline(question.model_name), question)


@st.cache_resource(max_entries=4, show_spinner=False)
def _rnn_baseline(name: str) -> SequenceModel:
    return pretrained.rnn_baseline(name)


def _asked(model: SequenceModel, question: Question) -> xr.Dataset:
    tokens = question.tokens
    too_much = gradient_obstacle(model, question.layer_name, len(tokens))
    if too_much:
        raise ValueError(too_much)
    return _gradients(_key(model, question), _model=model, _tokens=tokens, _question=question)


def _key(model: SequenceModel, question: Question) -> tuple[object, ...]:
    target = question.target
    return model.digest, question.tokens.digest, question.layer_name, target.step, target.of


@st.cache_resource(max_entries=5, show_spinner=False)  # of a deeper layer two, and the RNN's
def _gradients(
    key: tuple[object, ...],  # noqa: ARG001 (the cache key, for the underscored)
    _model: SequenceModel,
    _tokens: Tokens,
    _question: Question,
) -> xr.Dataset:
    found = gradients(_model, _tokens, layer=_question.layer_name, target=_question.target)
    for variable in found.data_vars.values():
        variable.to_numpy().setflags(write=False)
    return found


def load_reach_order(question: Question, name: str, values: xr.DataArray) -> list[int]:
    """The rows of the heatmap of the gradient of that name, `values` over ("step", "unit"): what reaches furthest on top."""
    return _reach_order(_key(question.model, question), name, _values=values)


@st.cache_data(max_entries=32, show_spinner=False)
def _reach_order(key: tuple[object, ...], name: str, _values: xr.DataArray) -> list[int]:  # noqa: ARG001 (the cache key)
    return furthest_reaching(_values)


def gradient_obstacle(model: SequenceModel, layer_name: str, steps: int) -> str:
    """Why is a text of so many steps too long for a gradient, in a sentence? Empty if it is not."""
    most = max_gradient_steps(model, layer_name)
    if steps <= most:
        return ""
    return _(
        "this text has {steps} steps, but gradients in this layer are computed for at most {most} here: shorten the text"
    ).format(steps=f"{steps:,}", most=f"{most:,}")


def load_equations(question: Question) -> Equations:
    """The backward equations of an LSTM's layer in numbers. Raises ValueError, a sentence, where there are none."""
    found, model = load_gradients(question), question.model
    steps, units = found.sizes["step"], found.sizes["unit"]
    most = max_equation_steps(units)
    if steps > most:
        raise ValueError(
            _(
                "the equations are computed for at most {most} steps of a layer of {units} units, and this text has "
                "{steps}: shorten the text"
            ).format(most=f"{most:,}", units=f"{units:,}", steps=f"{steps:,}")
        )
    return _equations(_key(model, question), _model=model, _question=question)


@st.cache_resource(max_entries=3, show_spinner=False)
def _equations(
    key: tuple[object, ...],  # noqa: ARG001 (the cache key, for the underscored)
    _model: SequenceModel,
    _question: Question,
) -> Equations:
    recording, tokens, layer = _question.recording, _question.tokens, _question.layer_name
    found = load_gradients(_question)
    signals = backward(found, recording.layers[layer], wiring(_model, tokens, recording, layer))
    both_ways = any(layer in stacked and len(stacked) > 1 for stacked in _model.config.stacked_layers)
    # What both directions read gets gradients from both, and the equations are of this one alone.
    by_autograd = found.drop_vars("read") if both_ways else found
    differences = difference(signals, by_autograd)
    if len(tokens) <= MAX_LOOPED_STEPS:
        each = signal_gradients(_model, tokens, layer=layer, target=_question.target)
        differences = difference(signals, each) | differences
    weights = weight_gradients(_model, tokens, layer=layer, target=_question.target)
    return Equations(signals, differences | difference(signals, weights))
