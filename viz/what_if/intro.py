"""What the page What if is about: the idea, with its equations."""

import streamlit as st

from lstm_core import ModelConfig, Values
from lstm_core.cells import CellType
from lstm_core.readouts import Readout
from viz.locale import _

STATE: dict[CellType, str] = {
    "LSTM": r"\tilde c_t = \tilde f_t \odot \tilde c_{t-1} + \tilde \imath_t \odot \tilde g_t",
    "GRU": r"\tilde h_t = \tilde z_t \odot \tilde h_{t-1} + (1 - \tilde z_t) \odot \tilde n_t",
    "RNN": r"\tilde h_t = \tanh(W x_t + U \tilde h_{t-1} + b)",
}
MOVED = r"p_t(k)\,\log_2\frac{p_t(k)}{\tilde p_t(k)}"
LOSS = r"\text{cost}_t = \log_2 p_t(x_{t+1}) - \log_2 \tilde p_t(x_{t+1})"
CHANGE_EQUATIONS = {  # by the kind of output: how far it moves, and what that costs
    "next": (rf"\text{{change}}_t = \sum_k {MOVED}", LOSS),
    "legal": (
        rf"\text{{change}}_t = \sum_k {MOVED} + (1 - p_t(k))\,\log_2\frac{{1 - p_t(k)}}{{1 - \tilde p_t(k)}}",
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


def explain(config: ModelConfig, layer_name: str | None = None) -> None:
    """The idea and its equations, for the cells of that layer, or else of the first."""
    st.markdown(
        _(
            "A unit that moves may not matter. Test it: fix a gate, cell state or hidden state at a value, rerun, and "
            "compare. A ~ marks the changed run."
        )
    )
    state = STATE[config.cell(layer_name or config.layer_names[0]).type]
    lines = r"\\[8pt]".join([state, *CHANGE_EQUATIONS[output_kind(config.readout)]])
    st.latex(rf"\begin{{gathered}}{lines}\end{{gathered}}")


def output_kind(readout: Readout) -> str:
    """Which of CHANGE_EQUATIONS holds for a model with this readout?"""
    forecast = isinstance(readout, Values) and readout.ahead
    return "forecast" if forecast else str(readout.to_json()["kind"])
