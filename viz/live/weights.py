"""Weights on their way to the browser: once a visit, by their content id."""

import os
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import streamlit as st

from lstm_core import SequenceModel
from lstm_core.model_files import weights_as_bytes
from viz.live.description import MEGABYTE, size

__all__ = ["LIMIT", "fits", "forget_weights", "new_weights"]

LIMIT = "GATESCOPE_LIVE_MEGABYTES"  # the environment variable: larger models are read on the server
USUAL_LIMIT = 16.0
SENT = "live_weights_sent"  # in the session: the ids that this visit's browser has


def fits(model: SequenceModel) -> bool:
    """Are the weights few enough to be sent?"""
    return size(model) <= float(os.environ.get(LIMIT, USUAL_LIMIT)) * MEGABYTE


def new_weights(models: Iterable[SequenceModel]) -> Mapping[str, pd.DataFrame]:
    """The weights that the browser lacks, as tables for a component's data; from now on it has them."""
    sent: set[str] = st.session_state.setdefault(SENT, set())
    found = {}
    for model in models:
        if model.digest not in sent:
            bytes_ = np.frombuffer(weights_as_bytes(model), np.uint8)
            found[f"weights/{model.digest}"] = pd.DataFrame({"value": bytes_})
            sent.add(model.digest)
    return found


def forget_weights(missing: Iterable[object]) -> None:
    """The browser reports that it lacks these: it has dropped them, or was loaded anew."""
    st.session_state.setdefault(SENT, set()).difference_update(map(str, missing))
