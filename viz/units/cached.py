"""The cards of a model's units, and the corpus that they are of: shipped with the zoo, or made of the reader's own text."""

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import xarray as xr

import pretrained
from lstm_core import SequenceModel
from lstm_core.analysis.unit_passages import passage_spans
from lstm_core.analysis.value_counts import document_starts
from lstm_core.corpus import open_corpus, record_corpus
from viz.locale import N_, Deferred
from viz.shared.cached import load_model, trained


@dataclass(frozen=True, eq=False)
class Cards:
    """What each unit of a layer does over a corpus."""

    cards: Sequence[Mapping[str, Any]]
    source: str  # what the corpus is, in a sentence
    steps: int
    id: str  # which cards these are: another text or model has another


def shipped(model_name: str, layer_name: str) -> Cards | None:
    """The cards that come with a model of the zoo; None for other models, and for the model before training."""
    if model_name != trained(model_name) or model_name not in pretrained.zoo():
        return None
    return _shipped(model_name, layer_name)


@st.cache_resource(max_entries=6, show_spinner=False)
def _shipped(model_name: str, layer_name: str) -> Cards | None:
    try:
        found = pretrained.units(model_name, layer_name)
    except (KeyError, FileNotFoundError):
        return None
    return Cards(found["cards"], found["source"], found["steps"], f"{model_name} {layer_name} {found['model']}")


def passages_of(model_name: str, card: Mapping[str, Any], signal: str) -> dict[str, list[dict[str, Any]]]:
    """The passages of a unit by list, each with its tokens and the values of `signal`, which are recorded of the shipped text once."""
    corpus = _corpus(load_model(model_name).digest, card["layer"], model_name, load_model(model_name))
    return {name: _filled(corpus, card, signal, own) for name, own in card["passages"].get(signal, {}).items()}


def _filled(
    corpus: xr.Dataset, card: Mapping[str, Any], signal: str, places: Mapping[str, Any]
) -> list[dict[str, Any]]:
    steps = np.array(places["step"])
    edges = document_starts(corpus)
    starts, stops = passage_spans(steps, edges, window=card["window"])
    found = []
    for step, value, start, stop in zip(steps.tolist(), places["value"], starts.tolist(), stops.tolist(), strict=True):
        part = corpus[signal].isel(unit=card["unit"], step=slice(start, stop)).compute()
        found.append(
            {
                "tokens": [str(one) for one in part["token"].to_numpy()],
                "values": [round(float(one), 4) for one in part.to_numpy()],
                "at": step - start,
                "value": value,
                "begins": bool(start in edges),
                "ends": bool(stop in edges),
            }
        )
    return found


@st.cache_resource(max_entries=4, show_spinner=Deferred(N_("Reading the text that these cards are of …")))
def _corpus(digest: str, layer_name: str, model_name: str, _model: SequenceModel) -> xr.Dataset:  # noqa: ARG001 (digest: the cache key, for _model)
    folder = Path(tempfile.mkdtemp(prefix="gatescope-corpus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    signals = sorted(
        {name for card in pretrained.units(model_name, layer_name)["cards"][:1] for name in card["passages"]}
    )
    record_corpus(_model, pretrained.units_text(model_name), folder / "corpus", signals=signals)
    return open_corpus(folder / "corpus", layer=layer_name)
