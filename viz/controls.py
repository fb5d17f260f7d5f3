"""The widgets that pages share, and the Selection they make together.

Every widget is bound to the address bar, so that a link restores it; what comes from an address is
checked here, because a widget's bounds are checked in the browser only.
"""

from dataclasses import dataclass
from urllib.parse import quote

import streamlit as st

from lstm_core import Recording
from lstm_core.analysis import ORDERS, most_varying
from viz.examples import EXAMPLES
from viz.loaders import load_model, load_recording, model_names

LONGEST = 20_000  # characters that are read
LONGEST_LINK = 30_000  # bytes of text in an address; servers refuse more than about twice that
DEFAULT_TEXT = EXAMPLES["A cry for Romeo"]
WINDOWS = {"60": 60, "120": 120, "240": 240, "1000": 1000, "all": LONGEST * 4}
DEFAULT_WINDOW = "240"
DEFAULT_ORDER = "variability"


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
    """ "Model", "Example", "Several lines" and "Text": the model's name and the text it reads, at most LONGEST."""
    names = model_names()
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        _forget_if("model", lambda value: value not in names)
        model = st.selectbox("Model", names, key="model", bind="query-params", help=_about_models())
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
        several = st.toggle(
            "Several lines",
            key="lines",
            bind="query-params",
            on_change=_keep_text,
            help="A box for pasted text instead of one line.",
        )
    return model, _text(several=several)


def _text(*, several: bool) -> str:
    """One widget at a time under the label "Text", all with one value."""
    if len(st.session_state.get("text", "")) > LONGEST:  # from a link
        _take_text()
    long_text = st.session_state.get("long_text_kept")
    if long_text is not None:
        st.session_state.setdefault("long_text", long_text)
        text = st.text_area("Text", key="long_text", height=160, on_change=_take_long_text)
        st.caption("This text is too long for a link: the address restores everything on this page but the text.")
    elif several:
        text = st.text_area(
            "Text", DEFAULT_TEXT, key="text", bind="query-params", height=160, on_change=_take_text,
            help="Press Ctrl+Enter to read it.",
        )  # fmt: skip
    else:
        text = st.text_input(
            "Text", DEFAULT_TEXT, key="text", bind="query-params", live=True, on_change=_take_text,
            placeholder="Type anything",
        )  # fmt: skip
    left_out = st.session_state.get("left_out", 0)
    if left_out:
        st.warning(
            f"Only the first {LONGEST:,} characters are read: the last {left_out:,} were left out. "
            "To see those, paste them alone."
        )
    return text or ""


def _take_text() -> None:
    """Cut what is too long to read, and move what is too long for a link to where no link is made."""
    _place(st.session_state.get("text") or "")


def _take_long_text() -> None:
    _place(st.session_state.get("long_text") or "")


def _place(text: str) -> None:
    st.session_state["left_out"] = max(0, len(text) - LONGEST)
    kept = text[:LONGEST]
    linked = len(quote(kept, errors="replace")) <= LONGEST_LINK
    if "\n" in kept:
        st.session_state["lines"] = True
    st.session_state["text"] = kept if linked else DEFAULT_TEXT
    st.session_state["long_text_kept"] = None if linked else kept
    st.session_state["long_text"] = kept


def _keep_text() -> None:
    """The box may go while a text is too long for a link; it stays until the text is short again."""
    _place(st.session_state.get("long_text_kept") or st.session_state.get("text") or "")


def _take_example() -> None:
    name = st.session_state["example"]
    if name is None:
        return
    for key in ("unit", "step", "first"):
        st.session_state[key] = None
    st.session_state["lines"] = "\n" in EXAMPLES[name]
    _place(EXAMPLES[name])


def choose_layer(recording: Recording) -> str:
    """ "Layer": one of the recording's."""
    layers = list(recording.layers)
    _forget_if("layer", lambda value: value not in layers)
    return st.selectbox("Layer", layers, key="layer", bind="query-params", format_func=_layer_title)


def _layer_title(name: str) -> str:
    number = name.removeprefix("layer").removesuffix("_reverse")
    return f"Layer {number}" + (", reading backwards" if name.endswith("_reverse") else "")


def choose_other(others: list[str], *, default: str) -> str:
    """ "Compare with": another model of the same layout."""
    _forget_if("other", lambda value: value not in others)
    return st.selectbox("Compare with", others, index=others.index(default), key="other", bind="query-params")


def choose_order() -> str:
    """ "Sort units": the order of heatmap rows."""
    _forget_if("sort", lambda value: value not in ORDERS)
    chosen = st.segmented_control(
        "Sort units", ORDERS, default=DEFAULT_ORDER, key="sort", bind="query-params", required=True
    )
    return chosen or DEFAULT_ORDER


def choose_window(steps: int) -> Window:
    """ "Steps shown" and "From step": which part of a long text is drawn; the end of it, unless chosen."""
    left, right = st.columns(2)
    _forget_if("window", lambda value: value not in WINDOWS)
    _forget_if("first", lambda value: not isinstance(value, int) or not 0 <= value < steps)
    with left:
        shown = st.segmented_control(
            "Steps shown", list(WINDOWS), default=DEFAULT_WINDOW, key="window", bind="query-params", required=True
        )
    with right:
        first = st.number_input(
            "From step", 0, max(0, steps - 1), None, key="first", bind="query-params",
            placeholder="the last ones", help="Leave it empty to follow the end of the text while you type.",
        )  # fmt: skip
    length = min(WINDOWS[shown or DEFAULT_WINDOW], steps)
    start = max(0, steps - length) if first is None else int(first)
    return Window(start, min(steps, start + length))


def choose_cell(recording: Recording, layer: str, window: Window) -> tuple[int, int, bool]:
    """ "Unit" and "Step": what a click on the heatmap chooses, and whether the reader did choose.

    Left empty, they are the unit whose cell varies most and the last step shown.
    """
    data = recording.layers[layer]
    steps, units = data.sizes["step"], data.sizes["unit"]
    _forget_if("unit", lambda value: not isinstance(value, int) or not 0 <= value < units)
    _forget_if("step", lambda value: not isinstance(value, int) or not window.start <= value < window.stop)
    left, right = st.columns(2)
    with left:
        unit = st.number_input("Unit", 0, units - 1, None, key="unit", bind="query-params", placeholder="most varying")
    with right:
        step = st.number_input("Step", 0, steps - 1, None, key="step", bind="query-params", placeholder="the last one")
    chosen = unit is not None and step is not None
    unit = most_varying(data["cell"], 1)[0] if unit is None else int(unit)
    return unit, window.stop - 1 if step is None else int(step), chosen


def recorded(model: str, text: str) -> Recording | None:
    """The recording to show, or None after a sentence that says why there is none."""
    if not text:
        st.info("Type a text above, or pick an example, to see every gate at every character.", icon=":material/edit:")
        return None
    try:
        return load_recording(model, text)
    except ValueError as error:
        st.warning(str(error).replace("<", "‹").replace("[", "\\["))
        return None


def is_dark() -> bool:
    return st.context.theme.type == "dark"


def _about_models() -> str:
    lines = []
    for name in model_names():
        card = load_model(name).card
        if card.summary:
            lines.append(f"- **{name}**: {card.summary}")
    return "\n".join([*lines, "- **(untrained)**: the very weights a model had before training."])


def _forget_if(key: str, wrong: object) -> None:
    """Drop a widget's value that came from an address and does not fit, so that its default holds."""
    if (
        key in st.session_state
        and st.session_state[key] is not None
        and callable(wrong)
        and wrong(st.session_state[key])
    ):
        del st.session_state[key]
