"""The section "How the predictions change": how far, at what cost, and before and after at one step."""

from contextlib import nullcontext
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import Recording, readouts
from lstm_core.readouts import Readout, Values, readout_type
from viz.figures import before_after, what_if_change
from viz.figures.what_if_change import MOST_BARS
from viz.locale import _
from viz.shared import exported, state
from viz.shared.cached import describe
from viz.shared.clicks import set_by_click
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.tables import Table, before_after_table, change_table
from viz.shared.wording import gaps_in_words, in_digits, plain, step_noun
from viz.theme import least_changes
from viz.what_if.cached import InterventionResult, load_interventions, slow
from viz.what_if.controls import Interventions


def intervened_or_reason(
    model_name: str, passage: Passage, interventions: Interventions, steps: int
) -> InterventionResult | None:
    """The recording with the interventions, or None after a sentence that says why there is none."""
    try:
        with st.spinner(_("Reading the text step by step …")) if slow(model_name, steps) else nullcontext():
            return load_interventions(model_name, passage, interventions)
    except ValueError as error:
        st.warning(plain(f"{error}."))
        return None


def show_change(recording: Recording, result: InterventionResult, model_name: str, window: Window) -> None:
    """How the predictions changed, and the cost."""
    noun = step_noun(describe(model_name)[0].encoder)
    if result.same:
        st.info(_("Nothing changed (bit-identical): these values were there already."), icon=":material/equal:")
    if result.change is None:
        st.info(_(NOTHING))
        return
    _costs(result.change, recording.prediction, noun)
    found = result.change.isel(step=window.steps)
    step = _choose_step(found, window)
    draw = partial(what_if_change, found, least=least_changes(describe(model_name)[0].readout), dark=is_dark())
    show(draw, key="what_if_change", alt=_("How far each prediction moved, and the cost"))
    if recording.prediction.attrs.get("ahead"):
        notes = [_("Above: how far each forecast moved. 0 means no change.")]
    else:
        notes = [_("Above: how far each prediction moved. 0 means no change.")]
    if found["cost"].notnull().any():
        notes.append(_("Below: the cost. Up means a worse prediction of the next step, down a better one."))
    elif not result.change.attrs["known_steps"]:
        notes.append(_("The right answer is not known here, so there is no cost."))
    notes.append(_("**Click a bar to choose its step.**"))
    moved = found["absolute" if "absolute" in found else "divergence"]
    st.caption(" ".join(notes) + gaps_in_words(moved, across="step"))
    block = -(-found.sizes["step"] // MOST_BARS)
    set_by_click(
        "what_if_change",
        lambda picked: {"step": min(window.start + picked.row * block, window.stop - 1)},
        shown=(window, str(result.change.attrs), block),
        column=(step - window.start) // block,
    )
    columns = ("step", "token", *(("feature", "absolute") if "absolute" in found else ("divergence",)), "cost")
    about = _("{columns}, for the steps shown").format(columns=", ".join(columns))
    table = Table(partial(change_table, found), about)
    figure_downloads(_("Change"), partial(draw, marked=step), key="what_if_change", table=table)
    _show_step(recording, result, step, noun)


def _costs(change: xr.Dataset, prediction: xr.Dataset, noun: str) -> None:
    """How much higher is the loss on average, and how far did the predictions move?"""
    cost = change.attrs["mean_cost"]
    left, right = st.columns(2)
    names = ""  # of the numbers that the model predicts
    if "absolute" in change:
        names = plain(", ".join(str(name) for name in prediction["feature"].to_numpy()))
        right.metric(_("Mean change of {names}").format(names=names), _mean(change["absolute"]), border=True)
    else:
        right.metric(_("Mean change of the predictions (KL)"), _mean(change["divergence"], " nats"), border=True)
    if not change.attrs["known_steps"]:
        left.metric(_("Change of the loss"), _("unknown"), border=True, help=_("The right answer is not known here."))
        return
    if not np.isfinite(cost):
        about = _("At some steps the loss is NaN or infinite, with or without the change.")
        left.metric(_("Change of the loss"), in_digits(cost, ".3f"), border=True, help=about)
        return
    if names:
        title = _("The error of {names} falls by") if cost < 0 else _("The error of {names} rises by")
    else:
        title = _("The loss falls by") if cost < 0 else _("The loss rises by")
    in_nats = _("{value} nats per {token}").format(value=f"{abs(cost):.3f}", token=noun)
    left.metric(
        title.format(names=names),
        f"{abs(cost):.3g}" if names else in_nats,
        border=True,
        help=_("Mean loss with the change minus mean loss without it, over all steps where the next value is known."),
    )


def _mean(values: xr.DataArray, unit: str = "") -> str:
    mean = float(values.to_numpy().mean())  # NaN where one of them is
    return in_digits(mean, ".3f" if unit else ".3g") + (unit if np.isfinite(mean) else "")


def _choose_step(found: xr.Dataset, window: Window) -> int:
    """ "Step": whose predictions are shown; if empty, the step where they change most."""
    moved = found["absolute"].max("feature") if "absolute" in found else found["divergence"]
    most = window.start + int(np.nan_to_num(moved.to_numpy()).argmax())
    state.reset_unless("step", range(window.start, window.stop))
    step = st.session_state["step"]
    step = most if step is None else int(step)
    exported.tell("step", step)
    return step


def _show_step(recording: Recording, result: InterventionResult, step: int, noun: str) -> None:
    """The predictions after one step, before and after."""
    before, after = recording.prediction, result.recording.prediction
    left, right = st.columns([2, 5], vertical_alignment="center")
    with left:
        state.widget(
            st.number_input,
            "step",
            _("Step"),
            0,
            before.sizes["step"] - 1,
            placeholder=_("largest change: {step}").format(step=step),
        )
        st.caption(_sentence(before, after, step, noun))
    if readout_type(before) is Values:
        return
    with right:
        draw = partial(before_after, before, after, step=step, dark=is_dark())
        show(
            draw,
            key="before_after",
            alt=_("Predictions after step {step}, original and with the change").format(step=step),
        )
        columns = ("step", "token", "class", "before", "after", "came")
        about = _("{columns}, for every class, the likeliest before the change first").format(
            columns=", ".join(columns)
        )
        table = Table(partial(before_after_table, before, after, step), about)
        figure_downloads(_("Before and after"), draw, key="before_after", table=table)


def _sentence(before: xr.Dataset, after: xr.Dataset, step: int, noun: str) -> str:
    token = plain(str(before["token"].sel(step=step).item()))
    if readout_type(before) is Values:
        parts = []
        known = _("{name}: {before}, with the change {after}, true value {came}")
        unknown = _("{name}: {before}, with the change {after}")
        for feature in before["feature"].to_numpy():
            was, now, came = (
                float(one.sel(step=step, feature=feature)) for one in (before["value"], after["value"], before["came"])
            )
            text = unknown if np.isnan(came) else known
            values = {"before": in_digits(was, ".4g"), "after": in_digits(now, ".4g"), "came": f"{came:.4g}"}
            parts.append(text.format(name=plain(str(feature)), **values))
        return _("After step {step}, “{read}”: {values}.").format(step=step, read=token, values=". ".join(parts))
    notes = [_what(readout_type(before)).format(step=step, read=token, token=noun)]
    if before.sizes["class"] > 5:
        notes.append(_("Shown: the five likeliest of each."))
    if int(before["next_class"].sel(step=step)) >= 0:
        notes.append(_("In [brackets]: the {token} that came, if it is shown.").format(token=noun))
    both = xr.concat([one["probability"].sel(step=step, drop=True) for one in (before, after)], "reading")
    return " ".join(notes) + gaps_in_words(both, across="reading")


def _what(kind: type[Readout]) -> str:
    """Which probabilities are shown, for this kind of output, before its values are put in."""
    match kind:
        case readouts.Labels:
            return _("After step {step}, “{read}”: probabilities of the labels, original and with the change.")
        case readouts.LegalTokens:
            return _(
                "After step {step}, “{read}”: how likely each {token} is legal next, original and with the change."
            )
    return _("After step {step}, “{read}”: probabilities of the next {token}, original and with the change.")
