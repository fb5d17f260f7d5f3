"""Loss and score over the training steps, drawn in place as they come.

A Plotly chart is made again whenever its numbers change: once a second, that flickers and takes the pointer's label
away. This one keeps its elements.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lstm_core.runs import CurvePoint
from viz.browser.component import component
from viz.browser.modules import messages
from viz.locale import _, translated
from viz.theme import LEAST_LOSS, LEAST_SCORE, SIGNAL, axis_ends

__all__ = ["curves", "smooth", "thin"]

HERE = Path(__file__).parent
SHARE = 0.015  # of the points so far: the window of the smooth line
DRAWN = 500  # points of a line: there are not more pixels for them

_component = component("curves", HERE)
_MESSAGES = messages("curves", HERE)


def curves(points: Sequence[CurvePoint], *, steps: int, unit_of_loss: str, measure: str, key: str) -> None:
    """Two charts over the training step, which runs to `steps` from the start: the loss in its unit, and the score in `measure`.

    Single losses are faint, their exponential mean is strong. A loss that is NaN or infinite is a gap in both.
    """
    data = {"steps": steps, "charts": charts_of(points, unit_of_loss, measure), "strings": translated(_MESSAGES)}
    _component(key=key, data=data, height="content")


def charts_of(points: Sequence[CurvePoint], unit_of_loss: str, measure: str) -> list[dict[str, object]]:
    """What the browser draws of them, in plain JSON. No axis is so short that a curve that stands still seems to move."""
    step, loss = [point.step for point in points], [point.loss for point in points]
    scored = [(point.step, point.score) for point in points if point.score is not None and math.isfinite(point.score)]
    line, faint = thin(smooth(loss).tolist()), thin(loss)
    scores = [float(f"{value:.7g}") for _step, value in scored]
    least = LEAST_SCORE * max(map(abs, scores), default=0.0)
    return [
        {
            "title": _("Loss: {unit}").format(unit=unit_of_loss),
            "colour": SIGNAL["forget"].colour,
            "steps": thin(step),
            "line": line,
            "faint": faint,
            "ends": with_room(axis_ends([*line, *faint], LEAST_LOSS)),
            "dots": False,
        },
        {
            "title": _("Score: {measure}").format(measure=measure),
            "colour": SIGNAL["cell"].colour,
            "steps": [at for at, _score in scored],
            "line": scores,
            "faint": [],
            "ends": with_room(axis_ends(scores, least)),
            "dots": True,
        },
    ]


def with_room(found: tuple[float, float]) -> list[float]:
    """The ends of an axis with a little room below and above."""
    room = 0.06 * (found[1] - found[0])
    return [found[0] - room, found[1] + room]


def smooth(values: Sequence[float]) -> np.ndarray:
    """The exponential mean of the values up to each, unbiased at the beginning; NaN where the value is no number itself."""
    keep = 1 - 1 / max(1.0, len(values) * SHARE)
    mean, weight = 0.0, 0.0
    means = np.empty(len(values))
    for at, value in enumerate(values):
        if not math.isfinite(value):
            means[at] = math.nan
            continue
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + (1 - keep)
        means[at] = mean / weight
    return means


def thin(values: Sequence[float]) -> list[float | None]:
    """At most DRAWN + 1 of the values, evenly apart, the last among them, with three digits more than are shown, so that none is rounded twice.

    None for what is NaN or infinite: JSON has no such numbers.
    """
    apart = max(1, math.ceil(len(values) / DRAWN))
    return [_short(value) for value in values[::-1][::apart][::-1]]


def _short(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return value if isinstance(value, int) else float(f"{value:.7g}")
