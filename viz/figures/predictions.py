"""What did the model predict after each step? One panel, or a panel for each value, by the kind of model."""

from collections.abc import Sequence
from math import floor, log10
from textwrap import wrap

import numpy as np
import xarray as xr

from lstm_core import readouts
from lstm_core.readouts import LegalTokens, readout_type
from viz.figures.axes import are_characters, escaped, label_width
from viz.figures.stack import Panel
from viz.locale import _
from viz.theme import ACCENT, LEAST_BITS, MONO, axis_ends, axis_top, palette, probability_scale

SURPRISE, EXPECTED, LINES = 56, 96, 110  # pixels high
ROW = 18  # pixels: of a label or a token that has a row of its own
TEXT_STEPS = 110  # up to here an expected character fits its column

LONGEST_NAME = 11  # characters of a name beside its row
TITLE = 15  # characters of a line of a panel's title
FONT = 11


def surprise_panel(surprise: xr.DataArray, names: list[str], *, dark: bool) -> Panel:
    """A bar for each step. The axis starts at 0 and is never shorter than a bit, so a model that is sure has no bars."""
    bits = surprise.to_numpy()
    # The first step has none: 0. Where the model's own numbers are none, there is a gap.
    bars: dict[str, object] = {
        "type": "bar",
        "x": names,
        "y": np.where(np.isnan(bits) & (surprise["step"].to_numpy() == 0), 0, bits),
        "marker": {"color": ACCENT[dark], "line": {"width": 0}},
        "hovertemplate": f"%{{x}}<br>{_('surprisal {bits} bits').format(bits='%{y:.2f}')}<extra></extra>",
    }
    return Panel(
        SURPRISE,
        _("Surprisal<br>(bits)"),
        [bars],
        {"nticks": 3, "range": [0, axis_top(bits, LEAST_BITS)], "fixedrange": True},
    )


def expected_panel(expected: xr.Dataset, names: list[str], *, room: float, dark: bool) -> Panel:
    """Five rows of tokens, darker the likelier; the token that did come next is bold and in brackets.

    A word that is wider than its column, of `room` pixels, is left to the hover label.
    """
    labels, probability, came = (
        expected[name].transpose("rank", "step").to_numpy() for name in ("label", "probability", "came")
    )
    marked = [
        [f"<b>[{escaped(label)}]</b>" if hit else escaped(label) for label, hit in zip(line, hits, strict=True)]
        for line, hits in zip(labels.tolist(), came.tolist(), strict=True)
    ]
    characters = are_characters(set(labels.reshape(-1).tolist()))
    shown = [
        [
            text if characters or label_width(f"[{label}]", FONT) <= room else ""
            for label, text in zip(line, texts, strict=True)
        ]
        for line, texts in zip(labels.tolist(), marked, strict=True)
    ]
    legal = readout_type(expected) is LegalTokens
    hover = (
        _("after {step}<br>may come next: {label}, {probability}")
        if legal
        else _("after {step}<br>predicted next: {label}, {probability}")
    ).format(step="%{x}", label="%{customdata}", probability="%{z:.1%}")
    cells = {
        "type": "heatmap",
        "x": names,
        "y": [f"{rank}." for rank in expected["rank"].to_numpy()],
        "z": probability,
        "zmin": 0,
        "zmax": 1,
        "colorscale": probability_scale(dark=dark),
        "showscale": False,
        "text": shown,
        "customdata": marked,
        "texttemplate": "%{text}" if len(names) <= TEXT_STEPS or not characters else "",
        "textfont": {"family": MONO, "size": FONT},
        "hoverongaps": False,
        "hovertemplate": f"{hover}<extra></extra>",
    }
    title = _("May come<br>next") if legal else _("Likeliest<br>next")
    return Panel(EXPECTED, title, [cells], {"type": "category", "autorange": "reversed", "fixedrange": True})


def output_panels(prediction: xr.Dataset, names: list[str], *, least: Sequence[float] = (), dark: bool) -> list[Panel]:
    """A recording's `prediction`, by a model that predicts labels, legal tokens or values.

    A row for each label or token, its colour the probability from 0 to 1; or for each value a line in its own
    units, its axis at least as long as its number in `least`, and of a forecast the numbers that came. Empty for other models: see `expected_panel`.
    """
    match readout_type(prediction):
        case readouts.Labels:
            return [_rows(prediction, names, _("Predicted<br>label"), "%{y}: %{z:.1%}", dark=dark)]
        case readouts.LegalTokens:
            hover = _("{label} may come next: {probability}").format(label="%{y}", probability="%{z:.1%}")
            return [_rows(prediction, names, _("May come<br>next"), f"{hover}%{{text}}", dark=dark)]
        case readouts.Values:
            return [
                _lines(prediction, number, names, least=dict(enumerate(least)).get(number, 0.0), dark=dark)
                for number in range(prediction.sizes["feature"])
            ]
    return []


