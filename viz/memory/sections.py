"""What is in memory, who wrote it, who remembers it and for how long: the first four sections of the Memory page."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import Recording
from lstm_core.analysis import best_remembered, excerpt, keepers, ledger, ledger_error, remembered, row_order
from viz.browser.picker import Picked, picker
from viz.figures import half_lives, saturation_points
from viz.figures import ledger as ledger_figure
from viz.figures import remembered as remembered_figure
from viz.figures import timescale as timescale_figure
from viz.figures.blocks import block_length
from viz.figures.half_lives import in_steps
from viz.figures.ledger import MAX_CELLS
from viz.memory.cached import MOST_CELLS, last_steps, load_saturation, load_timescale
from viz.shared import state
from viz.shared.cached import UNTRAINED
from viz.shared.controls import Selection, Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.tables import Table, half_life_table, ledger_table, remembered_table, saturation_table, timescale_table
from viz.shared.wording import gaps_in_words, plain
from viz.theme import cell_type_of, signal_of

KEEPERS = 5  # units with lines beside the selected one
MEMORY = {"LSTM": "cell state", "GRU": "hidden state"}
KEEPS = {"LSTM": "forget gate", "GRU": "update gate"}
KEEPING = {"LSTM": "forget", "GRU": "update"}


def narrowed(window: Window, units: int, *, from_start: bool) -> Window:
    """The part of a window in which a ledger of so many units stays quick: its end, or its beginning if that was chosen."""
    length = last_steps(window.stop - window.start, units, MOST_CELLS)
    return Window(window.start, window.start + length) if from_start else Window(window.stop - length, window.stop)


def show_ledger(recording: Recording, selection: Selection, window: Window, *, chosen: bool) -> int:
    """The ledger of the selected step over the steps shown; returns the step whose token is to be followed."""
    layer = excerpt(recording.layers[selection.layer_name], window.start, window.stop)
    found = ledger(layer, selection.step)
    memory = MEMORY[cell_type_of(layer)]
    order = row_order(found["contribution"], "variability")
    draw = partial(ledger_figure, found, unit=selection.unit, order=order, dark=is_dark())
    show(draw(), key="ledger", alt="What is left in memory of what each token wrote, for one unit and for all")
    st.caption(
        f"{_columns(found)}, {read_in_words(layer, selection.step)}: how much of the {memory} now is what was written there. Orange raised "
        "it, blue lowered it, and the colour of the background means forgotten, or never written. Above, the chosen unit; below, "
        "all units in rows, those with the largest differences first. **Click a cell to choose its unit and its token.** "
        f"{sums_in_words(error_of_known(found, layer), memory)}{gaps_in_words(found['contribution'])}"
    )
    token = token_chosen(layer, selection.unit, window)
    shown = found.sortby("step")["step"].to_numpy().tolist()

    def take(picked: Picked) -> None:
        if picked.trace == "units":
            state.set_value("unit", order[picked.row])
        state.set_value("step", selection.step)  # stays, also where it was only by default
        state.set_value("written_at", shown[picked.column])

    picker(
        "ledger",
        row=order.index(selection.unit) if chosen else None,
        column=shown.index(token) if token in shown else None,
        version=str(hash((selection, window, tuple(order)))),
        on_pick=take,
    )
    about = "step, token, unit, written, left, contribution; without a step, what is left of what stood there before"
    figure_downloads("Ledger", draw, key="ledger", table=Table(partial(ledger_table, found), about))
    return token


def _columns(found: xr.Dataset) -> str:
    length = block_length(found, heatmaps=1, most=MAX_CELLS)
    return "Each column is a token" if length == 1 else f"Each column is the sum over {length} tokens"


def read_in_words(layer: xr.Dataset, step: int) -> str:
    """Which steps has a layer read that is at `step`?"""
    return f"from the end down to step {step}" if layer.attrs.get("direction") == "reverse" else f"up to step {step}"


def error_of_known(found: xr.Dataset, layer: xr.Dataset) -> float:
    """How far are the parts of a ledger from what they make up, in the units of which all are numbers? NaN without any."""
    known = np.isfinite(found["contribution"].to_numpy()).all(axis=0) & np.isfinite(found["initial"].to_numpy())
    part = found.isel(unit=known)
    return ledger_error(part, layer.sel(unit=part["unit"])) if known.any() else np.nan


def sums_in_words(error: float, memory: str) -> str:
    """How far are the parts of a ledger from what they make up?"""
    if not np.isfinite(error):
        return "There is no sum of parts that are not numbers."
    return f"The parts sum to the {memory} within {error:.1e} of its largest value (of 1 where that is less)."


def token_chosen(layer: xr.Dataset, unit: int, window: Window) -> int:
    """The step whose token is followed: by a click or a link, or else that which the unit remembers best."""
    state.reset_unless("written_at", range(window.start, window.stop))
    token = st.session_state["written_at"]
    return best_remembered(layer, unit) if token is None else int(token)


def longest(found: xr.Dataset, *, hinted: int | None = None) -> int:
    """Which unit remembers longest, of what `timescale` found? That of the model's hint, where it is in the first quarter."""
    if hinted is not None and 4 * int(found["rank"].sel(unit=hinted)) <= found.sizes["unit"] + 3:
        return hinted
    return int(found["unit"][int(found["rank"].to_numpy().argmin())])


