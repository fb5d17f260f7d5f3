"""What became of it: the cost, the predictions before and after, and the heatmaps side by side."""

from contextlib import nullcontext
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording, signals_of
from viz.browser.picker import Picked, picker
from viz.figures import before_after, comparison, what_if_change
from viz.figures.blocks import block_length
from viz.figures.comparison import MAX_CELLS
from viz.figures.what_if_change import MOST_BARS
from viz.shared import controls, exported, state
from viz.shared.cached import describe
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.passage import Passage
from viz.shared.prediction_text import NOTHING
from viz.shared.reading import Reading, load_row_order
from viz.shared.tables import Table, before_after_table, change_table, comparison_table
from viz.shared.wording import gaps_in_words, in_digits, plain, step_noun
from viz.theme import cell_type_of, least_changes, signal_of
from viz.what_if.cached import InterventionResult, load_interventions, slow
from viz.what_if.controls import Held, click_in_words, toggle_unit

TITLES = ("with the change", "as it is")
MEMORY = ("cell", "hidden")  # what follows from what is held


def altered_or_said(model: str, passage: Passage, held: Held, steps: int) -> InterventionResult | None:
    """The recording with the change, or None after a sentence that says why there is none."""
    try:
        with st.spinner("Reading it step by step …") if slow(model, steps) else nullcontext():
            return load_interventions(model, passage, held)
    except ValueError as error:
        st.warning(plain(f"{error}."))
        return None


