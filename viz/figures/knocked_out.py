"""Which units does the model need? A bar for each, by how much worse the model is without it."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.bits import in_bits
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.locale import _
from viz.theme import ACCENT, LEAST_LOSS, SIGNAL, axis_around_zero, palette

NAMED = 40  # units that have their number on the axis
NOTED = 8  # chosen units that have a note


def ranked(effect: xr.Dataset) -> list[int]:
    """The units from the most needed to the least: by `saved` or, where no loss is known, by `changed`; NaN last."""
    values = effect[measure(effect)].to_numpy()
    order = np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")
    return [int(unit) for unit in effect["unit"].to_numpy()[order]]


def measure(effect: xr.Dataset) -> str:
    """Which of its variables are the units ranked by?"""
    return "changed" if bool(effect["saved"].isnull().all()) else "saved"


def knocked_out(
    effect: xr.Dataset,
    *,
    unit_of_loss: str = "bits",
    least: float = LEAST_LOSS,
    chosen: Sequence[int] = (),
    height: int = 300,
    dark: bool = False,
) -> go.Figure:
    """The loss that each unit saves, the most first; units below 0 do harm. The `chosen` units are coloured and named.

    `effect` comes from the last `lstm_core.analysis.KnockedOut`, and is drawn in bits. Where it knows of no loss, as with labels, the bars are
    how far the predictions change without the unit. A unit whose number is NaN has no bar, and comes last.
    """
    effect = in_bits(effect)
    by, order = measure(effect), ranked(effect)
    sorted_ = effect.sel(unit=order)
    values = sorted_[by].to_numpy()
    names = [str(unit) for unit in order]
    picked = [unit for unit in order if unit in set(chosen)]
    colour = SIGNAL["cell"].colour
    hover = (
        _("unit {unit}, rank {rank}<br>loss saved: {value} {unit_of_loss}<br>change of the predictions: {change}")
        if by == "saved"
        else _("unit {unit}, rank {rank}<br>change of the predictions: {value} {unit_of_loss}")
    ).format(
        unit="%{x}",
        rank="%{customdata[1]}",
        value="%{y:.4~g}",
        unit_of_loss=unit_of_loss,
        change="%{customdata[0]:.4~g}",
    )
    bars = {
        "type": "bar",
        "name": "units",
        "meta": "pick",
        "x": names,
        "y": values,
        "customdata": np.stack([sorted_["changed"].to_numpy(), np.arange(1, len(order) + 1)], axis=1),
        "marker": {
            "color": [colour if unit in set(picked) else ACCENT[dark] for unit in order],
            "line": {"width": 0},
        },
        "hovertemplate": f"{hover}<extra></extra>",
    }
    notes = [
        {
            "x": order.index(unit),  # a name that is a number would be taken for a place
            "y": max(0.0, float(np.nan_to_num(sorted_[by].sel(unit=unit).item(), posinf=0))),
            "text": _("unit {unit}").format(unit=unit),
            "font": {"size": 11, "color": palette(dark).ink},
            "arrowcolor": palette(dark).faint,
            "ax": 24,
            "ay": -22,
        }
        for unit in picked[:NOTED]
    ]
    title = _("loss saved ({unit_of_loss})") if by == "saved" else _("change of the predictions ({unit_of_loss})")
    title = title.format(unit_of_loss=unit_of_loss)
    low, high = axis_around_zero(values, least)
    ends = [low, high] if low < high else [-1.0, 1.0]
    return figure([bars], _layout(names, title, notes, ends, height, dark=dark))


def _layout(
    names: list[str], title: str, notes: list[dict[str, object]], ends: list[float], height: int, *, dark: bool
) -> dict[str, object]:
    return {
        "template": template(dark=dark),
        "height": height,
        "margin": {"t": 34, "b": 52, "l": 84, "r": 30},
        "bargap": 0.15,
        "hovermode": "closest",
        "annotations": notes,
        "xaxis": {
            "type": "category",
            "title": {"text": _("unit, the most needed first")},
            "showticklabels": len(names) <= NAMED,
            "tickangle": 0,
            "range": [-0.6, len(names) - 0.4],
            "showgrid": False,
        },
        "yaxis": {
            "title": {"text": title},
            "range": ends,
            "zeroline": True,
            "zerolinecolor": palette(dark).faint,
            "nticks": 5,
        },
    }
