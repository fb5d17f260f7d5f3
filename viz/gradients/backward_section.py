"""The backward equations of one unit at one step on the page Gradients, and what its weights learn."""

from functools import partial
from math import isfinite

import pandas as pd
import streamlit as st
import xarray as xr

from lstm_core import Recording
from viz.gradients.backward_equations import TOP, aligned, backward_lines, weight_table
from viz.gradients.cached import Equations, Question
from viz.locale import _
from viz.shared.controls import is_dark
from viz.shared.downloads import table_download
from viz.shared.tables import Table
from viz.shared.wording import in_digits

EQUAL = 1e-3  # relative to the largest gradient of a kind: single precision leaves up to 1e-4 on the zoo's models
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
    """Ten equations, the unit's weights with the largest gradients, and the difference from autograd."""
    unit, step, _chosen = neuron
    layer = recording.layers[question.layer_name]
    lines = backward_lines(equations.signals, found, layer, unit, step, dark=is_dark())
    sentence = _("**Unit {unit} at step {step}**, top to bottom: the gradient at h, through the cell, into every gate.")
    st.markdown(sentence.format(unit=unit, step=step))
    st.latex(aligned(lines))
    st.caption(
        _(
            "“Direct” is the part of dL/dh that comes from this step's own prediction; the rest comes back through the next step's "
            "gates. The slope of the sigmoid, o (1 − o), is **often dropped in textbooks**: without it a gate's gradient would be at least "
            "four times too large. A saturated gate, open or shut, has a slope near 0 and learns almost nothing."
        )
    )
    sentence = _(
        "**What the weights of unit {unit} learn**: the {count} largest gradients, each summed over all steps."
    )
    st.markdown(sentence.format(unit=unit, count=TOP))
    st.latex(_weights("t+1" if layer.attrs.get("direction") == "reverse" else "t-1"))
    rows = weight_table(equations.signals, unit)
    st.table(_in_words(rows))
    about = _("{columns}; all weights of this unit").format(columns="`weight`, `of`, `from`, `gradient`")
    table_download(
        _("Weights"), Table(partial(weight_table, equations.signals, unit, count=None), about), key="weights"
    )
    st.caption(parity(equations.differences))


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The table as it is shown, in the reader's language."""
    sources = {"input": _("input {number}"), "unit": _("unit {number}"), "bias": _("bias")}
    places = [place.partition(" ") for place in rows["from"]]
    shown = {
        _("weight"): rows["weight"],
        _("of"): [_(title) for title in rows["of"]],
        _("from"): [sources[source].format(number=number) for source, _space, number in places],
        _("gradient"): [in_digits(value, "+.3g") for value in rows["gradient"]],
    }
    return pd.DataFrame(shown).set_index(_("weight"))


def parity(differences: dict[str, float]) -> str:
    """How far are these equations from autograd, as Markdown? `differences` by kind, relative to the largest."""
    worst = max(differences.values())
    if not all(isfinite(one) for one in differences.values()):
        return _("Some of these gradients are not numbers, so they cannot be compared with autograd's.")
    each = ", ".join(f"{symbol} {differences[name]:.0e}" for name, symbol in KINDS.items() if name in differences)
    sentence = (
        _(
            ":material/verified: **Equals autograd within {error}** for all units and steps of this layer, relative to the largest "
            "gradient of each kind ({each})."
        )
        if worst <= EQUAL
        else _(
            ":red[:material/error:] **Differs from autograd by {error}** over all units and steps of this layer, relative to the "
            "largest gradient of each kind ({each})."
        )
    )
    return sentence.format(error=f"{worst:.0e}", each=each)


def _weights(before: str) -> str:
    """The equations of the weights; `before` is the step that was read before."""
    return (
        r"\mathrm{d}L/\mathrm{d}W = \sum_t \mathrm{d}L/\mathrm{d}a_t \; x_t^\top \qquad "
        rf"\mathrm{{d}}L/\mathrm{{d}}U = \sum_t \mathrm{{d}}L/\mathrm{{d}}a_t \; h_{{{before}}}^\top \qquad "
        r"\mathrm{d}L/\mathrm{d}b = \sum_t \mathrm{d}L/\mathrm{d}a_t\;"
    )
