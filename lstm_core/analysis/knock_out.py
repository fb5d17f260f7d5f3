"""Which units does the model need? Each is silenced in turn, many of them side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.analysis.intervention_effect import divergence_of, losses, mean_known, what_came_is_known
from lstm_core.analysis.log_probabilities import logarithms
from lstm_core.cells import Edit, LSTMStep, unedited
from lstm_core.costs import MAX_STEPWISE_STEPS, recurrent_weights
from lstm_core.encoders import Tokens
from lstm_core.equality import ByValue
from lstm_core.given import checked
from lstm_core.interventions import Intervention, check_interventions
from lstm_core.layers import Direction, State
from lstm_core.model import SequenceModel
from lstm_core.readouts import Nothing, Values, readout_type
from lstm_core.record import checked_state, full_float32, prediction_of
from lstm_core.stack import StackedLayer, named_directions, stacked_layers

MAX_KNOCK_OUT_PRODUCTS = 24_000_000_000  # weights times steps times units: 256 units of "shakespeare" on 300 characters
MIN_KNOCK_OUT_STEPS = 100  # tried with fewer units if need be


@dataclass(frozen=True, eq=False)
class KnockedOut(ByValue):
    """The progress of a knock-out sweep, and its results so far.

    >>> import pretrained
    >>> from lstm_core.analysis import knock_out
    >>> *_, last = knock_out(pretrained.load("anbn"), "SaabbT", "layer0")
    >>> last.done, last.units
    (5, 5)
    """

    done: int  # units
    units: int  # in all
    effect: xr.Dataset  # of the units done: see `knock_out`


@checked
def knock_out(
    model: SequenceModel,
    inputs: str | Tokens,
    layer: str,
    *,
    units: Sequence[int] | None = None,
    signal: str = "hidden",
    value: float = 0.0,
    batch: int = 64,
) -> Iterator[KnockedOut]:
    """How much worse would the model do without each of a layer's units?

    Silences one unit after the other (clamps its hidden state at 0 throughout; or another `signal` at another `value`, as
    `Intervention` tells) and yields, batch by batch, the `effect` of all units done so far: over ("unit",), `loss`,
    the mean over the steps where it is known what came (in nats, or of a forecast in its own units); `saved`, by how much that
    is more than with all units, which is what the unit saves; and `changed`, the mean over all steps of the
    Kullback-Leibler divergence in nats, or of the absolute change of values. Loss and saved are NaN for labels and for
    values that are no forecast, and wherever a prediction that they are the mean of is NaN. The last one has all units. Equal to `record` with one intervention a unit
    and `change`, to 1e-5. `batch` units are taken side by side: memory grows with it, speed hardly from 32 on. Raises ValueError as these do.

    >>> import pretrained
    >>> from lstm_core.analysis import knock_out
    >>> *_, last = knock_out(pretrained.load("anbn"), "SaabbT", "layer0")
    >>> last.effect.sizes["unit"]
    5
    """
    tokens = model.encode(inputs)
    check_interventions([Intervention(layer, signal, value, None if units is None else tuple(units))], model.lstm)
    directions = named_directions(model.lstm)
    wanted = list(range(directions[layer].units)) if units is None else list(units)
    clamps = [(wanted[start : start + batch], signal, value) for start in range(0, len(wanted), batch)]
    return _knocked_out(model, tokens, layer, clamps)


def _knocked_out(
    model: SequenceModel, tokens: Tokens, layer: str, batches: list[tuple[list[int], str, float]]
) -> Iterator[KnockedOut]:
    with torch.inference_mode(), full_float32():
        below, number = input_below(model, tokens, layer)
        whole = prediction_of(
            model, tokens, model.predict(through(model, number, below[:, None], unedited, layer)[:, 0])
        )
    if readout_type(whole) is Nothing:
        raise ValueError("this model has no readout, so no prediction can change")
    known = None if readout_type(whole) is Values else logarithms(whole)
    reference, rows = _mean_loss(whole, known), []
    units = [unit for batch, _, _ in batches for unit in batch]
    for batch, signal, value in batches:
        with torch.inference_mode(), full_float32():
            side_by_side = below[:, None].expand(-1, len(batch), -1)
            top = through(model, number, side_by_side, each_clamped(batch, signal, value), layer)
            for place in range(len(batch)):  # one at a time: all classes of all steps of all units may be too many
                altered = prediction_of(model, tokens, model.predict(top[:, place]))
                rows.append(_effect(whole, known, altered))
        loss, changed = np.array(rows).T
        effect = {"loss": loss, "saved": loss - reference, "changed": changed}
        yield KnockedOut(
            len(rows),
            len(units),
            xr.Dataset(
                {name: (("unit",), part) for name, part in effect.items()},
                coords={"unit": units[: len(rows)]},
                attrs={"loss": reference, "kind": whole.attrs["kind"], "layer": layer},
            ),
        )


def knock_out_scope(model: SequenceModel, layer: str, steps: int, *, batch: int) -> tuple[int, int]:
    """The number of units of `layer` and of steps that `knock_out` can try within MAX_KNOCK_OUT_PRODUCTS.

    All units on fewer steps first; below MIN_KNOCK_OUT_STEPS fewer units. (0, 0) where one unit would be too much.
    """
    units = model.config.units(layer)
    most = MAX_KNOCK_OUT_PRODUCTS // recurrent_weights(model)  # units times steps
    steps = min(steps, max(most // units, MIN_KNOCK_OUT_STEPS), MAX_STEPWISE_STEPS // -(-units // batch))
    units = min(units, most // steps)
    return (units, steps) if units else (0, 0)


def each_clamped(units: list[int], signal: str, value: float) -> Edit:
    """An edit that clamps the signal of the k-th of `units` in row k of a batch."""
    rows = torch.arange(len(units))

    def edit(name: str, found: Tensor) -> Tensor:
        if name == signal:
            found = found.clone()
            found[rows, units] = value
        return found

    return edit


def input_below(model: SequenceModel, tokens: Tokens, layer: str) -> tuple[Tensor, int]:
    """The input of the stacked layer that has `layer`, (step, feature), and its number from the bottom, from 0."""
    x: Tensor = model.embedding(model.inputs(tokens))
    states = iter(zip(*checked_state(model.lstm, None, x[0]), strict=True))
    for number, stacked in enumerate(stacked_layers(model.lstm)):
        if any(one.name == layer for one in stacked.directions):
            return x, number
        x = stacked.merged([one.outputs(x, *next(states))[0] for one in stacked.directions])
    raise ValueError(f"no layer {layer!r}: this model has {', '.join(model.config.layer_names)}")


def through(model: SequenceModel, number: int, x: Tensor, edit: Edit, layer: str) -> Tensor:
    """The top layer's output, (step, batch, output), from the input of stacked layer `number`; `layer` by its equations."""
    states = zip(*checked_state(model.lstm, None, x[0, 0]), strict=True)
    first = dict(zip(named_directions(model.lstm), states, strict=True))
    for stacked in stacked_layers(model.lstm)[number:]:
        x = stacked.merged(_outputs(stacked, x, first, edit, layer))
    return x


