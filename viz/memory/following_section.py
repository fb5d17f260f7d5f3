"""What do units follow? The last section of the Memory page."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
import xarray as xr

from lstm_core import Recording
from lstm_core.analysis import best_followers
from viz.browser.picker import Picked, picker
from viz.figures import followed, following
from viz.memory.cached import (
    MOST_SEARCHED,
    OWN,
    Search,
    last_steps,
    load_feature,
    load_features,
    load_following,
    waiting,
)
from viz.shared import state
from viz.shared.cached import UNTRAINED
from viz.shared.controls import Selection, Window, choose_signals, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.tables import Table, followers_table, trace_table
from viz.shared.wording import gaps_in_words, in_digits, plain
from viz.theme import SIGNAL

BEST = 10
TELLING = (  # what is shown first of what a text has: what takes memory to know
    "a's minus b's",
    "inside quotation marks",
    "inside brackets",
    "bracket depth",
    "day of the year",
    "far into the line",
    "letters of the word so far",
    "place in the sentence",
)


def show_following(
    recording: Recording, selection: Selection, other: str | None, window: Window, *, chosen: bool
) -> None:
    """Which units follow a feature that the reader chooses, held against chance and against the untrained twin `other`."""
    layer = recording.layers[selection.layer_name]
    st.subheader("What do units follow?", anchor=False)
    st.caption(
        "Choose something that can be said of every token of your text, or mark the tokens yourself: which unit knows it? All signals chosen here, of "
        "all units, are held against it. What can be read off the current token, such as a blank, units follow before any training too."
    )
    search = choose_search(selection, layer)
    if search is None:
        return
    found, before = searched(selection, search, other, values=len(search.signals) * layer["hidden"].size)
    if found is None:
        return
    best = best_followers(found, count=BEST)
    if best.empty:
        st.info("None of these units has numbers to compare: there is nothing to rank.")
        return
    used = last_steps(layer.sizes["step"], len(search.signals) * layer.sizes["unit"], MOST_SEARCHED)
    if used < layer.sizes["step"]:
        st.caption(
            f"Only the last {used:,} of {layer.sizes['step']:,} steps are searched: choose fewer signals for more."
        )
    where = "in this text" if used == layer.sizes["step"] else f"in the last {used:,} steps"
    show_best(found, best, before, selection, search, where=where)
    show_trace(layer, selection, search, found, best, window, chosen=chosen)


def choose_search(selection: Selection, layer: xr.Dataset) -> Search | None:
    """ "Feature", "Signals" and, where the reader marks the text, "Your own marking"; None where no signal is chosen."""
    features = load_features(selection)
    offered = [str(name) for name in features.data_vars]
    recurring = [name for name in offered if recurs(features[name].to_numpy())]
    usual = next((name for name in (*TELLING, *recurring) if name in recurring), offered[0] if offered else OWN)
    state.reset_unless("feature", (*offered, OWN), default=usual)
    left, right = st.columns([3, 8])
    with left:
        feature = state.widget(st.selectbox, "feature", "Feature", [*offered, OWN])
    with right:
        signals = choose_signals("signals", layer)
    marks = ""
    if feature == OWN:
        groups = layer["group"].to_numpy()
        tokens = int(np.count_nonzero(np.diff(groups))) + 1
        marks = state.widget(
            st.text_area,
            "marks",
            OWN,
            height=100,
            placeholder="0010011…",
            help=f"A 0 or a 1 for each of the {tokens:,} tokens, in their order. Blanks and line ends between them do not count.",
        )
        if not marks.strip():
            st.info(f"Type a 1 for every token that has what you look for and a 0 for every other: {tokens:,} in all.")
            return None
    if not signals:
        st.info("Choose at least one signal above to search in.")
        return None
    return Search(tuple(signals), feature, marks)


def recurs(values: np.ndarray) -> bool:
    """Does a feature come often enough that a unit could be seen to follow it: does it leave its lowest value thrice?"""
    low = values == values.min()
    return int(np.count_nonzero(low[:-1] & ~low[1:])) >= 3


def searched(
    selection: Selection, search: Search, other: str | None, *, values: int
) -> tuple[xr.Dataset | None, float | None]:
    """What was found in the model, and the best score in its twin; None after a sentence that says why there is nothing."""
    with waiting("Searching all units, and the shuffled text …", values):
        try:
            found = load_following(selection, search)
            before = None if other is None else load_following(replace(selection, model_name=other), search)
        except ValueError as error:
            st.warning("With this nothing can be searched for:")
            st.text(str(error))
            return None, None
    scores = np.array([]) if before is None else before["score"].to_numpy()
    known = scores[np.isfinite(scores)]
    return found, float(known.max()) if known.size else None


def show_best(
    found: xr.Dataset, best: pd.DataFrame, before: float | None, selection: Selection, search: Search, *, where: str
) -> None:
    """The ranking, and in words what it comes to; `where` was searched."""
    trained = not selection.model_name.endswith(UNTRAINED)
    draw = partial(following, best, untrained=before if trained else None, dark=is_dark())
    show(draw(), key="following", alt=f"The units that follow “{search.feature}” best, and how far chance reaches")
    st.caption(
        f"{verdict(best.iloc[0], before if trained else None, where=where)} Faint bars are no better than chance: the best of all these signals and units when the "
        f"feature is shuffled, {found.attrs['shuffles']} times. {measure_in_words(best)} Click a bar to choose its unit.{gaps_in_words(found['score'])}"
    )
    rows = [(int(unit), str(signal)) for unit, signal in zip(best["unit"], best["signal"], strict=True)]

    def take(picked: Picked) -> None:
        unit, signal = rows[picked.row]
        state.set_value("unit", unit)
        state.set_value("traced", signal)

    picker("following", row=None, column=None, version=str(hash((selection, search, tuple(rows)))), on_pick=take)
    about = "feature, signal, unit, score, sign, correlation, auc, chance, beyond_chance; all that was searched, the best first"
    figure_downloads("Followers", draw, key="following", table=Table(partial(followers_table, found), about))


def verdict(first: pd.Series, before: float | None, *, where: str) -> str:
    """Does the best unit follow the feature, and did it learn to? `before` is the best score of the untrained model."""
    if not first["beyond_chance"]:
        return f"**No unit follows it beyond chance** {where}."
    moves = "higher" if first["sign"] > 0 else "lower"
    said = f"**Unit {first['unit']} follows it beyond chance** {where}: its {SIGNAL[first['signal']].title.lower()} is {moves} with it"
    if before is None:
        return f"{said}."
    if before < first["score"]:
        return f"{said}, and no unit did so well before training."
    return f"{said}. But a unit did so before training, too: this was not learnt."


def measure_in_words(best: pd.DataFrame) -> str:
    if best["auc"].isna().all():
        return "The feature is a number, so the measure is the size of its correlation with the signal: 1 is a straight line, 0 is none."
    return (
        "AUC: of two tokens, one that has the feature and one that has not, how often is the signal higher (or lower) at the first? 1 is "
        "always, 0.5 is a coin."
    )


def show_trace(
    layer: xr.Dataset,
    selection: Selection,
    search: Search,
    found: xr.Dataset,
    best: pd.DataFrame,
    window: Window,
    *,
    chosen: bool,
) -> None:
    """The signal of the chosen unit, or else of the best, and the feature behind it."""
    unit = selection.unit if chosen else int(best["unit"].iloc[0])
    signal = traced(found, unit)
    pair = [
        layer[signal].isel(step=window.steps).sel(unit=unit),
        load_feature(selection, search).isel(step=window.steps),
    ]
    draw = partial(followed, *pair, selected=selection.step, dark=is_dark())
    show(draw(), key="followed", alt=f"The {signal} of unit {unit} over the text, and the feature")
    own = found.sel(unit=unit, signal=signal).isel(feature=0)
    binary = bool(own["binary"])
    st.caption(
        f"The {SIGNAL[signal].title.lower()} of unit {unit}, {'AUC' if binary else '|correlation|'} {in_digits(own['score'].item(), '.3f')}; "
        f"{'shaded where the text has' if binary else 'above it'} “{plain(search.feature)}”."
        f"{gaps_in_words(pair[0], across='step')}"
    )
    table = Table(partial(trace_table, *pair), "step, token, unit, signal, value, feature, feature_value")
    figure_downloads("Trace", draw, key="followed", table=table)


def traced(found: xr.Dataset, unit: int) -> str:
    """Which signal of a unit is drawn: the one that was clicked, else the one that follows best."""
    signals = [str(name) for name in found["signal"].to_numpy()]
    state.reset_unless("traced", signals)
    score = np.nan_to_num(found["score"].sel(unit=unit).isel(feature=0).to_numpy(), nan=-1)
    return st.session_state["traced"] or signals[int(score.argmax())]
