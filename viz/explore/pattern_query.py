"""Find this pattern: which steps are marked, and which units are looked for."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import streamlit as st
import xarray as xr

from lstm_core.corpus import Condition, Query, fitting_query
from lstm_core.corpus.query import WHEN
from viz.explore.live import mark, range_of
from viz.explore.pattern_link import parsed, written
from viz.locale import N_, _
from viz.shared import state
from viz.theme import cell_type_of, signal_of

ENDS: dict[str, tuple[str, tuple[bool, bool] | None]] = {
    "": (N_("as most units fit"), None),
    "both": (N_("off just before and just after"), (True, True)),
    "before": (N_("off just before"), (True, False)),
    "after": (N_("off just after"), (False, True)),
    "neither": (N_("on or off"), (False, False)),
}
CONDITIONS = {"above": N_("above"), "below": N_("below"), "rising": N_("rising"), "falling": N_("falling")}
LONGEST = 40  # steps of the span that is marked until the reader marks one
SHORTEST = 4
TABLE = "pattern_table"  # in the session: what its table is of, and the rows that it began with


def marked_span(layer: xr.Dataset, unit: int, signal: str) -> tuple[int, int]:
    """The marked steps. Until there are some: those at which the unit stays above its mean the longest, within limits."""
    steps = layer.sizes["step"]
    span = range_of(st.session_state["span"])
    if span is not None and span[0] < steps:
        return span[0], min(span[1], steps)
    values = layer[signal].sel(unit=unit).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], values > np.nanmean(values), [0]]).astype(int)))
    runs = [(int(start), int(stop)) for start, stop in pairwise(edges) if values[start] > np.nanmean(values)]
    fitting = [one for one in runs if SHORTEST <= one[1] - one[0] <= LONGEST]
    within = [one for one in fitting if one[0] > 0 and one[1] < steps]  # it is known when the unit was off
    return max(within or fitting, key=lambda one: one[1] - one[0], default=(0, min(SHORTEST, steps)))


def choose_span(steps: int, span: tuple[int, int], tokens: str) -> None:
    """ "Marked steps": two handles, for fingers and for whoever does not use the picture."""
    st.session_state["pattern-span"] = (span[0] + 1, span[1])
    st.slider(
        _("Marked steps"),
        1,
        steps,
        key="pattern-span",
        on_change=_take_span,
        help=_(
            "Or mark {tokens} in the picture: hold Shift and drag, or hold Shift and press the arrow keys left and right."
        ).format(tokens=tokens),
    )


def _take_span() -> None:
    first, last = st.session_state["pattern-span"]
    mark(f"{first - 1}-{last}")


def choose_signal(names: Sequence[str], layer: xr.Dataset) -> str:
    """ "Signal": of which units are above or below the threshold."""
    state.reset_unless("pattern_signal", names, default=names[0])
    cell_type = cell_type_of(layer)
    return str(
        state.widget(
            st.selectbox,
            "pattern_signal",
            _("Signal"),
            names,
            format_func=lambda name: f"{signal_of(name, cell_type).title} {signal_of(name, cell_type).symbol}",
            on_change=_forget,
            args=("pattern_threshold",),
        )
    )


def choose_threshold(used: float | None) -> None:
    """ "Threshold": None for the one that fits most units."""
    shown = _("best: {threshold}").format(threshold=f"{used:g}") if used is not None else _("best")
    about = _(
        "A unit is on where its value is above this, or below minus this. Left empty, it is the value at which most units switch "
        "on and off with the marked steps."
    )
    state.widget(
        st.number_input,
        "pattern_threshold",
        _("Threshold"),
        placeholder=shown,
        help=about,
        format="%g",
        on_change=_forget,
    )


def choose_ends() -> None:
    """ "Outside the marked steps": whether the units are off just before and just after."""
    state.widget(
        st.selectbox,
        "pattern_ends",
        _("Outside the marked steps"),
        list(ENDS),
        format_func=lambda name: _(ENDS[name][0]),
        on_change=_forget,
    )


def _forget(*others: str) -> None:
    """The units are again those that fit the marked steps."""
    for key in ("pattern", *others):
        state.set_value(key, state.PARAMETERS[key].default)


def fitting(layer: xr.Dataset, span: tuple[int, int], signal: str, thresholds: Sequence[float]) -> Query | None:
    """The units that fit the marked steps; None where none does."""
    state.reset_unless("pattern_threshold")
    state.reset_unless("pattern_ends")
    asked = st.session_state["pattern_threshold"]
    off = ENDS[st.session_state["pattern_ends"]][1]
    # Where all values are small beside those of the longer text, their signs are left.
    for among in [[float(asked)]] if asked is not None else [list(thresholds), [0.0]]:
        with suppress(ValueError):  # no unit is on throughout
            return fitting_query(layer, *span, signal=signal, thresholds=among, off=off)
    return None


def edited(usual: Query | None, layer: xr.Dataset, span: tuple[int, int], signals: Sequence[str]) -> Query | None:
    """The table of units, where the reader drops, adds and changes them; None where none is left."""
    units = layer.sizes["unit"]
    own = () if usual is None else usual.conditions
    identity = (span, written(own), st.session_state["pattern_ends"], units)
    before = st.session_state.get(TABLE)
    key = f"pattern-units {hash(identity)}"
    if before is None or before[0] != identity or key not in st.session_state:
        asked = parsed(st.session_state["pattern"], signals, units)
        before = st.session_state[TABLE] = (identity, _table(asked or own))
    rows = _editor(before[1], key, layer, signals)
    chosen = parsed(",".join(rows), signals, units)
    st.session_state["pattern"] = "" if written(chosen) == written(own) else written(chosen)
    if not chosen:
        return None
    ends = ENDS[st.session_state["pattern_ends"]][1] or (True, True)
    query = usual or Query(chosen, span[1] - span[0], *ends)
    return replace(query, conditions=chosen)


def _table(conditions: Sequence[Condition]) -> pd.DataFrame:
    columns = {
        "unit": [one.unit for one in conditions],
        "signal": [one.signal for one in conditions],
        "when": [one.when for one in conditions],
        "threshold": [float(f"{one.threshold:g}") for one in conditions],
    }
    return pd.DataFrame(columns).astype({"unit": "int64", "signal": str, "when": str, "threshold": float})


def _editor(table: pd.DataFrame, key: str, layer: xr.Dataset, signals: Sequence[str]) -> list[str]:
    """What stands in the table, a line each as a link has it. Lines that are not filled in yet are left out."""
    column, cell_type, units = st.column_config, cell_type_of(layer), layer.sizes["unit"]
    shown = st.data_editor(
        table,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        height=min(38 + 35 * (len(table) + 1), 180),
        column_config={
            "unit": column.NumberColumn(_("Unit"), min_value=0, max_value=units - 1, step=1, required=True),
            "signal": column.SelectboxColumn(
                _("Signal"),
                options=list(signals),
                format_func=lambda name: signal_of(str(name), cell_type).title,
                default=signals[0],
                required=True,
            ),
            "when": column.SelectboxColumn(
                _("is"),
                options=list(WHEN),
                format_func=lambda name: _(CONDITIONS[str(name)]),
                default="above",
                required=True,
            ),
            "threshold": column.NumberColumn(_("Threshold"), default=0.0, format="%g"),
        },
    )
    filled = shown.dropna()
    return [
        f"{unit:.0f} {signal} {when} {threshold:g}"
        for unit, signal, when, threshold in filled[["unit", "signal", "when", "threshold"]].to_numpy().tolist()
    ]
