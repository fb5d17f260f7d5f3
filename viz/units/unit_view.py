"""The view of one unit: a component that draws its card, its passages, and a text of the reader's own."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from viz.browser.component import component
from viz.browser.modules import messages
from viz.live.description import described
from viz.live.weights import new_facts, new_weights, wanted
from viz.locale import translated
from viz.shared.cached import describe, load_model
from viz.theme import inks

FOLDER = Path(__file__).parent
KEY = "unit_view"
ASKED = "unit_view_asked"  # in the session: ids of what this visit's browser has asked for
_component = component(KEY, FOLDER)
_MESSAGES = messages(KEY, FOLDER)


def draw_unit(
    unit: Mapping[str, Any],
    signals: list[dict[str, Any]],
    model_name: str,
    *,
    drawn: str,
    apart: bool,
    text: str,
    on_unit: Callable[[int], None],
    on_place: Callable[[Mapping[str, Any]], None],
) -> bool:
    """Draw it. `drawn` says all that the drawing depends on; `on_unit` is told of a unit whose number is clicked.

    True once a passage is to be opened on Explore, after `on_place` was told which: its `text`, `span` and `step`.
    """
    digest = load_model(model_name).digest
    id_ = f"{model_name} {digest}"
    asked: set[str] = st.session_state.setdefault(ASKED, set())
    facts = {id_: lambda: described(model_name, *describe(model_name), weights=digest)}
    wants = id_ in asked
    told = _component(
        key=KEY,
        data={
            "id": drawn,
            "unit": dict(unit),
            "signals": signals,
            "themes": inks(),
            "apart": apart,
            "text": text,
            "name": model_name,
            "model": id_,
            "strings": translated(_MESSAGES),
            "facts": new_facts(facts) if wants else {},
            **(new_weights({digest: partial(load_model, model_name)}) if wants else {}),
        },
        on_unit_change=partial(_unit, on_unit),
        on_place_change=partial(_place, on_place),
        on_wanted_change=_wanted,
        height="content",
    )
    return bool(told and told.get("place"))


def _unit(on_unit: Callable[[int], None]) -> None:
    told = st.session_state.get(KEY, {}).get("unit")
    if told is not None:
        on_unit(int(told))


def _place(on_place: Callable[[Mapping[str, Any]], None]) -> None:
    told = st.session_state.get(KEY, {}).get("place")
    if told:
        on_place(told)


def _wanted() -> None:
    ids: list[str] = st.session_state.get(KEY, {}).get("wanted") or []
    st.session_state.setdefault(ASKED, set()).update(map(str, ids))
    wanted(ids)
