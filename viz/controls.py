"""The widgets that pages share, and the Selection they make together.

A value that does not fit, as one from a hand-written address may not, gives way to the default before its
widget is drawn.
"""

from dataclasses import dataclass

import streamlit as st

from lstm_core import SIGNALS, Recording
from lstm_core.analysis import ORDERS, most_varying
from viz import visit
from viz.examples import EXAMPLES
from viz.loaders import load_model, load_recording, model_names
from viz.theme import SIGNAL

LONGEST = 20_000  # characters that are read
WINDOWS = {"60": 60, "120": 120, "200": 200, "1000": 1000, "all": LONGEST * 4}


@dataclass(frozen=True)
class Selection:
    """What the reader is looking at."""

    model: str
    text: str
    layer: str
    unit: int
    step: int


@dataclass(frozen=True)
class Window:
    """The steps that are shown, of all that were read."""

    start: int
    stop: int

    @property
    def steps(self) -> slice:
        return slice(self.start, self.stop)


def choose_text() -> tuple[str, str]:
    """ "Model", "Example", "Several lines" and "Text": the model's name, and the text it reads."""
    names = model_names()
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        visit.default_unless("model", lambda value: value in names)
        model = visit.ask(st.selectbox, "model", "Model", names, help=_about_models(names))
    with middle:
        st.selectbox(
            "Example",
            list(EXAMPLES),
            index=None,
            key="example",
            placeholder="Pick a text that shows something",
            on_change=_take_example,
        )
    with right:
        needed = "\n" in st.session_state["text"]
        if needed and not st.session_state["lines"]:
            visit.put("lines", True)
        visit.ask(
            st.toggle,
            "lines",
            "Several lines",
            disabled=needed,
            help="This text has several lines." if needed else "A box for pasted text instead of one line.",
        )
    return model, _text()


def _text() -> str:
    """The line or the box labelled "Text", both with one value; at most LONGEST characters of it are read."""
    _cut()
    if st.session_state["lines"]:
        visit.ask(st.text_area, "text", "Text", height=140, help="Press Ctrl+Enter to read it.", kind="box")
    else:
        visit.ask(st.text_input, "text", "Text", live=True, placeholder="Type anything", kind="line")
    left_out = st.session_state["left_out"]
    if left_out:
        st.warning(
            f"Only the first {LONGEST:,} characters are read: the last {left_out:,} were left out. "
            "To see those, paste them alone."
        )
    return str(st.session_state["text"])


def _cut() -> None:
    """Before the widget is drawn: drop what is too long to read, and remember how much that was."""
    text = st.session_state["text"]
    if len(text) > LONGEST:
        # Set only when it must be: what is set here replaces what the reader may be typing meanwhile.
        visit.put("text", text[:LONGEST])
        st.session_state.update({"cut_text": text[:LONGEST], "left_out": len(text) - LONGEST})
    elif text != st.session_state.get("cut_text"):
        st.session_state.update({"cut_text": None, "left_out": 0})


def _take_example() -> None:
    name = st.session_state["example"]
    if name is not None:
        chosen = {"text": EXAMPLES[name], "lines": "\n" in EXAMPLES[name], "unit": None, "step": None, "first": None}
        for key, value in chosen.items():
            visit.put(key, value)


def choose_layer(recording: Recording) -> str:
    """ "Layer": one of the recording's."""
    layers = list(recording.layers)
    visit.default_unless("layer", lambda value: value in layers)
    return str(visit.ask(st.selectbox, "layer", "Layer", layers, format_func=_layer_title))


def _layer_title(name: str) -> str:
    number = name.removeprefix("layer").removesuffix("_reverse")
    return f"Layer {number}" + (", reading backwards" if name.endswith("_reverse") else "")


def choose_signals(key: str) -> list[str]:
    """ "Signals": which of the six are shown, in their usual order; may be none."""
    visit.default_unless(key, lambda value: isinstance(value, list) and set(value) <= set(SIGNALS))
    chosen = visit.ask(
        st.pills,
        key,
        "Signals",
        SIGNALS,
        selection_mode="multi",
        format_func=lambda name: f"{SIGNAL[name].title} {SIGNAL[name].symbol}",
        wrap=True,
    )
    return [name for name in SIGNALS if name in chosen]


