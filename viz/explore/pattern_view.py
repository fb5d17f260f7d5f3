"""What stands below the controls of "Find this pattern": the pattern in the reader's text, and the places like it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core.corpus import Condition, Query, conditions_met
from viz.browser.component import component
from viz.browser.modules import messages
from viz.locale import N_, _, translated
from viz.theme import cell_type_of, inks, probability_scale, signal_of

FOLDER = Path(__file__).parent
KEY = "pattern_view"
AROUND = 14  # steps before and after the marked ones
ROWS = 8  # units that have one
LABELS = {
    "above": N_("unit {unit}: {signal} > {threshold}"),
    "below": N_("unit {unit}: {signal} < {threshold}"),
    "rising": N_("unit {unit}: {signal} rising"),
    "falling": N_("unit {unit}: {signal} falling"),
}
_component = component(KEY, FOLDER)
_MESSAGES = messages(KEY, FOLDER)


def draw_pattern(
    marked: Mapping[str, Any],
    places: Sequence[Mapping[str, Any]],
    *,
    drawn: str,
    said: str,
    after: Sequence[tuple[str, int]],
    apart: bool,
    link: Mapping[str, str],
    on_read: Callable[[Mapping[str, Any]], None],
) -> None:
    """Draw it. `drawn` says all that the drawing depends on, `after` what came next, `link` what the address of a place has too.

    `on_read` is told of a place that is to be the text.
    """
    listed = [
        {**{key: one[key] for key in one if key not in ("text", "span")}, "href": _link(link, one)} for one in places
    ]
    _component(
        key=KEY,
        data={
            "id": drawn,
            "themes": inks(),
            "share": {mode: probability_scale(dark=mode == "dark") for mode in ("light", "dark")},
            "marked": dict(marked),
            "said": said,
            "next": list(after),
            "places": listed,
            "apart": apart,
            "strings": translated(_MESSAGES),
        },
        on_read_change=partial(_read, drawn, places, on_read),
        height="content",
    )


def _read(drawn: str, places: Sequence[Mapping[str, Any]], on_read: Callable[[Mapping[str, Any]], None]) -> None:
    told = st.session_state.get(KEY, {}).get("read")
    if told and told["id"] == drawn and 0 <= int(told["at"]) < len(places):  # not of a list that was there before
        on_read(places[int(told["at"])])


def _link(more: Mapping[str, str], place: Mapping[str, Any]) -> str:
    """The address that opens a place as a text, with the place marked; "" where that cannot be."""
    if "text" not in place:
        return ""
    start, stop = place["span"]
    fields = {**more, "text": place["text"], "span": f"{start}-{stop}", "step": stop - 1}
    return "?" + urlencode(fields)


def marked_facts(layer: xr.Dataset, query: Query, span: tuple[int, int]) -> dict[str, Any]:
    """The marked steps with some around them: which units of the pattern are on there, as `pattern_view.js` draws it."""
    start, stop = span
    first, last = max(start - AROUND, 0), min(stop + AROUND, layer.sizes["step"])
    met = conditions_met(layer, query)[:, first:last]
    cell_type = cell_type_of(layer)
    rows = [
        {"label": _label(one, cell_type), "colour": signal_of(one.signal, cell_type).colour, "on": on.tolist()}
        for one, on in zip(query.conditions[:ROWS], met[:ROWS], strict=True)
    ]
    return {
        "tokens": [str(one) for one in layer["token"].to_numpy()[first:last]],
        "share": [round(float(one), 3) for one in np.mean(met, axis=0)],
        "before": start - first,
        "length": stop - start,
        "rows": rows,
        "more": len(query.conditions) - len(rows),
    }


def _label(one: Condition, cell_type: str) -> str:
    symbol = signal_of(one.signal, cell_type).symbol
    threshold = f"{one.threshold:g}".replace("-", "−")
    return _(LABELS[one.when]).format(unit=one.unit, signal=symbol, threshold=threshold)
