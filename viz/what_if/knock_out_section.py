"""The section "Which units does the model need?": each is knocked out in turn; the page stays usable meanwhile."""

from functools import partial
from math import isnan
from statistics import fmean

import streamlit as st
import xarray as xr

from lstm_core import Recording
from lstm_core.readouts import Labels, Nothing, Readout, Values, readout_type
from viz.figures import knocked_out
from viz.figures.bits import in_bits
from viz.figures.knocked_out import measure, ranked
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import describe
from viz.shared.clicks import set_by_click
from viz.shared.controls import is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.tables import Table, ranking_table
from viz.shared.wording import gaps_in_words, in_digits, step_noun
from viz.theme import least_changes
from viz.what_if.cached import KnockOutSweep
from viz.what_if.controls import Interventions, click_on_bar, with_unit_toggled
from viz.what_if.link_format import in_words

ASKED = "ranked_for"  # the sweep that the reader asked for: another text's ranking waits for another press
UNITS_OF_LOSS: dict[type[Readout], str] = {Values: N_("in its own units"), Labels: N_("bits")}
SILENCE, SAME = "silence", "same"


def show_knock_out(recording: Recording, model_name: str, passage: Passage, interventions: Interventions) -> None:
    if readout_type(recording.prediction) is Nothing:
        st.caption(_(NOTHING))
        return
    layer, last = recording.layers[interventions[0].layer], interventions[-1]
    choice, button = st.columns([3, 4], vertical_alignment="bottom")
    words = {
        SILENCE: _("silence it: h = 0"),
        SAME: _("clamp it as above: {equation}").format(equation=in_words(last, layer)),
    }
    with choice:
        state.reset_unless("turn", words)
        how = state.widget(
            st.segmented_control, "turn", _("Change to each unit"), list(words), required=True, format_func=words.get
        )
    signal, value = ("hidden", 0.0) if how == SILENCE else (last.signal, last.value)
    sweep = KnockOutSweep(model_name, passage, last.layer, signal, value)
    units, steps = sweep.scope
    if not units:
        st.info(_("This model is too large to try its units one by one here."))
        return
    known = sweep.known()
    if known is None and st.session_state["ranked"] and st.session_state.get(ASKED, sweep.key) != sweep.key:
        state.set_value("ranked", False)
    with button:
        st.button(
            _("Knock out each unit in turn"),
            on_click=_ask,
            args=(sweep,),
            icon=":material/leaderboard:",
            disabled=bool(st.session_state["ranked"]),
        )
    _say_scope(layer, units, steps)
    if st.session_state["ranked"]:
        st.session_state[ASKED] = sweep.key
        effect = _tried(sweep, units) if known is None else known
        _show(effect, model_name, sweep.layer_name, interventions)


def _ask(sweep: KnockOutSweep) -> None:
    st.session_state[ASKED] = sweep.key
    state.set_value("ranked", True)


def _say_scope(layer: xr.Dataset, units: int, steps: int) -> None:
    notes = [
        _(
            "Each unit in turn is silenced or clamped for the whole text, everything else unchanged, and "
            "the model is run again."
        )
    ]
    if steps < layer.sizes["step"]:
        cut = _("To stay fast, the model reads only the first {steps:,} of {all:,} timesteps.")
        notes.append(cut.format(steps=steps, all=layer.sizes["step"]))
    if units < layer.sizes["unit"]:
        notes.append(_("To stay fast, only the {units:,} units that vary most are tried.").format(units=units))
    st.caption(" ".join(notes))


def _tried(sweep: KnockOutSweep, units: int) -> xr.Dataset | None:
    """The effect of all units, with a progress bar; any change by the reader stops it."""
    progress = _("{done} of {units} units")
    bar = st.progress(0.0, progress.format(done=0, units=units))
    effect = None
    for now in sweep.run():
        effect = now.effect
        bar.progress(now.done / now.units, progress.format(done=now.done, units=now.units))
    bar.empty()
    return effect


def _show(effect: xr.Dataset | None, model_name: str, layer_name: str, interventions: Interventions) -> None:
    if effect is None:
        return
    effect = in_bits(effect)
    noun, order, by = step_noun(describe(model_name)[0].encoder), ranked(effect), measure(effect)
    per_token = _("bits per {token}").format(token=noun)
    unit_of_loss = _(UNITS_OF_LOSS[kind]) if (kind := readout_type(effect)) in UNITS_OF_LOSS else per_token
    chosen = interventions[-1].units or ()
    least = fmean(least_changes(describe(model_name)[0].readout))
    draw = partial(knocked_out, effect, unit_of_loss=unit_of_loss, least=least, chosen=chosen, dark=is_dark())
    show(draw, key="knocked_out", alt=_("How much the loss rises without each unit, the most needed first"))
    best = effect.sel(unit=order[0])
    if by == "saved":
        about = _("Each bar shows how much the loss rises without that unit. Below 0, the unit does harm on this text.")
    else:
        about = _("Each bar shows how far the predictions move without that unit, on average over all steps.")
    first = most_in_words(order[0], best[by].item(), unit_of_loss, own_units=readout_type(effect) is Values)
    st.caption(f"{about} {first} {click_on_bar(interventions)}{gaps_in_words(effect[by])}")
    set_by_click(
        "knocked_out",
        lambda picked: with_unit_toggled(interventions, order[picked.row]),
        shown=(model_name, tuple(order), interventions),
    )
    take_box, best_box, download = st.columns([6, 3, 5], vertical_alignment="bottom")
    with take_box:
        _take_from(effect, order, by, interventions)
    with best_box:
        controls.offer_unit(model_name, layer_name, order[0], key="best")
    with download:
        about = _("unit, loss without it, loss saved, change of the predictions ({unit}); the most needed first")
        about = about.format(unit=unit_of_loss)
        figure_downloads(
            _("Ranking"), draw, key="knocked_out", table=Table(partial(ranking_table, effect, order), about)
        )


def most_in_words(unit: int, value: float, unit_of_loss: str, *, own_units: bool = False) -> str:
    """Which unit comes first, and by how much? Where that is NaN, so is every unit's."""
    if isnan(value):
        return _("The model's predictions are not numbers here, so there is no ranking.")
    if value <= 0:
        return _("No single unit is needed here: without any of them the model does as well, or better.")
    shown = f"{value:.3g}" if own_units else f"{value:.3f}"
    return _("Unit {unit} matters most, by {value} {unit_of_loss}.").format(
        unit=unit, value=shown, unit_of_loss=unit_of_loss
    )


def _take_from(effect: xr.Dataset, order: list[int], by: str, interventions: Interventions) -> None:
    """ "Take a unit into the change above": the same without a mouse."""
    values, digits = effect[by], "+.3g" if readout_type(effect) is Values else "+.3f"

    def take() -> None:
        unit = st.session_state["take_unit"]
        if unit is not None:
            state.set_value("held", with_unit_toggled(interventions, unit)["held"])
        st.session_state["take_unit"] = None

    st.selectbox(
        _("Take a unit into the change above, or out of it"),
        order,
        index=None,
        key="take_unit",
        on_change=take,
        placeholder=_("the most needed first"),
        format_func=lambda unit: _("unit {unit}: {value}").format(
            unit=unit, value=in_digits(values.sel(unit=unit).item(), digits)
        ),
    )
