"""How did an intervention change the predictions, and what did that cost? Bars under the text."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped, step_names
from viz.figures.bits import in_bits
from viz.figures.stack import Panel, stacked, title_of_blocks
from viz.locale import _
from viz.theme import ACCENT, LEAST_LOSS, axis_around_zero, axis_top, palette

MOST_BARS = 2_000  # beyond, a bar is the mean of several steps
HEIGHT = 110  # pixels of a panel
MARGINS = 60  # above and below all panels


def what_if_change(
    found: xr.Dataset,
    *,
    least: Sequence[float] = (),
    marked: int | None = None,
    cost_only: bool = False,
    height: int = HEIGHT,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """At each step how far the predictions moved; below, where the next value is known, how the loss changed.

    `found` is what `lstm_core.analysis.change` returns, or some of its steps. The divergence is drawn in bits and begins at 0;
    of values, there is a panel for each, in its own units. The cost is red where the altered model does worse, blue where
    it does better. What is NaN is a gap. No axis is shorter than `least`, of values a number for each: by default LEAST_LOSS,
    in own units any. With `cost_only`, the cost stands alone where it is known. `marked` is a step with a dotted line. Beyond MOST_BARS steps each bar is the mean of several,
    and the figure says so.
    """
    found = in_bits(found)
    block = -(-found.sizes["step"] // MOST_BARS)
    shown = found.isel(step=slice(None, None, block))
    names = step_names(shown)
    moves = _moves(found)
    shortest = list(least) or ([0.0] * len(moves) if "absolute" in found else [LEAST_LOSS])
    panels = [
        _moved(title, _means(values, block), names, shorter, height, dark=dark)
        for (title, values), shorter in zip(moves, shortest, strict=True)
    ]
    known = np.isnan([values for _title, values in moves]).any(axis=0) | found["cost"].notnull().to_numpy()
    cost = _means(found["cost"].to_numpy(), block, known)
    if np.isfinite(cost).any():
        unit = _("own units") if "absolute" in found else _("bits")
        costs = _costs(cost, names, unit, float(np.mean(shortest)), height, dark=dark)
        panels = [costs] if cost_only else [*panels, costs]
    column = None if marked is None else int((marked - int(found["step"][0])) // block)
    return stacked(
        panels,
        shown,
        width=width,
        dark=dark,
        top=30 if block == 1 else 48,
        ticks_above=len(panels) > 1,
        marked=column,
        layout={
            "bargap": 0.15,
            "hovermode": "closest",
            "title": title_of_blocks(_("Each bar is the mean of {count} steps"), block),
        },
    )


def _moves(found: xr.Dataset) -> list[tuple[str, np.ndarray]]:
    """Title and bars of each panel of what moved."""
    if "divergence" in found:
        return [(_("Change<br>KL (bits)"), found["divergence"].to_numpy())]
    moved = found["absolute"].transpose("feature", "step").to_numpy()
    if len(moved) == 1:
        return [(_("Change"), moved[0])]
    return [
        (_("Change of<br>{name}").format(name=escaped(_short(str(name)))), one)
        for name, one in zip(found["feature"].to_numpy(), moved, strict=True)
    ]


def _short(name: str, longest: int = 16) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _means(values: np.ndarray, block: int, known: np.ndarray | None = None) -> np.ndarray:
    """Means of blocks of steps over those that are `known`, all by default; NaN where none is, and where one of them is."""
    if block == 1:
        return values
    edges = np.arange(0, len(values), block)
    known = np.ones(len(values), dtype=bool) if known is None else known
    count = np.add.reduceat(known.astype(np.float64), edges)
    total = np.add.reduceat(np.where(known, values, 0), edges)
    return np.asarray(np.divide(total, count, out=np.full(len(edges), np.nan), where=count > 0))


def _moved(title: str, values: np.ndarray, names: list[str], least: float, height: int, *, dark: bool) -> Panel:
    hover = _("after {step}<br>change: {value}").format(step="%{x}", value="%{y:.4~g}")
    bars = _bars("change", values, names, [ACCENT[dark]] * len(names), hover)
    axis = {"nticks": 4, "range": [0, axis_top(values, least) or 1], "fixedrange": True}
    return Panel(height, title, [bars], axis)


def _costs(cost: np.ndarray, names: list[str], unit: str, least: float, height: int, *, dark: bool) -> Panel:
    worse, better = palette(dark).warm, palette(dark).cool
    colours = [worse if one > 0 else better for one in np.nan_to_num(cost)]
    hover = _("after {step}<br>change of the loss: {value} {unit}").format(step="%{x}", value="%{y:+.4~g}", unit=unit)
    low, high = axis_around_zero(cost, least)
    axis = {"nticks": 4, "fixedrange": True, "zeroline": True, "zerolinecolor": palette(dark).faint}
    axis["range"] = [low, high] if low < high else [-1, 1]
    return Panel(
        height,
        _("Cost<br>({unit})").format(unit=unit),
        [_bars("cost", cost, names, colours, hover)],
        axis,
        beside=_("above 0:<br>worse"),
    )


def _bars(name: str, values: np.ndarray, names: list[str], colours: list[str], hover: str) -> dict[str, object]:
    return {
        "type": "bar",
        "name": name,
        "meta": "pick",
        "x": names,
        "y": values,
        "marker": {"color": colours, "line": {"width": 0}},
        "hovertemplate": f"{hover}<extra></extra>",
    }
