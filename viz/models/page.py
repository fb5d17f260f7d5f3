"""Models: what there is to look at, what each model learnt from, and how good it is."""

import streamlit as st

from viz.locale import _
from viz.models.sections import show_group, show_unreadable
from viz.shared import state
from viz.shared.cached import trained_names
from viz.shared.head import page_title
from viz.shared.model_facts import grouped


def page() -> None:
    state.begin("models")
    page_title(_("Which models are there, and how good are they?"), explain=explain)
    show_unreadable()
    for group, names in grouped(trained_names()).items():
        st.header(_(group), anchor=False)
        show_group(names)
    state.finish()


def explain() -> None:
    st.caption(
        _(
            "Scores are on held-out data. The pictures show the gates of the most telling units on the model's first example: "
            "a column a timestep, from the colour of the background (0) to full colour (1). Shipped models have Gatescope's licence, MIT."
        )
    )


page()
