"""The step axis that all figures share: its ticks are the tokens themselves."""

import html
from collections.abc import Sequence

import numpy as np
import xarray as xr

CHARACTER = 6.0  # pixels that the narrowest readable tick needs
UNPRINTABLE = "▯"  # stands for a name such as U+200B where that is too wide; the hover label has the name
WORD_CHARACTER = 6.5  # pixels of one character of a word on the axis


def escaped(label: str) -> str:
    """A label as Plotly shows it letter by letter: Plotly renders a subset of HTML wherever it shows text."""
    return html.escape(label, quote=False)


def step_names(layer: xr.Dataset | xr.DataArray) -> list[str]:
    """A name for each step that is unique and says what was read: "12  e"; escaped, as hover labels are."""
    return [
        f"{step}  {escaped(str(token))}"
        for step, token in zip(layer["step"].to_numpy(), layer["token"].to_numpy(), strict=True)
    ]


def token_axis(layer: xr.Dataset, *, width: int) -> dict[str, object]:
    """Ticks for a category axis of `step_names`, when it is about `width` pixels wide.

    Every character, in a size that fits; where none fits, words at their beginnings. Steps of one group
    (the bytes of one character) have one tick at their middle. The key `size` is the ticks' font size, for
    the caller to set with its own colour.
    """
    tokens = [str(token) for token in layer["token"].to_numpy()]
    groups = layer["group"].to_numpy()
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    ends = np.append(starts[1:], len(groups))
    middles = (starts + ends - 1) / 2
    labels = [tokens[start] for start in starts]
    room = width / len(tokens)  # pixels a step
    narrow = room * float(np.mean(ends - starts)) >= CHARACTER
    labels = [
        label if _fits(label, room * (end - start)) else UNPRINTABLE
        for label, start, end in zip(labels, starts, ends, strict=True)
    ]
    at, text = (middles.tolist(), labels) if narrow else _words(labels, starts, room)
    size = int(np.clip(room * len(tokens) / max(1, len(labels)) * 1.6, 8, 14)) if narrow else 10
    return {
        "type": "category",
        "tickmode": "array",
        "tickvals": at,
        "ticktext": [escaped(label) for label in text],
        "size": size,
        "tickangle": 0,
        "ticklen": 0 if narrow else 4,
        "range": [-0.5, len(tokens) - 0.5],
        "showgrid": False,
        "zeroline": False,
    }


def _fits(label: str, room: float) -> bool:
    """Does a label stay inside its column? Only names of what has no glyph, such as U+200B, are long."""
    return not label.startswith("U+") or len(label) * WORD_CHARACTER <= room


def _words(labels: Sequence[str], starts: np.ndarray, room: float) -> tuple[list[float], list[str]]:
    """Where words begin, as many of them as fit beside each other; at most 12 characters of each."""
    blank = {"␣", "⏎", "⇥", "␍"}
    at: list[float] = []
    text: list[str] = []
    free = -np.inf  # the first pixel that no earlier word covers
    for index, label in enumerate(labels):
        if label in blank or (index and labels[index - 1] not in blank):
            continue
        end = next((later for later in range(index, len(labels)) if labels[later] in blank), len(labels))
        word = "".join(labels[index : min(end, index + 12)]) + ("…" if end > index + 12 else "")
        half = len(word) * WORD_CHARACTER / 2
        centre = float(starts[index]) * room
        if centre - half > free:
            at.append(float(starts[index]))
            text.append(word)
            free = centre + half + WORD_CHARACTER
    return at, text
