"""All units of a layer as rows that sort and filter."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lstm_core import ModelConfig
from viz.locale import _
from viz.shared import state
from viz.shared.unit_lines import line_in_words
from viz.shared.wording import step_nouns
from viz.theme import signal_of

KEY = "units_grid"
FOUND = "units_found"  # in the session: are only units with a finding shown?
SATURATED = 2  # digits of a share


def choose_found(cards: Sequence[Mapping[str, Any]]) -> bool:
    """All units, or only those with a finding?"""
    found = sum(not card["line"]["nothing"] for card in cards)
    titles = {
        "all": _("all {count}").format(count=len(cards)),
        "found": _("with a finding: {count}").format(count=found),
    }
    chosen = st.segmented_control(
        _("Units"),
        list(titles),
        default="all",
        required=True,
        key=FOUND,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
    )
    return chosen == "found"


def show_grid(cards: Sequence[Mapping[str, Any]], config: ModelConfig) -> None:
    """The table; a click on any cell of a row opens its unit."""
    rows = _table(cards, config)
    shown = rows.drop(columns=[name for name in rows.columns.astype(str) if name.startswith("_")])
    st.dataframe(
        shown,
        key=KEY,
        hide_index=True,
        height=525,
        row_height=30,
        on_select=lambda: _open(rows["_unit"].tolist()),
        selection_mode="single-cell",
        column_config=_columns(shown, config, cards),
    )


def _open(units: list[int]) -> None:
    """The reader clicked a cell: open the unit of its row."""
    cells = st.session_state[KEY]["selection"]["cells"]
    if cells and cells[0][0] < len(units):
        state.set_value("unit", units[cells[0][0]])


def _table(cards: Sequence[Mapping[str, Any]], config: ModelConfig) -> pd.DataFrame:
    """A row a unit, those with the strongest finding first; columns that begin with "_" are not shown."""
    tokens = step_nouns(config.encoder)
    rows = []
    for card in cards:
        own = card["line"].get("follows") or {}
        strength = 0.0 if not own else 2 * own["score"] - 1 if own["binary"] else own["score"]
        best = (card["following"] or {}).get("follows") or {}
        rows.append(
            {
                "unit": card["unit"],
                "does": line_in_words(card["line"], tokens, scored=False),
                "score": best.get("score"),
                "curve": (card["curve"] or {}).get("value"),
                "half_life": (card["timescale"] or {}).get("half_life"),
                "deviation": _memory(card).get("deviation"),
                **{f"saturated {name}": _share(one) for name, one in card["histograms"].items() if _is_gate(one)},
                "cost": (card["knock_out"] or {}).get("cost"),
                "learnt": card["learnt_at"],
                "_unit": card["unit"],
                "_strength": max(strength, 0.0 if card["line"]["nothing"] else 0.01),
            }
        )
    table = pd.DataFrame(rows).sort_values(["_strength", "unit"], ascending=[False, True], kind="stable")
    return table.dropna(axis="columns", how="all").reset_index(drop=True)


def _memory(card: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = card["histograms"].get("cell") or card["histograms"].get("hidden") or {}
    return found


def _is_gate(histogram: Mapping[str, Any]) -> bool:
    return histogram["below"] is not None


def _share(histogram: Mapping[str, Any]) -> float:
    return float(100 * (histogram["below"] + histogram["above"]))


def _columns(shown: pd.DataFrame, config: ModelConfig, cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The heading, meaning and format of each column."""
    cell_type, tokens = config.cell(cards[0]["layer"]).type, step_nouns(config.encoder)
    column, number = st.column_config, st.column_config.NumberColumn
    known: dict[str, Any] = {
        "unit": number(_("Unit"), width=60, pinned=True),
        "does": column.TextColumn(_("What it does"), width=420, help=_("Click to see the evidence.")),
        "score": number(
            _("Score"), width=70, format="%.3f",
            help=_("How well it follows what it follows best, on the half of the text that it was not chosen by: AUC, or correlation."),
        ),
        "curve": column.LineChartColumn(_("At its highest"), width=130),
        "half_life": number(
            _("Half-life"), width=80, format="%.1f",
            help=_("After how many {tokens} half of its memory is left, by its forget gate.").format(tokens=tokens),
        ),
        "deviation": number(_("Varies by"), width=80, format="%.2f", help=_("Standard deviation of the memory.")),
        "cost": number(
            _("Cost"), width=90, format="%.4f",
            help=_("How much worse the model predicts held-out text when the unit is silenced."),
        ),
        "learnt": number(
            _("Learnt by"), width=85, format="%d", help=_("The training step from which on it has half of its score.")
        ),
    }  # fmt: skip
    for name in map(str, shown):
        if name.startswith("saturated "):
            signal = signal_of(name.removeprefix("saturated "), cell_type)
            help_ = _("{gate}: share of steps at which it is below 0.1 or above 0.9").format(gate=signal.title)
            heading = _("{symbol} saturated").format(symbol=signal.symbol)
            known[name] = column.ProgressColumn(
                heading, help=help_, format="%d %%", min_value=0, max_value=100, width=105
            )
    return {name: known[name] for name in map(str, shown)}
