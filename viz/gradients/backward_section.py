"""The backward equations of one unit at one step on the page Gradients, and what its weights learn."""

from functools import partial
from math import isfinite

import streamlit as st
import xarray as xr

from lstm_core import Recording
from viz.gradients.backward_equations import TOP, aligned, backward_lines, weight_table
from viz.gradients.cached import Equations, Question
from viz.shared.downloads import table_download
from viz.shared.tables import Table
from viz.shared.wording import in_digits

EQUAL = 1e-3  # shares of the largest gradient of a kind: single precision leaves up to 1e-4 on the zoo's models
KINDS = {
    "hidden": "dL/dh",
    "output": "dL/do",
    "cell": "dL/dc",
    "forget": "dL/df",
    "input": "dL/di",
    "candidate": "dL/dg",
    "preactivation": "dL/da",
    "read": "dL/dx",
    "weight_ih": "dL/dW",
    "weight_hh": "dL/dU",
    "bias": "dL/db",
}


def show_equations(
    recording: Recording, question: Question, found: xr.Dataset, equations: Equations, *, neuron: tuple[int, int, bool]
) -> None:
    """Ten equations, the unit's weights that would change L most, and how far all of it is from autograd."""
    unit, step, _ = neuron
    layer = recording.layers[question.layer_name]
    lines = backward_lines(equations.signals, found, layer, unit, step)
    st.markdown(f"**Unit {unit} at step {step}**, from above: what comes back to h, through the cell, into every gate.")
    st.latex(aligned(lines))
    st.caption(
        "“Said at once” is what L depends on h by what the model says at this very step; the rest comes back through the gates of the "
        "next. The slope of the sigmoid, o (1 − o), is **what textbooks often drop**: without it the gradient of a gate would be "
        "at least four times too large. A gate that is wide open or shut has a slope near 0, and learns next to nothing."
    )
    st.markdown(f"**What the weights of unit {unit} learn**: its {TOP} largest gradients, each summed over all steps.")
    st.latex(_weights("t+1" if layer.attrs.get("direction") == "reverse" else "t-1"))
    rows = weight_table(equations.signals, unit)
    rows["gradient"] = [in_digits(value, "+.3g") for value in rows["gradient"]]
    st.table(rows.set_index("weight"))
    every = Table(
        partial(weight_table, equations.signals, unit, count=None), "weight, of, from, gradient; all of this unit's"
    )
    table_download("Weights", every, key="weights")
    st.caption(parity(equations.differences))


def parity(differences: dict[str, float]) -> str:
    """How far from autograd are these equations, as Markdown? `differences` by kind, as shares of the largest."""
    worst = max(differences.values())
    if not all(isfinite(one) for one in differences.values()):
        return "Some of these gradients are not numbers, so they cannot be compared with autograd's."
    each = ", ".join(f"{symbol} {differences[name]:.0e}" for name, symbol in KINDS.items() if name in differences)
    verdict = (
        f":material/verified: **Equals autograd within {worst:.0e}**"
        if worst <= EQUAL
        else f":red[:material/error:] **Differs from autograd by {worst:.0e}**"
    )
    return f"{verdict}, all units and steps of this layer, as a share of the largest of its kind ({each})."


def _weights(before: str) -> str:
    """The equations of the weights, where the step read before is called so."""
    return (
        r"\mathrm{d}L/\mathrm{d}W = \sum_t \mathrm{d}L/\mathrm{d}a_t \; x_t^\top \qquad "
        rf"\mathrm{{d}}L/\mathrm{{d}}U = \sum_t \mathrm{{d}}L/\mathrm{{d}}a_t \; h_{{{before}}}^\top \qquad "
        r"\mathrm{d}L/\mathrm{d}b = \sum_t \mathrm{d}L/\mathrm{d}a_t\;"
    )
