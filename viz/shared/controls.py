"""The widgets that pages share, and the Selection they make together.

A value that does not fit, such as one from a hand-written address, is replaced by the default before its widget is
drawn.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Recording
from lstm_core.analysis import ORDERS, most_varying
from lstm_core.analysis.telling import TELLING
from viz.locale import N_, _
from viz.shared import exported, state
from viz.shared.cached import describe, trained
from viz.shared.model_facts import UNTRAINED, name_before, title_of, titles_of
from viz.shared.reading import Reading
from viz.shared.text_controls import LONGEST

UNITS = Path(__file__).parents[1] / "units" / "page.py"
WINDOWS = {"60": 60, "120": 120, "200": 200, "1000": 1000, N_("all"): LONGEST * 4}
FEWEST = min(WINDOWS.values())  # steps: so few are always shown whole
ORDER_TITLES = {
    "index": N_("index"),
    "variability": N_("standard deviation"),
    "similarity": N_("similarity"),
    "timescale": N_("timescale"),
}

WHICH_TITLES = {"telling": N_("most telling"), "all": N_("all"), "pick": N_("pick")}  # as on Explore


@dataclass(frozen=True)
class Selection(Reading):
    """A unit and a step of a layer: what the reader looks at."""

    unit: int
    step: int


@dataclass(frozen=True)
class Window:
    """Which part of the text is shown."""

    start: int
    stop: int

    @property
    def steps(self) -> slice:
        return slice(self.start, self.stop)


def choose_other(model_name: str, others: list[str]) -> str | None:
    """ "Compare with": another model of the same layout; by default the first of `others`, the model before (or after) training.

    None, after a sentence, where there is no other.
    """
    if not others:
        st.caption(_("There is nothing to compare this model with: it is not known what it was before training."))
        return None
    counterpart, *rest = others
    state.reset_unless("other", (state.COUNTERPART, *rest))
    titles = titles_of(others)
    if name_before(counterpart) == name_before(model_name):
        itself = _("itself before training") if counterpart.endswith(UNTRAINED) else _("itself after training")
        titles[counterpart] = itself
    chosen = state.widget(
        st.selectbox,
        "other",
        _("Compare with"),
        [state.COUNTERPART, *rest],
        format_func=lambda name: titles[counterpart if name == state.COUNTERPART else name],
    )
    return counterpart if chosen == state.COUNTERPART else str(chosen)


def choose_order() -> str:
    """ "Sort units": the order of heatmap rows."""
    state.reset_unless("sort")
    return str(
        state.widget(
            st.segmented_control,
            "sort",
            _("Sort units"),
            ORDERS,
            format_func=lambda order: _(ORDER_TITLES[order]),
            required=True,
            help=_(
                "By similarity: units that rise and fall together stand together. By timescale: the units that remember longest "
                "first, by their forget gates, or without one by the autocorrelation of their hidden states."
            ),
            wrap=True,
        )
    )


def choose_which(units: int) -> str:
    """ "Rows": the units that tell most, all, or those picked on Explore; all without a choice where there are few."""
    options = ["telling", "all", *(["pick"] if st.session_state["units"] else [])]
    state.reset_unless("which", options)
    if units <= TELLING:
        return "all"
    return str(
        state.widget(
            st.segmented_control,
            "which",
            _("Rows"),
            options,
            required=True,
            kind=str(len(options)),
            format_func=lambda which: _(WHICH_TITLES[which]),
            help=_(
                "{count} of {units} units tell most about this text: they respond to more than the current token."
            ).format(count=TELLING, units=units),
        )
    )


def choose_window(steps: int) -> Window:
    """ "Timesteps shown" and "Starting at": which part of a long text is drawn; its end by default.

    A short text is drawn whole, without these widgets.
    """
    if steps <= FEWEST:
        return Window(0, steps)
    left, right = st.columns(2)
    state.reset_unless("window", WINDOWS)
    state.reset_unless("first", range(steps))
    with left:
        shown = state.widget(
            st.segmented_control, "window", _("Timesteps shown"), list(WINDOWS), format_func=_, required=True
        )
    with right:
        first = state.widget(
            st.number_input,
            "first",
            _("Starting at"),
            0,
            steps - 1,
            placeholder=_("end of text"),
            help=_("Leave empty to follow the end of the text while you type."),
        )
    length = min(WINDOWS[shown], steps)
    start = steps - length if first is None else int(first)
    return Window(start, min(steps, start + length))


def choose_cell(
    recording: Recording,
    layer_name: str,
    window: Window,
    *,
    usual: int | None = None,
    why: str = "",
    as_read: bool = False,
    boxes: tuple[DeltaGenerator, DeltaGenerator] | None = None,
) -> tuple[int, int, bool]:
    """ "Unit" and "Step", which a click on the heatmap sets too, and whether the reader has chosen.

    If they are empty: the `usual` unit, with `why` as the placeholder, or the unit whose hidden state varies most; and the
    last step shown, or with `as_read` the last that the layer reads, which is the first step shown if it reads backwards.
    """
    steps, units = recording.layers[layer_name].sizes["step"], recording.layers[layer_name].sizes["unit"]
    state.reset_unless("unit", range(units))
    state.reset_unless("step", range(window.start, window.stop))
    left, right = boxes or st.columns(2)
    with left:
        unit = state.widget(st.number_input, "unit", _("Unit"), 0, units - 1, placeholder=why or _("most varying"))
    with right:
        step = state.widget(st.number_input, "step", _("Step"), 0, steps - 1, placeholder=_("last"))
    chosen = unit is not None and step is not None
    if usual is None:
        usual = most_varying(recording.layers[layer_name]["hidden"], 1)[0]
    unit = usual if unit is None else int(unit)
    backwards = as_read and recording.layers[layer_name].attrs.get("direction") == "reverse"
    last = window.start if backwards else window.stop - 1
    step = last if step is None else int(step)
    exported.tell("unit", unit)
    exported.tell("step", step)
    return unit, step, chosen


def has_page(model_name: str) -> bool:
    """Do the model's units have a page each? It is about the model after training."""
    return model_name == trained(model_name)


