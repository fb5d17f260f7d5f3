"""On which tokens does a prediction depend? The tokens, coloured by their weight, above what remains of the gradient there."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import are_characters, escaped, step_names
from viz.figures.cell_letters import on_cells
from viz.figures.decays import Curve, curve_line, powers_shown
from viz.figures.enlarged import as_wide
from viz.figures.gaps import with_gaps
from viz.figures.predictions import colour_bar
from viz.figures.stack import (
    LEFT,
    RIGHT,
    Panel,
    domain,
    inner_height,
    legend_below,
    place_colour_bars,
    stacked,
    title_of_blocks,
)
from viz.locale import _
from viz.theme import MONO, magnitude_scale, palette

ROW = 34  # pixels: the tokens, as one network weighs them; a single row is twice as high
MOST_COLUMNS = 2_000  # beyond, a column stands for several steps
LETTER = 10.0  # pixels of a column in which a character has room


def weighed(
    importances: Mapping[str, xr.DataArray],
    curves: Sequence[Curve] = (),
    *,
    least: float = 0.0,
    target: int | None = None,
    height: int = 280,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """A row of tokens for each of `importances`, by the title of its network; below, in the same columns, `curves`.

    Each of `importances` is over the same steps, as `lstm_core.analysis.importance` returns it; the colour is the share of the
    row's largest, or of `least` if all are smaller. `curves` are drawn as fractions of their `unity` on a logarithmic axis, as
    in `decays`, at their steps rather than at distances. A line marks the `target` step. What is NaN is a gap.
    Beyond MOST_COLUMNS steps a column has the largest weight of several steps, and the title says so.
    """
    whole = next(iter(importances.values()))
    length = -(-whole.sizes["step"] // MOST_COLUMNS)
    shown = whole.isel(step=slice(None, None, length)).to_dataset(name="importance")
    names, steps = step_names(shown), shown["step"].to_numpy().tolist()
    sizes = {network: _largest(one.to_numpy(), length) for network, one in importances.items()}
    panels = [_tokens(sizes, shown, names, least, (as_wide(width) - LEFT - RIGHT) / len(names), dark=dark)]
    if curves:
        panels.append(_remaining(curves, steps, names, height, dark=dark))
    place_colour_bars(panels)
    legend, room = legend_below(panels)
    layout: dict[str, object] = {
        "hovermode": "closest",
        "showlegend": len(curves) > 1,
        "legend": legend,
        "title": title_of_blocks(_("Each column is the largest of {count} steps"), length),
        **_mark(target, steps, length, panels, dark=dark),
    }
    bottom, top = room if len(curves) > 1 else 30, 26 if length == 1 else 44
    return stacked(panels, shown, width=width, dark=dark, top=top, bottom=bottom, layout=layout)


def _largest(values: np.ndarray, length: int) -> np.ndarray:
    """The largest of each block of so many steps; NaN where one of them is no number."""
    return with_gaps(np.maximum.reduceat(values, np.arange(0, len(values), length)))


def _tokens(
    found: Mapping[str, np.ndarray], shown: xr.Dataset, names: list[str], least: float, room: float, *, dark: bool
) -> Panel:
    """A row of cells for each network, with the tokens in them where they have room."""
    sizes = np.array(list(found.values()))
    largest = np.array([max(float(np.nanmax(row, initial=0.0)), least) or 1.0 for row in sizes])
    labels = [str(token) for token in shown["token"].to_numpy()]
    fits = are_characters(labels) and room >= LETTER
    stops = magnitude_scale("cell", dark=dark)
    cells = {
        "type": "heatmap",
        "x": names,
        "y": list(found),
        "z": (sizes / largest[:, None]).astype(np.float32),
        "zmin": 0,
        "zmax": 1,
        "ygap": 3,
        "customdata": sizes,
        "colorscale": stops,
        "name": "importance",
        "hovertemplate": _("{step}<br>{network}: ‖dL/dx‖ = {value}, {share} of its largest").format(
            step="%{x}", network="%{y}", value="%{customdata:.3g}", share="%{z:.3~p}"
        )
        + "<extra></extra>",
        "colorbar": {**colour_bar(0, 1, dark=dark), "tickvals": [0, 1]},
    }
    if fits:
        letters = [escaped(label) if len(label) == 1 else "" for label in labels]
        written = on_cells([letters] * len(sizes), sizes / largest[:, None], stops, dark=dark)
        cells |= {"text": written, "texttemplate": "%{text}"}
        cells["textfont"] = {"family": MONO, "size": int(np.clip(room * 0.8, 9, 17))}
    axis = {"type": "category", "autorange": "reversed", "fixedrange": True, "showgrid": False}
    return Panel(ROW * max(2, len(sizes)), _("<b>Importance</b>"), [cells], axis)


def _remaining(curves: Sequence[Curve], steps: list[int], names: list[str], height: int, *, dark: bool) -> Panel:
    at = {step: column for column, step in enumerate(steps)}
    lines = []
    for curve in curves:
        line = curve_line(curve, shares=True, dark=dark)
        kept = sorted(
            (at[int(step)], number) for number, step in enumerate(curve.norm["step"].to_numpy()) if int(step) in at
        )
        columns, numbers = [column for column, _number in kept], [number for _column, number in kept]
        line["x"] = [names[column] for column in columns]
        line["y"] = line["y"][numbers]
        line["customdata"] = [line["customdata"][number] for number in numbers]
        lines.append(line)
    axis: dict[str, Any] = powers_shown([line["y"] for line in lines])
    return Panel(height, _("Fraction remaining<br>(1 at the target)"), lines, axis)


def _mark(
    target: int | None, steps: list[int], length: int, panels: Sequence[Panel], *, dark: bool
) -> dict[str, object]:
    """A line at the target's step in the last panel, with its name."""
    if target is None or not steps[0] <= target < steps[-1] + length:
        return {}
    column, base = (target - steps[0]) // length, palette(dark)
    drawn = {"type": "line", "x0": column, "x1": column, "y0": 0, "xref": "x", "yref": "paper"}
    drawn["y1"] = domain(panels, len(panels), inner_height(panels))[1]
    note = {
        "text": _("target"),
        "showarrow": False,
        "font": {"size": 12, "color": base.ink},
        "x": column,
        "y": 0,
        "xref": "x",
    }
    place = {"yref": "paper", "xanchor": "left" if column < len(steps) / 2 else "right", "yanchor": "bottom"}
    return {"shapes": [{**drawn, "line": {"color": base.mark, "width": 1.5}}], "annotations": [{**note, **place}]}
