"""The step-through component: one cell drawn with its real numbers, stepping entirely in the browser.

Python sends the data once; the modules beside this file answer every key press. The browser reports where the reader
stops, which parts it lacks, around which step it needs a window, and when the model is to generate text.
"""

from collections.abc import Callable
from pathlib import Path

from viz.browser.component import Sent, component
from viz.browser.modules import messages
from viz.browser.parts import Part, message
from viz.locale import translated
from viz.shared.prediction_text import NOTHING
from viz.step.payload import SPOKEN

HERE = Path(__file__).parent
MESSAGES = [*messages("stepper", HERE), *SPOKEN.values(), NOTHING]
_component = component("stepper", HERE)


def stepper(
    header: dict[str, object],
    parts: dict[str, Callable[[], Part]],
    *,
    on_rest: Callable[[int | None, int | None], None],
    on_around: Callable[[int], None],
    on_write: Callable[[float, int], None],
) -> None:
    """Draw the cell and let the reader step.

    `header` says what is shown, in JSON; `parts` makes each part that this needs, by its id. `on_rest` is called with the
    step and unit where the reader stopped (None if not chosen), `on_around` with a step outside the window, `on_write`
    with temperature and seed.
    """
    key = "stepper"
    sent = Sent(key)

    def rested() -> None:
        where = sent.told("rested")
        if where:
            on_rest(_whole(where["step"]), _whole(where["unit"]))

    def around() -> None:
        step = _whole(sent.told("around"))
        if step is not None:
            on_around(step)

    def write() -> None:
        how = sent.told("write")
        if how:
            on_write(float(how["temperature"]), int(how["seed"]))

    _component(
        key=key,
        data=message({**header, "strings": translated(MESSAGES)}, sent.new(parts)),
        on_missing_change=sent.missing,
        on_rested_change=rested,
        on_around_change=around,
        on_write_change=write,
        height="content",
    )


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
