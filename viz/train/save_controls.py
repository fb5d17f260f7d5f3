"""What a run ended with becomes a model on every page: its name, and where it is to be opened."""

from pathlib import Path

import streamlit as st

from lstm_core.runs import Folder, keep_model, saved_names
from lstm_core.user_models import models_dir, new_model_dir
from pretrained import names
from viz.shared.cached import forget
from viz.shared.example_picker import take_model
from viz.shared.wording import plain
from viz.train.controls import say

PAGES = Path(__file__).parents[1]


def choose_name(folder: Folder) -> None:
    """ "Save as"; and, once it is saved, under which names, also after a reload."""
    with st.form("save", border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        with left:
            name = st.text_input("Save as", placeholder="A name for your model", max_chars=60).strip()
        with right:
            asked = st.form_submit_button("Save", type="primary", icon=":material/save:", width="stretch")
    if asked:
        _keep(folder, name)
    kept = saved_names(folder, models_dir())
    if kept:
        _offer_to_open(kept)


def _keep(folder: Folder, name: str) -> None:
    """Save it under that name, unless that is done already."""
    same = [one for one in saved_names(folder, models_dir()) if one.casefold() == name.casefold()]
    if same:
        st.info(f"This model is already saved as **{plain(same[0])}**. Nothing has changed.", icon=":material/info:")
        return
    try:
        keep_model(folder, new_model_dir(name, taken=names()), name)
    except (ValueError, OSError) as error:
        say(str(error))
        return
    forget(name)  # a model of that name may have been here, and been deleted


def _offer_to_open(kept: list[str]) -> None:
    """Under which names it is saved, and buttons that open the latest."""
    said = " and ".join(f"**{plain(one)}**" for one in kept)
    st.success(f"Saved as {said}: you can choose it on every page.", icon=":material/check:")
    row = st.container(horizontal=True)
    for title, page in (("Explore", "explore"), ("Compare", "compare")):
        if row.button(f"Open on {title}", icon=":material/arrow_forward:"):
            take_model(kept[-1])
            st.switch_page(PAGES / page / "page.py")
