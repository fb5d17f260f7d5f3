"""Reading: which model reads which passage, and the layer that is shown. Pages compute everything from one."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
import xarray as xr

from lstm_core import Recording, SequenceModel, Tokens, signals_of
from lstm_core.analysis import keep_gate, most_telling, row_order
from lstm_core.analysis.telling import TELLING
from viz.shared.cached import load_model, load_recording, load_tokens
from viz.shared.passage import Passage
from viz.theme import limits


@dataclass(frozen=True)
class Reading:
    """A model, by its name, reads a passage; one of its layers is shown."""

    model_name: str
    passage: Passage
    layer_name: str

    @property
    def model(self) -> SequenceModel:
        return load_model(self.model_name)

    @property
    def tokens(self) -> Tokens:
        """The tokens of the passage. Raises ValueError if the model cannot read it, as do all properties below."""
        return load_tokens(self.model_name, self.passage)

    @property
    def recording(self) -> Recording:
        return load_recording(self.model_name, self.passage)

    @property
    def layer(self) -> xr.Dataset:
        """The layer's signals, over ("step", "unit")."""
        return self.recording.layers[self.layer_name]

    @property
    def key(self) -> tuple[object, ...]:
        """The key for caches: readings with equal parameters, tokens and layer give the same numbers."""
        return self.model.digest, self.tokens.digest, self.layer_name


def load_row_order(reading: Reading, by: str) -> list[int]:
    """The order of the layer's units; computed once for each reading."""
    return _row_order(reading.key, by, _reading=reading)


@st.cache_data(max_entries=64, show_spinner=False)
def _row_order(key: tuple[object, ...], by: str, _reading: Reading) -> list[int]:  # noqa: ARG001 (the cache key, for _reading)
    return row_order(_reading.layer["hidden"], by, keep=keep_gate(_reading.layer))


def load_rows(reading: Reading, by: str, which: str, units: Sequence[int] = ()) -> list[int]:
    """The units that have a row, from the top, as viz/live/rows.js has them.

    They stand in the order `by`, "telling" or one of ORDERS; `which` is "telling", those that tell most of this text, "all", or
    "pick", which are `units` or, without any, all.
    """
    telling = _telling(reading.key, _reading=reading)
    order = telling if by == "telling" else load_row_order(reading, by)
    if which == "all" or (which == "pick" and not units):
        return order
    shown = set(units) if which == "pick" else set(telling[:TELLING])
    return [unit for unit in order if unit in shown]


@st.cache_data(max_entries=64, show_spinner=False)
def _telling(key: tuple[object, ...], _reading: Reading) -> list[int]:  # noqa: ARG001 (the cache key, for _reading)
    layer = _reading.layer
    return most_telling(layer, layer.sizes["unit"])


def load_limits(reading: Reading) -> dict[str, tuple[float, float]]:
    """The ends of the colour scale of each signal of the layer."""
    return _limits(reading.key, _reading=reading)


@st.cache_data(max_entries=64, show_spinner=False)
def _limits(key: tuple[object, ...], _reading: Reading) -> dict[str, tuple[float, float]]:  # noqa: ARG001 (the cache key, for _reading)
    found = _reading.layer
    return {signal: limits(signal, found[signal]) for signal in signals_of(found)}
