"""Step: one cell, drawn with its real numbers, at the speed of a key press."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from lstm_core import signals_of
from lstm_core.cells import CellType
from viz.live.home import take_home
from viz.live.options import CARDS, chosen
from viz.locale import N_, _
from viz.shared import controls, state
from viz.shared.cached import counterpart, describe, has_untrained, load_model
from viz.shared.example_picker import take_back, take_instead
from viz.shared.head import STYLE
from viz.shared.layer_controls import choose_layer_of
from viz.shared.model_controls import about_model, choose_before, choose_model, warn_of_model
from viz.shared.model_facts import UNTRAINED
from viz.shared.passage import Passage
from viz.shared.reading import Reading
from viz.shared.shipped_lines import shipped_lines
from viz.shared.text_controls import choose_example, choose_lines, choose_passage, recorded, write_on
from viz.shared.wording import gaps_in_words
from viz.step import live
from viz.step.component import MESSAGES, Rested, Told, live_stepper, stepper
from viz.step.said_section import show_said
from viz.step.stage import Stage, header, parts

WIDTHS, UNTRAINED_WIDTHS = [20, 22, 24, 15, 22], [18, 19, 14, 19, 12, 22]  # of the first line's parts
MODELS = Path(__file__).parents[1] / "models" / "page.py"
TITLES: dict[CellType, str] = {
    "LSTM": N_("One step of an LSTM, in numbers"),
    "GRU": N_("One step of a GRU, in numbers"),
    "RNN": N_("One step of a simple RNN, in numbers"),
}


def page() -> None:
    state.begin("step")
    st.html(f"<style>{STYLE}</style>")
    with st.container(key="step-head"):
        # There is a place for "Before training" where a link or another page has chosen the untrained model.
        widths = UNTRAINED_WIDTHS if st.session_state["model"].endswith(UNTRAINED) else WIDTHS
        title_box, model_box, *switch_box, example_box, layer_box, beside_box = st.columns(
            widths, vertical_alignment="center"
        )
    with model_box:
        model_name = choose_model()
    for box in switch_box:
        with box:
            choose_before()
    config = describe(model_name)[0]
    with example_box:
        choose_example(model_name)
    with layer_box:
        layer_name = choose_layer_of(config)
    with beside_box:
        beside = has_untrained(model_name) and controls.choose_beside(counterpart(model_name))
    title_box.title(_(TITLES[config.cell(layer_name).type]), anchor=False)
    names = (model_name, counterpart(model_name)) if beside else (model_name,)
    state.reset_unless("card", CARDS)
    stage_box = st.container()
    found = live.typed(model_name, st.session_state["text"])
    why_not = live.why_not(names, found)
    with stage_box:
        if why_not:
            show_sent(why_not, names, layer_name)
        else:
            show_live(names, found, layer_name)
    with st.container(key="step-foot"):
        about_model(model_name)
        warn_of_model(model_name)
        if not why_not:
            shown = {
                "text": found.text,
                "layer": layer_name,
                "unit": st.session_state["unit"],
                "step": st.session_state["step"],
                "card": st.session_state["card"],
            }
            take_home(model_name, chosen(**shown, before=beside and not model_name.endswith(UNTRAINED)), page="step")
        st.page_link(MODELS, label=_("All models: what they are, scores and data"), icon=":material/view_list:")
    state.finish()


def show_live(names: Sequence[str], found: live.Typed, layer_name: str) -> None:
    """The browser has the models and reads the text by itself: nothing is computed here."""
    model_name, units = names[0], describe(names[0])[0].units(layer_name)
    state.reset_unless("unit", range(units))
    state.reset_unless("step", range(found.steps))
    unit, step = st.session_state["unit"], st.session_state["step"]
    models = {load_model(name).digest: partial(load_model, name) for name in names}
    told = Told(
        on_rest=rest,
        on_write=partial(write, model_name),
        on_example=partial(take_instead, model_name),
    )
    header = live.header(names, found, layer_name, unit, step)
    if live_stepper(header, live.facts(names, MESSAGES), models, told):
        st.switch_page(controls.UNITS)
    if found.known is not None and found.steps:
        show_said(Reading(model_name, Passage(found.known), layer_name))


def show_sent(why: str, names: Sequence[str], layer_name: str) -> None:
    """The server records the text and sends what the browser shows of it."""
    model_name, beside = names[0], "".join(names[1:])
    text_column, lines_column = st.columns([9, 2], vertical_alignment="bottom")
    with lines_column:
        choose_lines()
    with text_column:
        passage = choose_passage(model_name)
    st.caption(why)
    recording = recorded(model_name, passage)
    if recording is None:
        return
    unit, step = controls.choose_place(recording, layer_name, model_name)
    stage = Stage(model_name, passage, layer_name, unit, step, beside=beside)
    told = Told(
        on_rest=partial(rest, steps=stage.steps),
        on_around=lambda step: rest(Rested(step, None), steps=stage.steps),
        on_write=partial(write, model_name),
    )
    settings = {name: st.session_state[name] for name in ("temperature", "seed", "card")}
    lines = shipped_lines(model_name, stage.model.digest, stage.config).get(layer_name, {})
    about = {"model": model_name, "layer": layer_name, "lines": lines, "linked": controls.has_page(model_name)}
    if stepper(header(stage, **settings), parts(stage), told, about=about):
        st.switch_page(controls.UNITS)
    show_said(Reading(model_name, passage, layer_name))
    gaps = gaps_in_words(recording.layers[layer_name][list(signals_of(recording.layers[layer_name]))])
    if gaps:
        st.caption(gaps.strip())


def rest(where: Rested, steps: int = 0) -> None:
    """The reader rests at a step, and may have typed: links and the other pages follow."""
    if where.text is not None:
        st.session_state[live.VERSION] = where.version
        if where.text != st.session_state["text"]:
            take_back()
            state.set_value("text", where.text)
            state.set_value("lines", "\n" in where.text)
    state.set_value("step", where.step)
    if where.unit is not None:
        state.set_value("unit", where.unit)
    if where.card is not None:
        state.set_value("card", where.card)
    controls.look_at(where.step, steps or where.steps)


def write(model_name: str, where: Rested, temperature: float, seed: int) -> None:
    """Let the model continue the text as it is in the field."""
    if where.text is not None:
        rest(where)
    write_on(model_name, temperature, seed)


page()
