"""Weights and facts of models on their way to the browser: once a visit, by an id."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
import streamlit as st

from lstm_core import SequenceModel
from lstm_core.model_files import weights_as_bytes

__all__ = ["asked", "new_facts", "new_weights", "wanted"]

SENT = "live_weights_sent"  # in the session: the ids that this visit's browser has
ASKED = "live_asked"  # in the session: those that it has asked for


def new_weights(models: Mapping[str, Callable[[], SequenceModel]]) -> dict[str, pd.DataFrame]:
    """The weights that the browser lacks, of these models by content id, as tables for a component's data.

    From now on it has them.
    """
    sent: set[str] = st.session_state.setdefault(SENT, set())
    found = {}
    for digest, model in models.items():
        if digest not in sent:
            bytes_ = np.frombuffer(weights_as_bytes(model()), np.uint8)
            found[f"weights/{digest}"] = pd.DataFrame({"value": bytes_})
            sent.add(digest)
    return found


def new_facts(facts: Mapping[str, Callable[[], object]]) -> dict[str, object]:
    """The facts that the browser lacks, made now, as JSON; from now on it has them."""
    sent: set[str] = st.session_state.setdefault(SENT, set())
    found = {id_: make() for id_, make in facts.items() if id_ not in sent}
    sent.update(found)
    return found


def wanted(ids: Iterable[object]) -> None:
    """The browser asks for these: it has never had them, has dropped them, or the page was reloaded."""
    every = set(map(str, ids))
    st.session_state.setdefault(SENT, set()).difference_update(every)
    st.session_state.setdefault(ASKED, set()).update(every)


def asked(id_: str) -> bool:
    """Has the browser asked for this, in this visit?"""
    return id_ in st.session_state.get(ASKED, ())
