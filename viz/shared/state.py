"""The reader's choices, for the whole visit and for the address bar; widgets come and go with their pages.

Each value lives in `st.session_state` under a key of PARAMETERS. The widget that shows it has a separate state (`widget:text:line`, `widget:text:box`, `widget:unit:`), which Streamlit drops when the page is changed.
"""

from collections.abc import Callable, Container
from math import inf
from typing import Any

import streamlit as st

from lstm_core import GATES, SIGNALS
from lstm_core.analysis import ORDERS
from lstm_core.tables import GAPS
from viz.browser import address, camera
from viz.browser.reveal import reveal_asked
from viz.locale import _
from viz.shared import exported
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.exports import caption_below
from viz.shared.passage import HOTTEST, LARGEST_SEED, MOST_WRITTEN
from viz.theme import SIGNAL

WIDGET = "widget:"  # how the keys of all these widgets begin, and no other key
DRAWN = "drawn_widgets"  # in the session: the keys of all these widgets so far, by parameter
INITIAL = {  # of Streamlit's widgets, the option that says what they begin with
    "multiselect": "default",
    "number_input": "value",
    "pills": "default",
    "segmented_control": "default",
    "text_area": "value",
    "text_input": "value",
    "toggle": "value",
}
COUNTERPART = "its twin"  # "Compare with", as links have it: the same model before training, or after

PARAMETERS = {
    "model": address.text("shakespeare"),
    "text": address.text(DEFAULT_TEXT),
    "lines": address.switch(),
    "layer": address.text("layer0"),
    "signals": address.names(SIGNALS, SIGNAL),
    "compared": address.names((*GATES, "cell"), SIGNAL),
    "other": address.text(COUNTERPART),
    "signal": address.text("forget"),
    "gate": address.text("forget", GATES),
    "training_step": address.number(allowed=address.Between(0, inf)),
    "sort": address.text("variability", ORDERS),
    "ordered": address.text("telling"),  # rows of the picture on Explore: "telling" or one of ORDERS
    "which": address.text("telling"),  # of the units, those that have a row there
    "zoom": address.text(""),  # the first step shown there and the one after the last, as "10-60"
    "span": address.text(""),  # steps that are marked there, likewise
    "find": address.switch(),  # is "Find this pattern" open there?
    "pattern": address.text(
        ""
    ),  # its units, as viz/explore/pattern_link.py writes them; "" for those that fit the marked steps
    "pattern_signal": address.text("cell"),
    "pattern_threshold": address.decimal(None, address.Between(-1e6, 1e6)),  # None for the one that fits most units
    "pattern_ends": address.text(
        "", ("", "both", "before", "after", "neither")
    ),  # where they are off; "" for what fits
    "card": address.text(
        "signals"
    ),  # what of the selected unit is open there; "because": Step says why the model predicts that
    "before": address.switch(),  # of older links to Explore: the model before training
    "window": address.text("200"),
    "first": address.number(),
    "unit": address.number(),
    "step": address.number(),
    "units": address.numbers(),
    "written_at": address.number(),
    "feature": address.text(""),  # "" for the first of the text's
    "marks": address.text(""),
    "corpus": address.text(""),  # the id of a survey; "" for the text that is shipped with the model
    "tab": address.text(""),  # which part below the first screen is open; "" for the usual one of the page
    "explained": address.text(""),  # the output that Step explains; "" for the likeliest
    "traced": address.text(""),
    "beside": address.switch(),
    "held": address.names(()),  # as viz.what_if.link_format writes it; none for what is usual with a type of cell
    "altered": address.names(()),  # none for what is clamped and how it changes
    "every": address.switch(),  # rows of all units in the heatmaps of What if, not of the most telling alone
    "seen": address.text(""),  # "" for the layer that is changed
    "turn": address.text("silence"),
    "ranked": address.switch(),
    "written": address.number(allowed=range(1, MOST_WRITTEN + 1)),
    "writer": address.text(""),
    "temperature": address.decimal(0.8, address.Between(0, HOTTEST)),
    "seed": address.number(0, range(LARGEST_SEED + 1)),
    "target": address.text("step"),  # of a gradient: one step, or the mean loss
    "target_step": address.number(),
    "target_of": address.text(""),
    "gradient": address.text("cell"),  # with respect to which signal
    "rows": address.text("reach"),
    "run": address.text(""),
    "opened": address.names(()),
    "task": address.text("text"),
    "hidden": address.number(),  # these and all below: None for what the task itself suggests
    "depth": address.number(),
    "optimiser": address.text(""),
    "rate": address.decimal(None),
    "training_steps": address.number(),
    "training_seed": address.number(),
    "forget_bias": address.decimal(None),
    "chrono": address.number(),
    "period": address.decimal(None),
    "gaps": address.text("last", GAPS),  # of a table: what becomes of numbers that are missing
}


