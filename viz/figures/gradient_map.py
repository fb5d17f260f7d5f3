"""Where is the gradient large? Its size at every step of every unit."""

from collections.abc import Sequence
from math import ceil, floor, log10

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import step_names
from viz.figures.blocks import block_length
from viz.figures.gaps import with_gaps
from viz.figures.predictions import colour_bar
from viz.figures.stack import Panel, stacked, title_of_blocks
from viz.locale import N_, _
from viz.theme import LEAST_GRADIENT, magnitude_scale, palette, rounded_up

MAX_CELLS = 600_000  # beyond, columns are the largest of several steps
SPANS = 2  # powers of ten: beyond, colours are logarithmic
DEEPEST = 8  # powers of ten below the largest: what is smaller has the colour of nothing
PERCENTILE = 2  # of the values above zero: where the colours begin
ROWS = {  # what a row is called, by the dimension, and the panel's second line
    "unit": (N_("unit {number}"), N_("units")),
    "feature": (N_("feature {number}"), N_("features")),
    "projection": (N_("projection {number}"), N_("projections")),
}


def gradient_map(
    part: xr.DataArray,
    *,
    signal: str,
    symbol: str,
    order: Sequence[int] | None = None,
    least: float = LEAST_GRADIENT,
    target: int | None = None,
    selected: tuple[int, int] | None = None,
    row_height: int = 300,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """A row for each unit (in `order`) or feature, a column for each step, darker the larger |dL/d`symbol`|.

    `part` is (step, unit) or (step, feature), a part of what `lstm_core.analysis.gradients` returns. Where it
    spans more than SPANS powers of ten, colours follow the logarithm, down to DEEPEST below the largest, and the colour
    bar's title says so; where even the largest is below `least`, they run from 0 to that. Hover labels have the number
    with its sign; what is NaN or infinite is a gap. A line marks the `target` step,
    for pictures that are not live another the step of `selected` = (step, row). Beyond MAX_CELLS numbers, columns are
    the largest of several steps, and the title says so.
    """
    across = str(next(name for name in part.dims if name != "step"))
    whole = part.transpose(across, "step")
    rows = [int(one) for one in order] if order is not None else list(range(part.sizes[across]))
    length = block_length(part.rename({across: "unit"}).to_dataset(name="gradient"), heatmaps=1, most=MAX_CELLS)
    values = with_gaps(_furthest(whole.to_numpy()[rows], length))
    shown = part.isel(step=slice(None, None, length)).drop_vars([across], errors="ignore").to_dataset(name="gradient")
    names = step_names(shown)
    sizes, low, high, ticks = coloured(np.abs(values), least)
    row, plural = (_(text).format(number="%{y}") for text in ROWS.get(across, ROWS["unit"]))
    cells = {
        "type": "heatmap",
        "x": names,
        "y": [str(row) for row in rows],
        "z": sizes,
        "zmin": low,
        "zmax": high,
        "customdata": values,
        "colorscale": magnitude_scale(signal, dark=dark),
        "name": signal,
        "hovertemplate": f"{row}<br>%{{x}}<br>dL/d{symbol} = %{{customdata:.3g}}<extra></extra>",
        "colorbar": colour_bar(low, high, dark=dark) | {"len": 1 - 6 / row_height, "lenmode": "fraction", **ticks},
    }
    axis: dict[str, object] = {"type": "category", "autorange": "reversed", "nticks": 8}
    panel = Panel(row_height, f"<b>|dL/d{symbol}|</b><br>{plural}", [cells], axis)
    columns = (part["step"].to_numpy().tolist(), length)
    layout: dict[str, object] = {
        "hovermode": "closest",
        "title": title_of_blocks(_("Each column is the largest of {count} steps"), length),
    }
    layout |= _marks(target, selected, columns, dark=dark)
    return stacked([panel], shown, width=width, dark=dark, top=34 if length == 1 else 52, layout=layout)


def coloured(sizes: np.ndarray, least: float = LEAST_GRADIENT) -> tuple[np.ndarray, float, float, dict[str, object]]:
    """Numbers to colour by, their range, and the colour bar's ticks: sizes, or beyond SPANS decades their logarithms."""
    known = sizes[np.isfinite(sizes) & (sizes > 0)]
    largest = float(known.max()) if known.size else 0.0
    if not is_logarithmic(sizes, least):
        return sizes.astype(np.float32), 0.0, rounded_up(max(largest, least)), {"tickformat": ".2~g"}
    low, high = floor(log10(_smallest(known))), ceil(log10(largest))
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log10(sizes.astype(np.float64)), low)  # nothing has the colour of the smallest; NaN stays
    powers = list(range(low, high + 1, max(1, (high - low) // 4)))
    ticks: dict[str, object] = {"tickvals": powers, "ticktext": [f"10<sup>{power}</sup>" for power in powers]}
    return logs.astype(np.float32), float(low), float(high), ticks | {"title": {"text": _("log"), "font": {"size": 11}}}


def is_logarithmic(sizes: np.ndarray, least: float = LEAST_GRADIENT) -> bool:
    """Do these span more than SPANS powers of ten, the largest of them not below `least`?"""
    known = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not known.size or known.max() < least:
        return False
    return log10(float(known.max()) / _smallest(known)) > SPANS


def _smallest(known: np.ndarray) -> float:
    """Where the colours begin."""
    return max(float(np.percentile(known.astype(np.float64), PERCENTILE)), float(known.max()) * 10.0**-DEEPEST)


def _furthest(values: np.ndarray, length: int) -> np.ndarray:
    """The number furthest from 0 in each block of `length` steps, with its sign, as (row, block)."""
    if length == 1:
        return values
    edges = np.arange(0, values.shape[1], length)
    high, low = (one.reduceat(values, edges, axis=1) for one in (np.maximum, np.minimum))
    return np.where(high >= -low, high, low)


def _marks(
    target: int | None, selected: tuple[int, int] | None, columns: tuple[list[int], int], *, dark: bool
) -> dict[str, object]:
    """Lines at the target's step, named, and at the chosen one."""
    base, (steps, length) = palette(dark), columns
    shapes, notes = [], []
    for step, name, dash in ((target, _("target"), "solid"), (selected[0] if selected else None, "", "dot")):
        if step is None or step not in steps:
            continue
        column = steps.index(step) // length
        line = {"color": base.mark, "width": 1.5 if name else 1, "dash": dash}
        shapes.append(
            {"type": "line", "x0": column, "x1": column, "y0": 0, "y1": 1, "xref": "x", "yref": "paper", "line": line}
        )
        if name:
            place = {"x": column, "y": 1, "xref": "x", "yref": "paper", "xanchor": "center", "yanchor": "bottom"}
            notes.append({"text": name, "showarrow": False, "font": {"size": 12, "color": base.ink}, **place})
    return {"shapes": shapes, "annotations": notes}
