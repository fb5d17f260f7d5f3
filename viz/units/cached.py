"""What the page of a unit reads of a corpus: its passages, with their values."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from lstm_core.analysis.value_counts import document_starts
from lstm_core.corpus import passage_values
from viz.shared.corpora import Corpus


def passages_of(corpus: Corpus, card: Mapping[str, Any], signal: str) -> dict[str, list[dict[str, Any]]]:
    """The passages of a unit by list, each with its tokens, the values of `signal`, and whether its document begins or ends there."""
    recording = corpus.recording
    edges = document_starts(recording)
    return {
        name: _filled(recording, edges, card, signal, own) for name, own in card["passages"].get(signal, {}).items()
    }


def _filled(
    recording: xr.Dataset, edges: np.ndarray, card: Mapping[str, Any], signal: str, places: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = passage_values(recording, card["unit"], signal, places["step"], window=card["window"])
    return [
        {
            "tokens": list(one.tokens),
            "values": [round(float(value), 4) if np.isfinite(value) else None for value in one.values],
            "at": step - one.start,
            "value": value,
            "begins": bool(one.start in edges),
            "ends": bool(one.start + len(one.tokens) in edges),
        }
        for step, value, one in zip(places["step"], places["value"], found, strict=True)
    ]
