"""How does a prediction depend on every signal at every step? By autograd through the fused kernel."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.analysis.sensitivity import FUSED, Take, layer_sensitivity
from lstm_core.analysis.target import LOSS, Target, target_value
from lstm_core.cells import LSTMStep
from lstm_core.costs import MAX_RECORDING_PRODUCTS
from lstm_core.encoders import Tokens
from lstm_core.given import checked
from lstm_core.layers import Direction, layer_number
from lstm_core.model import SequenceModel
from lstm_core.record import as_array, checked_state, full_float32, step_coordinates
from lstm_core.stack import named_directions, stacked_layers
from lstm_core.vectors import InitialState
from lstm_core.weights import Weights

MAX_GRADIENT_VALUES = 50_000_000  # numbers of the gradients of one layer: 200 MB
MAX_LOOPED_STEPS = 5_000  # of a layer without a kernel of torch's, by the equations: some three seconds

Read = Callable[[Direction, Tensor, Tensor, Tensor], tuple[Tensor, Take]]
"""How the chosen layer is run: its output, and a function from the target's value to the gradients."""


@checked
def gradients(
    model: SequenceModel,
    inputs: str | Tokens,
    *,
    layer: str,
    target: Target = LOSS,
    initial_state: InitialState | None = None,
) -> xr.Dataset:
    """How much would the target change with each input, state and output of one layer, at every step?

    Backpropagation through time (Werbos 1990, "Backpropagation through time: what it does and how to do it", Proceedings
    of the IEEE 78). With L the target, over ("step", "unit") unless told: `hidden` dL/dh_t and, of an LSTM, `cell` dL/dc_t,
    all that follows at later steps included; `preactivation` dL/da_t over ("gate", "step", "unit"), gates in torch's
    order by name, a_t what stands inside a gate's sigmoid or tanh; `read` dL/dx_t over ("step", "feature"), through both
    directions of a layer that has two; `direct`, the part of dL/dh_t that does not pass through this layer's own next
    step, and `direct_cell`, what of it reaches c_t at once. With a projection `projected` and `direct` are over
    ("step", "projection"), of the layer's output, and `hidden` is of h_t before the projection.

    The attributes are `value` of the target, its `unit`, its `target_step` (-1 for the mean loss) and `of`, and `cell_type` and
    `direction` of the layer. In the precision of the model. Raises KeyError naming the layers there are for any
    other layer, and ValueError when the model has no such target.

    >>> import pretrained
    >>> from lstm_core.analysis import Target, gradients
    >>> found = gradients(pretrained.load("anbn"), "SaabbT", layer="layer0", target=Target(step=3))
    >>> found.cell.shape, float(abs(found.cell.sel(step=5)).max())  # no later step matters
    ((6, 5), 0.0)
    """
    tokens, direction = model.encode(inputs), _direction(model, layer)
    with full_float32():
        parts, value, unit = _differentiated(model, tokens, layer, target, initial_state, layer_sensitivity)
    of_output = ("step", "unit" if direction.weights.projection is None else "projection")
    dims = {
        "read": ("step", "feature"),
        "preactivation": ("gate", "step", "unit"),
        "direct": of_output,
        "projected": of_output,
    }
    return xr.Dataset(
        {name: (dims.get(name, ("step", "unit")), as_array(part)) for name, part in parts.items()},
        coords=step_coordinates(tokens.labels, tokens.groups)
        | {"unit": np.arange(direction.units), "gate": list(direction.cell.gates)},
        attrs={
            "value": value,
            "unit": unit,
            "target_step": -1 if target.step is None else target.step,
            "of": target.of or "",
            "cell_type": direction.cell.type,
            "direction": "reverse" if direction.reverse else "forward",
        },
    )


def _differentiated(
    model: SequenceModel, tokens: Tokens, layer: str, target: Target, initial_state: InitialState | None, read: Read
) -> tuple[dict[str, Tensor], float, str]:
    """The layers below without a graph, the layer itself by `read`, those above by autograd."""
    with torch.no_grad():
        x: Tensor = model.embedding(model.inputs(tokens)).detach()
    states = iter(zip(*checked_state(model.lstm, initial_state, x[0]), strict=True))
    chosen, take = layer_number(layer), None
    for number, stacked in enumerate(stacked_layers(model.lstm)):
        if number == chosen:
            x = x.detach().requires_grad_()
        outputs = []
        with torch.set_grad_enabled(number >= chosen):
            for direction in map(frozen, stacked.directions):
                hidden, cell = next(states)
                if direction.name == layer:
                    own, take = read(direction, x, hidden, cell)
                else:
                    own = direction.outputs(x, hidden, cell)[0]
                outputs.append(own)
            x = stacked.merged(outputs)
    if take is None:
        raise KeyError(f"no layer {layer!r} in this model")
    with torch.enable_grad():
        value, unit = target_value(model, tokens, x, target)
    return take(value), float(value.detach()), unit


def frozen(direction: Direction) -> Direction:
    """The same layer with its weights detached, so that they need no gradient."""
    weights = Weights._make(None if one is None else one.detach() for one in direction.weights)
    return replace(direction, weights=weights)


