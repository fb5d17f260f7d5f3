"""An animation of training: the same text read at several training steps, played in the browser alone.

Python sends the heatmaps once, as levels of colour; the JavaScript in this folder has the slider, the playing and the
numbers under the pointer. What comes back: where the reader rests, and which heatmaps the browser lacks.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import xarray as xr

from viz.browser.component import Sent, component
from viz.browser.modules import messages
from viz.browser.parts import Part, message
from viz.film.payload import Film, Frame, levels_of
from viz.locale import translated

__all__ = ["Frame", "film", "levels_of"]

HERE = Path(__file__).parent
_component = component("film", HERE)
_MESSAGES = messages("film", HERE)


def film(
    frames: Sequence[Frame],
    *,
    signals: Sequence[str],
    layer: xr.Dataset,
    order: Sequence[int],
    steps: int,
    unit_of_loss: str,
    measure: str = "",
    cell_limit: float = 1.0,
    at: int | None = None,
    live: bool = False,
    note: str = "",
    title: str,
    key: str,
    on_rest: Callable[[int], None] | None = None,
) -> None:
    """Draw heatmaps of `signals` at several training steps, and let the reader move among these.

    `frames` stand in the order of their steps, each with levels as `levels_of` makes them, over (unit, step) with the
    units by index; `layer` is any recording of these steps, for their tokens; `order` says which unit each row is.
    `steps` is how many the whole training has, `unit_of_loss` what a frame's loss is counted in, `measure` what its score is, `cell_limit` where the cell state's
    colours end. `at` is the training step shown at first, the last by default; `title` is for screen readers; `on_rest` is
    called with the step where the reader came to rest. With `live` only the newest frame is shown, in place, as often as this is called.

    Beyond `payload.MOST_LEVELS` numbers, only the units that vary most are sent, and a note says so.
    """
    shown = Film(tuple(frames[-1:] if live else frames), tuple(signals), layer, tuple(order))
    sent = Sent(key)

    def rested() -> None:
        where = sent.told("rested")
        if where and on_rest is not None:
            on_rest(int(where["step"]))

    parts = {id_: partial(Part, arrays={"levels": levels}) for id_, levels in shown.parts.items()}
    new = sent.new(parts)
    if live:
        sent.only(parts)  # an old frame does not come back
    header = shown.header(
        steps=steps,
        unit_of_loss=unit_of_loss,
        measure=measure,
        cell_limit=cell_limit,
        at=at,
        note=note,
        title=title,
    )
    _component(
        key=key,
        data=message(header | {"strings": translated(_MESSAGES)}, new),
        on_missing_change=sent.missing,
        on_rested_change=rested,
        height="content",
    )
