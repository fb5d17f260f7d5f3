"""What do units track? The last tab of the Memory page."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
import xarray as xr

from lstm_core import Recording
from lstm_core.analysis import best_followers
from viz.figures import followed, following
from viz.locale import N_, _, ngettext
from viz.memory.cached import (
    MOST_SEARCHED,
    Search,
    last_steps,
    load_feature,
    load_features,
    load_following,
    waiting,
)
from viz.memory.marking import fitted, mark_tokens, tokens_of
from viz.memory.wording import measure_in_words, names_of_steps, verdict
from viz.shared import state
from viz.shared.clicks import set_by_click
from viz.shared.controls import Selection, Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.features import OWN, feature_title, recurs
from viz.shared.layer_controls import choose_signals
from viz.shared.model_facts import UNTRAINED
from viz.shared.tables import Table, followers_table, trace_table
from viz.shared.wording import apart, gaps_in_words, in_digits, plain
from viz.theme import SIGNAL

BEST = 10
TELLING = (  # features that only memory can tell; the first that a text has is selected
    N_("a's minus b's"),
    N_("inside quotation marks"),
    N_("inside brackets"),
    N_("bracket depth"),
    N_("day of the year"),
    N_("far into the line"),
    N_("letters of the word so far"),
    N_("place in the sentence"),
)


def show_following(
    recording: Recording, selection: Selection, other: str | None, window: Window, *, chosen: bool
) -> None:
    """Which units track a feature that the reader chooses, compared with chance and with `other`, the model before training."""
    layer = recording.layers[selection.layer_name]
    names = names_of_steps(selection)
    st.caption(
        _(
            "Pick a property of the {tokens}, or mark {tokens} yourself, and see which units track it. Every selected signal of every "
            "unit is compared with it. Units track what the current {token} shows, such as a space, even before training."
        ).format(**names)
    )
    search = choose_search(selection, layer, window)
    if search is None:
        return
    found, before = searched(selection, search, other, values=len(search.signals) * layer["hidden"].size)
    if found is None:
        return
    best = best_followers(found, count=BEST)
    if best.empty:
        st.info(_("No unit has numbers to compare, so there is nothing to rank."))
        return
    used = last_steps(layer.sizes["step"], len(search.signals) * layer.sizes["unit"], MOST_SEARCHED)
    if used < layer.sizes["step"]:
        st.caption(
            _("Only the last {used} of {steps} steps are searched. Choose fewer signals to search more.").format(
                used=f"{used:,}", steps=f"{layer.sizes['step']:,}"
            )
        )
    part = ngettext("in the last step", "in the last {count} steps", used).format(count=f"{used:,}")
    where = _("in this text") if used == layer.sizes["step"] else part
    show_best(found, best, before, selection, search, where=where)
    show_trace(layer, selection, search, found, best, window, chosen=chosen)


def choose_search(selection: Selection, layer: xr.Dataset, window: Window) -> Search | None:
    """ "Feature", "Signals" and, where the reader marks the text, "Your own marking"; None where no signal is chosen."""
    features = load_features(selection)
    offered = [str(name) for name in features.data_vars]
    recurring = [name for name in offered if recurs(features[name].to_numpy())]
    usual = next((name for name in (*TELLING, *recurring) if name in recurring), offered[0] if offered else OWN)
    state.reset_unless("feature", (*offered, OWN), default=usual)
    left, right = st.columns([3, 8])
    with left:
        feature = state.widget(
            st.selectbox, "feature", _("Feature"), [*offered, OWN], format_func=lambda name: feature_title(str(name))
        )
    with right:
        signals = choose_signals("signals", layer)
    marks = ""
    if feature == OWN:
        marks = choose_marks(selection, layer, window)
        if not marks.strip():
            sentence = _("Mark every {token} that has what you look for: click it, or drag over several.")
            st.info(sentence.format(**names_of_steps(selection)))
            return None
    if not signals:
        st.info(_("Choose at least one signal above to search in."))
        return None
    return Search(tuple(signals), feature, marks)


def choose_marks(selection: Selection, layer: xr.Dataset, window: Window) -> str:
    """ "Your own marking": tokens that are clicked, of the part of the text that is shown; or all of them as zeros and ones."""
    tokens, number = tokens_of(layer)
    named = {"count": f"{len(tokens):,}", **names_of_steps(selection)}
    mark_tokens(
        tokens,
        fitted(st.session_state["marks"], len(tokens)),
        shown=slice(int(number[window.start]), int(number[window.stop - 1]) + 1),
        apart=apart(selection.model.config.encoder),
        title=feature_title(OWN),
        on_change=lambda marks: state.set_value("marks", marks if "1" in marks else ""),
    )
    with st.popover(_("As zeros and ones")):
        return str(
            state.widget(
                st.text_area,
                "marks",
                feature_title(OWN),
                height=100,
                placeholder="0010011…",
                help=ngettext(
                    "One 0 or 1 for the only {token}. Spaces and line breaks are ignored.",
                    "One 0 or 1 for each of the {count} {tokens}, in order. Spaces and line breaks between them are ignored.",
                    len(tokens),
                ).format(**named),
            )
        )


def searched(
    selection: Selection, search: Search, other: str | None, *, values: int
) -> tuple[xr.Dataset | None, float | None]:
    """What was found in the model, and the best score in `other`, the model before training; None after a sentence that says why nothing was."""
    with waiting(_("Searching all units and the shuffled text …"), values):
        try:
            found = load_following(selection, search)
            before = None if other is None else load_following(replace(selection, model_name=other), search)
        except ValueError as error:
            st.warning(_("This cannot be searched for:"))
            st.text(str(error))
            return None, None
    scores = np.array([]) if before is None else before["score"].to_numpy()
    known = scores[np.isfinite(scores)]
    return found, float(known.max()) if known.size else None


def show_best(
    found: xr.Dataset, best: pd.DataFrame, before: float | None, selection: Selection, search: Search, *, where: str
) -> None:
    """The ranking and what it shows, in words; `where` names the part of the text that was searched."""
    trained = not selection.model_name.endswith(UNTRAINED)
    title = feature_title(search.feature)
    draw = partial(following, best.assign(feature=title), untrained=before if trained else None, dark=is_dark())
    alt = _("The units that track “{feature}” best, and the level of chance").format(feature=title)
    show(draw, key="following", alt=alt)
    faint = _(
        "Faint bars may be luck: no better than the best unit on shuffled labels ({shuffles} shuffles). Click a bar to choose its unit."
    ).format(shuffles=found.attrs["shuffles"])
    names = names_of_steps(selection)
    st.caption(
        f"{verdict(best.iloc[0], before if trained else None, where=where)} {measure_in_words(best, names)} {faint}"
        f"{gaps_in_words(found['score'])}"
    )
    rows = [(int(unit), str(signal)) for unit, signal in zip(best["unit"], best["signal"], strict=True)]
    set_by_click(
        "following",
        lambda picked: dict(zip(("unit", "traced"), rows[picked.row], strict=True)),
        shown=(selection, search, tuple(rows)),
    )
    about = _("{columns}; everything that was searched, the best first").format(
        columns="`feature`, `signal`, `unit`, `score`, `sign`, `correlation`, `auc`, `chance`, `beyond_chance`"
    )
    figure_downloads(_("Followers"), draw, key="following", table=Table(partial(followers_table, found), about))


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
    """The signal of the chosen unit, or else of the best, and the feature."""
    unit = selection.unit if chosen else int(best["unit"].iloc[0])
    signal = traced(found, unit)
    pair = [
        layer[signal].isel(step=window.steps).sel(unit=unit),
        load_feature(selection, search).isel(step=window.steps),
    ]
    named = pair[1].rename(feature_title(str(pair[1].name)))
    draw = partial(followed, pair[0], named, selected=selection.step, dark=is_dark())
    title = _(SIGNAL[signal].title).lower()
    alt = _("The {signal} of unit {unit} over the text, and the feature").format(signal=title, unit=unit)
    show(draw, key="followed", alt=alt)
    own = found.sel(unit=unit, signal=signal).isel(feature=0)
    binary = bool(own["binary"])
    about = (
        _("The {signal} of unit {unit}, AUC {score}; shaded where the text has “{feature}”.")
        if binary
        else _("The {signal} of unit {unit}, |correlation| {score}; above it “{feature}”.")
    ).format(
        signal=title,
        unit=unit,
        score=in_digits(own["score"].item(), ".3f"),
        feature=plain(feature_title(search.feature)),
    )
    st.caption(f"{about}{gaps_in_words(pair[0], across='step')}")
    columns = "`step`, `token`, `unit`, `signal`, `value`, `feature`, `feature_value`"
    table = Table(partial(trace_table, *pair), columns)
    figure_downloads(_("Trace"), draw, key="followed", table=table)


def traced(found: xr.Dataset, unit: int) -> str:
    """Which signal of a unit is drawn: the one that was clicked, or else the one that tracks best."""
    signals = [str(name) for name in found["signal"].to_numpy()]
    state.reset_unless("traced", signals)
    score = np.nan_to_num(found["score"].sel(unit=unit).isel(feature=0).to_numpy(), nan=-1)
    return st.session_state["traced"] or signals[int(score.argmax())]
