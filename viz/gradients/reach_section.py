"""How far does the gradient reach, by which way, and how far in a simple RNN? The answer in a sentence, and its chart."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
import xarray as xr

import pretrained
from lstm_core import Recording
from lstm_core.analysis import decay, paths
from viz.figures import decays
from viz.figures.decays import Curve
from viz.gradients.cached import Question, load_twin_gradients
from viz.shared.controls import is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.tables import Table, ways_table
from viz.shared.wording import NETWORKS, gaps_in_words, in_digits, plain
from viz.theme import SIGNAL, cell_type_of

LEAST = 1e-37  # shares below it are at the end of single precision
KEPT = 0.1  # of the gradient at the target: as much of it has not faded
WAYS = (
    "**The belt** is the product of forget gates. What went through **hidden states** left it at least once, taken up "
    "again by the gates of a later step, and may have gone along belts before and after."
)


@dataclass(frozen=True, eq=False)
class Reach:
    """The norms of a gradient at each distance from its target, by its ways, and those of the RNN beside the model."""

    split: xr.Dataset  # `decay` of what `paths` found
    twin: xr.DataArray | None
    missing: str  # why there is no RNN

    @property
    def steps(self) -> int:
        """How far back is the first step?"""
        return int(self.split["distance"][-1])

    @property
    def unity(self) -> float:
        """The gradient at the target, of which all others are shares; 1 where it is none."""
        norm = float(self.split["total"].to_numpy()[self.split["distance"].to_numpy() == 0][0])
        return norm if np.isfinite(norm) and norm > 0 else 1.0

    def share_of(self, way: str) -> float:
        """How much of it is left at the first step?"""
        return float(self.split[way][-1]) / self.unity

    @property
    def rnn(self) -> float | None:
        """The same share of the RNN's own; None where there is no RNN."""
        if self.twin is None:
            return None
        at_target, first = (float(self.twin.sel(distance=at)) for at in (0, self.steps))
        return first / at_target if at_target > 0 else 0.0


def reach_of(recording: Recording, question: Question, found: xr.Dataset) -> Reach | None:
    """How far the gradient of a target at one step reaches in an LSTM; None where there are no ways to tell apart."""
    if "cell" not in found or question.target.step is None:
        return None
    split = decay(paths(found, recording.layers[question.layer_name]))
    return Reach(split, *_twin_decay(question))


def headline(reach: Reach) -> str:
    """One Markdown sentence: the cell state keeps the gradient back to the first step, hidden states carry it, or it fades."""
    steps, whole, belt, rnn = reach.steps, reach.share_of("total"), reach.share_of("belt"), reach.rnn
    if steps < 1 or not np.isfinite(whole):
        return ""
    back = f"{steps:,} step{'s' * (steps != 1)} back"
    if belt >= KEPT:
        found = f"**The cell state keeps this gradient**: {back}, {share(belt)} of it is left along the cell state alone, {share(whole)} in all"
    elif whole >= KEPT:
        found = f"**This gradient goes through hidden states**: {back}, {share(whole)} of it is left, but {share(belt)} along the cell state alone"
    else:
        found = f"**This gradient fades in the LSTM too**: {back}, {share(whole)} of it is left, {share(belt)} along the cell state alone"
    return f"{found}." if rnn is None else f"{found}. A simple RNN has {share(rnn)} left there."


def show_split(reach: Reach | None, found: xr.Dataset) -> None:
    """The ways along the belt and through hidden states, and the RNN beside them."""
    st.header("By which way? And where would a simple RNN have lost it?", anchor=False)
    if reach is None:
        kind = NETWORKS[cell_type_of(found)]
        st.info(f"{kind[:1].upper()}{kind[1:]} has no cell state: its gradient goes through hidden states alone.")
        return
    split, twin, unity = reach.split, reach.twin, reach.unity
    curves = [
        Curve("LSTM, cell state: all ways", split["total"], SIGNAL["cell"].colour, unity=unity),
        Curve("along the belt alone", split["belt"], SIGNAL["forget"].colour, "dash", unity),
        Curve("through hidden states", split["rest"], SIGNAL["hidden"].colour, "dot", unity),
    ]
    if twin is not None:
        curves.append(Curve("tanh RNN, hidden state", twin, None, "dashdot"))
    draw = partial(decays, curves, shares=True, height=340, dark=is_dark())
    show(draw(), key="split", alt="How much of the gradient is left at each distance, by way and by model")
    st.caption(WAYS + gaps_in_words(split, across="distance", noun="step"))
    st.caption(
        reach.missing
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
    has = ", ".join(pretrained.rnn_baselines())
    return (
        None,
        f"No RNN was trained beside {plain(question.model_name)}; choose one of {plain(has)} to see both on one chart.",
    )


def share(left: float) -> str:
    """A share of the gradient in words: what single precision cannot hold is not nothing, and NaN is "not a number"."""
    if not np.isfinite(left):
        return in_digits(left, ".3g")
    return f"{left:.3g}" if left > LEAST else f"less than {LEAST:.0e}"


def sentence(error: ValueError) -> str:
    """What is wrong, as a sentence in Markdown."""
    text = str(error)
    return plain(text[:1].upper() + text[1:] + "." * (not text.endswith(".")))