def _rows(prediction: xr.Dataset, names: list[str], title: str, hover: str, *, dark: bool) -> Panel:
    """A row for each class; a dot where that class did come next."""
    labels = [escaped(str(label)) for label in prediction["class"].to_numpy()]
    next_class = prediction["next_class"].to_numpy()
    came = np.full((len(labels), len(names)), "", dtype=object)
    steps = np.flatnonzero(next_class >= 0)
    came[next_class[steps], steps] = "<br>" + _("this one came")
    cells: dict[str, object] = {
        "type": "heatmap",
        "x": names,
        "y": labels,
        "z": prediction["probability"].transpose("class", "step").to_numpy(),
        "zmin": 0,
        "zmax": 1,
        "ygap": 1,
        "colorscale": probability_scale(dark=dark),
        "text": came.tolist(),
        "hoverongaps": False,
        "hovertemplate": f"{_('after {step}').format(step='%{x}')}<br>{hover}<extra></extra>",
        "colorbar": colour_bar(0, 1, dark=dark) | {"tickvals": [0, 1]},
    }
    dots: dict[str, object] = {
        "type": "scatter",
        "mode": "markers",
        "x": [names[step] for step in steps],
        "y": [labels[one] for one in next_class[steps]],
        "marker": {"size": 7, "color": palette(dark).paper, "line": {"width": 1.5, "color": palette(dark).ink}},
        "hoverinfo": "skip",
    }
    axis = {
        "type": "category",
        "autorange": "reversed",
        "fixedrange": True,
        "tickvals": labels,
        "ticktext": [escaped(_shortened(str(label))) for label in prediction["class"].to_numpy()],
        "tickfont": {"size": FONT, "color": palette(dark).ink},
        "title_standoff": 4,  # beside the labels, however long
        "showgrid": False,
    }
    return Panel(max(SURPRISE, ROW * len(labels)), title, [cells, dots] if len(steps) else [cells], axis)


def _lines(prediction: xr.Dataset, number: int, names: list[str], *, least: float, dark: bool) -> Panel:
    """One value after each step and, for a forecast, the number that came."""
    name = escaped(str(prediction["feature"].to_numpy()[number]))
    digits = _digits(*(prediction[key].isel(feature=number).to_numpy() for key in ("value", "came")))
    ahead = bool(prediction.attrs.get("ahead"))
    base = palette(dark)
    number_shown = f"%{{y:.{digits}~g}}"
    about_output = _("after {step}<br>{name}: forecast {value}") if ahead else _("after {step}<br>{name}: {value}")
    about_actual = _("after {step}<br>{name}: {value} came")
    output: dict[str, object] = {
        "type": "scatter",
        "mode": "lines+markers" if len(names) <= TEXT_STEPS else "lines",
        "x": names,
        "y": prediction["value"].isel(feature=number).to_numpy(),
        "line": {"color": base.ink, "width": 2},
        "marker": {"size": 4, "color": base.ink},
        "hovertemplate": f"{about_output.format(step='%{x}', name=name, value=number_shown)}<extra></extra>",
    }
    came: dict[str, object] = {
        "type": "scatter",
        "mode": "markers",
        "x": names,
        "y": prediction["came"].isel(feature=number).to_numpy(),
        "marker": {
            "size": 8 if len(names) <= TEXT_STEPS else 5,
            "symbol": "circle-open",
            "color": base.faint,
            "line": {"width": 1.5},
        },
        "hovertemplate": f"{about_actual.format(step='%{x}', name=name, value=number_shown)}<extra></extra>",
    }
    drawn = [output, came] if ahead else [output]
    axis: dict[str, object] = {
        "nticks": 4,
        "zeroline": False,
        "fixedrange": True,
        "range": _around(*drawn, least=least),
    }
    axis["title_standoff"] = 6
    beside = _("— forecast<br>○ came") if ahead else _("— output")
    lines = wrap(str(prediction["feature"].to_numpy()[number]), TITLE, max_lines=3, placeholder=" …")
    return Panel(LINES, "<br>".join(map(escaped, lines)), drawn, axis, beside=beside)


def _digits(*values: np.ndarray) -> int:
    """How many significant digits tell these numbers apart? At least 4; more for a series that varies little about a large mean."""
    known = np.concatenate(values)
    known = known[np.isfinite(known)]
    variation = float(np.ptp(known)) if known.size else 0.0
    if not variation:
        return 4
    return min(17, max(4, floor(log10(float(np.abs(known).max()))) - floor(log10(variation)) + 3))


def _around(*traces: dict[str, object], least: float) -> list[float]:
    """The range of an axis that holds these lines and is `least` long, with some room; -1 to 1 for no numbers at all."""
    values = np.concatenate([np.asarray(trace["y"], dtype=np.float64) for trace in traces])
    known = values[np.isfinite(values)]
    if not known.size:
        return [-1.0, 1.0]
    low, high = float(known.min()), float(known.max())
    if high - low < least:
        low, high = axis_ends(known, least)
    room = 0.12 * (high - low) or 0.05 * abs(high) or 1.0
    return [low - room, high + room]


def colour_bar(low: float, high: float, *, dark: bool) -> dict[str, object]:
    """The bar to the right of a panel of cells."""
    return {
        "x": 1.008,
        "xanchor": "left",
        "xpad": 0,
        "ypad": 4,
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": [low, (low + high) / 2, high],
        "tickfont": {"size": 11, "color": palette(dark).faint},
    }


def _shortened(name: str, longest: int = LONGEST_NAME) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