@checked
def weight_gradients(
    model: SequenceModel,
    inputs: str | Tokens,
    *,
    layer: str,
    target: Target = LOSS,
    initial_state: InitialState | None = None,
) -> xr.Dataset:
    """How would the target change with each weight of one layer, by autograd?

    `weight_ih` over ("gate", "unit", "feature"), `weight_hh` over ("gate", "unit", "source") and, where the layer has
    biases, `bias` over ("gate", "unit"), gates by name in torch's order: dL/dW, dL/dU and dL/db, summed over all steps.
    Of a GRU `bias` is torch's first. Raises as `gradients` does.

    >>> import pretrained
    >>> from lstm_core.analysis import weight_gradients
    >>> weight_gradients(pretrained.load("anbn"), "SaabbT", layer="layer0").weight_hh.shape
    (4, 5, 5)
    """
    tokens, direction = model.encode(inputs), _direction(model, layer)
    with full_float32():
        parts, _, _ = _differentiated(model, tokens, layer, target, initial_state, _with_weights)
    gates = len(direction.cell.gates)
    dims = {"weight_ih": ("gate", "unit", "feature"), "weight_hh": ("gate", "unit", "source"), "bias": ("gate", "unit")}
    variables = {
        name: (dims[name], as_array(part).reshape(gates, direction.units, *part.shape[1:]))
        for name, part in parts.items()
    }
    return xr.Dataset(variables, coords={"gate": list(direction.cell.gates), "unit": np.arange(direction.units)})


def _with_weights(direction: Direction, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Take]:
    own = {"weight_ih": direction.weights.weight_ih, "weight_hh": direction.weights.weight_hh}
    if direction.weights.bias_ih is not None:
        own["bias_ih"] = direction.weights.bias_ih
    leaves = {name: one.clone().requires_grad_() for name, one in own.items()}
    output = replace(direction, weights=direction.weights._replace(**leaves)).outputs(x, hidden, cell)[0]

    def take(value: Tensor) -> dict[str, Tensor]:
        found = torch.autograd.grad(value, list(leaves.values()), allow_unused=True, materialize_grads=True)
        return {name.replace("bias_ih", "bias"): one for name, one in zip(leaves, found, strict=True)}

    return output, take


@checked
def signal_gradients(
    model: SequenceModel,
    inputs: str | Tokens,
    *,
    layer: str,
    target: Target = LOSS,
    initial_state: InitialState | None = None,
) -> xr.Dataset:
    """How would the target change with each signal of one layer, by autograd alone?

    The layer is read by its equations, step by step, with a zero added to every signal once it is found: autograd's gradient of
    that zero is the signal's, with all that follows at later steps. So nothing here knows a derivative by heart, and it is slower than
    `gradients`: what the equations of `backward` are compared with. Over ("step", "unit"), under the signals' names (of an LSTM
    `input`, `forget`, `candidate`, `output`, `cell` and `hidden`). Raises as `gradients` does.

    >>> import pretrained
    >>> from lstm_core.analysis import Target, signal_gradients
    >>> found = signal_gradients(pretrained.load("anbn"), "SaabbT", layer="layer0", target=Target(step=3))
    >>> found.forget.shape
    (6, 5)
    """
    tokens, direction = model.encode(inputs), _direction(model, layer)
    with full_float32():
        parts, _, _ = _differentiated(model, tokens, layer, target, initial_state, _with_signals)
    coords = step_coordinates(tokens.labels, tokens.groups) | {"unit": np.arange(direction.units)}
    return xr.Dataset({name: (("step", "unit"), as_array(part)) for name, part in parts.items()}, coords=coords)


def _with_signals(direction: Direction, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Take]:
    pushed: list[dict[str, Tensor]] = []
    outputs: list[Tensor] = []

    def edit(name: str, found: Tensor) -> Tensor:
        pushed[-1][name] = torch.zeros_like(found, requires_grad=True)
        return found + pushed[-1][name]

    for row in x.flip(0) if direction.reverse else x:
        pushed.append({})
        found = direction.step(row, hidden, cell, edit=edit)
        hidden = direction.output_of(found)
        cell = found.cell if isinstance(found, LSTMStep) else cell
        outputs.append(hidden)

    def take(value: Tensor) -> dict[str, Tensor]:
        leaves = [one for step in pushed for one in step.values()]
        found = torch.autograd.grad(value, leaves, allow_unused=True, materialize_grads=True)
        names = list(pushed[0])
        every = torch.stack(found).view(len(pushed), len(names), -1)
        if direction.reverse:
            every = every.flip(0)
        return dict(zip(names, every.unbind(1), strict=True))

    output = torch.stack(outputs)
    return output.flip(0) if direction.reverse else output, take


def max_gradient_steps(model: SequenceModel, layer: str) -> int:
    """The most steps for which `gradients` of `layer` stays within its own limits and a recording's."""
    above = stacked_layers(model.lstm)[layer_number(layer) :]
    directions = [direction for stacked in above for direction in stacked.directions]
    own = _direction(model, layer)
    most = MAX_GRADIENT_VALUES // (8 * own.units)
    looped = [one for one in directions if one.kernel is None or (one.name == layer and one.cell.type not in FUSED)]
    if not looped:
        return most
    rows = [one.weights.weight_ih.shape[0] for one in looped]
    columns = [sum(one.weights.weight_ih.shape) + one.output_size for one in looped]
    products = sum(row * column for row, column in zip(rows, columns, strict=True))
    return min(most, MAX_LOOPED_STEPS, max(1, MAX_RECORDING_PRODUCTS // (6 * products)))


def _direction(model: SequenceModel, layer: str) -> Direction:
    directions = named_directions(model.lstm)
    if layer in directions:
        return directions[layer]
    raise KeyError(f"no layer {layer!r}: this model has {', '.join(model.config.layer_names)}")
