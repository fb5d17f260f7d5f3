"""What the page of a unit shows of a corpus: the passages, with their values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from lstm_core.analysis import passage_spans
from lstm_core.analysis.value_counts import document_starts
from viz.shared.corpora import Corpus


def passages_of(corpus: Corpus, card: Mapping[str, Any], signal: str) -> dict[str, list[dict[str, Any]]]:
    """The passages of a unit by list, each with its tokens and the values of `signal`."""
    recording = corpus.recording
    return {name: _filled(recording, card, signal, own) for name, own in card["passages"].get(signal, {}).items()}


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
