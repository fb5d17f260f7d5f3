"""The interventions of the page What if: a row of widgets for each, and presets for the last."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st
import xarray as xr
from streamlit.delta_generator import DeltaGenerator

from lstm_core import Intervention, signals_of
from viz.locale import N_, _
from viz.shared import state
from viz.shared.reading import Reading
from viz.shared.wording import plain
from viz.theme import cell_type_of, signal_of
from viz.what_if.cached import load_telling
from viz.what_if.link_format import PRESETS, in_words, preset, reach, read, usual, within, written

MOST = 5  # interventions at once

Interventions = tuple[Intervention, ...]


def choose_interventions(reading: Reading, presets_box: DeltaGenerator) -> Interventions:
    """Presets, in their box, then "Signal", "Value", "Units" and "Steps" of each; what does not fit in a link is dropped, with a warning."""
    layer = reading.layer
    now, wrong = current_interventions(reading.layer_name, layer)
    if wrong:
        problem = _("Some interventions in this link cannot be applied: {reason}.").format(reason=plain(wrong))
        presets_box.warning(problem, icon=":material/rule:")
    with presets_box:
        _presets(now, layer, load_telling(reading)[0])
    for number in range(len(now)):
        _row(number, now, layer)
    st.button(
        _("Add another"),
        on_click=set_interventions,
        args=([*now, further(now, layer)],),
        disabled=len(now) == MOST,
        icon=":material/add:",
        help=_("At most {most} at once. If two clamp the same values, the later counts.").format(most=MOST),
    )
    return now


def _presets(now: Interventions, layer: xr.Dataset, unit: int) -> None:
    """A button for each, of the last intervention; the one that is on stands out."""
    with st.container(key="presets", horizontal=True):
        for title, signal, value in PRESETS[cell_type_of(layer)]:
            chosen = preset(title, signal, value, now[-1], unit)
            st.button(
                f"{_(title)}: {in_words(chosen, layer)}",
                on_click=set_interventions,
                args=([*now[:-1], chosen],),
                key=f"preset {title}",
                type="primary" if chosen == now[-1] else "secondary",
            )


def current_interventions(name: str, layer: xr.Dataset) -> tuple[Interventions, str]:
    """The interventions that fit this layer and text, at least one; and what is wrong with the first that does not."""
    texts = st.session_state["held"]
    wrong = ""
    if len(texts) > MOST:
        wrong = _("there are {count}, and at most {most} are possible at once").format(count=len(texts), most=MOST)
    found = []
    for text in texts[:MOST]:
        try:
            found.append(within(read(text, name), layer))
        except ValueError as error:
            wrong = wrong or str(error)
    return tuple(found) or (usual(name, layer),), wrong


def set_interventions(interventions: Sequence[Intervention]) -> None:
    state.set_value("held", [written(one) for one in interventions])


def with_unit_toggled(now: Interventions, unit: int) -> dict[str, object]:
    """Add the unit to the last intervention, or remove it; without units it clamps all. As the values of a link."""
    *others, last = now
    units = set(last.units or ()) ^ {unit}
    return {"held": [written(one) for one in (*others, replace(last, units=tuple(sorted(units)) or None))]}


def click_on_row(now: Interventions) -> str:
    """What does `with_unit_toggled` do after a click on a heatmap's row?"""
    if now[-1].units is None:
        return _("**Click a row to change only that unit, not all.**")
    return _("**Click a row to add or remove that unit.**")


def click_on_bar(now: Interventions) -> str:
    """What does `with_unit_toggled` do after a click on a bar of the ranking?"""
    if now[-1].units is None:
        return _("**Click a bar to change only that unit above, not all.**")
    return _("**Click a bar to add or remove that unit above.**")


def further(now: Interventions, layer: xr.Dataset) -> Intervention:
    """What "Add another" begins with: a signal that is not clamped yet, or else the same as the last."""
    used = {one.signal for one in now}
    fresh = [preset for preset in PRESETS[cell_type_of(layer)] if preset[1] not in used]
    if not fresh:
        return now[-1]
    _, signal, value = fresh[0]
    return replace(now[-1], signal=signal, value=value)


def _row(number: int, now: Interventions, layer: xr.Dataset) -> None:
    one, many = now[number], len(now) > 1
    ask = partial(_asked, now, number)
    signal_box, value_box, *remove_box = st.columns([6, 5, 2] if many else [6, 5], vertical_alignment="bottom")
    with signal_box:
        title = partial(_title, cell_type_of(layer))
        ask(
            st.selectbox,
            N_("Signal"),
            one.signal,
            _with_signal(layer),
            options=list(signals_of(layer)),
            format_func=title,
        )
    with value_box:
        low, high = reach(one.signal, layer)
        limits = {"min_value": low, "max_value": high, "step": 0.1, "format": "%0.3f"}
        ask(st.number_input, N_("Value"), float(one.value), lambda one, value: replace(one, value=value), **limits)
    _ask_units(ask, list(one.units or ()), layer["unit"].to_numpy().tolist())
    steps = layer.sizes["step"]
    if steps > 1:
        ends = one.start, (one.stop or steps) - 1
        ask(st.slider, N_("Steps"), ends, _with_steps(steps), min_value=0, max_value=steps - 1)
    for box in remove_box:
        rest = [*now[:number], *now[number + 1 :]]
        about = _("Remove intervention {number}").format(number=number + 1)
        box.button(
            "", icon=":material/close:", key=f"remove {number}", on_click=set_interventions, args=(rest,), help=about
        )


def _ask_units(ask: Callable[..., None], units: list[int], every: list[int]) -> None:
    ask(
        st.multiselect,
        N_("Units"),
        units,
        lambda one, chosen: replace(one, units=tuple(sorted(chosen)) or None),
        options=every,
        placeholder=_("all {count}").format(count=len(every)) if len(every) > 1 else _("the only unit"),
        help=_("Empty means all. A click on a heatmap row or a bar of the ranking adds or removes a unit."),
    )


def _asked(
    now: Interventions,
    number: int,
    widget: Callable[..., object],
    title: str,
    value: object,
    changed: Callable[[Intervention, Any], Intervention],
    **options: Any,
) -> None:
    """A widget for `value`, a part of an intervention; the reader's choice replaces that part."""
    label = _(title) if len(now) == 1 else f"{_(title)} {number + 1}"
    # Where the options are others, the widget is another: the state of the old one may not be among them.
    offered = options.get("options", (options.get("min_value"), options.get("max_value")))
    key = f"held{number} {title} {hash(str(offered))}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    def take_it() -> None:
        set_interventions([*now[:number], changed(now[number], st.session_state[key]), *now[number + 1 :]])

    widget(label, key=key, on_change=take_it, **options)


def _title(cell_type: str, name: str) -> str:
    signal = signal_of(name, cell_type)
    return f"{_(signal.title)} {signal.symbol}"


def _with_signal(layer: xr.Dataset) -> Callable[[Intervention, str], Intervention]:
    def changed(before: Intervention, signal: str) -> Intervention:
        low, high = reach(signal, layer)
        return replace(before, signal=signal, value=min(max(before.value, low), high))

    return changed


def _with_steps(steps: int) -> Callable[[Intervention, tuple[int, int]], Intervention]:
    def changed(before: Intervention, chosen: tuple[int, int]) -> Intervention:
        first, last = chosen
        return replace(before, start=first, stop=None if last == steps - 1 else last + 1)

    return changed
