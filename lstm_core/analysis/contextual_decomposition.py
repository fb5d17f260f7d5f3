"""What does a phrase add to a prediction, alone and through what follows it, and what does everything else add?"""

from dataclasses import dataclass, replace

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.analysis.linearised import Function, three_terms, two_terms
from lstm_core.analysis.readout_columns import output_names
from lstm_core.cells import LSTMStep, Step
from lstm_core.encoders import Tokens
from lstm_core.given import checked
from lstm_core.layers import Direction
from lstm_core.model import SequenceModel
from lstm_core.readouts import Nothing, Values
from lstm_core.record import as_array, checked_state, full_float32, run_layers, step_coordinates
from lstm_core.stack import StackedLayer, stacked_layers
from lstm_core.weights import Weights

PARTS = ("beta", "gamma", "beta_cell", "gamma_cell")


@dataclass(frozen=True, eq=False)
class ContextualDecomposition:
    """Every state of a model as the sum of what a phrase gave, and of the rest.

    >>> import pretrained
    >>> from lstm_core.analysis import contextual_decomposition
    >>> type(contextual_decomposition(pretrained.load("sentiment"), "not good", 0, 2)).__name__
    'ContextualDecomposition'
    """

    layers: dict[str, xr.Dataset]  # over ("step", "unit"): beta + gamma = h, beta_cell + gamma_cell = c
    prediction: (
        xr.Dataset
    )  # `phrase` and `rest` over ("step", "class") and `bias` over ("class",): their sum is the logit


@checked
def contextual_decomposition(
    model: SequenceModel, inputs: str | Tokens, start: int, stop: int
) -> ContextualDecomposition:
    """What do the tokens from `start` up to but excluding `stop` add to every state and every prediction?

    Murdoch, Liu & Yu 2018, "Beyond word importance: contextual decomposition to extract interactions from LSTMs",
    eq. 12-21. Each state is a sum: beta, what the phrase gave, interactions within it included, and gamma, all that
    involves anything else. Inside the gates sigmoid and tanh are divided among the phrase's terms, the others' and the bias
    (`linearised`: averaged over the orders in which the bias comes first); a product belongs to beta if no factor is
    from outside the phrase, of two biases if the step is in the phrase; the output gate is not divided. So

        h_t = beta_t + gamma_t,   c_t = beta_cell_t + gamma_cell_t,   logit = W beta_t (`phrase`) + W gamma_t (`rest`) + b

    In float64, and gamma is what the recorded states leave beside beta: by the paper's own equations for it the sums hold to rounding
    error. A layer above reads the beta and the gamma of the one below, a
    layer that reads backwards divides its own reading; the initial state belongs to gamma. A model without readout has an
    empty `prediction`; of values all is in their own units. Raises ValueError for an empty phrase or one beyond the text, and where the method
    is not defined: cells other than an LSTM's, peepholes, projections, directions that are multiplied, and a readout
    that reads anything but the outputs themselves.

    >>> import pretrained
    >>> from lstm_core.analysis import contextual_decomposition
    >>> found = contextual_decomposition(pretrained.load("sentiment"), "a funny film", 1, 2)
    >>> bool(found.prediction.phrase.sel({"class": "positive"})[-1] > 0)
    True
    """
    tokens = model.encode(inputs)
    if not 0 <= start < stop <= len(tokens):
        raise ValueError(
            f"a phrase goes from a step up to a later one, within 0 to {len(tokens)}, not from {start} to {stop}"
        )
    _check(model)
    with torch.inference_mode(), full_float32():
        embedded: Tensor = model.embedding(model.inputs(tokens))
        recorded, _ = run_layers(model.lstm, embedded, None)
        inside = torch.zeros(len(tokens), dtype=torch.bool, device=embedded.device)
        inside[start:stop] = True
        x = embedded.double()
        beta, gamma = x * inside[:, None], x * ~inside[:, None]
        states = iter(zip(*checked_state(model.lstm, None, x[0]), strict=True))
        layers: dict[str, xr.Dataset] = {}
        for stacked in stacked_layers(model.lstm):
            found = []
            for direction in stacked.directions:
                steps = recorded[direction.name]
                parts = _direction(_double(direction), beta, x - beta, inside, *next(states), steps)
                layers[direction.name] = _layer(tokens, direction, parts)
                found.append(parts)
            beta, gamma = (stacked.merged([parts[at] for parts in found]) for at in (0, 1))
            x = stacked.merged([recorded[direction.name].hidden.double() for direction in stacked.directions])
        return ContextualDecomposition(layers, _prediction(model, tokens, beta, gamma))


def decomposition_obstacle(model: SequenceModel) -> str:
    """Why is contextual decomposition not defined for this model, in words? Empty if it is."""
    for stacked in stacked_layers(model.lstm):
        why = _obstacle(stacked)
        if why:
            return why
    if model.config.between not in ("nothing", "last"):
        return f"the readout does not read the outputs themselves: {model.config.between} stands between"
    return ""


