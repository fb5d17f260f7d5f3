"""What the page Gradients shows: where the gradient is large, how it fades, and by which way it came."""

from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import ModelConfig, Values
from lstm_core.analysis import decay
from viz.browser.picker import Picked, picker
from viz.figures import decays, gradient_map
from viz.figures.decays import Curve
from viz.figures.gradient_map import is_logarithmic
from viz.gradients.cached import Question
from viz.gradients.controls import Part, colour_of
from viz.shared import state
from viz.shared.cached import describe
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.tables import Table, decay_table, gradient_table
from viz.shared.wording import gaps_in_words, in_digits, plain
from viz.theme import furthest, least_gradient

MAP = "gradient_map"


def about_target(question: Question, found: xr.Dataset, config: ModelConfig) -> str:
    """Which number L is, and what it is now, as Markdown."""
    value, tokens, target = float(found.attrs["value"]), question.tokens, question.target
    if target.step is None:
        unit = "squared spreads" if isinstance(config.readout, Values) else "nats"
        return f"**L** is the mean loss over the text: {in_digits(value, '.4g')} {unit}. Where a gradient is negative, more would be better."
    after = f"after step {target.step}, “{plain(tokens.labels[target.step])}”"
    if isinstance(config.readout, Values):
        name = target.of or config.readout.names[0]
        return f"**L** is the {plain(name)} that the model says {after}: {in_digits(value, '.4g')}."
    what = f"**L** = ln p(“**{plain(target.of or tokens.labels[target.step + 1])}**”) {after}"
    if not np.isfinite(value):
        return f"{what}: {in_digits(value, '.4g')}."
    return f"{what}: {value:.4g} nats, so p = {np.exp(value):.3g}. The higher, the better."


def show_map(
    part: Part, question: Question, order: list[int], window: Window, *, neuron: tuple[int, int, bool]
) -> None:
    """The heatmap; clicks on it choose unit and step."""
    unit, step, chosen = neuron
    by_unit = part.values.dims[-1] == "unit"
    values = part.values.isel(step=window.steps)
    target = question.target
    least = least_gradient(describe(question.model_name)[0].readout, target.of, mean_loss=target.step is None)
    draw = partial(
        gradient_map,
        values,
        signal=part.name,
        symbol=part.symbol,
        order=order if by_unit else None,
        least=least,
        target=target.step,
        dark=is_dark(),
    )
    rows = "unit" if by_unit else "feature of what is read"
    figure = draw()
    show(figure, key=MAP, alt=f"Heatmap of the size of the gradient at every step (columns) of every {rows} (rows)")
    colours = "The stronger the colour, the larger."
    if furthest(values.to_numpy()) < least:
        colours = (
            f"All are below {least:.0e}, where the colours end: hardly any change in {part.symbol} would change L."
        )
    if is_logarithmic(np.abs(values.to_numpy()), least):
        powers = figure.data[0].zmax - figure.data[0].zmin
        colours = (
            f"**Colours are logarithmic**, over {powers:.0f} powers of ten: a little fainter is many times smaller."
        )
    belt = " A row that stays strong is a belt: its forget gate stays open." if part.name == "cell" else ""
    click = " **Click a cell** for its equations, at the foot of the page." if by_unit else ""
    st.caption(
        f"How much would L change with {part.symbol} there? {colours}{belt} Hover for the number with its sign.{click}"
        f"{gaps_in_words(values, across=str(values.dims[-1]), noun='' if by_unit else 'row')}"
    )
    about = f"step, token, {values.dims[-1]}, with_respect_to, gradient with its sign; of the steps shown"
    table = Table(partial(gradient_table, values, part.symbol), about, rows=values.size)
    figure_downloads(
        "Gradients", partial(draw, selected=(step, unit) if by_unit and chosen else None), key=MAP, table=table
    )
    if not by_unit:
        return

    def pick(picked: Picked) -> None:
        state.set_value("unit", order[picked.row])
        state.set_value("step", window.start + picked.column)

    picker(
        MAP,
        row=order.index(unit) if chosen else None,
        column=step - window.start if chosen else None,
        version=f"{question.model_name} {question.layer_name} {window.start} {hash(question.passage)} {hash(tuple(order))}",
        on_pick=pick,
    )


def show_decay(part: Part, found: xr.Dataset) -> None:
    """The norm of the chosen gradient against distance."""
    own = part.values.to_dataset(name="gradient").assign_attrs(found.attrs)
    norm = decay(own)["gradient"]
    draw = partial(decays, [Curve(f"‖dL/d{part.symbol}‖", norm, colour_of(part))], dark=is_dark())
    show(draw(), key="decay", alt="The norm of the gradient at each distance from the target's step")
    st.caption(
        f"The norm of dL/d{part.symbol} over all its numbers, on a logarithmic axis: a straight line down is a gradient that "
        f"shrinks by the same factor at every step. Hover for numbers.{gaps_in_words(norm, across='distance', noun='step')}"
    )
    table = Table(partial(decay_table, norm, part.symbol), "distance, step, token, with_respect_to, norm")
    figure_downloads("Decay", draw, key="decay", table=table)