def begin(page: str) -> None:
    """What every page calls first: values from the session or, at the start of a visit, from the address.

    On another page a widget starts again even under its old key, so its state is dropped and made again.
    """
    address.restore(PARAMETERS)
    exported.begin()
    changed = st.session_state.get("page") != page
    st.session_state["page"] = page
    for key in _drawn():
        for own in _widget_keys(key):
            st.session_state[key] = st.session_state[own]
            if changed:
                del st.session_state[own]


def begins_here() -> bool:
    """Does the visit begin with this page, at an address that names nothing? To be asked before `begin`."""
    return "page" not in st.session_state and not any(key in PARAMETERS for key in st.query_params)


def finish(*, always: tuple[str, ...] = ()) -> None:
    """What every page calls last: the address says what is shown; of the parameters in `always` also what is as by default."""
    camera.watch(*caption_below(exported.about()))
    if not address.publish(PARAMETERS, always=always):
        st.caption(_("The text is too long for a link: the address restores everything else on this page."))
    reveal_asked()


def set_value(key: str, value: object) -> None:
    """Set a value that a widget shows: from a callback, or before the widget is drawn."""
    st.session_state[key] = value
    for own in _widget_keys(key):
        del st.session_state[own]


def _widget_keys(key: str) -> list[str]:
    """The keys of the widgets that show the value under `key` now. Going through the whole session would take longer."""
    return [own for own in _drawn().get(key, ()) if own in st.session_state]


def _drawn() -> dict[str, dict[str, None]]:
    drawn: dict[str, dict[str, None]] = st.session_state.setdefault(DRAWN, {})
    return drawn


def widget(draw: Callable[..., Any], key: str, label: str, *arguments: Any, kind: str = "", **options: Any) -> Any:
    """Draw a widget for the value under `key`, which outlives it and its page, and keep what it answers.

    The widget's own state lies beside it, under a key of its own; widgets of several kinds for one value have one each.
    """
    own = f"{WIDGET}{key}:{kind}"
    _drawn().setdefault(key, {})[own] = None
    if draw.__name__ == "number_input" and "placeholder" in options:  # it may be empty
        options["value"] = None  # with a number here, an emptied field would go back to that
    elif own in st.session_state:
        options |= _begun_with(draw.__name__, st.session_state[own], arguments)
    st.session_state.setdefault(own, st.session_state[key])
    st.session_state[key] = draw(label, *arguments, key=own, **options)
    return st.session_state[key]


def _begun_with(widget: str, value: Any, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """The option with which a widget that the browser has not drawn yet begins with `value`.

    Streamlit sends a value that the session gives with the first run alone. Over a slow line, or where another run
    interrupts that one, the browser sees only later ones, would begin with the first option, and send that back as the
    reader's choice: a link would lose its model. A widget that is already drawn ignores the option.
    """
    if widget == "selectbox":
        choices = list(arguments[0])
        return {"index": choices.index(value)} if value in choices else {}
    return {INITIAL[widget]: value}


def reset_unless(key: str, allowed: Container[Any] | None = None, *, default: object = None) -> None:
    """Keep a value that is among `allowed`, or where that is None among what the parameter may always be.

    Another gives way to `default`. Without one the parameter's own default, which always fits, takes its place.
    """
    parameter, value = PARAMETERS[key], st.session_state[key]
    if parameter.fits(value, allowed) or (default is None and value == parameter.default):
        return
    set_value(key, parameter.default if default is None else default)
