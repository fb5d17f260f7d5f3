"""Which units follow a feature of the text best, and how well would one by chance?"""

import pandas as pd
import plotly.graph_objects as go

from viz.figures.axes import escaped
from viz.figures.template import template
from viz.theme import ACCENT, SIGNAL, palette

ROW = 26  # pixels a bar
TOP, BOTTOM = 60, 46
NOTE = 14  # pixels high: names of lines stand above each other, as the lines may be near


def following(best: pd.DataFrame, *, untrained: float | None = None, dark: bool = False) -> go.Figure:
    """A bar for each row of `best`, the best at the top, in its signal's colour; a line where chance reaches.

    `best` is what `lstm_core.analysis.best_followers` returns of one feature, or of features of one kind. A bar of a 0/1 feature is an
    AUC, from 0.5, which says nothing, to 1; of any other feature |correlation|, from 0 to 1. Bars that do not exceed chance are pale.
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
    signals = [escaped(str(signal)) for signal in best["signal"]]
    names = [
        f"{place}. {signal}, unit {unit}"
        for place, (signal, unit) in enumerate(zip(signals, best["unit"], strict=True), 1)
    ]
    features = [escaped(str(feature)) for feature in best["feature"]]
    moves = ["higher" if sign > 0 else "lower" for sign in best["sign"].tolist()]
    said = zip(features, moves, best["correlation"], best["score"], best["chance"], strict=True)
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
        "text": [f"{score:.3f}" for score in best["score"]],
        "textposition": "inside",
        "customdata": [list(row) for row in said],
        "hovertemplate": "%{y}: %{customdata[1]} with “%{customdata[0]}”<br>"
        f"{'AUC' if with_auc else '|correlation|'} %{{customdata[3]:.4f}}, by chance %{{customdata[4]:.4f}}<br>"
        "correlation %{customdata[2]:+.4f}<extra></extra>",
        "showlegend": False,
    }
    lines = [("chance", float(best["chance"].max()), "dash", base.ink)]
    if untrained is not None:
        lines.append(("untrained", untrained, "dot", base.faint))
    title = "AUC (0.5 says nothing)" if with_auc else "|correlation|"
    height = TOP + BOTTOM + ROW * len(names)
    return go.Figure({"data": [bars], "layout": _layout(lines, (low, 1.0), title, height, dark=dark)})


def _layout(
    lines: list[tuple[str, float, str, str]],
    ends: tuple[float, float],
    title: str,
    height: int,
    *,
    dark: bool,
) -> dict[str, object]:
    """`lines` are vertical ones, each with its name, place, dash and colour."""
    shapes = [
        {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": ink, "dash": dash}}
        for _, at, dash, ink in lines
    ]
    middle = sum(ends) / 2
    notes = [
        {
            "text": f"{name} {at:.3f}",
            "x": at,
            "y": 1,
            "yref": "paper",
            "xanchor": "right" if at > middle else "left",
            "yanchor": "bottom",
            "yshift": NOTE * row,
            "showarrow": False,
            "font": {"size": 11, "color": ink},
        }
        for row, (name, at, _, ink) in enumerate(lines)
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