def show_remembered(recording: Recording, selection: Selection, token: int, window: Window) -> None:
    """What is left, later on, of what one token wrote."""
    layer = excerpt(recording.layers[selection.layer_name], window.start, window.stop)
    label = plain(str(layer["token"].sel(step=token).item()))
    st.subheader(f"Who remembers “{label}” of step {token}?", anchor=False)
    box, note = st.columns([2, 6], vertical_alignment="bottom")
    with box:
        state.widget(
            st.number_input,
            "written_at",
            "Token of step",
            window.start,
            window.stop - 1,
            placeholder=f"best remembered: {token}",
        )
    found = remembered(layer, token)
    best = notable(found, keepers(found, KEEPERS), selection.unit)
    others = f", in grey the other units that keep most of it: {', '.join(map(str, best))}" if best else ""
    note.caption(
        f"What “{label}” wrote fades by the factor of the {KEEPS[cell_type_of(layer)]} at every step. A line that stays high "
        f"remembers; a cliff is where it was erased. In colour unit {selection.unit}{others}.{gaps_in_words(found[['left', 'contribution']])}"
    )
    draw = partial(remembered_figure, found, units=best, chosen=selection.unit, dark=is_dark())
    show(draw(), key="remembered", alt=f"What is left at later steps of what the token of step {token} wrote")
    about = f"step, token, unit, left, contribution of what step {token} wrote, all units"
    figure_downloads("Remembered", draw, key="remembered", table=Table(partial(remembered_table, found), about))


def notable(found: xr.Dataset, units: list[int], chosen: int) -> list[int]:
    """Those of `units` beside the `chosen` one that keep at least a tenth of what the best of all keeps, on average.

    Of a unit that is NaN or infinite at some step nobody knows.
    """
    sizes = np.abs(found["contribution"].transpose("step", "unit").to_numpy()).mean(axis=0)
    kept = np.where(np.isfinite(sizes), sizes, 0)
    size = dict(zip(found["unit"].to_numpy().tolist(), kept, strict=True))
    return [unit for unit in units if unit != chosen and size[unit] > 0.1 * max(size.values())]


def show_timescale(recording: Recording, selection: Selection, window: Window) -> None:
    """For how long each unit remembers, by its gate and as measured; and the selected one at each step."""
    layer = recording.layers[selection.layer_name]
    st.subheader("How long does each unit remember?", anchor=False)
    found = load_timescale(selection)
    cell_type = cell_type_of(layer)
    symbol = signal_of(KEEPING[cell_type]).symbol
    draw = partial(timescale_figure, found, chosen=selection.unit, dark=is_dark())
    show(draw(), key="timescale", alt="The half-life of every unit's memory, ranked, and how many units have which")
    st.caption(
        f"{half_lives_in_words(found, selection.unit)} Filled: $\\ln\\frac12 / \\overline{{\\ln {symbol}}}$, from the mean over the text. Circles: after how "
        "many steps half of what was written was really gone, in the median. They differ where a gate shuts rarely but wholly: one "
        f"{symbol} near 0 erases all. Click a point to choose its unit.{_cut(int(found.attrs['steps']), layer.sizes['step'])}"
        f"{gaps_in_words(found['censored'])}"
    )
    ranked = found.sortby("rank")["unit"].to_numpy()
    _listen("timescale", [int(unit) for unit in ranked], selection)
    about = "unit, rank, half-life by the gate, measured, share of steps censored, quartiles; in steps"
    figure_downloads("Half-lives", draw, key="timescale", table=Table(partial(timescale_table, found), about))
    show_half_lives(layer[KEEPING[cell_type]].sel(unit=selection.unit), selection, window, int(found.attrs["steps"]))