def _outputs(stacked: StackedLayer, x: Tensor, first: Mapping[str, State], edit: Edit, layer: str) -> list[Tensor]:
    """The output of each direction; `first` are the states before the first step."""
    outputs = []
    for one in stacked.directions:
        hidden, cell = (part.expand(x.shape[1], -1).contiguous() for part in first[one.name])
        by_hand = one.name == layer
        own = _by_equations(one, x, hidden, cell, edit) if by_hand else one.outputs(x.contiguous(), hidden, cell)[0]
        outputs.append(own)
    return outputs


def _by_equations(direction: Direction, x: Tensor, hidden: Tensor, cell: Tensor, edit: Edit) -> Tensor:
    outputs: list[Tensor] = []
    for row in x.flip(0) if direction.reverse else x:
        found = direction.step(row, hidden, cell, edit=edit)
        hidden = direction.output_of(found)
        cell = found.cell if isinstance(found, LSTMStep) else cell
        outputs.append(hidden)
    stacked = torch.stack(outputs)
    return stacked.flip(0) if direction.reverse else stacked


def _effect(whole: xr.Dataset, known: tuple[np.ndarray, ...] | None, altered: xr.Dataset) -> tuple[float, float]:
    """The mean loss, and how far the prediction has moved; `known` are the log-probabilities with all units."""
    if known is None:
        moved = np.abs(altered["value"].to_numpy() - whole["value"].to_numpy())
        return _mean_loss(altered), float(moved.mean())
    own = logarithms(altered)
    return _mean_loss(altered, own), float(divergence_of(known, own).mean())


def _mean_loss(prediction: xr.Dataset, chances: tuple[np.ndarray, ...] | None = None) -> float:
    return mean_known(losses(prediction, chances), what_came_is_known(prediction))
