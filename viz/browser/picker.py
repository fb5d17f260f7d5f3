"""Clicks on the cells of a Plotly heatmap, which Streamlit does not report, and on points and bars."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from viz.browser.component import component

_component = component("picker", Path(__file__).parent)


@dataclass(frozen=True)
class Picked:
    """A click on one cell of a heatmap, or on one point or bar of a trace whose `meta` is "pick"."""

    row: int  # from the top; for a point or bar, its number in the trace
    column: int  # from the left
    version: str  # of the figure that was clicked
    trace: str = ""  # its name


def picker(chart: str, *, row: int | None, column: int | None, version: str, on_pick: Callable[[Picked], None]) -> None:
    """Call `on_pick` when a cell or point is clicked in the chart with key `chart`, and mark one cell of its heatmaps.

    `row` and `column` are the marked cell (None: no mark). `version` identifies the figure as it is now, so that a late
    click on an older figure is ignored.
    """
    key = f"{chart}-picker"

    def tell() -> None:
        picked = st.session_state[key].get("picked")
        if isinstance(picked, dict) and picked.get("version") == version:
            on_pick(Picked(int(picked["row"]), int(picked["column"]), version, str(picked.get("trace", ""))))

    _component(
        key=key,
        data={"chart": chart, "row": row, "column": column, "version": version},
        on_picked_change=tell,
        height="content",
    )
