"""How long does each unit remember? Its half-life by the gate, and as measured."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.figures.stack import heading
from viz.locale import _
from viz.theme import SIGNAL, palette

SHORTEST = 0.05  # steps: half-lives below are drawn there
BINS = 24
SPLIT = 0.74  # of the width: where the ranked units end and the distribution begins
FEW = 10  # up to here every whole number has a tick; Plotly would put some between them


def timescale(found: xr.Dataset, *, chosen: int | None = None, height: int = 380, dark: bool = False) -> go.Figure:
    """Left, the units from the longest to the shortest half-life, with the quartiles over the text and the measured decay.

    Right, how many units have which half-life. `found` is what `lstm_core.analysis.timescale` returns; the axis of
    steps is logarithmic and shared. Half-lives longer than ten times the text, or infinite, are drawn at the axis' upper
    end, which says so; below a twentieth of a step at its lower end. `chosen` is a unit to be marked.
    """
    ranked = found.sortby("rank")
    steps = int(found.attrs["steps"])
    place = ranked["rank"].to_numpy()
    lower, _median, upper = (
        within(line, steps) for line in ranked["quartiles"].transpose("quartile", "unit").to_numpy()
    )
    computed, measured = (within(ranked[name].to_numpy(), steps) for name in ("half_life", "measured"))
    hover_values = np.stack(
        [ranked["unit"].to_numpy(), ranked["half_life"].to_numpy(), ranked["measured"].to_numpy()], axis=1
    )
    counts = [_counts(values, steps) for values in (computed, measured)]
    base, ink = palette(dark), SIGNAL["forget"].colour
    data = [
        _bars(place, lower, upper, base.grid),
        _points(place, computed, hover_values, _("by the gate"), {"color": ink, "size": 6}),
        _points(place, measured, hover_values, _("measured"), {"color": base.ink, "size": 7, "symbol": "circle-open"}),
        _distribution(counts[0], steps, ink, _("by the gate")),
        _distribution(counts[1], steps, base.ink, _("measured")),
    ]
    axes = {
        "xaxis": {**_counting(_("rank"), len(place), 0, SPLIT - 0.02), "zeroline": False},
        "xaxis2": {**_counting(_("units"), int(np.max(counts)), SPLIT, 1), "rangemode": "tozero"},
    }
    notes = _headings(base.ink)
    if chosen is not None:
        at = int(np.flatnonzero(hover_values[:, 0] == chosen)[0])
        data.append(_ring(place[at], computed[at], base.ink))
        if not np.isnan(computed[at]):
            notes.append(_called(chosen, place[at], computed[at], within=(len(place), steps), dark=dark))
    return figure(data, {**_layout(steps, height, dark=dark), **axes, "annotations": notes})


def within(values: np.ndarray, steps: int) -> np.ndarray:
    """Half-lives where `half_life_axis` draws them; NaN stays, and is not drawn."""
    return np.asarray(np.clip(values, SHORTEST, _longest(steps)))


def _longest(steps: int) -> float:
    return 10.0 * max(2, steps)


def half_life_axis(steps: int) -> dict[str, object]:
    """A logarithmic axis of half-lives for a text of `steps` steps, from 0 to longer than the text."""
    longest = _longest(steps)
    ticks = [float(10**power) for power in range(-1, 9) if SHORTEST < 10**power < steps / 2]
    names = [f"{tick:,.4g}" if tick < 1e4 else f"{tick:,.0f}" for tick in ticks]
    room = 0.06 * (np.log10(longest) - np.log10(SHORTEST))
    return {
        "type": "log",
        "range": [np.log10(SHORTEST) - room, np.log10(longest) + room],
        "tickvals": [SHORTEST, *ticks, steps, longest],
        "ticktext": ["0", *names, _("the text"), _("longer")],
    }


def _points(
    place: np.ndarray, values: np.ndarray, hover_values: np.ndarray, name: str, marker: dict[str, object]
) -> dict[str, object]:
    hover = _(
        "unit {unit}, rank {rank}<br>half-life by the gate {half_life} steps<br>measured {measured} steps"
    ).format(unit="%{customdata[0]}", rank="%{x}", half_life="%{customdata[1]:.4~g}", measured="%{customdata[2]:.4~g}")
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "pick",
        "name": name,
        "legendgroup": name,
        "x": place,
        "y": values,
        "customdata": hover_values,
        "marker": marker,
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _bars(place: np.ndarray, lower: np.ndarray, upper: np.ndarray, colour: str) -> dict[str, object]:
    """A line from the lower to the upper quartile of each unit."""
    gaps = np.full(len(place), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _("middle 50 % of its steps"),
        "x": np.stack([place, place, gaps], axis=1).reshape(-1),
        "y": np.stack([lower, upper, gaps], axis=1).reshape(-1),
        "line": {"color": colour, "width": 3},
        "hoverinfo": "skip",
    }


def _edges(steps: int) -> np.ndarray:
    return np.geomspace(SHORTEST, _longest(steps), BINS + 1)


def _counts(values: np.ndarray, steps: int) -> np.ndarray:
    """How many half-lives are in each bin? (BINS,)."""
    edges = _edges(steps)
    edges[0], edges[-1] = 0, np.inf  # values clipped to the ends belong there, however rounded
    return np.histogram(values[~np.isnan(values)], bins=edges)[0]


def _distribution(counts: np.ndarray, steps: int, colour: str, name: str) -> dict[str, object]:
    hover = _("{count} units near {half_life} steps").format(count="%{x}", half_life="%{y:.3~g}")
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "legendgroup": name,
        "showlegend": False,
        "x": np.append(counts, counts[-1]),
        "y": _edges(steps),
        "line": {"shape": "vh", "color": colour, "width": 1.6},
        "xaxis": "x2",
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _ring(place: float, value: float, colour: str) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place],
        "y": [value],
        "marker": {"size": 14, "symbol": "circle-open", "color": colour, "line": {"width": 2}},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _called(unit: int, rank: int, value: float, *, within: tuple[int, int], dark: bool) -> dict[str, object]:
    """The unit's name at some distance from its point, on a background, since other points are all around.

    It stands further into the panel, of so many units and steps as `within` says.
    """
    units, steps = within
    base = palette(dark)
    return {
        "text": _("unit {unit}").format(unit=unit),
        "x": rank,
        "y": np.log10(value),
        "ax": 40 if rank <= 0.8 * units else -40,
        "ay": 44 if value > steps else -44,
        "font": {"color": base.ink},
        "bgcolor": base.paper,
        "borderpad": 2,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": base.ink,
        "standoff": 8,
    }


def _headings(ink: str) -> list[dict[str, object]]:
    titles = [(_("Units by half-life"), SPLIT / 2 - 0.01), (_("Distribution"), (1 + SPLIT) / 2)]
    return [heading(text, middle, above=6, size=13, colour=ink) for text, middle in titles]


def _counting(title: str, most: int, start: float, end: float) -> dict[str, object]:
    """An axis that counts up to `most`, over a share of the width; none of its ticks is between two whole numbers."""
    ticks = {"tick0": 0, "dtick": 1} if most <= FEW else {}
    return {"domain": [start, end], "title": {"text": title}, "anchor": "y", **ticks}


def _layout(steps: int, height: int, *, dark: bool) -> dict[str, object]:
    line = {"color": palette(dark).faint, "width": 1, "dash": "dot"}
    return {
        "template": template(dark=dark),
        "height": height,
        "margin": {"t": 76, "b": 52, "l": 84, "r": 20},
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.08, "yanchor": "bottom"},
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": steps, "y1": steps, "line": line}],
        "yaxis": {**half_life_axis(steps), "title": {"text": _("half-life (timesteps)")}},
    }
