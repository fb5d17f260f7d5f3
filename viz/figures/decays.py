"""How much of the gradient remains, the further back from the target?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.locale import _
from viz.theme import palette

DEEPEST = 16  # powers of ten below the largest that are shown
FEW = 60  # steps that have a dot each


@dataclass(frozen=True, eq=False)
class Curve:
    """One line: the norms of a gradient over ("distance",), as `lstm_core.analysis.decay` returns them."""

    title: str
    norm: xr.DataArray
    colour: str | None = None  # None: grey
    dash: str = "solid"
    unity: float | None = None  # what fractions are relative to; None: its norm at the target


def decays(curves: Sequence[Curve], *, shares: bool = False, height: int = 260, dark: bool = False) -> go.Figure:
    """A line for each of `curves` over the steps back from the target, on a logarithmic axis.

    With `shares` each is drawn as a fraction of its `unity`, so that all start at 1 and models of different
    sizes can be compared. Hover labels have token, norm and, with `shares`, the fraction. Zeros and NaN
    are gaps; values more than DEEPEST powers of ten below the largest are below the axis, and the axis ends where no line comes
    up again: its title then says so.
    """
    lines = [curve_line(curve, shares=shares, dark=dark) for curve in curves]
    base = palette(dark)
    drawn = [line["y"] for line in lines]
    across, steps_title = _across(lines, _reach(drawn)[0])
    what = _("Fraction remaining<br>(1 at the target)") if shares else _("‖gradient‖")
    title = {"font": {"color": base.ink, "size": 12}}
    return figure(
        lines,
        {
            "template": template(dark=dark),
            "height": height,
            "margin": {"t": 34 if len(curves) > 1 else 12, "b": 44, "l": 104, "r": 74},
            "showlegend": len(curves) > 1,
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "hovermode": "x",
            "xaxis": {
                "title": {"text": steps_title, **title},
                "zeroline": False,
                "range": across,
                "dtick": 1 if across[1] <= 30 else None,
            },
            "yaxis": {**powers_shown(drawn), "title": {"text": what, **title}},
        },
    )


def _across(lines: Sequence[dict[str, Any]], low: int) -> tuple[list[float], str]:
    """The range up to the last distance at which a line is above the axis, with some room, and the axis' title."""
    every = np.concatenate([line["x"] for line in lines])
    sizes = np.concatenate([line["y"] for line in lines])
    seen = every[np.isfinite(sizes) & (sizes >= 10.0**low)]
    first, last = int(every.min()), int(every.max())
    end = int(seen.max()) if seen.size and seen.max() < last - 0.05 * (last - first) else last
    room = max(0.5, 0.01 * (end - first))
    title = _("timesteps before the target")
    if end < last:
        title = _("timesteps before the target; beyond {end}, up to {last}, less than {least}").format(
            end=f"{end:,}", last=f"{last:,}", least=f"10<sup>{low}</sup>"
        )
    return [first - room, end + room], title


def powers_shown(drawn: Sequence[object]) -> dict[str, Any]:
    """A logarithmic axis of what is drawn."""
    low, high = _reach(drawn)
    powers = list(range(low, high + 1, max(1, (high - low) // 6)))
    return {
        "type": "log",
        "range": [low - 0.15, high + 0.15],
        "tickvals": [10.0**power for power in powers],
        "ticktext": ["1" if power == 0 else f"10<sup>{power}</sup>" for power in powers],
    }


def curve_line(curve: Curve, *, shares: bool, dark: bool) -> dict[str, Any]:
    """The line of a curve over distances, with token, norm and, with `shares`, the fraction in its hover labels."""
    norm, distance = curve.norm.to_numpy(), curve.norm["distance"].to_numpy()
    unity = (_at_target(curve) if curve.unity is None else curve.unity) if shares else 1.0
    tokens = [
        _("step {step}  {token}").format(step=step, token=escaped(str(token)))
        for step, token in zip(curve.norm["step"].to_numpy(), curve.norm["token"].to_numpy(), strict=True)
    ]
    drawn = np.where(norm > 0, norm, np.nan) / unity
    value = _("{curve}: {norm}, {share} of its value at the target") if shares else _("{curve}: {norm}")
    value = value.format(curve=curve.title, norm="%{customdata[1]:.3g}", share="%{y:.3g}")
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(distance) <= FEW else "lines",
        "x": distance,
        "y": drawn,
        "customdata": [[token, float(value)] for token, value in zip(tokens, norm, strict=True)],
        "name": curve.title,
        "line": {"color": curve.colour or palette(dark).faint, "width": 2.2, "dash": curve.dash},
        "marker": {"size": 5},
        "hovertemplate": f"%{{customdata[0]}}<br>{value}<extra></extra>",
    }


def _at_target(curve: Curve) -> float:
    """Its norm at distance 0; if that is zero or NaN, its largest norm, or 1."""
    norm = curve.norm.to_numpy()
    first = norm[curve.norm["distance"].to_numpy() == 0]
    candidates = [*first, np.nanmax(norm, initial=0.0)]
    return next((float(one) for one in candidates if np.isfinite(one) and one > 0), 1.0)


def _reach(drawn: Sequence[object]) -> tuple[int, int]:
    """Between which powers of ten does the axis run?"""
    values = np.concatenate([np.zeros(0), *(np.asarray(one, dtype=np.float64) for one in drawn)])
    known = values[np.isfinite(values) & (values > 0)]
    if not known.size:
        return -1, 0
    high = ceil(log10(known.max()))
    return min(max(floor(log10(known.min())), high - DEEPEST), high - 1), high
