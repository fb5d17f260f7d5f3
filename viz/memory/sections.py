"""What is in memory, who wrote it, who remembers it and for how long: the Memory page but for the search for features."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core.analysis import best_remembered, excerpt, keepers, ledger, ledger_error, remembered, row_order
from viz.browser.picker import Picked
from viz.figures import half_lives, saturation_points, unit_memory
from viz.figures import ledger as ledger_figure
from viz.figures import remembered as remembered_figure
from viz.figures import timescale as timescale_figure
from viz.locale import N_, _
from viz.memory.cached import MOST_CELLS, last_steps, load_saturation, load_timescale, load_unit_following
from viz.memory.wording import (
    FOLLOWED_RULE,
    LEDGER_RULE,
    circles_in_words,
    columns_in_words,
    cut_in_words,
    following_in_words,
    half_lives_in_words,
    holding_in_words,
    names_of_steps,
    saturation_in_words,
    sums_in_words,
)
from viz.shared import state
from viz.shared.clicks import set_by_click
from viz.shared.controls import Selection, Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.finding_picker import about_finding
from viz.shared.head import page_sentence
from viz.shared.model_facts import title_of, titles_beside
from viz.shared.tables import Table, half_life_table, ledger_table, remembered_table, saturation_table, timescale_table
from viz.shared.wording import gaps_in_words, plain
from viz.theme import cell_type_of, palette, signal_of

FRAME = "<style>.st-key-unit_memory {{ outline: 2px solid {colour}; outline-offset: 2px; }}</style>"  # of a finding
KEEPERS = 5  # units with lines beside the selected one
MEMORY = {"LSTM": N_("cell state"), "GRU": N_("hidden state")}
KEEPS = {"LSTM": N_("forget gate"), "GRU": N_("update gate")}
STATE = {"LSTM": "cell", "GRU": "hidden"}
KEEPING = {"LSTM": "forget", "GRU": "update"}


def narrowed(window: Window, units: int, *, from_start: bool) -> Window:
    """The part of a window for which a ledger of so many units stays quick: its end, or its start if that was chosen."""
    length = last_steps(window.stop - window.start, units, MOST_CELLS)
    return Window(window.start, window.start + length) if from_start else Window(window.stop - length, window.stop)


def show_unit(selection: Selection, window: Window, token: int) -> None:
    """The selected unit: one sentence, who wrote what it holds, how long it remembers one token, and what it follows."""
    layer = excerpt(selection.layer, window.start, window.stop)
    written, kept = ledger(layer, selection.step), remembered(layer, token)
    page_sentence(holding_in_words(written, selection.unit, token), rule=_(LEDGER_RULE))
    if about_finding("memory"):
        st.html(FRAME.format(colour=palette(is_dark()).mark))
    others = notable(kept, keepers(kept, KEEPERS), selection.unit)
    draw = partial(unit_memory, layer, written, kept, unit=selection.unit, units=others, dark=is_dark())
    alt = _("Who wrote what unit {unit} holds after step {step}, and how much of step {token} remains")
    alt = alt.format(unit=selection.unit, step=selection.step, token=token)
    show(draw, key="unit_memory", alt=alt, grows=1)
    set_by_click(
        "unit_memory",
        lambda picked: {"step": selection.step, "written_at": window.start + picked.column},
        shown=(selection, window),
    )
    show_followed(selection)


def show_followed(selection: Selection) -> None:
    """What does the selected unit follow, and how long does it remember? Two sentences."""
    cell_type = cell_type_of(selection.layer)
    signal = STATE[cell_type]
    found = load_unit_following(selection, selection.unit, signal)
    page_sentence(
        f"{following_in_words(found, selection.unit, signal, st.session_state['feature'])} "
        f"{half_lives_in_words(load_timescale(selection), selection.unit)}",
        rule=_(FOLLOWED_RULE),
        key="followed-line",
    )


def choose_token(layer: xr.Dataset, unit: int, window: Window) -> int:
    """ "Token of step": whose traces are followed; from a click, a link or the widget, or else what the unit remembers best."""
    state.reset_unless("written_at", range(window.start, window.stop))
    best = best_remembered(excerpt(layer, window.start, window.stop), unit)
    chosen = state.widget(
        st.number_input,
        "written_at",
        _("Token of step"),
        window.start,
        window.stop - 1,
        placeholder=_("best remembered: {step}").format(step=best),
    )
    return best if chosen is None else int(chosen)


def show_ledger(selection: Selection, window: Window, token: int, *, chosen: bool) -> None:
    """The ledger of the selected step over the steps shown, of all units."""
    layer = excerpt(selection.layer, window.start, window.stop)
    found = ledger(layer, selection.step)
    memory, names = _(MEMORY[cell_type_of(layer)]), names_of_steps(selection)
    order = row_order(found["contribution"], "variability")
    tokens = (names["token"], names["tokens"])
    draw = partial(ledger_figure, found, unit=selection.unit, order=order, tokens=tokens, dark=is_dark())
    show(
        draw,
        key="ledger",
        alt=_("How much of the memory each {token} wrote, for one unit and for all").format(**names),
    )
    about = _(
        "The colour is how much of the current {memory} was written there: orange is positive, blue negative; background means "
        "forgotten or never written. Top: the chosen unit. Below: all units, the most variable first. **Click a cell to choose "
        "its unit and its {token}.**"
    ).format(memory=memory, **names)
    st.caption(
        f"{columns_in_words(found, layer, names)} {about} {sums_in_words(error_of_known(found, layer), memory)}"
        f"{gaps_in_words(found['contribution'])}"
    )
    shown = found.sortby("step")["step"].to_numpy().tolist()

    def values(picked: Picked) -> dict[str, object]:
        unit = {"unit": order[picked.row]} if picked.trace == "units" else {}
        return {
            **unit,
            "step": selection.step,
            "written_at": shown[picked.column],
        }  # the step stays, if only by default

    set_by_click(
        "ledger",
        values,
        shown=(selection, window, tuple(order)),
        row=order.index(selection.unit) if chosen else None,
        column=shown.index(token) if token in shown else None,
    )
    about = _("{columns}; the row without a step is what remains from earlier steps").format(
        columns="`step`, `token`, `unit`, `written`, `left`, `contribution`"
    )
    figure_downloads(_("Ledger"), draw, key="ledger", table=Table(partial(ledger_table, found), about))


def error_of_known(found: xr.Dataset, layer: xr.Dataset) -> float:
    """How far is the sum of a ledger's parts from the memory, over units with numbers only? NaN without any."""
    known = np.isfinite(found["contribution"].to_numpy()).all(axis=0) & np.isfinite(found["initial"].to_numpy())
    part = found.isel(unit=known)
    return ledger_error(part, layer.sel(unit=part["unit"])) if known.any() else np.nan


