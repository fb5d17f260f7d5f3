"""What a reader's table leaves open, and what was assumed of it: on Train and on Import."""

from collections.abc import Sequence

import streamlit as st

from lstm_core.tables import GAPS
from viz.shared import state
from viz.shared.wording import plain

NAMES = {"last": "last value", "interpolate": "interpolate", "drop": "drop"}


def choose_gaps(missing: int, first_line: int) -> dict[str, str]:
    """ "Gaps": how missing numbers are filled or dropped, as an option of the task; only for a column with gaps."""
    if not missing:
        return {}
    state.reset_unless("gaps")
    way = state.widget(
        st.segmented_control,
        "gaps",
        "Gaps",
        list(GAPS),
        format_func=NAMES.__getitem__,
        required=True,
        help="Fill each gap with the last value before it, fill it along a straight line to the next value (which a "
        "forecast could not know), or drop its row.",
    )
    st.caption(f"{missing:,} gap{'s' if missing > 1 else ''}, the first in line {first_line:,}.")
    return {"gaps": str(way)}


def show_notes(notes: Sequence[str]) -> None:
    """How a table was read, one line for each assumption."""
    if notes:
        st.caption("  \n".join(map(plain, notes)))