def show_change(recording: Recording, altered: InterventionResult, model: str, window: Window) -> None:
    """What changed in what the model says, and what that cost."""
    noun = step_noun(describe(model)[0].encoder)
    if altered.same:
        st.info("Nothing changed, to the bit: these values were there already.", icon=":material/equal:")
    if altered.change is None:
        st.info(NOTHING)
        return
    _costs(altered.change, recording.prediction, noun)
    found = altered.change.isel(step=window.steps)
    step = _choose_step(found, window)
    draw = partial(what_if_change, found, least=least_changes(describe(model)[0].readout), dark=is_dark())
    show(draw(), key="what_if_change", alt=f"How far the predictions moved after each {noun}, and what that cost")
    above = "what it forecasts" if recording.prediction.attrs.get("ahead") else "what it says"
    cost = ""
    if found["cost"].notnull().any():
        cost = " Below, the cost: up where it now does worse on what came next, down where it does better."
    elif not altered.change.attrs["known_steps"]:
        cost = " It is not known what was right here, so there is no cost."
    moved = found["absolute" if "absolute" in found else "divergence"]
    st.caption(
        f"Above, how far {above} after each {noun} has moved: 0 where nothing changed.{cost} **Click a bar to choose its step.**"
        f"{gaps_in_words(moved, across='step')}"
    )
    block = -(-found.sizes["step"] // MOST_BARS)
    picker(
        "what_if_change",
        row=None,
        column=(step - window.start) // block,
        version=f"{window} {altered.change.attrs} {block}",
        on_pick=lambda picked: state.set_value("step", min(window.start + picked.row * block, window.stop - 1)),
    )
    about = f"step, token, {'feature, absolute' if 'absolute' in found else 'divergence'}, cost; of the steps shown"
    table = Table(partial(change_table, found), about)
    figure_downloads("Change", partial(draw, marked=step), key="what_if_change", table=table)
    _show_step(recording, altered, step, noun)


def _costs(change: xr.Dataset, prediction: xr.Dataset, noun: str) -> None:
    """How much worse does it do, on average, and how far did its predictions move?"""
    cost, of, unit = change.attrs["mean_cost"], "", f" nats a {noun}"
    left, right = st.columns(2)
    if "absolute" in change:
        names = [str(name) for name in prediction["feature"].to_numpy()]
        of, unit = f" of {'' if len(names) == 1 else 'the mean over '}{plain(', '.join(names))}", ""
        right.metric(f"Mean change{of}", _mean(change["absolute"]), border=True)
    else:
        right.metric("Mean change of what it says (KL)", _mean(change["divergence"], " nats"), border=True)
    if not change.attrs["known_steps"]:
        left.metric("The change costs", "unknown", border=True, help="It is not known what was right here.")
        return
    if not np.isfinite(cost):
        about = "At some steps the model's loss is NaN or infinite, with the change or without it."
        left.metric("The change costs", in_digits(cost, ".3f"), border=True, help=about)
        return
    verb = "saves" if cost < 0 else "costs"
    left.metric(
        f"The change {verb}{of and ' in error'}{of}",
        f"{abs(cost):.3f}{unit}" if unit else f"{abs(cost):.3g}",
        border=True,
        help="The mean of the loss with the change, less that without it, over all steps where it is known what came next.",
    )


def _mean(values: xr.DataArray, unit: str = "") -> str:
    mean = float(values.to_numpy().mean())  # NaN where one of them is
    return in_digits(mean, ".3f" if unit else ".3g") + (unit if np.isfinite(mean) else "")


def _choose_step(found: xr.Dataset, window: Window) -> int:
    """ "Step": whose predictions are shown; left empty, that at which they change most."""
    moved = found["absolute"].max("feature") if "absolute" in found else found["divergence"]
    most = window.start + int(np.nan_to_num(moved.to_numpy()).argmax())
    state.reset_unless("step", range(window.start, window.stop))
    step = st.session_state["step"]
    step = most if step is None else int(step)
    exported.tell("step", step)
    return step


def _show_step(recording: Recording, altered: InterventionResult, step: int, noun: str) -> None:
    """What is said after one step, before and after."""
    before, after = recording.prediction, altered.recording.prediction
    left, right = st.columns([2, 5], vertical_alignment="center")
    with left:
        state.widget(
            st.number_input,
            "step",
            "Step",
            0,
            before.sizes["step"] - 1,
            placeholder=f"where it changes most: {step}",
        )
        st.caption(_sentence(before, after, step, noun))
    if before.attrs["kind"] == "values":
        return
    with right:
        draw = partial(before_after, before, after, step=step, dark=is_dark())
        show(draw(), key="before_after", alt=f"What the model says after step {step}, as it is and with the change")
        about = "step, token, class, before, after, came; every class, the likeliest before the change first"
        table = Table(partial(before_after_table, before, after, step), about)
        figure_downloads("Before and after", draw, key="before_after", table=table)


def _sentence(before: xr.Dataset, after: xr.Dataset, step: int, noun: str) -> str:
    token = plain(str(before["token"].sel(step=step).item()))
    if before.attrs["kind"] == "values":
        parts = []
        for feature in before["feature"].to_numpy():
            was, now, came = (
                float(one.sel(step=step, feature=feature)) for one in (before["value"], after["value"], before["came"])
            )
            parts.append(
                f"{plain(str(feature))}: {in_digits(was, '.4g')}, with the change {in_digits(now, '.4g')}"
                + ("" if np.isnan(came) else f"; {came:.4g} came")
            )
        return f"After step {step}, “{token}”: {'. '.join(parts)}."
    what = {
        "labels": "the likeliest labels",
        "legal": f"the {noun}s that the model finds likeliest to be legal next",
    }.get(before.attrs["kind"], f"the {noun}s it expects next")
    came = int(before["next_class"].sel(step=step))
    most = ", the five likeliest of each" if before.sizes["class"] > 5 else ""
    mark = "" if came < 0 else f" In [brackets], the {noun} that came, where it is among them."
    both = xr.concat([one["probability"].sel(step=step, drop=True) for one in (before, after)], "reading")
    mark += gaps_in_words(both, across="reading")
    return f"After step {step}, “{token}”: {what}, as it is and with the change{most}.{mark}"


def show_heatmaps(
    recording: Recording, altered: InterventionResult, model: str, passage: Passage, held: Held, window: Window
) -> None:
    """The layer as it is, with the change, and the difference; clicks choose units and, of another layer, the step."""
    changed = held[0].layer
    several = len(recording.layers) > 1
    *layer_box, signal_box, order_box = st.columns([3, 8, 4] if several else [11, 4])
    seen = _choose_seen(list(recording.layers), changed, *layer_box)
    with signal_box:
        signals = _choose_signals(recording.layers[seen], [one.signal for one in held] if seen == changed else [])
    with order_box:
        order = load_row_order(Reading(model, passage, seen), controls.choose_order())
    if not signals:
        st.info("Choose at least one signal above to see its heatmaps.")
        return
    pair = [one.layers[seen].isel(step=window.steps) for one in (altered.recording, recording)]
    draw = partial(comparison, *pair, titles=TITLES, signals=signals, order=order, dark=is_dark())
    show(draw(), key="comparison", alt=f"Heatmaps of {seen} with the change, as it is, and their difference")
    own = f"**Click a row to {click_in_words(held)}.**" if seen == changed else ""
    st.caption(
        "Left and middle share one colour scale. On the right, what is coloured is what the change made of it: orange is more than "
        f"before, blue is less. {own}{gaps_in_words(*(one[signals] for one in pair))}"
    )
    block = block_length(pair[0], heatmaps=3 * len(signals), most=MAX_CELLS)

    def pick(picked: Picked) -> None:
        if seen == changed:
            toggle_unit(held, order[picked.row])
        else:
            state.set_value("step", min(window.start + picked.column * block, window.stop - 1))

    version = f"{model} {seen} {window.start} {hash(passage)} {hash(tuple(order))} {held}"
    picker("comparison", row=None, column=None, version=version, on_pick=pick)
    table = Table(
        partial(comparison_table, pair[1], pair[0], signals),
        "signal, step, token, unit, before, after; of the steps shown",
        rows=len(signals) * pair[0]["hidden"].size,
    )
    figure_downloads("Comparison", draw, key="comparison", table=table)


def _choose_seen(layers: list[str], changed: str, *box: DeltaGenerator) -> str:
    """ "Heatmaps of", in its box: the layer whose signals are held, unless chosen; of one layer there is no choice."""
    state.reset_unless("seen", layers)
    if not box:
        return changed
    options = ["", *(name for name in layers if name != changed)]
    if st.session_state["seen"] == changed:
        state.set_value("seen", "")
    names = {name: name.replace("layer", "layer ").replace("_reverse", ", reading backwards") for name in layers}
    chosen = state.widget(
        box[0].selectbox,
        "seen",
        "Heatmaps of",
        options,
        kind=changed,
        format_func=lambda name: names[name] if name else f"{names[changed]}, which is changed",
    )
    return str(chosen or changed)


def _choose_signals(layer: xr.Dataset, held: list[str]) -> list[str]:
    """ "Signals": what is held and what follows from it, unless the reader chooses; in their usual order."""
    has, cell_type = signals_of(layer), cell_type_of(layer)
    usual = [name for name in has if name in (*held, *MEMORY)]
    value = [name for name in st.session_state["altered"] if name in has]
    if not value or value == st.session_state.get("altered_usual"):
        state.set_value("altered", usual)
    elif value != st.session_state["altered"]:
        state.set_value("altered", value)
    st.session_state["altered_usual"] = usual
    chosen = state.widget(
        st.pills,
        "altered",
        "Signals",
        has,
        kind=cell_type,
        selection_mode="multi",
        format_func=lambda name: f"{signal_of(name, cell_type).title} {signal_of(name, cell_type).symbol}",
        wrap=True,
    )
    if set(chosen) == set(usual):
        st.session_state["altered"] = []
    return [name for name in has if name in chosen]