def longest(found: xr.Dataset, *, hinted: int | None = None) -> int:
    """Which unit does `timescale` rank first? The unit of the model's hint, if it is in the first quarter."""
    if hinted is not None and 4 * int(found["rank"].sel(unit=hinted)) <= found.sizes["unit"] + 3:
        return hinted
    return int(found["unit"][int(found["rank"].to_numpy().argmin())])


def show_remembered(selection: Selection, token: int, window: Window) -> None:
    """How much of what one token wrote remains at later steps, as a fraction and as an amount."""
    layer = excerpt(selection.layer, window.start, window.stop)
    label = plain(str(layer["token"].sel(step=token).item()))
    found = remembered(layer, token)
    best = notable(found, keepers(found, KEEPERS), selection.unit)
    about = _(
        "At every timestep the {gate} multiplies what “{token}” wrote. High line: still remembered. Sudden drop: erased there."
    ).format(gate=_(KEEPS[cell_type_of(layer)]), token=label)
    lines = (
        _("In colour: unit {unit}. In grey: the other units that keep most of it, {others}.")
        if best
        else _("In colour: unit {unit}.")
    ).format(unit=selection.unit, others=", ".join(map(str, best)))
    st.caption(f"{about} {lines}{gaps_in_words(found[['left', 'contribution']])}")
    draw = partial(remembered_figure, found, units=best, chosen=selection.unit, dark=is_dark())
    show(draw, key="remembered", alt=_("How much of what step {step} wrote remains at later steps").format(step=token))
    about = _("{columns} of what step {step} wrote, all units").format(
        columns="`step`, `token`, `unit`, `left`, `contribution`", step=token
    )
    figure_downloads(_("Remembered"), draw, key="remembered", table=Table(partial(remembered_table, found), about))


def notable(found: xr.Dataset, units: list[int], chosen: int) -> list[int]:
    """The `units` other than `chosen` that keep, on average, at least a tenth of what the best of all keeps.

    Units that are NaN or infinite at some step are left out.
    """
    sizes = np.abs(found["contribution"].transpose("step", "unit").to_numpy()).mean(axis=0)
    finite = np.where(np.isfinite(sizes), sizes, 0)
    size = dict(zip(found["unit"].to_numpy().tolist(), finite, strict=True))
    return [unit for unit in units if unit != chosen and size[unit] > 0.1 * max(size.values())]


