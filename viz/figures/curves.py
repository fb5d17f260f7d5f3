"""How is a training going? Loss and score, step by step."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from viz.figures.axes import escaped
from viz.theme import ACCENT, SIGNAL, palette, template

SHARE = 0.015  # of the points so far: over as many the smooth line is drawn out
GAP = 0.1  # of the width, between the two charts


def curves(
    step: Sequence[int],
    loss: Sequence[float],
    score: Sequence[float | None],
    *,
    steps: int,
    measure: str,
    height: int = 230,
    dark: bool = False,
) -> go.Figure:
    """Two charts over the training step, which runs from 0 to `steps` from the start: the loss, and the score.

    `score` has None where it was not taken. Single losses are faint, their exponential mean is strong.
    """
    scored = [(at, value) for at, value in zip(step, score, strict=True) if value is not None]
    strong = SIGNAL["forget"].colour
    lines = [
        _line(step, loss, "loss", ACCENT[dark], opacity=0.45, width=1.0),
        _line(step, smooth(loss), "mean loss", strong, width=2.4),
        _line([at for at, _ in scored], [value for _, value in scored], "score", SIGNAL["cell"].colour, width=2.4),
    ]
    lines[2] |= {"xaxis": "x2", "yaxis": "y2", "mode": "lines+markers"}
    half, base = (1 - GAP) / 2, palette(dark)
    across = {"range": [0, steps], "title": {"text": "training step"}, "zeroline": False, "nticks": 6}
    up = {"zeroline": False, "nticks": 5, "automargin": False}
    return go.Figure(
        {
            "data": lines,
            "layout": {
                "template": template(dark=dark),
                "height": height,
                "margin": {"t": 30, "b": 44, "l": 50, "r": 12},
                "showlegend": False,
                "hovermode": "closest",
                "xaxis": {**across, "domain": [0, half]},
                "xaxis2": {**across, "domain": [1 - half, 1], "anchor": "y2"},
                "yaxis": up,
                "yaxis2": {**up, "anchor": "x2"},
                "annotations": [
                    _title("Loss", 0, ink=base.ink),
                    _title(f"Score: {escaped(measure)}", 1 - half, ink=base.ink),
                ],
            },
        }
    )


def smooth(values: Sequence[float]) -> np.ndarray:
    """The exponential mean of the values up to each, unbiased at the beginning."""
    reach = max(1.0, len(values) * SHARE)
    keep, mean, weight = 1 - 1 / reach, 0.0, 0.0
    means = np.empty(len(values))
    for at, value in enumerate(values):
        mean = keep * mean + (1 - keep) * value
        weight = keep * weight + (1 - keep)
        means[at] = mean / weight
    return means


def _line(
    x: Sequence[int], y: Sequence[float] | np.ndarray, name: str, colour: str, *, width: float, opacity: float = 1.0
) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.array(x, dtype=np.int32),
        "y": np.array(y, dtype=np.float32),
        "name": name,
        "line": {"color": colour, "width": width},
        "marker": {"size": 5},
        "opacity": opacity,
        "hovertemplate": f"{name} %{{y:.4g}}<br>after step %{{x:,}}<extra></extra>",
    }


def _title(text: str, x: float, *, ink: str) -> dict[str, object]:
    return {
        "text": f"<b>{text}</b>",
        "x": x,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13, "color": ink},
    }
