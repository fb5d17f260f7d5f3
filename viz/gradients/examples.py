"""What is to be seen on the page Gradients: examples that open in one click, and where to look in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

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
        "A letter remembered over 16 steps",
        "embedded_reber",
        "P across a long string",
        {"target_step": 17, "target_of": "P", "step": 1, "unit": 3},
        "The string must end as it began: after step 17 the model expects the **P** of step 1. **The top row, unit 3, is strong all the "
        "way back to step 2**: a belt. The P was written into it one step after it was read, by way of the hidden state, so that "
        "at 16 steps back “along the belt alone” falls, and “all ways” does not. **Of the tanh RNN's gradient at step 17, 1.7e-11 is left.**",
    ),
    Example(
        "A sum kept over 100 numbers",
        "adding",
        "Two marked of a hundred",
        {"unit": 40, "step": 0},
        "**The top row, unit 40, has one strong colour over all 100 steps**: its forget gate stays above 0.9, and along the belt alone "
        "seven tenths of the gradient come back to the first number. **Of the tanh RNN's gradient 2.1e-08 is left there**: it never learnt to add.",
    ),
)


OPENING = "A sum kept over 100 numbers"


def show_examples() -> None:
    """A button for each of EXAMPLES whose model is here."""
    known = model_names()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Look for this:**", width="content")
        for example in EXAMPLES:
            if example.model in known:
                st.button(example.title, on_click=take_example, args=(example,), icon=":material/visibility:")


def open_fresh() -> None:
    """Begin a visit that says nothing of what it wants with a gradient that reaches far: the text of other pages fades too soon."""
    example = next(one for one in EXAMPLES if one.title == OPENING)
    if example.model in model_names():
        take_example(example)


def take_example(example: Example) -> None:
    """Ask it, and let everything else be as by default."""
    state.set_value("model", example.model)
    st.session_state[READER] = example.model  # its text is meant, not the model's first example
    take(offered(example.model)[example.text])
    for key in ("layer", "target", "gradient", "rows", "window"):
        state.set_value(key, state.PARAMETERS[key].default)
    for key, value in example.asked.items():
        state.set_value(key, value)


def about_example() -> None:
    """What there is to see in an example, while it is what is asked."""
    for example in EXAMPLES:
        asked = {key: value for key, value in example.asked.items() if key.startswith("target")}
        shown = st.session_state["model"] == example.model and all(
            st.session_state[key] == value for key, value in asked.items()
        )
        if shown and st.session_state["text"] == offered(example.model).get(example.text):
            st.info(example.look_for, icon=":material/visibility:")
