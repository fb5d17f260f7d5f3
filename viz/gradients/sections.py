"""What the page Gradients shows: where the gradient is large, and how it decays with distance."""

from functools import partial
from math import log

import numpy as np
import streamlit as st
import xarray as xr

from lstm_core import ModelConfig, Values
from lstm_core.analysis import decay
from viz.figures import decays, gradient_map
from viz.figures.decays import Curve
from viz.figures.gradient_map import is_logarithmic
from viz.gradients.cached import Question
from viz.gradients.controls import Part, colour_of
from viz.locale import _
from viz.shared.cached import describe
from viz.shared.clicks import set_by_click
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.tables import Table, decay_table, gradient_table
from viz.shared.wording import gaps_in_words, in_digits, plain, step_noun
from viz.theme import furthest, least_gradient

MAP = "gradient_map"


def about_target(question: Question, found: xr.Dataset, config: ModelConfig) -> str:
    """Which number L is, and its value, as Markdown."""
    value, tokens, target = float(found.attrs["value"]), question.tokens, question.target
    if target.step is None:
        about = _("Where a gradient is negative, a larger value lowers L.")
        if isinstance(config.readout, Values):
            sentence = _("**L** is the mean loss over the text: {value} squared standard deviations. {about}")
            return sentence.format(value=in_digits(value, ".4g"), about=about)
        sentence = _("**L** is the mean of −ln p over the text, a surprisal of {value} bits per {token}. {about}")
        bits = in_digits(value / log(2), ".4g")
        return sentence.format(value=bits, about=about, token=step_noun(config.encoder))
    named = {"step": target.step, "token": plain(tokens.labels[target.step]), "value": in_digits(value, ".4g")}
    if isinstance(config.readout, Values):
        name = plain(target.of or config.readout.names[0])
        return _("**L** is the predicted {name} after step {step}, “{token}”: {value}.").format(name=name, **named)
    named["next"] = plain(target.of or tokens.labels[target.step + 1])
    if not np.isfinite(value):
        return _("**L** = ln p(“**{next}**”) after step {step}, “{token}”: {value}.").format(**named)
    return _(
        "**L** = ln p(“**{next}**”) after step {step}, “{token}”. The model gives it a probability of {probability}: a surprisal of {bits} bits."
    ).format(probability=f"{np.exp(value):.3g}", bits=f"{-value / log(2) + 0.0:.4g}", **named)


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
    alt = (
        _("Heatmap of the size of the gradient at every step (columns) of every unit (rows)")
        if by_unit
        else _("Heatmap of the size of the gradient at every step (columns) of every input feature (rows)")
    )
    figure = draw()
    show(lambda: figure, key=MAP, alt=alt)
    colours = _("Stronger colour = larger.")
    if furthest(values.to_numpy()) < least:
        colours = _(
            "All are below {least}, the end of the colour scale: changing {symbol} would hardly change L."
        ).format(least=f"{least:.0e}", symbol=part.symbol)
    if is_logarithmic(np.abs(values.to_numpy()), least):
        powers = figure.data[0].zmax - figure.data[0].zmin
        colours = _(
            "**Colours are logarithmic**, over {powers} powers of ten: a little fainter is many times smaller."
        ).format(powers=f"{powers:.0f}")
    sentences = [_("Each cell shows how much L would change with {symbol} there.").format(symbol=part.symbol), colours]
    if part.name == "cell":
        sentences.append(_("A row that stays strong keeps its gradient: its forget gate stays open."))
    sentences.append(_("Hover for signed numbers."))
    if by_unit:
        sentences.append(_("**Click a cell** to choose its unit and step for the backward equations."))
    gaps = gaps_in_words(values, across=str(values.dims[-1]), noun="" if by_unit else "row")
    st.caption(f"{' '.join(sentences)}{gaps}")
    about = _("{columns} with its sign; of the steps shown").format(
        columns=f"`step`, `token`, `{values.dims[-1]}`, `with_respect_to`, `gradient`"
    )
    table = Table(partial(gradient_table, values, part.symbol), about, rows=values.size)
    figure_downloads(
        _("Gradients"), partial(draw, selected=(step, unit) if by_unit and chosen else None), key=MAP, table=table
    )
    if not by_unit:
        return
    reading = (question.model_name, question.layer_name, question.passage)
    set_by_click(
        MAP,
        lambda picked: {"unit": order[picked.row], "step": window.start + picked.column},
        shown=(reading, window.start, tuple(order)),
        row=order.index(unit) if chosen else None,
        column=step - window.start if chosen else None,
    )


def show_decay(part: Part, found: xr.Dataset) -> None:
    """The norm of the chosen gradient against distance."""
    own = part.values.to_dataset(name="gradient").assign_attrs(found.attrs)
    norm = decay(own)["gradient"]
    draw = partial(decays, [Curve(f"‖dL/d{part.symbol}‖", norm, colour_of(part))], dark=is_dark())
    show(draw, key="decay", alt=_("The norm of the gradient at each distance from the target"))
    about = _(
        "The norm of dL/d{symbol} on a logarithmic axis. A straight line down is a gradient that shrinks by the same factor at every "
        "timestep. Hover for numbers."
    ).format(symbol=part.symbol)
    st.caption(f"{about}{gaps_in_words(norm, across='distance', noun='step')}")
    columns = "`distance`, `step`, `token`, `with_respect_to`, `norm`"
    table = Table(partial(decay_table, norm, part.symbol), columns)
    figure_downloads(_("Decay"), draw, key="decay", table=table)
