"""What the Memory page has computed once of a passage: how long units remember, their gates, what they follow."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import streamlit as st
import xarray as xr

from lstm_core import NumberEncoder
from lstm_core.analysis import feature_selectivity, marking, text_features, timescale, unit_saturation
from viz.shared.cached import describe, load_model, load_recording, load_tokens
from viz.shared.passage import Passage

MOST_CELLS = 3_000_000  # steps times units: of more, the last steps
MOST_SEARCHED = 3_000_000  # signals times units times steps: a second or two
QUICK = 300_000  # values that are looked through in no time
OWN = "Your own marking"


@dataclass(frozen=True)
class Search:
    """What is searched for in a layer, and in which of its signals."""

    layer: str
    signals: tuple[str, ...]
    feature: str  # one of `load_features`, or OWN
    marks: str = ""  # where it is OWN


def waiting(words: str, values: int) -> AbstractContextManager[object]:
    """A spinner with these words, where so many values take a moment; elsewhere it would only make the page jump."""
    return st.spinner(words) if values > QUICK else nullcontext()


def last_steps(steps: int, values: int, most: int) -> int:
    """How many of the last of so many steps, with so many values each, are at most `most` values? One at least."""
    return min(steps, max(1, most // values))


def load_timescale(name: str, passage: Passage, layer: str) -> xr.Dataset:
    """How long does each unit of a layer remember? Over the last MOST_CELLS values. Raises ValueError for a simple RNN."""
    return _timescale(*_digests(name, passage), layer, _name=name, _passage=passage)


@st.cache_data(max_entries=64, show_spinner=False)
def _timescale(digest: str, tokens: str, layer: str, _name: str, _passage: Passage) -> xr.Dataset:  # noqa: ARG001 (digests: the cache key, for the underscored)
    return timescale(_searched(_name, _passage, layer, 1, MOST_CELLS))


def load_saturation(name: str, passage: Passage, layer: str) -> xr.Dataset:
    """How often is each unit's gate nearly shut or open? Over the last MOST_CELLS values. Raises ValueError for a simple RNN."""
    return _saturation(*_digests(name, passage), layer, _name=name, _passage=passage)


@st.cache_data(max_entries=64, show_spinner=False)
def _saturation(digest: str, tokens: str, layer: str, _name: str, _passage: Passage) -> xr.Dataset:  # noqa: ARG001 (digests: the cache key, for the underscored)
    return unit_saturation(_searched(_name, _passage, layer, 1, MOST_CELLS))


def load_features(name: str, passage: Passage) -> xr.Dataset:
    """Which features has the passage, as this model reads it?"""
    return _features(*_digests(name, passage), _name=name, _passage=passage)


@st.cache_data(max_entries=16, show_spinner=False)
def _features(digest: str, tokens: str, _name: str, _passage: Passage) -> xr.Dataset:  # noqa: ARG001 (digests: the cache key, for the underscored)
    encoder = describe(_name)[0].encoder
    recording = load_recording(_name, _passage)
    if isinstance(encoder, NumberEncoder):
        places = encoder.places(load_tokens(_name, _passage))
        return text_features(recording, numbers=encoder.names, places=places, period=encoder.period)
    return text_features(recording)


def load_feature(name: str, passage: Passage, search: Search) -> xr.DataArray:
    """The feature that is searched for, over all steps. Raises ValueError, in a sentence, for marks that do not fit."""
    if search.feature == OWN:
        return marking(load_recording(name, passage), search.marks, name=OWN.lower())
    return load_features(name, passage)[search.feature]


def load_following(name: str, passage: Passage, search: Search) -> xr.Dataset:
    """How closely does each unit follow that feature? Over the last MOST_SEARCHED values. Raises ValueError as `load_feature`."""
    return _following(*_digests(name, passage), search, _name=name, _passage=passage)


@st.cache_data(max_entries=64, show_spinner=False)
def _following(digest: str, tokens: str, search: Search, _name: str, _passage: Passage) -> xr.Dataset:  # noqa: ARG001 (digests: the cache key, for the underscored)
    part = _searched(_name, _passage, search.layer, len(search.signals), MOST_SEARCHED)
    feature = load_feature(_name, _passage, search)
    shown = feature.isel(step=slice(-part.sizes["step"], None))
    if bool((shown == shown[0]).all()):
        raise ValueError(
            f"the feature stays the same over the last {len(shown):,} steps, the only ones searched here: choose fewer "
            "signals or shorten the text"
        )
    return feature_selectivity(part, shown.to_dataset(name=str(feature.name)), signals=search.signals)


def _searched(name: str, passage: Passage, layer: str, signals: int, most: int) -> xr.Dataset:
    """The last steps of a layer that are at most so many values."""
    whole = load_recording(name, passage).layers[layer]
    return whole.isel(step=slice(-last_steps(whole.sizes["step"], signals * whole.sizes["unit"], most), None))


def _digests(name: str, passage: Passage) -> tuple[str, str]:
    return load_model(name).digest, load_tokens(name, passage).digest