def show_half_lives(keep: xr.DataArray, selection: Selection, window: Window, counted: int) -> None:
    """The selected unit's half-life at each step shown, on the axis of a text of so many steps."""
    symbol = signal_of(str(keep.name)).symbol
    draw = partial(half_lives, keep.isel(step=window.steps), steps=counted, selected=selection.step, dark=is_dark())
    show(draw(), key="half_lives", alt=f"The half-life of the memory of unit {selection.unit} at each step")
    st.caption(
        f"Unit {selection.unit} at each step, $\\ln\\frac12 / \\ln {symbol}_t$, as if the gate stayed as it is there: a spike up is a "
        f"step that keeps the memory, a dip one that erases it.{gaps_in_words(keep.isel(step=window.steps), across='step')}"
    )
    about = f"step, token, unit, {keep.name}, half_life; of unit {selection.unit}, in steps"
    table = Table(partial(half_life_table, keep.isel(step=window.steps)), about)
    figure_downloads("Half-life at each step", draw, key="half_lives", table=table)


def half_lives_in_words(found: xr.Dataset, unit: int) -> str:
    """For how long does one unit remember, in a sentence?"""
    own = found.sel(unit=unit)
    gate, measured = own["half_life"].item(), own["measured"].item()
    if np.isnan(gate):
        return f"Unit {unit} has gates that are not numbers: it has no half-life."
    seen = "never gone within this text" if np.isinf(measured) else f"gone after {in_steps(measured)}"
    rank = f"rank {own['rank'].item()} of {found.sizes['unit']}"
    return f"Unit {unit} has {rank}: {in_steps(gate)} by its gate; half was {seen}."


def show_saturation(selection: Selection, other: str | None, steps: int) -> None:
    """How often each unit's gates are nearly open or shut, beside the model's twin `other` where there is one."""
    st.subheader("Open and shut", anchor=False)
    names = [selection.model_name] if other is None else [selection.model_name, other]
    shares = [load_saturation(replace(selection, model_name=name)) for name in names]
    draw = partial(saturation_points, shares, titles=names, chosen=selection.unit, dark=is_dark())
    show(draw(), key="saturation_points", alt="The share of steps at which each unit's gates are nearly open and shut")
    st.caption(
        "Each point is a unit, each chart a gate (Karpathy et al. 2015). Far right: open at nearly every step, as the forget gate of a unit "
        f"that never forgets. Far up: nearly always shut. Near the lower left corner: half open, undecided. "
        f"{circles_in_words(names)}Click a point to choose its unit.{_cut(last_steps(steps, shares[0].sizes['unit'], MOST_CELLS), steps)}"
        f"{gaps_in_words(*shares)}"
    )
    _listen("saturation_points", [int(unit) for unit in shares[0]["unit"].to_numpy()], selection)
    table = Table(partial(saturation_table, shares, names), "model, gate, unit, share of steps below 0.1 and above 0.9")
    figure_downloads("Open and shut", draw, key="saturation_points", table=table)


def circles_in_words(names: list[str]) -> str:
    """Whose are the circles? The second model's, if there is one."""
    if len(names) < 2:
        return ""
    return f"Circles: the same units {'before' if names[1].endswith(UNTRAINED) else 'after'} training. "


def _listen(chart: str, units: list[int], selection: Selection) -> None:
    """Clicks on the points of a chart choose the unit; points stand in the order of `units`."""

    def take(picked: Picked) -> None:
        state.set_value("unit", units[picked.row])

    picker(chart, row=None, column=None, version=str(hash(selection)), on_pick=take)


def _cut(used: int, steps: int) -> str:
    return "" if used == steps else f" Of so many units only the last {used:,} of {steps:,} steps are counted."