def show_timescale(selection: Selection, window: Window) -> None:
    """How long each unit remembers, by its gate and as measured, and the selected unit at each step."""
    layer = selection.layer
    found = load_timescale(selection)
    cell_type = cell_type_of(layer)
    symbol = signal_of(KEEPING[cell_type]).symbol
    draw = partial(timescale_figure, found, chosen=selection.unit, dark=is_dark())
    show(draw, key="timescale", alt=_("The half-life of every unit's memory, ranked, and its distribution"))
    about = _(
        "Filled: {formula}, from the mean over the text. Circles: the median number of timesteps until half was really gone. They "
        "differ where a gate rarely closes but then erases everything: one {symbol} near 0 is enough. Click a point to choose its unit."
    ).format(formula=rf"$\ln\frac12 / \overline{{\ln {symbol}}}$", symbol=symbol)
    st.caption(
        f"{half_lives_in_words(found, selection.unit)} {about}{cut_in_words(int(found.attrs['steps']), layer.sizes['step'])}"
        f"{gaps_in_words(found['censored'])}"
    )
    ranked = found.sortby("rank")["unit"].to_numpy()
    _listen("timescale", [int(unit) for unit in ranked], selection)
    about = _("unit, rank, half-life by the gate and as measured, fraction of censored steps, quartiles; in steps")
    figure_downloads(_("Half-lives"), draw, key="timescale", table=Table(partial(timescale_table, found), about))
    show_half_lives(layer[KEEPING[cell_type]].sel(unit=selection.unit), selection, window, int(found.attrs["steps"]))


def show_half_lives(keep: xr.DataArray, selection: Selection, window: Window, counted: int) -> None:
    """The selected unit's half-life at each step shown, on the axis for a text of `counted` steps."""
    symbol = signal_of(str(keep.name)).symbol
    draw = partial(half_lives, keep.isel(step=window.steps), steps=counted, selected=selection.step, dark=is_dark())
    unit = selection.unit
    show(draw, key="half_lives", alt=_("The half-life of the memory of unit {unit} at each step").format(unit=unit))
    about = _(
        "Unit {unit} at each timestep: {formula}, the half-life if its gate kept that value. A peak keeps the memory, a dip erases it."
    ).format(unit=unit, formula=rf"$\ln\frac12 / \ln {symbol}_t$")
    st.caption(f"{about}{gaps_in_words(keep.isel(step=window.steps), across='step')}")
    about = _("{columns}; of unit {unit}, in steps").format(
        columns=f"`step`, `token`, `unit`, `{keep.name}`, `half_life`", unit=unit
    )
    table = Table(partial(half_life_table, keep.isel(step=window.steps)), about)
    figure_downloads(_("Half-life at each step"), draw, key="half_lives", table=table)


def show_saturation(selection: Selection, other: str | None, steps: int) -> None:
    """How often each unit's gates are saturated, next to `other`, the model before (or after) training, if there is one."""
    names = [selection.model_name] if other is None else [selection.model_name, other]
    shares = [load_saturation(replace(selection, model_name=name)) for name in names]
    titles = titles_beside(*names) if len(names) == 2 else (title_of(names[0]),)
    draw = partial(saturation_points, shares, titles=titles, chosen=selection.unit, dark=is_dark())
    show(draw, key="saturation_points", alt=_("How often each unit's gates are saturated open and saturated shut"))
    used = last_steps(steps, shares[0].sizes["unit"], MOST_CELLS)
    st.caption(
        f"{saturation_in_words()} {circles_in_words(names)}{_('Click a point to choose its unit.')}{cut_in_words(used, steps)}{gaps_in_words(*shares)}"
    )
    _listen("saturation_points", [int(unit) for unit in shares[0]["unit"].to_numpy()], selection)
    about = _("model, gate, unit, fraction of steps below 0.1 and above 0.9")
    table = Table(partial(saturation_table, shares, names), about)
    figure_downloads(_("Open and shut"), draw, key="saturation_points", table=table)


def _listen(chart: str, units: list[int], selection: Selection) -> None:
    """Clicks on the points of a chart choose the unit; the points are in the order of `units`."""
    set_by_click(chart, lambda picked: {"unit": units[picked.row]}, shown=selection)
