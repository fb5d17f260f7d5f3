"""The section "How the predictions change": how far, at what cost, and before and after at one step."""

from contextlib import nullcontext
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording, readouts
from lstm_core.readouts import Readout, Values, readout_type
from viz.browser.presenting import wide
from viz.figures import before_after, what_if_change
from viz.figures.bits import in_bits
from viz.figures.what_if_change import MARGINS, MOST_BARS
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
from viz.what_if.measured import measured

COUNT = 3  # of the likeliest of either run
HEIGHT, WIDTH = 210, 600  # pixels of the cost, as high as the probabilities beside it
UPPER = 0.4  # the share of these two of what a window is taller than a projector's; the heatmaps have the rest


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


def show_change(
    recording: Recording, result: InterventionResult, model_name: str, window: Window, more: DeltaGenerator
) -> int | None:
    """What the change costs in a sentence, the predictions before and after at one step, and the cost of each step.

    Returns the step; None for a model without outputs.
    """
    if result.same:
        st.info(_("Nothing changed (bit-identical): these values were there already."), icon=":material/equal:")
    if result.change is None:
        st.info(_(NOTHING))
        return None
    config = describe(model_name)[0]
    found = in_bits(result.change)
    shown = found.isel(step=window.steps)
    step = _choose_step(shown, window, more)
    before, after = recording.prediction, result.recording.prediction
    st.markdown(
        measured(found, before, after, step, step_noun(config.encoder), chosen=st.session_state["step"] is not None)
    )
    right = st.container()
    if readout_type(before) is not Values:
        left, right = st.columns([4, 7])
        with left:
            draw = partial(before_after, before, after, step=step, count=COUNT, height=HEIGHT, dark=is_dark())
            alt = _("Predictions after step {step}, original and with the change").format(step=step)
            show(draw, key="before_after", alt=alt, grows=UPPER)
    with right:
        _show_costs(shown, window, step, least_changes(config.readout))
    return step


def _show_costs(found: xr.Dataset, window: Window, step: int, least: list[float]) -> None:
    """The cost of each step or, where it is not known, how far each prediction moved."""
    draw = partial(
        what_if_change,
        found,
        least=least,
        cost_only=True,
        height=HEIGHT - MARGINS,
        width=wide(WIDTH, 780),
        dark=is_dark(),
    )
    show(draw, key="what_if_change", alt=_("How far each prediction moved, and the cost"), grows=UPPER)
    block = -(-found.sizes["step"] // MOST_BARS)
    set_by_click(
        "what_if_change",
        lambda picked: {"step": min(window.start + picked.row * block, window.stop - 1)},
        shown=(window, str(found.attrs), block),
        column=(step - window.start) // block,
    )


def show_moves(
    recording: Recording, result: InterventionResult, model_name: str, window: Window, step: int | None
) -> None:
    """How far each prediction moved, beside the cost; and all probabilities at one step."""
    if result.change is None or step is None:
        st.caption(_(NOTHING))
        return
    config, before, after = describe(model_name)[0], recording.prediction, result.recording.prediction
    found = in_bits(result.change).isel(step=window.steps)
    draw = partial(what_if_change, found, least=least_changes(config.readout), dark=is_dark())
    show(draw, key="moves", alt=_("How far each prediction moved, and the cost"))
    if before.attrs.get("ahead"):
        notes = [_("Above: how far each forecast moved. 0 means no change.")]
    else:
        notes = [_("Above: how far each prediction moved. 0 means no change.")]
    if found["cost"].notnull().any():
        notes.append(_("Below: the cost. Up means a worse prediction of the next step, down a better one."))
    elif not found.attrs["known_steps"]:
        notes.append(_("The right answer is not known here, so there is no cost."))
    moved = found["absolute" if "absolute" in found else "divergence"]
    notes.append(_moved_by(in_bits(result.change), before))
    st.caption(" ".join(notes) + gaps_in_words(moved, across="step"))
    st.caption(_sentence(before, after, step, step_noun(config.encoder)))
    columns = ("step", "token", *(("feature", "absolute") if "absolute" in found else ("divergence",)), "cost")
    about = _("{columns}, for the steps shown; divergence and cost in bits").format(columns=", ".join(columns))
    if "absolute" in found:
        about = _("{columns}, for the steps shown").format(columns=", ".join(columns))
    table = Table(partial(change_table, found), about)
    figure_downloads(_("Change"), partial(draw, marked=step), key="what_if_change", table=table)
    if readout_type(before) is not Values:
        _step_downloads(before, after, step)


def _moved_by(found: xr.Dataset, prediction: xr.Dataset) -> str:
    if "absolute" not in found:
        return _("On average the predictions move by {mean} (KL divergence).").format(
            mean=_mean(found["divergence"], _(" bits"))
        )
    names = plain(", ".join(str(name) for name in prediction["feature"].to_numpy()))
    return _("On average {names} moves by {mean}.").format(names=names, mean=_mean(found["absolute"]))


def _mean(values: xr.DataArray, unit: str = "") -> str:
    mean = float(values.to_numpy().mean())  # NaN where one of them is
    return in_digits(mean, ".3f" if unit else ".3g") + (unit if np.isfinite(mean) else "")


def _choose_step(found: xr.Dataset, window: Window, more: DeltaGenerator) -> int:
    """ "Step": whose predictions are shown; if empty, the step where they change most."""
    moved = found["absolute"].max("feature") if "absolute" in found else found["divergence"]
    most = window.start + int(np.nan_to_num(moved.to_numpy()).argmax())
    state.reset_unless("step", range(window.start, window.stop))
    with more:
        placeholder = _("largest change: {step}").format(step=most)
        step = state.widget(st.number_input, "step", _("Step"), window.start, window.stop - 1, placeholder=placeholder)
    step = most if step is None else int(step)
    exported.tell("step", step)
    return step


def _step_downloads(before: xr.Dataset, after: xr.Dataset, step: int) -> None:
    draw = partial(before_after, before, after, step=step, dark=is_dark())
    columns = ("step", "token", "class", "before", "after", "came")
    about = _("{columns}, for every class, the likeliest before the change first").format(columns=", ".join(columns))
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
