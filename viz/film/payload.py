"""What the browser needs to show the animation: a header in JSON, and for every frame and signal the levels of its colours."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from viz.browser.levels import levels as levels_between
from viz.locale import _
from viz.theme import LEAST_LOSS, axis_ends, described, inks, span

GAP = 256  # beyond the last colour
MOST_LEVELS = 4_000_000  # numbers, a byte each, that a browser gets of one film


@dataclass(frozen=True, eq=False)
class Frame:
    """A layer's signals on a text at one training step."""

    step: int  # of the training
    loss: float  # as it is shown: see `lstm_core.bits`; NaN where it was not measured
    score: float  # as it is shown; NaN where it was not measured
    levels: Mapping[str, np.ndarray]  # of each signal, (unit, step), see `levels_of`


def levels_of(layer: xr.Dataset, signals: Sequence[str], *, cell_limit: float = 1.0) -> dict[str, np.ndarray]:
    """Which of the 256 colours of its scale has each value of these signals? (unit, step), uint8.

    Gates run from 0 to 1, candidate and hidden state from -1 to 1, and the cell state from -cell_limit to
    cell_limit; a cell state beyond has the last colour. Where there are values that are NaN or infinite, the levels are
    uint16, and theirs is GAP.
    """
    found = {}
    for name in signals:
        low, high = span(name, cell_limit)
        values = layer[name].transpose("unit", "step").to_numpy()
        known = np.isfinite(values)
        shown = np.clip(np.where(known, values, 0), np.float32(low), np.float32(high))
        levels = levels_between(shown, low, high)
        found[name] = levels if known.all() else np.where(known, levels, np.uint16(GAP))
    return found


@dataclass(frozen=True, eq=False)
class Film:
    """Frames of one layer's reading of one text. Raises ValueError when they do not fit it."""

    frames: tuple[Frame, ...]
    signals: tuple[str, ...]
    layer: xr.Dataset
    order: tuple[int, ...]  # which unit each row is, from the top

    def __post_init__(self) -> None:
        if not self.frames or not self.signals:
            raise ValueError("a film needs at least one frame and one signal")
        wanted = (self.layer.sizes["unit"], self.layer.sizes["step"])
        for frame in self.frames:
            for name in self.signals:
                found = frame.levels[name]
                if found.shape != wanted or found.dtype not in (np.uint8, np.uint16):
                    raise ValueError(
                        f"the frame of step {frame.step} has {found.dtype} {found.shape} for {name!r}, not uint8 {wanted}"
                    )

    @cached_property
    def rows(self) -> list[int]:
        """Which units are shown, from the top: all in their order, or as many of the most varying as may be sent, those with gaps last."""
        each = len(self.frames) * len(self.signals) * self.layer.sizes["step"]
        most = max(1, MOST_LEVELS // each)
        if len(self.order) <= most:
            return list(self.order)
        first = np.stack([frame.levels[self.signals[0]] for frame in self.frames])  # (frame, unit, step)
        spread = np.where((first == GAP).any(axis=(0, 2)), -1, first.std(axis=(0, 2), dtype=np.float32))
        most_varying = set(np.argsort(-spread, kind="stable")[:most].tolist())
        return [unit for unit in self.order if unit in most_varying]

    @cached_property
    def ids(self) -> list[dict[str, str]]:
        """By frame and signal, a name for its levels: equal ones have one name."""
        return [{name: _id(self._rows_of(frame, name)) for name in self.signals} for frame in self.frames]

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """All levels, (row, step), by their names."""
        return {
            names[name]: self._rows_of(frame, name)
            for frame, names in zip(self.frames, self.ids, strict=True)
            for name in self.signals
        }

    def header(
        self, *, steps: int, unit_of_loss: str, measure: str, cell_limit: float, at: int | None, note: str, title: str
    ) -> dict[str, object]:
        """What is shown, in plain JSON. `at` is a training step: the frame next to it is shown at first."""
        notes = [note] if note else []
        if len(self.rows) < len(self.order):
            note = _("Shown: the {shown} of {all} units that vary most over text and training.")
            notes.append(note.format(shown=len(self.rows), all=len(self.order)))
        return {
            "title": title,
            "steps": steps,
            "unit_of_loss": unit_of_loss,
            "measure": measure,
            "at": self._frame_at(at),
            "note": " ".join(notes),
            "units": self.rows,
            "first": int(self.layer["step"].to_numpy()[0]),
            "tokens": [str(token) for token in self.layer["token"].to_numpy()],
            "labels": _labels(self.layer),
            # Only a cell state has values beyond where its colours end.
            "signals": [
                described(name, ends=span(name, cell_limit)) | {"open": name == "cell"} for name in self.signals
            ],
            "themes": inks(),
            "losses": axis_ends([frame.loss for frame in self.frames], LEAST_LOSS),
            "frames": [
                {"step": frame.step, "loss": _number(frame.loss), "score": _number(frame.score), "parts": names}
                for frame, names in zip(self.frames, self.ids, strict=True)
            ],
        }

    def _rows_of(self, frame: Frame, name: str) -> np.ndarray:
        return np.ascontiguousarray(frame.levels[name][self.rows])

    def _frame_at(self, step: int | None) -> int:
        if step is None:
            return len(self.frames) - 1
        return int(np.argmin([abs(frame.step - step) for frame in self.frames]))


def _labels(layer: xr.Dataset) -> list[list[object]]:
    """Where each token begins and ends among the steps, and how it is written: one of several bytes once."""
    groups = layer["group"].to_numpy()
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    tokens = layer["token"].to_numpy()
    ends = np.append(starts[1:], len(groups))
    return [[int(start), int(end), str(tokens[start])] for start, end in zip(starts, ends, strict=True)]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _id(levels: np.ndarray) -> str:
    return "levels-" + hashlib.sha256(repr(levels.shape).encode() + levels.tobytes()).hexdigest()[:20]
