"""Train: pick a task, start, and watch the gates being learnt."""

import streamlit as st

from viz.shared import state
from viz.shared.wording import plain
from viz.train.controls import Wanted, choose_settings, choose_task, say
from viz.train.run_view import is_active, show_run
from viz.train.runs import pool


def page() -> None:
    state.begin("train")
    st.title("Watch gates being learnt", anchor=False)
    st.caption(
        "Pick a task, start, and see a model go from noise to gates that open and shut for a reason. It is trained on "
        "this machine, in a process of its own: the other pages stay usable, and this page's address finds it again."
    )
    try:
        pool()
    except (ValueError, OSError) as error:
        say(str(error))
        state.finish()
        return
    left, right = st.columns([2, 5], gap="large")
    with left:
        task = choose_task()
        start_box = st.container()  # above the settings, which are good as they are, and stays in sight
        wanted = choose_settings(task)
    with start_box:
        offer(wanted)
    with right:
        if st.session_state["run"]:
            show_run(st.session_state["run"])
        else:
            st.info(
                "Nothing is trained yet: **Start training** on the left. The suggested settings work; most tasks take a "
                "minute or two.",
                icon=":material/model_training:",
            )
    state.finish()


def offer(wanted: Wanted) -> None:
    """ "Start training", or what stands in its way."""
    active = is_active(st.session_state["run"])
    if wanted.problem:
        say(wanted.problem)
    elif wanted.caution:
        st.warning(plain(wanted.caution), icon=":material/warning:")
    asked = st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=bool(wanted.problem) or active,
        help="This page follows one run: pause or stop it first, or open the page in a second tab." if active else None,
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