def choose_other(others: list[str]) -> str:
    """ "Compare with": another model of the same layout, the chosen one's twin unless chosen: `others` has it first."""
    twin, *rest = others
    visit.default_unless("other", lambda value: value in (visit.TWIN, *rest))
    chosen = visit.ask(
        st.selectbox,
        "other",
        "Compare with",
        [visit.TWIN, *rest],
        format_func=lambda name: twin if name == visit.TWIN else name,
    )
    return twin if chosen == visit.TWIN else chosen


def choose_order() -> str:
    """ "Sort units": the order of heatmap rows."""
    visit.default_unless("sort", lambda value: value in ORDERS)
    return str(visit.ask(st.segmented_control, "sort", "Sort units", ORDERS, required=True))


def choose_window(steps: int) -> Window:
    """ "Steps shown" and "From step": which part of a long text is drawn; its end, unless chosen.

    A short text is drawn whole, without these widgets.
    """
    if steps <= min(WINDOWS.values()):
        return Window(0, steps)
    left, right = st.columns(2)
    visit.default_unless("window", lambda value: value in WINDOWS)
    visit.default_unless("first", lambda value: value is None or 0 <= value < steps)
    with left:
        shown = visit.ask(st.segmented_control, "window", "Steps shown", list(WINDOWS), required=True)
    with right:
        first = visit.ask(
            st.number_input,
            "first",
            "From step",
            0,
            steps - 1,
            placeholder="the last ones",
            help="Leave it empty to follow the end of the text while you type.",
        )
    length = min(WINDOWS[shown], steps)
    start = steps - length if first is None else int(first)
    return Window(start, min(steps, start + length))


def choose_cell(recording: Recording, layer: str, window: Window) -> tuple[int, int, bool]:
    """ "Unit" and "Step": what a click on the heatmap chooses, and whether the reader did choose.

    Left empty, they are the unit whose hidden state varies most and the last step shown.
    """
    steps, units = recording.layers[layer].sizes["step"], recording.layers[layer].sizes["unit"]
    visit.default_unless("unit", lambda value: value is None or 0 <= value < units)
    visit.default_unless("step", lambda value: value is None or window.start <= value < window.stop)
    left, right = st.columns(2)
    with left:
        unit = visit.ask(st.number_input, "unit", "Unit", 0, units - 1, placeholder="most varying")
    with right:
        step = visit.ask(st.number_input, "step", "Step", 0, steps - 1, placeholder="the last one")
    chosen = unit is not None and step is not None
    unit = most_varying(recording.layers[layer]["hidden"], 1)[0] if unit is None else int(unit)
    return unit, window.stop - 1 if step is None else int(step), chosen


def choose_units(recording: Recording, layer: str, *, usual: int) -> list[int]:
    """ "Units": whose lines are drawn beside the selected unit's; the `usual` most varying unless chosen."""
    data = recording.layers[layer]
    every = [int(unit) for unit in data["unit"].to_numpy()]
    varying = most_varying(data["hidden"], usual)
    visit.default_unless("units", lambda value: isinstance(value, list) and set(value) <= set(every))
    chosen = visit.ask(
        st.multiselect,
        "units",
        "Units",
        every,
        placeholder=f"the most varying: {', '.join(map(str, varying))}",
        help="Whose lines are drawn beside the selected unit's; empty for those whose hidden state varies most.",
    )
    return chosen or varying


def recorded(model: str, text: str) -> Recording | None:
    """The recording to show, or None after a sentence that says why there is none."""
    if not text:
        st.info("Type a text above, or pick an example, to see every gate at every character.", icon=":material/edit:")
        return None
    try:
        return load_recording(model, text)
    except ValueError as error:
        st.warning("This text cannot be read by this model:")
        st.text(str(error))
        return None


def is_dark() -> bool:
    return st.context.theme.type == "dark"


def _about_models(names: list[str]) -> str:
    lines = [f"- **{name}**: {load_model(name).card.summary}" for name in names if load_model(name).card.summary]
    return "\n".join([*lines, "- **(untrained)**: the very weights a model had before training."])
