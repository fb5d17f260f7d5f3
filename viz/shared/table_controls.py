"""What to do with gaps in a reader's table, and what was assumed about the table: on Train and Import."""

from collections.abc import Sequence

import streamlit as st

from lstm_core.tables import GAPS
from viz.locale import N_, _, ngettext
from viz.shared import state
from viz.shared.wording import plain

NAMES = {"last": N_("last value"), "interpolate": N_("interpolate"), "drop": N_("drop")}


def choose_gaps(missing: int, first_line: int) -> dict[str, str]:
    """ "Gaps": how missing numbers are filled or dropped, as an option of the task; only for a column with gaps."""
    if not missing:
        return {}
    state.reset_unless("gaps")
    way = state.widget(
        st.segmented_control,
        "gaps",
        _("Gaps"),
        list(GAPS),
        format_func=lambda way: _(NAMES[way]),
        required=True,
        help=_(
            "Fill each gap with the last value before it, interpolate linearly to the next value (which a forecast could "
            "not know), or drop the row."
        ),
    )
    found = ngettext("{count} gap, in line {line}.", "{count} gaps, the first in line {line}.", missing)
    st.caption(found.format(count=f"{missing:,}", line=f"{first_line:,}"))
    return {"gaps": str(way)}


def show_notes(notes: Sequence[str]) -> None:
    """How a table was read, one line for each assumption."""
    if notes:
        st.caption("  \n".join(map(plain, notes)))
