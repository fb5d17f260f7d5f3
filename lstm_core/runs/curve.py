"""Curve: how a run went so far, written by its process line by line, read by a page as it grows."""

import json
import math
from dataclasses import astuple, dataclass, field
from pathlib import Path

from lstm_core.training import Progress

LINES = 2_000  # a run has about as many, whatever its steps


@dataclass(frozen=True)
class Point:
    """One line of a curve."""

    step: int
    loss: float  # the mean over the steps since the line before
    score: float | None  # the task's validation score, where it was taken
    gradient_norm: float
    tokens_per_second: float
    seconds: float  # of work, pauses left out


@dataclass
class Curve:
    """The points of one run, in order of their steps."""

    path: Path
    points: list[Point] = field(default_factory=list)
    _read: int = 0  # bytes

    def update(self) -> bool:
        """Read what was written since the last time; False where that is nothing.

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
    """Writes a curve: every so many steps, and wherever there is a score, one line."""

    def __init__(self, path: Path, steps: int) -> None:
        self._every = max(1, math.ceil(steps / LINES))
        known = Curve(path)
        known.update()
        self._file = path.open("a", encoding="utf-8")
        self._file.write("\n" if known.points else "")  # ends a line that a kill may have cut off
        self._losses: list[float] = []
        self.seconds = known.points[-1].seconds if known.points else 0.0

    def note(self, now: Progress, seconds: float, *, at_once: bool = False) -> bool:
        """`seconds` of work have passed since the step before. True where that gave a line, as it does `at_once`."""
        self.seconds += seconds
        self._losses.append(now.loss)
        if now.step % self._every and now.score is None and not at_once:
            return False
        loss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        point = Point(now.step, loss, now.score, now.gradient_norm, now.tokens_per_second, round(self.seconds, 3))
        self._file.write(json.dumps(astuple(point)) + "\n")
        self._file.flush()
        return True

    def close(self) -> None:
        self._file.close()


def _point(line: bytes) -> Point | None:
    try:
        step, loss, score, norm, rate, seconds = json.loads(line)
    except (ValueError, TypeError):
        return None
    return Point(step, loss, score, norm, rate, seconds)
