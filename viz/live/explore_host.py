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
from viz.live.weights import asked, new_facts, new_weights, wanted

__all__ = ["MESSAGES", "Models", "draw"]

FOLDER = Path(__file__).parent
MESSAGES = messages("explore_host", FOLDER, markup="explore_view")
_component = component("explore_host", FOLDER, markup="explore_view")


@dataclass(frozen=True, eq=False)
class Models:
    """What the picture shows: a model and, where there is one, itself before training, which has the same layout."""

    ids: Sequence[str]  # of their facts
    dressing: str  # the id of what they are drawn with
    facts: Mapping[str, Callable[[], object]]  # all these, by id
    weights: Mapping[str, Callable[[], SequenceModel]]  # by content id, the first model's first
    lines: str = ""  # the id of what its units do; empty where nothing is known of them


def draw(
    models: Models,
    options: LiveOptions,
    *,
    key: str,
    version: int,
    on_rested: Callable[[LiveOptions, int, int], None],
    about: str = "",
    linked: bool = False,
) -> bool:
    """Draw it. `version` is that of the options which the browser reported last; `about` is a sentence on the text.

    `on_rested` is told what is shown once the reader rests, the version of that, and of how many steps the text is. With `linked` a
    link leads from the selected unit to its page: True is returned once it is followed, after `on_rested` was told the unit.
    """
    first, *_others = models.weights
    told = _component(
        key=key,
        data={
            "models": list(models.ids),
            "lines": models.lines,
            "linked": linked,
            "dressing": models.dressing,
            "options": options,
            "version": version,
            "about": about,
            "limit": most_steps([models.weights[first]()]),
            "facts": new_facts(models.facts),
            **new_weights({one: load for one, load in models.weights.items() if one == first or asked(one)}),
        },
        on_rested_change=partial(_rested, key, "rested", on_rested),
        on_units_change=partial(_rested, key, "units", on_rested),
        on_wanted_change=partial(_wanted, key),
        height="content",
    )
    return bool(told and told.get("units"))


def _wanted(key: str) -> None:
    wanted(st.session_state.get(key, {}).get("wanted") or [])


def _rested(key: str, name: str, on_rested: Callable[[LiveOptions, int, int], None]) -> None:
    told = st.session_state.get(key, {}).get(name)
    if told:
        on_rested(told["options"], int(told["version"]), int(told["steps"]))
