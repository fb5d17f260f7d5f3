"""Let it write with this unit held: two continuations with one seed, one of them with a signal of a unit held."""

import numpy as np
import streamlit as st

from lstm_core import Intervention, generation_obstacle, signals_of
from lstm_core.interventions import GATES
from viz.locale import _
from viz.shared.cached import describe
from viz.shared.reading import Reading
from viz.shared.wording import plain, step_nouns
from viz.step.cached import load_written
from viz.theme import signal_of

ASKED = "held_writing"  # in the session: what the reader asked for last


def show_held(reading: Reading, step: int, unit: int) -> None:
    """The controls and, once asked for, both texts. Generating begins after the last character."""
    config = describe(reading.model_name)[0]
    nouns = step_nouns(config.encoder)
    why = generation_obstacle(config)
    if why:
        st.info(f"{_(why)[:1].upper()}{_(why)[1:]}.")
        return
    layer = reading.layer
    signals = [name for name in signals_of(layer) if name in (*GATES, "candidate", "cell", "hidden")]
    cell_type = str(layer.attrs.get("cell_type", "LSTM"))
    usual = "cell" if "cell" in signals else "hidden"
    signal_box, value_box, button_box = st.columns([2, 2, 3], vertical_alignment="bottom")
    with signal_box:
        signal = st.selectbox(
            _("Signal of unit {unit}").format(unit=unit),
            signals,
            index=signals.index(usual),
            format_func=lambda name: signal_of(name, cell_type).title,
            key="held-signal",
        )
    now = float(np.nan_to_num(float(layer[signal].sel(step=step, unit=unit)), posinf=0.0, neginf=0.0))
    gate = signal in GATES
    with value_box:
        value = st.number_input(
            _("Held at"),
            min_value=0.0 if gate else None,
            max_value=1.0 if gate else None,
            value=now,
            step=0.1,
            format="%.2f",
            help=_("Its value at this step, unless you change it."),
            key=f"held-value-{reading.key}-{signal}-{unit}-{step}",
        )
    temperature, seed = float(st.session_state["temperature"]), int(st.session_state["seed"])
    held = Intervention(reading.layer_name, signal, float(value), (unit,), start=len(reading.tokens))
    question = (reading.key, held, temperature, seed)
    with button_box:
        if st.button(_("Write 100 {tokens} with and without").format(tokens=nouns), type="primary", key="held-write"):
            st.session_state[ASKED] = question
    st.caption(
        _(
            "Continues the text after its last step, with the temperature ({temperature}) and the seed ({seed}) of the last “Let it write”."
        ).format(temperature=f"{temperature:g}", seed=seed)
    )
    if st.session_state.get(ASKED) != question:
        return
    try:
        free, other = load_written(reading, held, temperature, seed)
    except ValueError as error:  # of a model whose logits are no numbers
        st.info(plain(f"{str(error)[:1].upper()}{str(error)[1:]}."))
        return
    columns = st.columns(2)
    titles = (
        _("By itself"),
        _("With unit {unit} held at {value}").format(unit=unit, value=f"{float(value):.2f}"),
    )
    for column, title, text, key in zip(columns, titles, (free, other), ("held-free", "held-other"), strict=True):
        with column, st.container(key=key):
            st.markdown(f"**{plain(title)}**")
            st.code(text, language=None, wrap_lines=True)
