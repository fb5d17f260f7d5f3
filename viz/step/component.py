"""The step-through component: one LSTM cell drawn with its real numbers, stepping in the browser alone.

Python sends what is needed once; every key press after that is answered by the modules beside this file. What
comes back: where the reader rests, which parts the browser lacks, around which step it needs a window, and
that the model shall write on.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from viz.browser.modules import javascript
from viz.step.payload import Part

HERE = Path(__file__).parent
_component = st.components.v2.component(
    "gatescope.stepper",
    html=(HERE / "stepper.html").read_text(encoding="utf-8"),
    css=(HERE / "stepper.css").read_text(encoding="utf-8"),
    js=javascript("stepper", HERE),
)

SENT = "stepper_sent"  # ids of the parts that the browser was given


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
    sent = st.session_state.setdefault(SENT, set())

    def told(name: str) -> Any:
        return st.session_state.get(key, {}).get(name)  # nothing where the reader has just left the page

    def missing() -> None:
        sent.difference_update(map(str, told("missing") or []))

    def rested() -> None:
        where = told("rested")
        if where:
            on_rest(_whole(where["step"]), _whole(where["unit"]))

    def around() -> None:
        step = _whole(told("around"))
        if step is not None:
            on_around(step)

    def write() -> None:
        how = told("write")
        if how:
            on_write(float(how["temperature"]), int(how["seed"]))

    new = {id_: make() for id_, make in parts.items() if id_ not in sent}
    sent.update(new)
    facts = {id_: {**part.facts, "shapes": part.shapes} for id_, part in new.items()}
    _component(
        key=key,
        data={"header": header, "facts": facts} | _tables(new),
        on_missing_change=missing,
        on_rested_change=rested,
        on_around_change=around,
        on_write_change=write,
        height="content",
    )


def _tables(parts: dict[str, Part]) -> dict[str, pd.DataFrame]:
    """Every array as a table of one column, named "part/array": Streamlit sends these as Arrow."""
    return {
        f"{id_}/{name}": pd.DataFrame({"value": array.reshape(-1)})
        for id_, part in parts.items()
        for name, array in part.arrays.items()
    }


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
