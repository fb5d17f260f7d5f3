"""How far does the gradient reach, on which path, and how far in a simple RNN? The answer in a sentence, and its chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import xarray as xr

import pretrained
from lstm_core import Recording
from lstm_core.analysis import decay, importance, paths
from viz.browser.presenting import wide
from viz.figures import weighed
from viz.figures.decays import Curve
from viz.gradients.cached import Question, load_importance, load_rnn_gradients
from viz.locale import N_, _, ngettext
from viz.shared.cached import describe
from viz.shared.controls import Window, is_dark
from viz.shared.downloads import figure_downloads, show
from viz.shared.model_facts import title_of
from viz.shared.tables import Table, importance_table, ways_table
from viz.shared.wording import NETWORKS, gaps_in_words, in_digits, plain
from viz.theme import SIGNAL, cell_type_of, least_gradient

LEAST = 1e-37  # the limit of single precision for a fraction
REMAINING = 0.1  # of the gradient at the target: with this much left it has not vanished
PATHS = N_(
    "**Cell-state path**: the gradient that only forget gates multiplied. **Through hidden states**: the gradient that left this "
    "path at least once, through the gates of a later step."
)
BASELINE = N_(
    "**The RNN** has the same size and was trained with the same settings. Where its line falls below the LSTM's, its "
    "gradient vanishes: that is why LSTMs were invented. Where it climbs, it explodes."
)


@dataclass(frozen=True, eq=False)
class Reach:
    """The norms of a gradient at each distance from its target, by path, and the norms in the RNN baseline."""

    split: xr.Dataset  # `decay` of what `paths` found
    baseline: xr.DataArray | None

    @property
    def steps(self) -> int:
        """How far back is the first step?"""
        return int(self.split["distance"][-1])

    @property
    def unity(self) -> float:
        """The norm at the target, by which the others are divided; 1 if it is zero."""
        norm = float(self.split["total"].to_numpy()[self.split["distance"].to_numpy() == 0][0])
        return norm if np.isfinite(norm) and norm > 0 else 1.0

    def share_of(self, way: str) -> float:
        """Which fraction of it remains at the first step?"""
        return float(self.split[way][-1]) / self.unity

    @property
    def rnn(self) -> float | None:
        """The same fraction for the RNN; None without an RNN."""
        if self.baseline is None:
            return None
        at_target, first = (float(self.baseline.sel(distance=at)) for at in (0, self.steps))
        return first / at_target if at_target > 0 else 0.0


def reach_of(recording: Recording, question: Question, found: xr.Dataset) -> Reach | None:
    """How far the gradient of a target at one step reaches in an LSTM; None for other cells and for the mean loss."""
    if "cell" not in found or question.target.step is None:
        return None
    split = decay(paths(found, recording.layers[question.layer_name]))
    baseline = _rnn(question)[0]
    return Reach(split, None if baseline is None else decay(baseline)["hidden"])


def headline(reach: Reach | None, found: xr.Dataset) -> str:
    """In Markdown: the cell state keeps the gradient back to the first step, hidden states carry it, or it fades."""
    if reach is None and int(found.attrs["target_step"]) < 0:
        return _(
            "The mean loss is taken at every step, so no step is at a distance. For the curves, choose a target at one step."
        )
    if reach is None:
        sentence = _("This layer is {network}. It has no cell state: its gradient goes through hidden states alone.")
        return sentence.format(network=_(NETWORKS[cell_type_of(found)]))
    return _claim(reach)


def _claim(reach: Reach) -> str:
    steps, whole, belt, rnn = reach.steps, reach.share_of("total"), reach.share_of("belt"), reach.rnn
    if steps < 1 or not np.isfinite(whole):
        return ""
    if belt >= REMAINING:
        sentence = ngettext(
            "**The cell state keeps this gradient**: {count} step back, {belt} of it remains on the cell-state path, {whole} in total.",
            "**The cell state keeps this gradient**: {count} steps back, {belt} of it remains on the cell-state path, {whole} in total.",
            steps,
        )
    elif whole >= REMAINING:
        sentence = ngettext(
            "**This gradient goes through hidden states**: {count} step back, {whole} of it remains, but {belt} on the cell-state path.",
            "**This gradient goes through hidden states**: {count} steps back, {whole} of it remains, but {belt} on the cell-state path.",
            steps,
        )
    else:
        sentence = ngettext(
            "**This gradient fades in the LSTM too**: {count} step back, {whole} of it remains, {belt} on the cell-state path.",
            "**This gradient fades in the LSTM too**: {count} steps back, {whole} of it remains, {belt} on the cell-state path.",
            steps,
        )
    found = sentence.format(count=f"{steps:,}", belt=share(belt), whole=share(whole))
    return found if rnn is None else f"{found} {_('A simple RNN keeps {share}.').format(share=share(rnn))}"


def show_weights(reach: Reach | None, question: Question, found: xr.Dataset, window: Window) -> None:
    """The tokens, by how much the prediction depends on each, above what remains of the gradient at their steps."""
    try:
        weights: dict[str, xr.DataArray] = {cell_type_of(found): load_importance(question)}
    except ValueError as error:
        st.info(sentence(error))
        return
    baseline, missing = _rnn(question)
    if baseline is not None:
        weights[_("tanh RNN")] = importance(baseline)
    target = question.target
    curves = [] if target.step is None else _curves(reach, found, baseline)
    least = least_gradient(describe(question.model_name)[0].readout, target.of, mean_loss=target.step is None)
    draw = partial(
        weighed,
        {network: one.isel(step=window.steps) for network, one in weights.items()},
        curves,
        least=least,
        target=target.step,
        width=wide(920),
        dark=is_dark(),
    )
    alt = _("How much the prediction depends on each token, and what remains of the gradient there")
    show(draw, key="importance", alt=alt, grows=1)
    about = [
        _(
            "**Importance**, the norm of dL/dx: the stronger the colour, the more a small change of that input changes L."
        )
    ]
    if reach is not None:
        about.append(_(PATHS))
    if target.step is not None:
        about.append(missing or _(BASELINE))
    gaps = gaps_in_words(*weights.values(), across="step")
    st.caption(
        " ".join(about)
        + (gaps or ("" if reach is None else gaps_in_words(reach.split, across="distance", noun="step")))
    )
    _downloads(draw, reach, weights)


def _downloads(draw: Callable[[], go.Figure], reach: Reach | None, weights: Mapping[str, xr.DataArray]) -> None:
    columns = "`step`, `token`, `network`, `importance`"
    table = Table(partial(importance_table, weights), columns)
    others = []
    if reach is not None:
        about = _(
            "{columns}: the norms in total, on the cell-state path and through hidden states, and in the RNN if there is one"
        ).format(columns="`distance`, `step`, `token`, `total`, `belt`, `rest`, `rnn`")
        others = [(_("Paths"), "split", Table(partial(ways_table, reach.split, reach.baseline), about))]
    figure_downloads(_("Importance"), draw, key="importance", table=table, others=others)


def _curves(reach: Reach | None, found: xr.Dataset, baseline: xr.Dataset | None) -> list[Curve]:
    """What remains of the gradient: by path in an LSTM, else in the hidden state; and in the RNN."""
    if reach is None:
        network = cell_type_of(found)
        curves = [
            Curve(_("{network}, hidden state").format(network=network), decay(found)["hidden"], SIGNAL["hidden"].colour)
        ]
    else:
        split, unity = reach.split, reach.unity
        belt = _("cell-state path only (product of forget gates)")
        curves = [
            Curve(_("LSTM, cell state: all paths"), split["total"], SIGNAL["cell"].colour, unity=unity),
            Curve(belt, split["belt"], SIGNAL["forget"].colour, "dash", unity),
            Curve(_("through hidden states"), split["rest"], SIGNAL["hidden"].colour, "dot", unity),
        ]
    if baseline is not None:
        curves.append(Curve(_("tanh RNN, hidden state"), decay(baseline)["hidden"], None, "dashdot"))
    return curves


def _rnn(question: Question) -> tuple[xr.Dataset | None, str]:
    """The RNN's gradients, or None and a sentence that says why."""
    try:
        found = load_rnn_gradients(question)
    except ValueError as error:
        return None, _("The RNN has no such gradient: {error}.").format(error=plain(str(error)))
    if found is not None:
        return found, ""
    has = "; ".join(map(title_of, pretrained.rnn_baselines()))
    return (
        None,
        _("No tanh RNN was trained for “{model}”. These have one to compare with: {models}.").format(
            model=plain(title_of(question.model_name)), models=plain(has)
        ),
    )


def share(left: float) -> str:
    """A fraction of the gradient in words: what underflows single precision is not zero, and NaN is "not a number"."""
    if not np.isfinite(left):
        return in_digits(left, ".3g")
    return f"{left:.3g}" if left > LEAST else _("less than {limit}").format(limit=f"{LEAST:.0e}")


def sentence(error: ValueError) -> str:
    """An error as a sentence in Markdown."""
    text = str(error)
    return plain(text[:1].upper() + text[1:] + "." * (not text.endswith(".")))
