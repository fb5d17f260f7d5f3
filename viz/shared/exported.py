"""What an export of a page shows: model, text and the settings of that page, as the session has them."""

from urllib.parse import urlencode

import streamlit as st

from viz.shared.exports import About

OF_PAGES = {  # the choices that change what a page shows
    "explore": ("layer", "signals", "sort", "window", "first", "unit", "step", "units"),
    "compare": ("layer", "compared", "other", "sort", "window", "first", "signal", "gate"),
    "memory": ("layer", "window", "first", "unit", "step", "written_at", "feature", "marks", "traced"),
    "gradients": ("layer", "target", "target_step", "target_of", "gradient", "rows", "window", "first", "unit", "step"),
    "what_if": ("layer", "held", "altered", "seen", "turn", "sort", "window", "first", "step"),
}
WRITTEN = ("written", "writer", "temperature", "seed")  # of a passage that a model wrote on
IN_WORDS = {  # of those that a figure does not show itself
    "layer": "layer",
    "unit": "unit",
    "step": "step",
    "sort": "units sorted by",
    "rows": "units sorted by",
    "first": "from step",
    "other": "compared with",
    "seen": "heatmaps of",
    "feature": "feature",
    "target": "target",
    "temperature": "temperature",
    "seed": "seed",
    "turn": "each unit in turn",
    "held": "held",
    "target_step": "target step",
    "target_of": "target of",
    "gradient": "with respect to",
    "written_at": "written at step",
    "traced": "trace",
    "written": "tokens written on",
    "writer": "by",
}
PATHS = {"explore": "/", "what_if": "/what-if"}
TOLD = "told_of_exports"


def begin() -> None:
    """A page is drawn anew: nothing is told yet."""
    st.session_state[TOLD] = {}


def tell(name: str, value: object) -> None:
    """Say what a setting is where the reader has left it to the page, such as the unit that is shown first."""
    st.session_state[TOLD] = {**st.session_state.get(TOLD, {}), name: str(value)}


def about() -> About:
    """What is shown now."""
    page = str(st.session_state.get("page", "explore"))
    keys = (*OF_PAGES.get(page, ("layer",)), *(WRITTEN if st.session_state.get("written") else ()))
    values = {key: st.session_state.get(key) for key in keys}
    known = {key: value for key, value in values.items() if value not in (None, "", [], False)}
    known |= st.session_state.get(TOLD, {})
    model, text = (str(st.session_state.get(key, "")) for key in ("model", "text"))
    return About(
        model,
        text,
        tuple((IN_WORDS[key], _in_words(value)) for key, value in known.items() if key in IN_WORDS),
        f"{PATHS.get(page, '/' + page)}?{_search({'model': model, 'text': text} | values)}",
    )


def _in_words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _search(values: dict[str, object]) -> str:
    fields: list[tuple[str, str]] = []
    for key, value in values.items():
        if value in (None, "", []):
            continue
        fields += [(key, str(one)) for one in (value if isinstance(value, list) else [value])]
    return urlencode(fields, errors="replace")
