"""Explore's picture in a page of Streamlit: a text, and every gate of a model at every token of it, drawn in the browser."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from lstm_core import SequenceModel
from viz.browser.component import component
from viz.browser.modules import messages
from viz.live.limit import most_steps
from viz.live.options import LiveOptions
from viz.live.weights import new_facts, new_weights, wanted

__all__ = ["MESSAGES", "Models", "draw"]

FOLDER = Path(__file__).parent
MESSAGES = messages("explore_host", FOLDER, markup="explore_view")
ASKED = "live_asked"  # in the session: ids of what this visit's browser has asked for
_component = component("explore_host", FOLDER, markup="explore_view")


@dataclass(frozen=True, eq=False)
class Models:
    """What the picture shows: a model and, where there is one, itself before training, which has the same layout."""

    ids: Sequence[str]  # of their facts
    dressing: str  # the id of what they are drawn with
    facts: Mapping[str, Callable[[], object]]  # all these, by id
    weights: Mapping[str, Callable[[], SequenceModel]]  # by content id, the first model's first


def draw(
    models: Models,
    options: LiveOptions,
    *,
    key: str,
    version: int,
    on_rested: Callable[[LiveOptions, int, int], None],
    about: str = "",
) -> None:
    """Draw it. `version` is that of the options which the browser reported last; `about` is a sentence on the text.

    `on_rested` is told what is shown once the reader rests, the version of that, and of how many steps the text is.
    """
    first, *_others = models.weights
    asked = st.session_state.setdefault(ASKED, set())
    _component(
        key=key,
        data={
            "models": list(models.ids),
            "dressing": models.dressing,
            "options": options,
            "version": version,
            "about": about,
            "limit": most_steps([models.weights[first]()]),
            "facts": new_facts(models.facts),
            **new_weights({one: load for one, load in models.weights.items() if one == first or one in asked}),
        },
        on_rested_change=partial(_rested, key, on_rested),
        on_wanted_change=partial(_wanted, key),
        height="content",
    )


def _wanted(key: str) -> None:
    ids: list[str] = st.session_state.get(key, {}).get("wanted") or []
    st.session_state.setdefault(ASKED, set()).update(map(str, ids))
    wanted(ids)


def _rested(key: str, on_rested: Callable[[LiveOptions, int, int], None]) -> None:
    told = st.session_state.get(key, {}).get("rested")
    if told:
        on_rested(told["options"], int(told["version"]), int(told["steps"]))
