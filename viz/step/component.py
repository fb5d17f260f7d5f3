"""The step-through component: one cell drawn with its real numbers, stepping entirely in the browser.

Python sends models, or, where these are too large, the data once; the modules beside this file answer every key press.
The browser reports where the reader rests and with which text, what it lacks, around which step it needs a window, and
when the model is to generate text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from lstm_core import SequenceModel
from viz.browser.component import Sent, component
from viz.browser.modules import messages
from viz.browser.parts import Part, message
from viz.live.options import CARDS, Card
from viz.live.weights import new_facts, new_weights, wanted
from viz.locale import translated
from viz.shared.prediction_text import NOTHING
from viz.shared.wording import SPOKEN

HERE = Path(__file__).parent
KEY = "stepper"
MESSAGES = [*messages("stepper", HERE), *SPOKEN.values(), NOTHING]
_component = component("stepper", HERE)


@dataclass(frozen=True)
class Rested:
    """Where the reader rests: the step and the unit, None if not chosen; and what was typed, where the browser reads it.

    `card` is what is open of the selected unit, one of CARDS; None where that is not told.
    """

    step: int | None
    unit: int | None
    text: str | None = None
    steps: int = 0
    version: int = 0
    card: Card | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        text = told.get("text")
        return cls(
            _whole(told.get("step")),
            _whole(told.get("unit")),
            text if isinstance(text, str) else None,
            _whole(told.get("steps")) or 0,
            _whole(told.get("version")) or 0,
            next((one for one in CARDS if one == told.get("card")), None),
        )


@dataclass(frozen=True)
class Told:
    """What is called with what the browser reports; `on_write` with temperature and seed."""

    on_rest: Callable[[Rested], None]
    on_write: Callable[[Rested, float, int], None]
    on_around: Callable[[int], None] = lambda _step: None
    on_example: Callable[[], None] = lambda: None


def stepper(
    header: Mapping[str, object], parts: Mapping[str, Callable[[], Part]], told: Told, *, about: Mapping[str, object]
) -> bool:
    """Draw the cell and let the reader step. Does the reader go to the page of the unit?

    `header` says what is shown, in JSON; `parts` makes each part that this needs, by its id; `about` is what is known of the units,
    as `About` in types.d.ts.
    """
    data = message({**header, "strings": translated(MESSAGES), "about": about}, Sent(KEY).new(parts))
    return _mount(data, told)


def live_stepper(
    header: Mapping[str, object],
    facts: Mapping[str, Callable[[], object]],
    models: Mapping[str, Callable[[], SequenceModel]],
    told: Told,
) -> bool:
    """The same with the text in a field, read in the browser by `models`, by their content ids; `facts` by theirs."""
    return _mount({"header": header, "facts": new_facts(facts), **new_weights(models)}, told)


def _mount(data: Mapping[str, object], told: Told) -> bool:
    sent = Sent(KEY)

    def rested(name: str) -> None:
        where = sent.told(name)
        if where:
            told.on_rest(Rested.of(where))

    def around() -> None:
        step = _whole(sent.told("around"))
        if step is not None:
            told.on_around(step)

    def write() -> None:
        how = sent.told("write")
        if how:
            told.on_write(Rested.of(how), float(how["temperature"]), int(how["seed"]))

    def missing() -> None:
        sent.missing()
        wanted(sent.told("missing") or [])

    def example() -> None:
        if sent.told("example"):
            told.on_example()

    found = _component(
        key=KEY,
        data=dict(data),
        on_missing_change=missing,
        on_rested_change=partial(rested, "rested"),
        on_units_change=partial(rested, "units"),
        on_around_change=around,
        on_write_change=write,
        on_example_change=example,
        height="content",
    )
    return bool(found.get("units"))


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
