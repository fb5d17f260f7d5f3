"""Clicks on a figure set values of the link: one helper for every figure that answers to clicks."""

from collections.abc import Callable, Mapping

from viz.browser.picker import Picked, picker
from viz.shared import state


def set_by_click(
    chart: str,
    values: Callable[[Picked], Mapping[str, object]],
    *,
    shown: object,
    row: int | None = None,
    column: int | None = None,
) -> None:
    """Let a click in the chart of that key set what `values` makes of it, by the name that a link has.

    `shown` is what the figure depends on: a click on an older figure, of something else, does nothing. `row` and `column`
    are the cell that is marked; None without one.
    """

    def take(picked: Picked) -> None:
        for key, value in values(picked).items():
            state.set_value(key, value)

    picker(chart, row=row, column=column, version=str(hash(shown)), on_pick=take)
