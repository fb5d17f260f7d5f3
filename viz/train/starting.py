"""The seconds in which a run's process starts: what happens, as the process itself writes it down."""

import streamlit as st

from viz.locale import N_, _

STAGES = {  # what is done once the process has reached the stage of that name
    "process": N_("Starting a process"),
    "torch": N_("Importing PyTorch"),
    "data": N_("Preparing the data and the untrained model"),
    "step": N_("First training step"),
}


def present(started: tuple[str, ...]) -> str:
    """What happens now, of the catalogue."""
    return STAGES[_present(started)]


def comes_back(started: tuple[str, ...]) -> bool:
    """Is the process of a run that goes on still on its way to the training?"""
    return bool(started) and "data" not in started


def _present(started: tuple[str, ...]) -> str:
    return next(stage for stage in STAGES if stage not in started)  # "step" is told by the first snapshot alone


def show_start(started: tuple[str, ...], *, waiting: bool = False) -> None:
    """All stages: those that are reached, the present one, and those to come, which all are where the run waits in line."""
    now = "" if waiting else _present(started)
    lines = []
    for stage, title in STAGES.items():
        if stage in started:
            lines.append(f":material/check_circle: {_(title)}")
        elif stage == now:
            lines.append(f":material/hourglass_top: **{_(title)} …**")
        else:
            lines.append(f":material/radio_button_unchecked: {_(title)}")
    st.markdown("  \n".join(lines))
