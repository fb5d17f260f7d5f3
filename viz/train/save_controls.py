"""A run's model is saved for every page: its name, and buttons that open it."""

from pathlib import Path

import streamlit as st

from lstm_core.runs import Folder, Request, keep_model, saved_names
from lstm_core.user_models import models_dir, new_model_dir
from pretrained import names
from viz.browser.reveal import reveal
from viz.locale import N_, _
from viz.shared import state
from viz.shared.cached import forget
from viz.shared.example_picker import take_model
from viz.shared.wording import plain
from viz.train.controls import say

PAGES = Path(__file__).parents[1]
FORM = 300  # pixels
OPENS = (("explore", N_("Open on Explore")), ("compare", N_("Open on Compare")), ("film", N_("Film")))


def offer_model(folder: Folder, request: Request) -> None:
    """ "Save as"; buttons that open the model; and the names under which it is saved, also after a reload."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.form("save", border=False, width=FORM), st.container(horizontal=True, vertical_alignment="center"):
            name = st.text_input(
                _("Save as"), placeholder=_("A name for your model"), max_chars=60, label_visibility="collapsed"
            ).strip()
            asked = st.form_submit_button(_("Save"), type="primary", icon=":material/save:")
        opened = [
            where for where, title in OPENS if st.button(_(title), key=f"open-{where}", icon=":material/arrow_forward:")
        ]
    if asked:
        _keep(folder, name)
    if opened:
        _open(folder, request, opened[0])
    saved = saved_names(folder, models_dir())
    if saved:
        *others, last = (f"**{plain(one)}**" for one in saved)
        listed = _("{names} and {last}").format(names=", ".join(others), last=last) if others else last
        st.success(
            _("Saved as {names}: you can choose it on every page.").format(names=listed), icon=":material/check:"
        )


def _keep(folder: Folder, name: str) -> bool:
    """Save it under that name, unless it is there already. False after a sentence that says why not."""
    same = [one for one in saved_names(folder, models_dir()) if one.casefold() == name.casefold()]
    if same:
        known = _("This model is already saved as **{name}**. Nothing has changed.").format(name=plain(same[0]))
        st.info(known, icon=":material/info:")
        return True
    try:
        keep_model(folder, new_model_dir(name, taken=names()), name)
    except (ValueError, OSError) as error:
        say(str(error))
        return False
    forget(name)  # a model of that name may have been here, and been deleted
    return True


def _open(folder: Folder, request: Request, where: str) -> None:
    """Let every page show the model, saved under a name of ours if it has none yet, and go to that page."""
    saved = saved_names(folder, models_dir())
    if not saved:
        name = _free(request.task)
        if not _keep(folder, name):
            return
        saved = [name]
    take_model(saved[-1])
    if where == "film":
        state.set_value("tab", where)
        reveal(where)
    st.switch_page(PAGES / ("compare" if where == "film" else where) / "page.py")


def _free(task: str) -> str:
    """A name after the task that no model has."""
    taken, number = {one.casefold() for one in names()}, 1
    while f"{task}-{number}" in taken:
        number += 1
    return f"{task}-{number}"
