"""Curve: the progress of a run, written line by line by its process and read by a page as it grows."""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from lstm_core.training import Progress

LINES = 2_000  # a run has about as many, whatever its steps


@dataclass(frozen=True)
class CurvePoint:
    """One line of a curve. What is missing, as in lines of another version, is NaN."""

    step: int
    loss: float = math.nan  # the mean over the steps since the line before
    score: float | None = None  # the task's validation score, where it was taken
    gradient_norm: float = math.nan
    tokens_per_second: float = math.nan
    seconds: float = math.nan  # of work, pauses left out


COLUMNS = ("step", "loss", "score", "gradient_norm", "tokens_per_second", "seconds")
"""What earlier versions wrote in each line, as a list without names."""


@dataclass
class Curve:
    """The points of one run, in order of their steps."""

    path: Path
    points: list[CurvePoint] = field(default_factory=list)
    _read: int = 0  # bytes

    def update(self) -> bool:
        """Read what was written since the last call; False if there is nothing new.

        A line cut off by a kill is no line. A run that went on from its last save tells some steps again: what was
        told before of these and later steps is taken back.
        """
        if not self.path.is_file():
            return False
        with self.path.open("rb") as file:
            file.seek(self._read)
            *whole, _ = file.read().split(b"\n")
        self._read += sum(len(line) + 1 for line in whole)
        for line in whole:
            point = _point(line)
            while point and self.points and self.points[-1].step >= point.step:
                self.points.pop()
            if point:
                self.points.append(point)
        return bool(whole)


class Journal:
    """Writes a curve: a line every so many steps, and wherever there is a score."""

    def __init__(self, path: Path, steps: int) -> None:
        self._every = max(1, math.ceil(steps / LINES))
        known = Curve(path)
        known.update()
        self._file = path.open("a", encoding="utf-8")
        self._file.write("\n" if self._file.tell() else "")  # ends a line that a kill may have cut off
        self._losses: list[float] = []
        self.seconds = next((one.seconds for one in reversed(known.points) if math.isfinite(one.seconds)), 0.0)

    def note(self, now: Progress, seconds: float, *, at_once: bool = False) -> bool:
        """Add a step that took `seconds`. True if that wrote a line, as it always does with `at_once`."""
        self.seconds += seconds
        self._losses.append(now.loss)
        if now.step % self._every and now.score is None and not at_once:
            return False
        loss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        point = CurvePoint(now.step, loss, now.score, now.gradient_norm, now.tokens_per_second, round(self.seconds, 3))
        row = {name: None if value is None or math.isnan(value) else value for name, value in asdict(point).items()}
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        return True

    def close(self) -> None:
        self._file.close()


def _point(line: bytes) -> CurvePoint | None:
    """The point of one line; unknown fields are ignored. None if the line has no step."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if isinstance(told, list):
        told = dict(zip(COLUMNS, told, strict=False))
    if not isinstance(told, dict) or type(told.get("step")) is not int:
        return None
    known = {one.name: told[one.name] for one in fields(CurvePoint) if _is_number(told.get(one.name))}
    return CurvePoint(**known)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
