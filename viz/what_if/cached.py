"""What the page What if computes, cached: a passage read with interventions, and without each unit in turn."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import Intervention, Recording, SequenceModel, Tokens, record, signals_of
from lstm_core.analysis import KnockedOut, change, knock_out, most_telling, most_varying
from lstm_core.analysis.knock_out import knock_out_scope
from lstm_core.analysis.telling import TELLING
from lstm_core.costs import MAX_STEPWISE_PRODUCTS, max_stepwise_steps, recurrent_weights
from lstm_core.readouts import Nothing, readout_type
from viz.locale import _
from viz.shared.cached import load_model, load_recording, load_tokens
from viz.shared.passage import Passage
from viz.shared.reading import Reading
from viz.what_if.link_format import written

BATCH = 32  # units at once: more are hardly faster, and fewer update the progress bar more often


@dataclass(frozen=True, eq=False)
class InterventionResult:
    """The recording with the interventions, and how its predictions changed."""

    recording: Recording
    change: xr.Dataset | None  # see `lstm_core.analysis.change`; None for a model without outputs
    same: bool  # to the bit


def load_interventions(name: str, passage: Passage, interventions: tuple[Intervention, ...]) -> InterventionResult:
    """The passage, read by the model `name` with interventions. Raises ValueError for a text too long for that."""
    model, tokens = load_model(name), load_tokens(name, passage)
    most = max_stepwise_steps(model)
    if len(tokens) > most:
        raise ValueError(
            _(
                "this text has {steps:,} timesteps, but with an intervention this model reads at most {most:,}: "
                "shorten the text"
            ).format(steps=len(tokens), most=most)
        )
    original = load_recording(name, passage)
    links = tuple(f"{one.layer}_{written(one)}" for one in interventions)
    return _read_with(
        model.digest,
        tokens.digest,
        links,
        _model=model,
        _tokens=tokens,
        _original=original,
        _interventions=interventions,
    )


def load_telling(reading: Reading, count: int = TELLING) -> list[int]:
    """The units that tell most about a passage, the most telling first."""
    return _telling(reading.key, count, _reading=reading)


@st.cache_data(max_entries=32, show_spinner=False)
def _telling(key: tuple[object, ...], count: int, _reading: Reading) -> list[int]:  # noqa: ARG001 (the cache key, for _reading)
    return most_telling(_reading.layer, count)


def slow(name: str, steps: int) -> bool:
    """Does it take longer than a moment to read so many steps one by one?"""
    return steps * max(recurrent_weights(load_model(name)), 300_000) > MAX_STEPWISE_PRODUCTS // 40


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_with(
    digest: str,  # noqa: ARG001 (digests and interventions: the cache key, for the underscored)
    tokens_digest: str,  # noqa: ARG001 (part of the key)
    links: tuple[str, ...],  # noqa: ARG001 (part of the key)
    _model: SequenceModel,
    _tokens: Tokens,
    _original: Recording,
    _interventions: tuple[Intervention, ...],
) -> InterventionResult:
    changed = record(_model, _tokens, interventions=_interventions)
    mute = readout_type(_original.prediction) is Nothing
    same = all(
        np.array_equal(layer[signal].to_numpy(), changed.layers[name][signal].to_numpy(), equal_nan=True)
        for name, layer in _original.layers.items()
        for signal in signals_of(layer)
    )
    return InterventionResult(changed, None if mute else change(_original, changed), same)


@dataclass(frozen=True)
class KnockOutSweep(Reading):
    """How each unit in turn is clamped, and on how much of a text."""

    signal: str
    value: float

    @property
    def key(self) -> tuple[object, ...]:
        return *super().key, self.signal, self.value

    @property
    def scope(self) -> tuple[int, int]:
        """How many units are tried, on how many steps from the first: (0, 0) where even one unit is too much."""
        return knock_out_scope(self.model, self.layer_name, self.layer.sizes["step"], batch=BATCH)

    def known(self) -> xr.Dataset | None:
        """The effect of all units, if it was computed before."""
        return next(iter(_found(self.key)), None)

    def run(self) -> Iterator[KnockedOut]:
        """Tries one batch of units after another, yields the progress, and keeps the full result."""
        units, steps = self.scope
        wanted = sorted(most_varying(self.layer["hidden"], units))
        for now in knock_out(
            self.model,
            self.tokens.until(steps),
            self.layer_name,
            units=wanted,
            signal=self.signal,
            value=self.value,
            batch=BATCH,
        ):
            if now.done == now.units:
                _found(self.key).append(now.effect)
            yield now


@st.cache_resource(max_entries=32, show_spinner=False)
def _found(key: tuple[object, ...]) -> list[xr.Dataset]:  # noqa: ARG001 (the cache key)
    return []  # filled by the first run that ends: a cached function could not report its progress
