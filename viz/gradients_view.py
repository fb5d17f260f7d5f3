"""What the page Gradients shows: where the gradient is large, how it fades, and by which way it came."""

from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

import pretrained
from lstm_core import ModelConfig, Recording, Values
from lstm_core.analysis import decay, paths
from viz import visit
from viz.controls import Window, is_dark
from viz.downloads import figure_downloads, show
from viz.figures import decays, gradient_map
from viz.figures.decays import Curve
from viz.figures.gradient_map import is_logarithmic
from viz.gradient_controls import Part, colour_of
from viz.gradient_loads import Question, load_twin_gradients
from viz.least import least_gradient
from viz.loaders import describe
from viz.picker import Picked, picker
from viz.tables import Table, decay_table, gradient_table, ways_table
from viz.theme import SIGNAL, cell_type_of, furthest
from viz.wording import NETWORKS, plain

MAP = "gradient_map"
LEAST = 1e-37  # shares below it are at the end of single precision


def about_target(question: Question, found: xr.Dataset, config: ModelConfig) -> str:
    """Which number L is, and what it is now, as Markdown."""
    value, tokens, target = float(found.attrs["value"]), question.tokens, question.target
    if target.step is None:
        unit = "squared spreads" if isinstance(config.readout, Values) else "nats"
        return f"**L** is the mean loss over the text: {value:.4g} {unit}. Where a gradient is negative, more would be better."
    after = f"after step {target.step}, “{plain(tokens.labels[target.step])}”"
    if isinstance(config.readout, Values):
        name = target.of or config.readout.names[0]
        return f"**L** is the {plain(name)} that the model says {after}: {value:.4g}."
    what = f"**L** = ln p(“**{plain(target.of or tokens.labels[target.step + 1])}**”) {after}"
    if not np.isfinite(value):
        return f"{what}, which is no number here."
    return f"{what}: {value:.4g} nats, so p = {np.exp(value):.3g}. The higher, the better."


def show_map(
    part: Part, question: Question, order: list[int], window: Window, *, neuron: tuple[int, int, bool]
) -> None:
    """The heatmap; clicks on it choose unit and step."""
    unit, step, chosen = neuron
    by_unit = part.values.dims[-1] == "unit"
    values = part.values.isel(step=window.steps)
    target = question.target
    least = least_gradient(describe(question.model)[0].readout, target.of, mean_loss=target.step is None)
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
    )
    about = f"step, token, {values.dims[-1]}, with_respect_to, gradient with its sign; of the steps shown"
    table = Table(partial(gradient_table, values, part.symbol), about, rows=values.size)
    figure_downloads("Gradients", partial(draw, selected=(step, unit) if by_unit else None), key=MAP, table=table)
    if not by_unit:
        return

    def pick(picked: Picked) -> None:
        visit.put("unit", order[picked.row])
        visit.put("step", window.start + picked.column)

    picker(
        MAP,
        row=order.index(unit) if chosen else None,
        column=step - window.start if chosen else None,
        version=f"{question.model} {question.layer} {window.start} {hash(question.passage)} {hash(tuple(order))}",
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
        "shrinks by the same factor at every step. Hover for numbers."
    )
    table = Table(partial(decay_table, norm, part.symbol), "distance, step, token, with_respect_to, norm")
    figure_downloads("Decay", draw, key="decay", table=table)


def show_split(recording: Recording, question: Question, found: xr.Dataset) -> None:
    """The ways along the belt and through hidden states, and the RNN beside them."""
    st.header("By which way? And where would a simple RNN have lost it?", anchor=False)
    if "cell" not in found:
        kind = NETWORKS[cell_type_of(found)]
        st.info(f"{kind[:1].upper()}{kind[1:]} has no cell state: its gradient goes through hidden states alone.")
        return
    split = decay(paths(found, recording.layers[question.layer]))
    twin, missing = _twin_decay(question)
    first = split["distance"].to_numpy() == 0
    unity = float(split["total"].to_numpy()[first][0])
    unity = unity if np.isfinite(unity) and unity > 0 else 1.0
    curves = [
        Curve("LSTM, cell state: all ways", split["total"], SIGNAL["cell"].colour, unity=unity),
        Curve("along the belt alone", split["belt"], SIGNAL["forget"].colour, "dash", unity),
        Curve("through hidden states", split["rest"], SIGNAL["hidden"].colour, "dot", unity),
    ]
    if twin is not None:
        curves.append(Curve("tanh RNN, hidden state", twin, None, "dashdot"))
    draw = partial(decays, curves, shares=True, height=340, dark=is_dark())
    show(draw(), key="split", alt="How much of the gradient is left at each distance, by way and by model")
    st.caption(_about_split(split, twin, unity))
    st.caption(
        missing
        or "**The RNN** has the same size and was taught by the same settings. Where its line falls away from the LSTM's, that is "
        "the vanishing gradient that LSTMs were made for, on your own text; where it climbs, one that explodes."
    )
    about = "distance, step, token, and the norms of all ways, of the belt and of the rest"
    about += "" if twin is None else ", and of the RNN"
    figure_downloads("Ways", draw, key="split", table=Table(partial(ways_table, split, twin), about))


def _twin_decay(question: Question) -> tuple[xr.DataArray | None, str]:
    """The RNN's curve, or None and why there is none."""
    try:
        found = load_twin_gradients(question)
    except ValueError as error:
        return None, f"The RNN beside it has no such gradient: {plain(str(error))}."
    if found is not None:
        return decay(found)["hidden"], ""
    has = ", ".join(pretrained.rnn_twins())
    return (
        None,
        f"No RNN was trained beside {plain(question.model)}; choose one of {plain(has)} to see both on one chart.",
    )


def _about_split(split: xr.Dataset, twin: xr.DataArray | None, unity: float) -> str:
    last = int(split["distance"][-1])
    whole, belt = (float(split[name][-1]) / unity for name in ("total", "belt"))
    found = (
        "**The belt** is the product of forget gates. What went through **hidden states** left it at least once, taken up "
        "again by the gates of a later step, and may have gone along belts before and after."
    )
    if last < 1 or not np.isfinite(whole):
        return found
    found += (
        f" {last:,} step{'s' * (last != 1)} back, {share(whole)} of the gradient at the target is left, "
        f"along the belt alone {share(belt)}"
    )
    if twin is None:
        return found + "."
    at_target, then = (float(twin.sel(distance=at)) for at in (0, last))
    return found + f"; in the RNN {share(then / at_target if at_target > 0 else 0.0)}."


def share(left: float) -> str:
    """A share of the gradient in words: what single precision cannot hold is not nothing."""
    return f"{left:.3g}" if left > LEAST else f"less than {LEAST:.0e}"


def sentence(error: ValueError) -> str:
    """What is wrong, as a sentence in Markdown."""
    text = str(error)
    return plain(text[:1].upper() + text[1:] + "." * (not text.endswith(".")))
