"""Examples for the page Gradients that open in one click, and where to look in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from viz.locale import N_, _
from viz.shared import state
from viz.shared.cached import model_names
from viz.shared.example_picker import READER, offered, take


@dataclass(frozen=True)
class Example:
    """A question that shows something."""

    title: str
    model: str
    text: str  # the title of one of the model's examples
    asked: Mapping[str, object]  # what else is chosen, by the name that a link has
    look_for: str  # as Markdown


EXAMPLES = (
    Example(
        N_("A letter remembered over 16 steps"),
        "embedded_reber",
        N_("P across a long string"),
        {"target_step": 17, "target_of": "P", "step": 1, "unit": 3},
        N_(
            "The string must end as it began: after step 17 the model predicts the **P** of step 1. **The top row, unit 3, stays strong "
            "back to step 2**: its forget gate stays open. The P reached it one step late, through the hidden state. So 16 steps back "
            "“cell-state path only” drops, and “all paths” does not. **The tanh RNN keeps 1.7e-11 of its gradient there.**"
        ),
    ),
    Example(
        N_("A sum kept over 100 numbers"),
        "adding",
        N_("Two marked of a hundred"),
        {"unit": 40, "step": 0},
        N_(
            "**The top row, unit 40, has one strong colour over all 100 steps**: its forget gate stays above 0.9, and seven tenths of the "
            "gradient reach the first number on the cell-state path. **The tanh RNN keeps 2.1e-08 there**: it never learnt to add."
        ),
    ),
)


OPENING = N_("A sum kept over 100 numbers")


def show_examples() -> None:
    """A button for each of EXAMPLES whose model is here."""
    known = model_names()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_("**Look for this:**"), width="content")
        for example in EXAMPLES:
            if example.model in known:
                st.button(_(example.title), on_click=take_example, args=(example,), icon=":material/visibility:")


def open_fresh() -> None:
    """Begin a visit without a link with a gradient that reaches far: on the other pages' text it fades too soon."""
    example = next(one for one in EXAMPLES if one.title == OPENING)
    if example.model in model_names():
        take_example(example)


def take_example(example: Example) -> None:
    """Open an example, and reset everything else to its default."""
    state.set_value("model", example.model)
    st.session_state[READER] = example.model  # its text is meant, not the model's first example
    take(offered(example.model)[example.text])
    for key in ("layer", "target", "gradient", "rows", "window"):
        state.set_value(key, state.PARAMETERS[key].default)
    for key, value in example.asked.items():
        state.set_value(key, value)


def about_example() -> None:
    """Where to look in an example, while it is open."""
    for example in EXAMPLES:
        asked = {key: value for key, value in example.asked.items() if key.startswith("target")}
        shown = st.session_state["model"] == example.model and all(
            st.session_state[key] == value for key, value in asked.items()
        )
        if shown and st.session_state["text"] == offered(example.model).get(example.text):
            st.info(_(example.look_for), icon=":material/visibility:")
