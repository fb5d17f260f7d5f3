"""Train: pick a task, start, and watch the gates change during training."""

import streamlit as st

from lstm_core.tasks import TASKS
from viz.locale import _
from viz.shared import state
from viz.shared.head import page_sides, page_title
from viz.shared.wording import plain
from viz.train.controls import Wanted, choose_settings, choose_task, explain, say
from viz.train.own_data import paste
from viz.train.run_view import is_active, show_none, show_run
from viz.train.runs import pool


def page() -> None:
    state.begin("train")
    state.reset_unless("task", TASKS)
    page_title(_("Watch gates being learnt"), explain=lambda: explain(st.session_state["task"]))
    try:
        pool()
    except (ValueError, OSError) as error:
        say(str(error))
        state.finish()
        return
    first, left, right = page_sides()
    with first:
        task = choose_task()
        st.caption(_(TASKS[task].summary))
        pasted = paste(task) if task == "text" else None  # other tasks have the box beside the file
    with left:
        wanted = choose_settings(task, pasted)
    with first:  # above the settings, which are good as they are, and stays in sight
        offer(wanted)
    with right:
        if st.session_state["run"]:
            show_run(st.session_state["run"])
        else:
            show_none(task, wanted.request.settings.steps)
    state.finish()


def offer(wanted: Wanted) -> None:
    """ "Start training", or why it is not possible."""
    active = is_active(st.session_state["run"])
    with st.empty():  # the button keeps its place when a sentence comes or goes: there are never two
        if wanted.problem:
            say(wanted.problem)
        elif wanted.caution:
            st.warning(plain(wanted.caution), icon=":material/warning:")
    asked = st.button(
        _("Start training"),
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=bool(wanted.problem) or active,
        help=_("This page shows one run: pause or stop it first, or open the page in a second tab.")
        if active
        else None,
    )
    if not asked:
        return
    try:
        run = pool().start(wanted.request, wanted.upload.content if wanted.upload else None)
    except (ValueError, OSError) as error:
        say(str(error))
        return
    state.set_value("run", run)
    st.rerun()


page()
