"""Which units track a feature of the text best, compared with chance?"""

import pandas as pd
import plotly.graph_objects as go

from viz.figures.axes import escaped
from viz.figures.plotly_template import template
from viz.figures.specification import figure
from viz.locale import _
from viz.theme import ACCENT, SIGNAL, palette

ROW = 26  # pixels a bar
TOP, BOTTOM = 60, 46
NOTE = 14  # pixels high: names of lines stand above each other, as the lines may be near


def following(best: pd.DataFrame, *, untrained: float | None = None, dark: bool = False) -> go.Figure:
    """A bar for each row of `best`, the best at the top, in its signal's colour, and a line at the level of chance.

    `best` is what `lstm_core.analysis.best_followers` returns of one feature, or of features of one kind. A bar of a 0/1 feature is an
    AUC, from 0.5, which is chance, to 1; of any other feature |correlation|, from 0 to 1. Bars that do not exceed chance are pale.
    `untrained` is the best score of the untrained model, a second line. Raises ValueError where there is no row, or AUC and
    correlation would share one axis.
    """
    kinds = best["auc"].isna().nunique()
    if kinds != 1:
        raise ValueError(
            "there is nothing to draw: no unit was found"
            if not kinds
            else "an AUC and a correlation have no axis in common: draw one feature at a time"
        )
    base = palette(dark)
    with_auc = bool(best["auc"].notna().all())
    low = 0.5 if with_auc else 0.0
    names = [
        _("{place}. {signal}, unit {unit}").format(place=place, signal=_title_of(str(signal)), unit=unit)
        for place, (signal, unit) in enumerate(zip(best["signal"], best["unit"], strict=True), 1)
    ]
    features = [escaped(str(feature)) for feature in best["feature"]]
    moves = [
        (_("higher with “{feature}”") if sign > 0 else _("lower with “{feature}”")).format(feature=feature)
        for feature, sign in zip(features, best["sign"].tolist(), strict=True)
    ]
    hover_values = zip(features, moves, best["correlation"], best["score"], best["chance"], strict=True)
    score = _("AUC {score}, by chance {chance}") if with_auc else _("|correlation| {score}, by chance {chance}")
    score = score.format(score="%{customdata[3]:.4f}", chance="%{customdata[4]:.4f}")
    correlation = _("correlation {value}").format(value="%{customdata[2]:+.4f}")
    bars = {
        "type": "bar",
        "orientation": "h",
        "meta": "pick",
        "y": names,
        "x": (best["score"] - low).to_numpy(),
        "base": low,
        "marker": {
            "color": [SIGNAL[one].colour if one in SIGNAL else ACCENT[dark] for one in best["signal"]],
            "opacity": [1.0 if beyond else 0.35 for beyond in best["beyond_chance"]],
        },
        "text": [f"{value:.3f}" for value in best["score"]],
        "textposition": "inside",
        "customdata": [list(row) for row in hover_values],
        "hovertemplate": f"%{{y}}: %{{customdata[1]}}<br>{score}<br>{correlation}<extra></extra>",
        "showlegend": False,
    }
    lines = [(_("chance {score}"), float(best["chance"].max()), "dash", base.ink)]
    if untrained is not None:
        lines.append((_("untrained {score}"), untrained, "dot", base.faint))
    title = _("AUC (0.5 = chance)") if with_auc else _("|correlation|")
    height = TOP + BOTTOM + ROW * len(names)
    return figure([bars], _layout(lines, (low, 1.0), title, height, dark=dark))


def _title_of(signal: str) -> str:
    """What the signal is called within a sentence; escaped."""
    return escaped(_(SIGNAL[signal].title).lower() if signal in SIGNAL else signal)


def _layout(
    lines: list[tuple[str, float, str, str]],
    ends: tuple[float, float],
    title: str,
    height: int,
    *,
    dark: bool,
) -> dict[str, object]:
    """`lines` are vertical, each with its name (with a place for its score), place, dash and colour."""
    shapes = [
        {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": ink, "dash": dash}}
        for _name, at, dash, ink in lines
    ]
    middle = sum(ends) / 2
    notes = [
        {
            "text": name.format(score=f"{at:.3f}"),
            "x": at,
            "y": 1,
            "yref": "paper",
            "xanchor": "right" if at > middle else "left",
            "yanchor": "bottom",
            "yshift": NOTE * row,
            "showarrow": False,
            "font": {"size": 11, "color": ink},
        }
        for row, (name, at, _dash, ink) in enumerate(lines)
    ]
    return {
        "template": template(dark=dark),
        "height": height,
        "margin": {"t": TOP, "b": BOTTOM, "l": 150, "r": 24},
        "bargap": 0.3,
        "hovermode": "closest",
        "shapes": shapes,
        "annotations": notes,
        "xaxis": {"range": list(ends), "title": {"text": title}, "zeroline": False},
        "yaxis": {"type": "category", "autorange": "reversed", "automargin": True, "showgrid": False},
    }
