"""How long does each unit remember? Its half-life by the gate, and as measured."""

import numpy as np
import plotly.graph_objects as go
import xarray as xr

from viz.figures.stack import heading
from viz.theme import SIGNAL, palette, template

SHORTEST = 0.05  # steps: half-lives below are drawn there
BINS = 24
SPLIT = 0.74  # of the width: where the ranked units end and the distribution begins


def timescale(found: xr.Dataset, *, chosen: int | None = None, height: int = 380, dark: bool = False) -> go.Figure:
    """Left, the units from the longest to the shortest half-life, with the quartiles over the text and the measured decay.

    Right, how many units have which half-life. `found` is what `lstm_core.analysis.timescale` returns; the axis of
    steps is logarithmic and shared. What is longer than ten times the text, or infinite, stands at the axis' upper end,
    which says so; what is below a twentieth of a step at its lower end. `chosen` is a unit to be marked.
    """
    ranked = found.sortby("rank")
    longest = 10.0 * max(2, int(found.attrs["steps"]))
    place = ranked["rank"].to_numpy()
    lower, _, upper = (_within(line, longest) for line in ranked["quartiles"].transpose("quartile", "unit").to_numpy())
    computed, measured = (_within(ranked[name].to_numpy(), longest) for name in ("half_life", "measured"))
    said = np.stack([ranked["unit"].to_numpy(), ranked["half_life"].to_numpy(), ranked["measured"].to_numpy()], axis=1)
    base, ink = palette(dark), SIGNAL["forget"].colour
    data = [
        _bars(place, lower, upper, base.grid),
        _points(place, computed, said, "by the gate", {"color": ink, "size": 6}),
        _points(place, measured, said, "measured", {"color": base.ink, "size": 7, "symbol": "circle-open"}),
        _distribution(computed, longest, ink, "by the gate"),
        _distribution(measured, longest, base.ink, "measured"),
    ]
    if chosen is not None:
        at = int(np.flatnonzero(said[:, 0] == chosen)[0])
        data.append(_ring(place[at], computed[at], chosen, base.ink))
    return go.Figure({"data": data, "layout": _layout(longest, int(found.attrs["steps"]), height, dark=dark)})


def _within(values: np.ndarray, longest: float) -> np.ndarray:
    return np.asarray(np.clip(values, SHORTEST, longest))  # NaN stays, and is not drawn


def _points(
    place: np.ndarray, values: np.ndarray, said: np.ndarray, name: str, marker: dict[str, object]
) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "pick",
        "name": name,
        "legendgroup": name,
        "x": place,
        "y": values,
        "customdata": said,
        "marker": marker,
        "hovertemplate": "unit %{customdata[0]}, rank %{x}<br>half-life by the gate %{customdata[1]:.4~g} steps<br>"
        "measured %{customdata[2]:.4~g} steps<extra></extra>",
    }


def _bars(place: np.ndarray, lower: np.ndarray, upper: np.ndarray, colour: str) -> dict[str, object]:
    """A line from the lower to the upper quartile of each unit."""
    gaps = np.full(len(place), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "middle half of its steps",
        "x": np.stack([place, place, gaps], axis=1).reshape(-1),
        "y": np.stack([lower, upper, gaps], axis=1).reshape(-1),
        "line": {"color": colour, "width": 3},
        "hoverinfo": "skip",
    }


def _distribution(values: np.ndarray, longest: float, colour: str, name: str) -> dict[str, object]:
    edges = np.geomspace(SHORTEST, longest, BINS + 1)
    edges[0], edges[-1] = 0, np.inf  # what was moved to the ends belongs to them, however rounded
    counts, _ = np.histogram(values[~np.isnan(values)], bins=edges)
    whole = np.geomspace(SHORTEST, longest, BINS + 1)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "legendgroup": name,
        "showlegend": False,
        "x": np.append(counts, counts[-1]),
        "y": whole,
        "line": {"shape": "vh", "color": colour, "width": 1.6},
        "xaxis": "x2",
        "hovertemplate": "%{x} units near %{y:.3~g} steps<extra></extra>",
    }


def _ring(place: float, value: float, unit: int, colour: str) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [place],
        "y": [value],
        "text": [f"unit {unit}"],
        "textposition": "top right",
        "textfont": {"color": colour},
        "marker": {"size": 14, "symbol": "circle-open", "color": colour, "line": {"width": 2}},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _layout(longest: float, steps: int, height: int, *, dark: bool) -> dict[str, object]:
    ticks = [float(10**power) for power in range(-1, 9) if SHORTEST < 10**power < steps / 2]
    names = [f"{tick:,.4g}" if tick < 1e4 else f"{tick:,.0f}" for tick in ticks]
    ink = palette(dark).ink
    titles = [("Units by half-life", SPLIT / 2 - 0.01), ("How many", (1 + SPLIT) / 2)]
    room = 0.06 * (np.log10(longest) - np.log10(SHORTEST))
    line = {"color": palette(dark).faint, "width": 1, "dash": "dot"}
    return {
        "template": template(dark=dark),
        "height": height,
        "margin": {"t": 76, "b": 52, "l": 84, "r": 20},
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.08, "yanchor": "bottom"},
        "annotations": [heading(text, middle, above=6, size=13, colour=ink) for text, middle in titles],
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": steps, "y1": steps, "line": line}],
        "xaxis": {"domain": [0, SPLIT - 0.02], "title": {"text": "rank"}, "anchor": "y", "zeroline": False},
        "xaxis2": {"domain": [SPLIT, 1], "title": {"text": "units"}, "anchor": "y", "rangemode": "tozero"},
        "yaxis": {
            "type": "log",
            "range": [np.log10(SHORTEST) - room, np.log10(longest) + room],
            "tickvals": [SHORTEST, *ticks, steps, longest],
            "ticktext": ["0", *names, "the text", "longer"],
            "title": {"text": "half-life (steps)"},
        },
    }
