"""The step-through component: one LSTM cell drawn with its real numbers, stepping in the browser alone.

Python sends what is needed once; every key press after that is answered by the modules beside this file. What
comes back: where the reader rests, which parts the browser lacks, around which step it needs a window, and
that the model shall write on.
"""

from collections.abc import Callable
from pathlib import Path

from viz.browser.component import Sent, component
from viz.browser.parts import Part, message

HERE = Path(__file__).parent
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

    `header` says what is shown, in JSON; `parts` makes each part that this needs, by its id. `on_rest` is
    called with step and unit where the reader came to rest (None where they did not choose), `on_around` with a
    step outside the window, `on_write` with temperature and seed.
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
        data=message(header, sent.new(parts)),
        on_missing_change=sent.missing,
        on_rested_change=rested,
        on_around_change=around,
        on_write_change=write,
        height="content",
    )


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
