"""A run's model is saved for every page: its name, and buttons that open it."""

from pathlib import Path

import streamlit as st

from lstm_core.runs import Folder, keep_model, saved_names
from lstm_core.user_models import models_dir, new_model_dir
from pretrained import names
from viz.locale import N_, _
from viz.shared.cached import forget
from viz.shared.example_picker import take_model
from viz.shared.wording import plain
from viz.train.controls import say

PAGES = Path(__file__).parents[1]


def choose_name(folder: Folder) -> None:
    """ "Save as"; and the names under which the model is saved, also after a reload."""
    with st.form("save", border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        with left:
            name = st.text_input(_("Save as"), placeholder=_("A name for your model"), max_chars=60).strip()
        with right:
            asked = st.form_submit_button(_("Save"), type="primary", icon=":material/save:", width="stretch")
    if asked:
        _keep(folder, name)
    saved = saved_names(folder, models_dir())
    if saved:
        _offer_to_open(saved)


def _keep(folder: Folder, name: str) -> None:
    """Save it under that name, unless it is there already."""
    same = [one for one in saved_names(folder, models_dir()) if one.casefold() == name.casefold()]
    if same:
        known = _("This model is already saved as **{name}**. Nothing has changed.").format(name=plain(same[0]))
        st.info(known, icon=":material/info:")
        return
    try:
        keep_model(folder, new_model_dir(name, taken=names()), name)
    except (ValueError, OSError) as error:
        say(str(error))
        return
    forget(name)  # a model of that name may have been here, and been deleted


def _offer_to_open(saved: list[str]) -> None:
    """The names under which it is saved, and buttons that open the latest."""
    *others, last = (f"**{plain(one)}**" for one in saved)
    names = _("{names} and {last}").format(names=", ".join(others), last=last) if others else last
    st.success(_("Saved as {names}: you can choose it on every page.").format(names=names), icon=":material/check:")
    row = st.container(horizontal=True)
    for title, page in ((N_("Explore"), "explore"), (N_("Compare"), "compare")):
        if row.button(_("Open on {page}").format(page=_(title)), icon=":material/arrow_forward:"):
            take_model(saved[-1])
            st.switch_page(PAGES / page / "page.py")
