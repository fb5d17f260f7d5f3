"""The section "Which units does the model need?": each is knocked out in turn, while the reader may go on."""

from functools import partial
from math import isnan
from statistics import fmean

import streamlit as st
import xarray as xr

from lstm_core import Recording
from viz.browser.picker import picker
from viz.figures import knocked_out
from viz.figures.knocked_out import measure, ranked
from viz.shared import state
from viz.shared.cached import describe
from viz.shared.controls import is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.tables import Table, ranking_table
from viz.shared.wording import gaps_in_words, in_digits, step_noun
from viz.theme import least_changes
from viz.what_if.cached import KnockOutSweep
from viz.what_if.controls import Held, click_in_words, toggle_unit
from viz.what_if.link_format import in_words

ASKED = "ranked_for"  # for what the ranking was asked for: of another text it is not computed unasked
UNITS_OF_LOSS = {"values": "in its own units", "labels": "nats"}
SILENCE, SAME = "silence", "same"


def show_knock_out(recording: Recording, model: str, passage: Passage, held: Held) -> None:
    st.subheader("Which units does the model need?", anchor=False)
    if recording.prediction.attrs["kind"] == "nothing":
        st.caption(NOTHING)
        return
    layer, last = recording.layers[held[0].layer], held[-1]
    choice, button = st.columns([3, 4], vertical_alignment="bottom")
    words = {SILENCE: "silence it, h = 0", SAME: f"hold it at {in_words(last, layer)}, as above"}
    with choice:
        state.reset_unless("turn", words)
        how = state.widget(
            st.segmented_control, "turn", "What is done to each", list(words), required=True, format_func=words.get
        )
    signal, value = ("hidden", 0.0) if how == SILENCE else (last.signal, last.value)
    sweep = KnockOutSweep(model, passage, last.layer, signal, value)
    units, steps = sweep.scope
    if not units:
        st.info("This model is too large for its units to be tried one by one here.")
        return
    known = sweep.known()
    if known is None and st.session_state["ranked"] and st.session_state.get(ASKED, sweep.key) != sweep.key:
        state.set_value("ranked", False)
    with button:
        st.button(
            "Knock out each unit in turn",
            on_click=_ask,
            args=(sweep,),
            icon=":material/leaderboard:",
            disabled=bool(st.session_state["ranked"]),
        )
    _say_scope(layer, units, steps, step_noun(describe(model)[0].encoder))
    if st.session_state["ranked"]:
        st.session_state[ASKED] = sweep.key
        effect = _tried(sweep, units) if known is None else known
        _show(effect, model, held)


def _ask(sweep: KnockOutSweep) -> None:
    st.session_state[ASKED] = sweep.key
    state.set_value("ranked", True)


def _say_scope(layer: xr.Dataset, units: int, steps: int, noun: str) -> None:
    cut = []
    if steps < layer.sizes["step"]:
        cut.append(f"the first {steps:,} of {layer.sizes['step']:,} {noun}s are read")
    if units < layer.sizes["unit"]:
        cut.append(f"the {units:,} units that vary most are tried")
    only = f" To stay quick, only {' and '.join(cut)}." if cut else ""
    st.caption(
        f"Each unit in turn is silenced or held over the whole text, with nothing else changed, and the text is read anew.{only}"
    )


def _tried(sweep: KnockOutSweep, units: int) -> xr.Dataset | None:
    """All units' effect, with a bar that says how far it is; what the reader changes meanwhile stops it."""
    bar = st.progress(0.0, f"0 of {units} units")
    effect = None
    for now in sweep.run():
        effect = now.effect
        bar.progress(now.done / now.units, f"{now.done} of {now.units} units")
    bar.empty()
    return effect


def _show(effect: xr.Dataset | None, model: str, held: Held) -> None:
    if effect is None:
        return
    noun, order, by = step_noun(describe(model)[0].encoder), ranked(effect), measure(effect)
    unit_of_loss = UNITS_OF_LOSS.get(effect.attrs["kind"], f"nats a {noun}")
    chosen = held[-1].units or ()
    least = fmean(least_changes(describe(model)[0].readout))
    draw = partial(knocked_out, effect, unit_of_loss=unit_of_loss, least=least, chosen=chosen, dark=is_dark())
    show(draw(), key="knocked_out", alt="By how much the loss would rise without each unit, the most needed first")
    best = effect.sel(unit=order[0])
    about = (
        "the loss that it saves, by which the model does worse without it; below 0 it did harm on this text"
        if by == "saved"
        else "how far what the model says moves without it, the mean over all steps"
    )
    st.caption(
        f"A bar is a unit: {about}. {most_in_words(order[0], best[by].item(), unit_of_loss)} **Click a bar to "
        f"{click_in_words(held)}, above.**{gaps_in_words(effect[by])}"
    )
    version = f"{model} {hash(tuple(order))} {held}"
    picker(
        "knocked_out",
        row=None,
        column=None,
        version=version,
        on_pick=lambda picked: toggle_unit(held, order[picked.row]),
    )
    take_box, download = st.columns([3, 4], vertical_alignment="bottom")
    with take_box:
        _take_from(effect, order, by, held)
    with download:
        about = "unit, loss without it, loss saved, how far what is said changed; the most needed first"
        figure_downloads("Ranking", draw, key="knocked_out", table=Table(partial(ranking_table, effect, order), about))


def most_in_words(unit: int, value: float, unit_of_loss: str) -> str:
    """Which unit comes first, and by how much? Where that is NaN, so is every unit's."""
    if isnan(value):
        return "The model's predictions are not numbers here, so there is no ranking."
    if value <= 0:
        return "No single unit is needed here: without each of them the model does as well, or better."
    shown = f"{value:.3g}" if unit_of_loss == UNITS_OF_LOSS["values"] else f"{value:.3f}"
    return f"Unit {unit} matters most, by {shown} {unit_of_loss}."


def _take_from(effect: xr.Dataset, order: list[int], by: str, held: Held) -> None:
    """ "Take a unit into the change above": the same without a mouse."""
    values, digits = effect[by], "+.3g" if effect.attrs["kind"] == "values" else "+.3f"

    def take() -> None:
        unit = st.session_state["take_unit"]
        if unit is not None:
            toggle_unit(held, unit)
        st.session_state["take_unit"] = None

    st.selectbox(
        "Take a unit into the change above, or out of it",
        order,
        index=None,
        key="take_unit",
        on_change=take,
        placeholder="the most needed first",
        format_func=lambda unit: f"unit {unit}: {in_digits(values.sel(unit=unit).item(), digits)}",
    )
