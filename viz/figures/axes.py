"""The step axis that all figures share: its ticks are the tokens themselves."""

import html
import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

CHARACTER = 6.0  # pixels: the narrowest readable tick
UNPRINTABLE = "▯"  # replaces a name such as U+200B that is too wide; the hover label has the name
WORD_CHARACTER = 6.5  # pixels of one character of a word on the axis, at WORD_SIZE
MONO_WIDTH = 0.6  # of the font size: how wide a character is
WORD_SIZE = 10  # font size of words that are many
LARGEST_SIZE = 13  # font size of words that are few
NARROWER = 0.88  # a figure may be drawn narrower than `width`; words must not overlap even then
OVERHANG = 26  # pixels that a word may reach beyond the axis
FEW = 5  # with fewer words under less than half of the axis, the ticks are numbers
EVERY = (1, 2, 3, 4, 5, 6, 8)  # times a power of ten: every how many characters there is a number
_GLYPH = re.compile(r"(?s:.)|◌.|U\+[0-9A-F]{4,6}|0x[0-9A-F]{2}")  # how encoders label one character or byte


def escaped(label: str) -> str:
    """A label as Plotly shows it letter by letter: Plotly renders a subset of HTML wherever it shows text."""
    return html.escape(label, quote=False)


def step_names(layer: xr.Dataset | xr.DataArray) -> list[str]:
    """A unique name for each step, with its number and token: "12  e"; escaped, for hover labels."""
    return [
        f"{step}  {escaped(str(token))}"
        for step, token in zip(layer["step"].to_numpy(), layer["token"].to_numpy(), strict=True)
    ]


def token_axis(layer: xr.Dataset, *, width: int) -> dict[str, Any]:
    """Ticks for a category axis of `step_names`, when it is about `width` pixels wide.

    Every character, in a size that fits; if none fits, words at their first step; if there are hardly any words,
    every n-th character, after the number of its step. Steps of one group
    (the bytes of one character) share a tick at their middle. Of tokens that are longer than a character,
    words and numbers, as many as fit next to each other, none cut. The key `size` is the ticks' font size, for
    the caller to set with its colour; the key `least` is how many pixels these ticks need, for the caller to pass on.
    """
    tokens = [str(token) for token in layer["token"].to_numpy()]
    groups = layer["group"].to_numpy()
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    ends = np.append(starts[1:], len(groups))
    middles = (starts + ends - 1) / 2
    labels = [tokens[start] for start in starts]
    room = width / len(tokens)  # pixels a step
    if not are_characters(labels):
        at, text, size = _whole(labels, middles, room * NARROWER)
        return _axis(at, text, size=size, steps=len(tokens), ticks=len(text) < len(labels), most=width)
    labels = [
        label if _fits(label, room * (end - start)) else UNPRINTABLE
        for label, start, end in zip(labels, starts, ends, strict=True)
    ]
    closest = room * float(np.min(np.diff(middles), initial=len(tokens)))  # of several bytes each, they have more room
    if closest >= CHARACTER:
        size = int(np.clip(closest * 1.6, 8, 14))
        return _axis(middles.tolist(), labels, size=size, steps=len(tokens), ticks=False, most=width)
    at, text = _words(labels, starts, room)
    if len(text) < FEW and sum(map(label_width, text)) < width / 2:
        at, text = _numbered(labels, layer["step"].to_numpy()[starts], middles, room * NARROWER)
    return _axis(at, text, size=WORD_SIZE, steps=len(tokens), ticks=True, most=width)


def _axis(at: list[float], text: list[str], *, size: int, steps: int, ticks: bool, most: int) -> dict[str, Any]:
    return {
        "type": "category",
        "tickmode": "array",
        "tickvals": at,
        "ticktext": [escaped(label) for label in text],
        "size": size,
        "least": min(most, _room_needed(at, text, size) * steps),
        "tickangle": 0,
        "ticklen": 4 if ticks else 0,
        "range": [-0.5, steps - 0.5],
        "showgrid": False,
        "zeroline": False,
    }


def _room_needed(at: Sequence[float], text: Sequence[str], size: int) -> float:
    """How many pixels must a step have, so that no two of these ticks touch? Characters are read without gaps."""
    if are_characters(text):
        return max((size * MONO_WIDTH / (right - left) for left, right in pairwise(at)), default=0.0)
    halves = [label_width(label, size) / 2 for label in text]
    places = list(zip(at, halves, strict=True))
    return max(
        ((one + other + WORD_CHARACTER) / (to - start) for (start, one), (to, other) in pairwise(places)), default=0.0
    )


def are_characters(labels: Iterable[str]) -> bool:
    """Is every label one character or byte, to be read without gaps?"""
    return all(_GLYPH.fullmatch(label) for label in labels)


def label_width(label: str, size: float = WORD_SIZE) -> float:
    """About how many pixels wide is a label in a font of equal widths?"""
    return len(label) * WORD_CHARACTER * size / WORD_SIZE


def _whole(labels: Sequence[str], middles: np.ndarray, room: float) -> tuple[list[float], list[str], int]:
    """As many whole labels as fit next to each other, in the largest size that holds them all, or else in the smallest."""
    for size in range(LARGEST_SIZE, WORD_SIZE - 1, -1):
        shown = _beside_each_other(labels, middles, room, size)
        if len(shown) == len(labels):
            break
    return [float(middles[one]) for one in shown], [labels[one] for one in shown], size


def _beside_each_other(labels: Sequence[str], middles: np.ndarray, room: float, size: int) -> list[int]:
    """Which labels are shown: from the left each that fits, punctuation marks only where words leave room."""
    centres = (middles + 0.5) * room
    halves = np.array([label_width(label, size) / 2 for label in labels])
    lefts, rights = centres - halves, centres + halves + WORD_CHARACTER
    last = (float(middles[-1]) + 1) * room + OVERHANG + WORD_CHARACTER
    shown: list[int] = []  # in order
    for words in (True, False):
        for one, label in enumerate(labels):
            if any(map(str.isalnum, label)) != words or lefts[one] < -OVERHANG or rights[one] > last:
                continue
            place = bisect(shown, one)
            after_free = not place or rights[shown[place - 1]] <= lefts[one]
            if after_free and (place == len(shown) or rights[one] <= lefts[shown[place]]):
                shown.insert(place, one)
    return shown


def _fits(label: str, room: float) -> bool:
    """Does a label stay inside its column? Only names of characters without a glyph, such as U+200B, are long."""
    return not label.startswith("U+") or len(label) * WORD_CHARACTER <= room


def _words(labels: Sequence[str], starts: np.ndarray, room: float) -> tuple[list[float], list[str]]:
    """The words that fit next to each other, at their first step; at most 12 characters of each."""
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


def _numbered(
    labels: Sequence[str], steps: np.ndarray, middles: np.ndarray, room: float
) -> tuple[list[float], list[str]]:
    """Every n-th character, starting with the first, after the number of its step: "20 b"."""
    text = [f"{step} {label}" for step, label in zip(steps, labels, strict=True)]
    needed = max(map(label_width, text)) + 2 * WORD_CHARACTER
    every = next(
        count
        for power in range(len(str(len(text))) + 1)
        for count in (one * 10**power for one in EVERY)
        if bool((np.diff(middles[::count]) * room >= needed).all())
    )
    return middles[::every].tolist(), text[::every]
