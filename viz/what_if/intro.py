"""What the page What if is about: the idea with its equations, and an example where it breaks a model that counts."""

import streamlit as st

from lstm_core import ModelConfig, Values
from lstm_core.cells import CellType
from lstm_core.readouts import Readout
from viz.locale import _
from viz.shared import state
from viz.shared.cached import model_names
from viz.shared.example_picker import READER, take

COUNTER = "anbn"
COUNTS = f"S{'a' * 10}{'b' * 10}T"
BREAKS = "forget_0.5_u0-2"  # the forget gates of its two units that count
STATE: dict[CellType, str] = {
    "LSTM": r"\tilde c_t = \tilde f_t \odot \tilde c_{t-1} + \tilde \imath_t \odot \tilde g_t",
    "GRU": r"\tilde h_t = \tilde z_t \odot \tilde h_{t-1} + (1 - \tilde z_t) \odot \tilde n_t",
    "RNN": r"\tilde h_t = \tanh(W x_t + U \tilde h_{t-1} + b)",
}
MOVED = r"p_t(k)\,\ln\frac{p_t(k)}{\tilde p_t(k)}"
LOSS = r"\text{cost}_t = \ln p_t(x_{t+1}) - \ln \tilde p_t(x_{t+1})"
SAID = {  # by the kind of output: how far it moves, and what that costs
    "next": (rf"\text{{change}}_t = \sum_k {MOVED}", LOSS),
    "legal": (
        rf"\text{{change}}_t = \sum_k {MOVED} + (1 - p_t(k))\,\ln\frac{{1 - p_t(k)}}{{1 - \tilde p_t(k)}}",
        LOSS,
    ),
    "labels": (rf"\text{{change}}_t = \sum_k {MOVED}",),
    "values": (r"\text{change}_t = |\tilde y_t - y_t|",),
    "forecast": (
        r"\text{change}_t = |\tilde y_t - y_t|",
        r"\text{cost}_t = |\tilde y_t - x_{t+1}| - |y_t - x_{t+1}|",
    ),
    "nothing": (),
}


def explain(config: ModelConfig, layer: str | None = None) -> None:
    """The idea and its equations, for the cells of that layer, or else of the first."""
    st.markdown(
        _(
            "A unit that moves may not matter. Test it: fix a gate, cell state or hidden state at a value, rerun, and "
            "compare. A ~ marks the changed run."
        )
    )
    state = STATE[config.cell(layer or config.layer_names[0]).type]
    st.latex(r"\qquad ".join([state, *SAID[says(config.readout)]]))


def says(readout: Readout) -> str:
    """Which of SAID holds for a model with this readout?"""
    forecast = isinstance(readout, Values) and readout.ahead
    return "forecast" if forecast else str(readout.to_json()["kind"])


def offer_example() -> None:
    if COUNTER in model_names():
        st.button(
            _("Look for this: break a model that counts"),
            on_click=break_a_counter,
            icon=":material/visibility:",
            help=_("Two units of “anbn” count the a's. What if their forget gates kept only half of the count?"),
        )


def break_a_counter() -> None:
    """The example: a model that counts, with the forget gates of its counters clamped at 0.5."""
    for key in ("units", "other", "layer", "seen", "altered", "sort", "ranked", "window"):
        state.set_value(key, state.PARAMETERS[key].default)
    state.set_value("model", COUNTER)
    st.session_state[READER] = COUNTER  # shows this text, not the model's first example
    take(COUNTS)
    state.set_value("held", [BREAKS])
    state.set_value("turn", "same")


def about_example() -> None:
    """What to look for in the example, while it is shown."""
    if (st.session_state["model"], st.session_state["text"], st.session_state["held"]) == (COUNTER, COUNTS, [BREAKS]):
        st.info(
            _(
                "**Units 0 and 2 count**: their cell states rise with every a and fall with every b. Clamped at f = 0.5 they "
                "lose half of the count at every step, so the model predicts the end T after only two b's: see where the bars rise. "
                "Below, clamp each unit in turn in the same way: only these two matter."
            ),
            icon=":material/visibility:",
        )