def offer_unit(model_name: str, layer_name: str, unit: int, *, key: str = "unit") -> None:
    """ "All about unit 132", which leads to its page. `key` tells the buttons of a page apart."""
    if not has_page(model_name):
        return
    title, chosen = _("All about unit {unit}").format(unit=unit), {"layer": layer_name, "unit": unit}
    icon = ":material/scatter_plot:"
    if st.button(title, key=f"all-about-{key}", type="tertiary", icon=icon, on_click=_set, args=(chosen,)):
        st.switch_page(UNITS)


def _set(values: dict[str, object]) -> None:
    for key, value in values.items():
        state.set_value(key, value)


def choose_beside(other: str) -> bool:
    """ "Beside the untrained model": whether `other`, before or after training, is shown too."""
    label = _("Beside the untrained model") if other.endswith(UNTRAINED) else _("Beside the trained model")
    about = _("“{model}” reads the same text, at the same step.").format(model=title_of(other))
    return bool(state.widget(st.toggle, "beside", label, help=about))


def choose_place(recording: Recording, layer_name: str, model_name: str) -> tuple[int, int | None]:
    """The unit and the step where stepping begins: the unit of the model's hint or the most varying, and None for the text's end."""
    steps, units = recording.layers[layer_name].sizes["step"], recording.layers[layer_name].sizes["unit"]
    state.reset_unless("unit", range(units))
    state.reset_unless("step", range(steps))
    unit, step = st.session_state["unit"], st.session_state["step"]
    if unit is None:
        unit = hinted(recording, layer_name, model_name)
    return most_varying(recording.layers[layer_name]["hidden"], 1)[0] if unit is None else int(unit), step


def hinted(recording: Recording, layer_name: str, model_name: str) -> int | None:
    """The first unit that the model's "Look for" names in that layer; None where it names none."""
    return describe(model_name)[1].unit if layer_name == next(iter(recording.layers)) else None


def look_at(step: int | None, steps: int) -> None:
    """On pages that show part of a long text, show the part around `step`."""
    length = WINDOWS.get(st.session_state["window"], steps)
    if step is None or step >= steps - length:
        state.set_value("first", None)
    else:
        state.set_value("first", max(0, step - length // 2))


def choose_units(recording: Recording, layer_name: str, *, usual: int) -> list[int]:
    """ "Compare with units": whose lines are drawn beside the selected unit's; by default the `usual` most varying."""
    data = recording.layers[layer_name]
    every = [int(unit) for unit in data["unit"].to_numpy()]
    varying = most_varying(data["hidden"], usual)
    state.reset_unless("units", every)
    chosen = state.widget(
        st.multiselect,
        "units",
        _("Compare with units"),
        every,
        placeholder=_("most varying: {units}").format(units=", ".join(map(str, varying))),
        help=_("Their lines are drawn beside the selected unit's. Leave empty for the units that vary most."),
    )
    return chosen or varying


def is_dark() -> bool:
    return st.context.theme.type == "dark"
