"""Marks on the tokens of a text, made by clicking, by touch or with the keyboard."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st
import xarray as xr

from viz.browser.component import component
from viz.browser.modules import messages
from viz.locale import translated

HERE = Path(__file__).parent
KEY = "marking"
_component = component(KEY, HERE)
_MESSAGES = messages(KEY, HERE)


def tokens_of(layer: xr.Dataset) -> tuple[list[str], np.ndarray]:
    """The tokens of a text, of several steps once, and the number of the token at each step."""
    groups = layer["group"].to_numpy()
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    return [str(layer["token"].to_numpy()[at]) for at in starts], np.cumsum(np.diff(groups, prepend=groups[0]) != 0)


def fitted(marks: str, count: int) -> str:
    """These marks as `count` signs, 0 or 1: what is too many is cut, and what is missing or another sign is 0."""
    return "".join("1" if sign == "1" else "0" for sign in "".join(marks.split()).ljust(count, "0")[:count])


def mark_tokens(
    tokens: list[str], marks: str, *, shown: slice, apart: bool, title: str, on_change: Callable[[str], None]
) -> None:
    """The tokens in `shown`, each a button; `marks` has a 0 or 1 for each, as `fitted` makes it; `on_change` gets the new marks.

    `apart`: with blanks between the tokens, as between words.
    """

    def told() -> None:
        changed = st.session_state[KEY].get("marked")
        if isinstance(changed, str) and len(changed) == len(tokens[shown]):
            on_change(fitted(marks[: shown.start] + changed + marks[shown.stop :], len(tokens)))

    _component(
        key=KEY,
        data={
            "tokens": tokens[shown],
            "marks": marks[shown],
            "first": shown.start,
            "apart": apart,
            "title": title,
            "strings": translated(_MESSAGES),
        },
        on_marked_change=told,
        height="content",
    )