def _check(model: SequenceModel) -> None:
    why = decomposition_obstacle(model)
    if why:
        raise ValueError(f"contextual decomposition is not defined for this model: {why}")


def _obstacle(stacked: StackedLayer) -> str:
    for one in stacked.directions:
        if one.cell.type != "LSTM":
            return f"{one.name} is of {one.cell.type} cells, and the equations are of an LSTM"
        if one.weights.peephole is not None or one.weights.projection is not None:
            return f"{one.name} has {'peepholes' if one.weights.peephole is not None else 'a projection'}"
        if bool(one.cell.shown(torch.zeros(1)) != 0):
            return f"{one.name} outputs o * {one.cell.shown.name}(c), which is not 0 where the cell state is 0"
    if len(stacked.directions) > 1 and stacked.merge == "mul":
        return "the outputs of two directions are multiplied"
    return ""


def _double(direction: Direction) -> Direction:
    weights = Weights._make(None if one is None else one.detach().double() for one in direction.weights)
    return replace(direction, weights=weights)


def _direction(
    direction: Direction,
    beta_x: Tensor,
    gamma_x: Tensor,
    inside: Tensor,
    hidden: Tensor,
    cell: Tensor,
    recorded: Step,
) -> tuple[Tensor, ...]:
    """beta, gamma, beta_cell and gamma_cell over (step, unit), from what is read, divided in the same way.

    gamma is the recorded state without beta, so that the sums are the recorded states whatever these were rounded to.
    """
    if not isinstance(recorded, LSTMStep):
        raise TypeError(f"{direction.name} is no LSTM")
    w, variant = direction.weights, direction.cell
    bias = beta_x.new_zeros(len(w.weight_hh)) if w.bias is None else w.bias
    biases = bias.chunk(4)
    order = range(len(beta_x))[::-1] if direction.reverse else range(len(beta_x))
    found = [beta_x.new_empty(len(beta_x), direction.units) for _ in PARTS]
    beta, gamma, beta_cell, gamma_cell = torch.zeros_like(hidden), hidden, torch.zeros_like(cell), cell

    def gate(number: int, activation: Function) -> tuple[Tensor, Tensor, Tensor]:
        bounded = _bounded(activation, variant.bounded)
        return three_terms(bounded, relevant[number], irrelevant[number], biases[number])

    for step in order:
        relevant = (w.weight_ih @ beta_x[step] + w.weight_hh @ beta).chunk(4)
        irrelevant = (w.weight_ih @ gamma_x[step] + w.weight_hh @ gamma).chunk(4)
        i, f, g = gate(0, variant.gate), gate(1, variant.gate), gate(2, variant.candidate)
        # Of i * g what has a factor of the phrase and none from outside, and both biases' product within the phrase.
        written = (i[0] + i[2]) * (g[0] + g[2]) - ~inside[step] * i[2] * g[2]
        beta_cell = (f[0] + f[2]) * beta_cell + written
        gamma_cell = recorded.cell[step].double() - beta_cell
        beta = recorded.output[step] * two_terms(variant.shown, beta_cell, gamma_cell)[0]
        gamma = recorded.hidden[step].double() - beta
        for store, part in zip(found, (beta, gamma, beta_cell, gamma_cell), strict=True):
            store[step] = part
    return tuple(found)


def _bounded(activation: Function, bounded: Function) -> Function:
    return lambda x: activation(bounded(x))


def _layer(tokens: Tokens, direction: Direction, parts: tuple[Tensor, ...]) -> xr.Dataset:
    return xr.Dataset(
        {name: (("step", "unit"), as_array(part)) for name, part in zip(PARTS, parts, strict=True)},
        coords=step_coordinates(tokens.labels, tokens.groups) | {"unit": np.arange(direction.units)},
        attrs={"cell_type": direction.cell.type, "direction": "reverse" if direction.reverse else "forward"},
    )


def _prediction(model: SequenceModel, tokens: Tokens, beta: Tensor, gamma: Tensor) -> xr.Dataset:
    readout, coords = model.config.readout, step_coordinates(tokens.labels, tokens.groups)
    if isinstance(readout, Nothing):
        return xr.Dataset(coords=coords)
    weight = model.readout.weight.double()
    bias = weight.new_zeros(len(weight)) if model.readout.bias is None else model.readout.bias.double()
    scale, shift = torch.ones_like(bias), torch.zeros_like(bias)
    if isinstance(readout, Values):
        scale, shift = (bias.new_tensor(numbers) for numbers in (readout.spread, readout.mean))
    parts = {
        name: (("step", "class"), as_array(part @ weight.T * scale))
        for name, part in (("phrase", beta), ("rest", gamma))
    }
    return xr.Dataset(
        {**parts, "bias": ("class", as_array(bias * scale + shift))},
        coords=coords | {"class": np.array(output_names(model.config), dtype=object)},
    )
