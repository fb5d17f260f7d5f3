"""Who said it, computed once for each question; cached."""

from functools import partial

import streamlit as st
import xarray as xr

from lstm_core import Intervention, generate
from lstm_core.analysis import contextual_decomposition, integrated_gradients, token_shares
from viz.shared.passage import PORTION
from viz.shared.reading import Reading

POINTS = 50


def load_token_shares(reading: Reading, step: int, label: str) -> xr.Dataset:
    """What `lstm_core.analysis.token_shares` answers. Raises ValueError, a sentence, where there is no answer."""
    return _token_shares(reading.key, step, label, _reading=reading)


@st.cache_resource(max_entries=8, show_spinner=False)
def _token_shares(key: tuple[object, ...], step: int, label: str, _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    return token_shares(_reading.model, _reading.recording, step, label)


def load_decomposition(reading: Reading, start: int, stop: int) -> xr.Dataset:
    """The predictions as `lstm_core.analysis.contextual_decomposition` divides them. Raises ValueError as it does."""
    return _decomposition(reading.key, start, stop, _reading=reading)


@st.cache_resource(max_entries=16, show_spinner=False)
def _decomposition(key: tuple[object, ...], start: int, stop: int, _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    return contextual_decomposition(_reading.model, _reading.tokens, start, stop).prediction


def load_integrated_gradients(reading: Reading, step: int, label: str) -> xr.Dataset:
    """What `lstm_core.analysis.integrated_gradients` answers. Raises ValueError as it does."""
    return _integrated_gradients(reading.key, step, label, _reading=reading)


@st.cache_resource(max_entries=16, show_spinner=False)
def _integrated_gradients(key: tuple[object, ...], step: int, label: str, _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    return integrated_gradients(_reading.model, _reading.tokens, step, label, points=POINTS)


def load_written(reading: Reading, held: Intervention, temperature: float, seed: int) -> tuple[str, str]:
    """What the model writes by itself, and with a signal held: two continuations drawn with one seed."""
    return _written(reading.key, held, temperature, seed, _reading=reading)


@st.cache_data(max_entries=16, show_spinner=False)
def _written(
    key: tuple[object, ...],  # noqa: ARG001 (the cache key, for _reading)
    held: Intervention,
    temperature: float,
    seed: int,
    _reading: Reading,
) -> tuple[str, str]:
    model, tokens = _reading.model, _reading.tokens
    draw = partial(generate, model, tokens, PORTION, temperature=temperature, seed=seed)
    free, other = draw(), draw(interventions=[held])
    decode = model.config.class_encoder.decode
    return decode(free.ids[len(tokens) :]), decode(other.ids[len(tokens) :])
