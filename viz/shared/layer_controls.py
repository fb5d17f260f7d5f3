"""The widgets that ask for a layer, and for signals of it."""

from typing import Any

import streamlit as st
import xarray as xr

from lstm_core import SIGNALS_OF, ModelConfig, Recording, layer_number, signals_of
from lstm_core.cells import CellType
from viz.locale import _
from viz.shared import state
from viz.shared.wording import layer_in_words, layers_differ
from viz.theme import SIGNAL, cell_type_of, signal_of


def choose_layer(recording: Recording, config: ModelConfig | None = None, *, width: int | None = None) -> str:
    """ "Layer": one of the recording's, by default the first; with its cell and size where the layers of `config` differ.

    `width` in pixels; without it as wide as there is room.
    """
    return _choose_layer(list(recording.layers), config, width=width or "stretch")


def choose_layer_of(config: ModelConfig) -> str:
    """ "Layer", without its label: one of the model's, by default the first."""
    return _choose_layer(list(config.layer_names), config, label_visibility="collapsed")


def _choose_layer(layers: list[str], config: ModelConfig | None, **options: Any) -> str:
    state.reset_unless("layer", layers, default=layers[0])
    if len(layers) == 1:
        return layers[0]  # a menu of one would only take room
    details = dict.fromkeys(layers, "")
    if config is not None and layers_differ(config):
        details = {name: layer_in_words(config, name) for name in layers}
    return str(
        state.widget(
            st.selectbox,
            "layer",
            _("Layer"),
            layers,
            format_func=lambda name: _layer_title(name, details),
            **options,
        )
    )


def _layer_title(name: str, details: dict[str, str]) -> str:
    if name.endswith("_reverse"):
        title = _("Layer {number} backwards: {details}") if details[name] else _("Layer {number}, reading backwards")
    else:
        title = _("Layer {number}: {details}") if details[name] else _("Layer {number}")
    return title.format(number=layer_number(name), details=details[name])


def choose_signals(key: str, layer: xr.Dataset) -> list[str]:
    """ "Signals": which of the layer's signals are shown, in their usual order; may be none.

    A link's default, and signals that this layer does not have, stand for the usual ones of its cell type. A simple RNN
    has only one signal, so there is nothing to choose.
    """
    has, cell_type = signals_of(layer), cell_type_of(layer)
    usual = _usual(key, cell_type)
    state.reset_unless(key)
    if len(has) == 1:
        about = _("A simple RNN has no gates; its only signal is the hidden state.")
        st.pills(_("Signals"), has, default=has, selection_mode="multi", format_func=_title, disabled=True, help=about)
        return list(has)
    default = state.PARAMETERS[key].default
    value = st.session_state[key]
    shown = [name for name in has if name in value]
    if (value and not shown) or any(set(value) == set(_usual(key, one)) for one in ("LSTM", "GRU")):
        shown = usual
    if set(shown) != set(value):
        state.set_value(key, shown)
    chosen = state.widget(
        st.pills,
        key,
        _("Signals"),
        has,
        kind="widget" if cell_type == "LSTM" else cell_type,  # other options need another widget
        selection_mode="multi",
        format_func=lambda name: _title(name, cell_type),
        wrap=True,
    )
    if set(chosen) == set(usual):
        st.session_state[key] = default
    return [name for name in has if name in chosen]


def _title(name: str, cell_type: CellType = "LSTM") -> str:
    return f"{SIGNAL[name].title} {signal_of(name, cell_type).symbol}"


def _usual(key: str, cell_type: CellType) -> list[str]:
    """The signals of a cell type that are shown by default: all, or gates and memory to compare."""
    every = SIGNALS_OF[cell_type]
    memory = "cell" if "cell" in every else "hidden"
    return [name for name in every if key == "signals" or SIGNAL[name].gate or name == memory]
