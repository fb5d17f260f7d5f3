"""What the Memory page computes once for a passage: how long units remember, their gates, what they track."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import streamlit as st
import xarray as xr

from lstm_core import NumberEncoder
from lstm_core.analysis import feature_selectivity, marking, text_features, timescale, unit_saturation
from viz.locale import _
from viz.shared.features import OWN, recurs
from viz.shared.reading import Reading

MOST_CELLS = 3_000_000  # steps times units; beyond that, only the last steps
MOST_SEARCHED = 3_000_000  # signals times units times steps: a second or two
MOST_FOLLOWED = 2_000  # steps in which one unit is searched for what it follows: some tens of milliseconds
QUICK = 300_000  # values that are searched in no time


@dataclass(frozen=True)
class Search:
    """What is searched for, and in which signals of a layer."""

    signals: tuple[str, ...]
    feature: str  # one of `load_features`, or OWN
    marks: str = ""  # where it is OWN


def waiting(words: str, values: int) -> AbstractContextManager[object]:
    """A spinner with these words if so many values take a moment; for fewer it would only make the page jump."""
    return st.spinner(words) if values > QUICK else nullcontext()


def last_steps(steps: int, values: int, most: int) -> int:
    """How many of the last steps, with `values` values each, stay within `most` values? At least one."""
    return min(steps, max(1, most // values))


def load_timescale(reading: Reading) -> xr.Dataset:
    """How long does each unit of a layer remember? Over the last MOST_CELLS values. Raises ValueError for a simple RNN."""
    return _timescale(reading.key, _reading=reading)


@st.cache_data(max_entries=64, show_spinner=False)
def _timescale(key: tuple[object, ...], _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    return timescale(_searched(_reading, 1, MOST_CELLS))


def load_saturation(reading: Reading) -> xr.Dataset:
    """How often is each unit's gate saturated? Over the last MOST_CELLS values. Raises ValueError for a simple RNN."""
    return _saturation(reading.key, _reading=reading)


@st.cache_data(max_entries=64, show_spinner=False)
def _saturation(key: tuple[object, ...], _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    return unit_saturation(_searched(_reading, 1, MOST_CELLS))


def load_features(reading: Reading) -> xr.Dataset:
    """Which features does the passage have, as this model reads it?"""
    return _features(reading.key[:2], _reading=reading)  # the same in every layer


@st.cache_data(max_entries=16, show_spinner=False)
def _features(key: tuple[object, ...], _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    encoder = _reading.model.config.encoder
    if isinstance(encoder, NumberEncoder):
        places = encoder.places(_reading.tokens)
        return text_features(_reading.recording, numbers=encoder.names, places=places, period=encoder.period)
    return text_features(_reading.recording)


def load_feature(reading: Reading, search: Search) -> xr.DataArray:
    """The feature that is searched for, over all steps. Raises ValueError with a sentence for marks that do not fit."""
    if search.feature == OWN:
        return marking(reading.recording, search.marks, name=OWN.lower())
    return load_features(reading)[search.feature]


def load_following(reading: Reading, search: Search) -> xr.Dataset:
    """How closely does each unit track that feature? Over the last MOST_SEARCHED values. Raises ValueError as `load_feature`."""
    return _following(reading.key, search, _reading=reading)


@st.cache_data(max_entries=64, show_spinner=False)
def _following(key: tuple[object, ...], search: Search, _reading: Reading) -> xr.Dataset:  # noqa: ARG001 (the cache key, for _reading)
    part = _searched(_reading, len(search.signals), MOST_SEARCHED)
    feature = load_feature(_reading, search)
    shown = feature.isel(step=slice(-part.sizes["step"], None))
    if bool((shown == shown[0]).all()):
        raise ValueError(
            _(
                "the feature never changes over the last {steps} steps, the only ones searched: choose fewer signals or "
                "shorten the text"
            ).format(steps=f"{len(shown):,}")
        )
    return feature_selectivity(part, shown.to_dataset(name=str(feature.name)), signals=search.signals)


def load_unit_following(reading: Reading, unit: int, signal: str) -> xr.Dataset | None:
    """How closely does one signal of one unit track each feature of the passage that recurs? None where none does.

    Over the last MOST_FOLLOWED steps. Any unit that drifts follows what only rises, such as the place in the text.
    """
    return _unit_following(reading.key, unit, signal, _reading=reading)


@st.cache_data(max_entries=256, show_spinner=False)
def _unit_following(key: tuple[object, ...], unit: int, signal: str, _reading: Reading) -> xr.Dataset | None:  # noqa: ARG001 (the cache key, for _reading)
    last = slice(-MOST_FOLLOWED, None)
    features = load_features(_reading).isel(step=last)
    recurring = [name for name, values in features.data_vars.items() if recurs(values.to_numpy())]
    if not recurring:
        return None
    layer = _reading.layer[[signal]].isel(step=last).sel(unit=[unit])
    return feature_selectivity(layer, features[recurring], signals=(signal,))


def _searched(reading: Reading, signals: int, most: int) -> xr.Dataset:
    """The last steps of a layer, at most `most` values."""
    whole = reading.layer
    return whole.isel(step=slice(-last_steps(whole.sizes["step"], signals * whole.sizes["unit"], most), None))
