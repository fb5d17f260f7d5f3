"""Which tokens wrote what the memory holds? The parts of a ledger over the tokens that wrote them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.axes import escaped, step_names
from viz.figures.blocks import block_length
from viz.figures.cell_letters import on_cells
from viz.figures.enlarged import as_wide
from viz.figures.gaps import with_gaps
from viz.figures.predictions import colour_bar
from viz.figures.stack import LEFT, RIGHT, Panel, place_colour_bars, stacked
from viz.locale import _, ngettext
from viz.theme import MONO, cell_reach, difference_scale

MAX_CELLS = 600_000  # beyond, columns are sums over several steps
STRIP = 34  # pixels high
WIDEST = 14.0  # pixels a step, below which tokens are left to the axis
PERCENTILE = 99.5  # of |contribution|: most have been forgotten, and the few that were not must not all be alike


def ledger(
    found: xr.Dataset,
    *,
    unit: int,
    order: Sequence[int],
    tokens: tuple[str, str] | None = None,
    row_height: int = 260,
    width: int = 1200,
    dark: bool = False,
) -> go.Figure:
    """Above, the tokens, coloured by their contribution to `unit` now; below, the same for all units, in rows.

    `found` is what `lstm_core.analysis.ledger` returns, drawn in the order of the text, up to (or from) the step it is of;
    rows are in `order`. `tokens` is what one and several steps are called, ("token", "tokens") by default. Both scales are symmetric around 0, each its own: the strip's reaches the unit's largest
    contribution, and the rows' scale the 99.5th percentile of all, rounded up. What is NaN or infinite is a gap. The title says what
    the parts sum to, if they do. Beyond
    MAX_CELLS numbers, columns are sums over as many steps as bring the figure below, and the title says so.
    """
    found = found.sortby("step")
    names_of_steps = tokens or (_("token"), _("tokens"))
    with np.errstate(invalid="ignore"):  # infinite parts
        total = found["contribution"].sel(unit=unit).sum(skipna=False).item()
    initial = found["initial"].sel(unit=unit).item()
    length = block_length(found, heatmaps=1, most=MAX_CELLS)
    shown = _sums(found, length)
    names = step_names(shown)
    own = shown["contribution"].sel(unit=unit).to_numpy()
    whole = shown["contribution"].sel(unit=list(order)).transpose("unit", "step").to_numpy()
    strip_text = [escaped(str(token)) for token in shown["token"].to_numpy()]
    roomy = (as_wide(width) - LEFT - RIGHT) / len(names) >= WIDEST and max(map(len, strip_text)) <= 2
    reach = contribution_reach(own, 100)
    levels = (own[None] / reach + 1) / 2
    strip = contribution_cells(names, [_("unit {unit}").format(unit=unit)], own[None], reach, dark=dark) | {
        "text": on_cells([strip_text], levels, difference_scale(dark=dark), dark=dark),
        "texttemplate": "%{text}" if roomy and length == 1 else "",
        "textfont": {"family": MONO, "size": 13},
        "name": "strip",
    }
    rows = contribution_cells(
        names, [str(one) for one in order], whole, contribution_reach(whole, PERCENTILE), dark=dark
    ) | {"name": "units"}
    axis: dict[str, object] = {"type": "category", "autorange": "reversed", "nticks": 6}
    title = _("<b>What each {token}'s<br>contribution is now</b>")
    panels = [
        Panel(STRIP, "", [strip], {**axis, "fixedrange": True}),
        Panel(row_height, title.format(token=names_of_steps[0]), [rows], axis),
    ]
    place_colour_bars(panels)
    for trace in (strip, rows):
        trace["colorbar"] |= {"ypad": 0}
    low, _middle, high = strip["colorbar"]["tickvals"]  # no room for three numbers
    strip["colorbar"] |= {"tickvals": [low, high], "tickfont": {"size": 9}}
    return stacked(
        panels,
        shown,
        width=width,
        dark=dark,
        top=38 if length == 1 else 56,
        layout={"hovermode": "closest", "title": _title(found, unit, (initial, total), length, names_of_steps)},
    )


def contribution_cells(
    names: list[str], rows: list[str], values: np.ndarray, reach: float, *, dark: bool
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": names,
        "y": rows,
        "z": with_gaps(values.astype(np.float32)),
        "zmin": -reach,
        "zmax": reach,
        "colorscale": difference_scale(dark=dark),
        "colorbar": colour_bar(-reach, reach, dark=dark),
        "hovertemplate": f"%{{x}}<br>%{{y}}<br>{_('contribution now: {value}').format(value='%{z:+.4f}')}<extra></extra>",
    }


def contribution_reach(values: np.ndarray, percentile: float) -> float:
    known = np.abs(values[np.isfinite(values)])
    return cell_reach(float(np.percentile(known, percentile))) if known.size else 1.0


def _sums(found: xr.Dataset, length: int) -> xr.Dataset:
    """Contributions over blocks of `length` steps, named by their first: parts of one sum may be summed."""
    if length == 1:
        return found
    edges = np.arange(0, found.sizes["step"], length)
    first = found.isel(step=edges)
    with np.errstate(invalid="ignore"):
        sums = np.add.reduceat(found["contribution"].transpose("step", "unit").to_numpy(), edges)
    return first.assign(contribution=(("step", "unit"), sums))


def _title(
    found: xr.Dataset, unit: int, parts: tuple[float, float], length: int, tokens: tuple[str, str]
) -> dict[str, object]:
    count, (initial, total) = found.sizes["step"], parts
    text = _("Memory of unit {unit} after step {step}: not a number, because some parts are NaN or infinite")
    if np.isfinite(initial + total):
        text = ngettext(
            "Memory of unit {unit} after step {step}: {sum} = {shown} from the {token} shown {before} from earlier ones",
            "Memory of unit {unit} after step {step}: {sum} = {shown} from the {count} {tokens} shown {before} from earlier ones",
            count,
        )
    text = text.format(
        unit=unit,
        step=int(found.attrs["of_step"]),
        sum=_signed(initial + total),
        shown=_signed(total),
        before=_signed(initial, " "),
        count=f"{count:,}",
        token=tokens[0],
        tokens=tokens[1],
    )
    if length > 1:
        text += "<br>" + _("Each column is the sum of {count} steps").format(count=length)
    return {
        "text": text,
        "font": {"size": 13},
        "x": 0.01,
        "y": 1,
        "yanchor": "top",
        "pad": {"t": 8},
        "yref": "container",
    }


def _signed(value: float, gap: str = "") -> str:
    return f"{'−' if value < 0 else '+'}{gap}{abs(value):.4f}"
