"""record(model, inputs) -> Recording, fast: the fused kernel once, then every gate from its outputs.

`torch.nn.LSTM` hides its gates, but the gates at step t need only x_t and h_{t-1}, and the kernel gives
every h. So all pre-activations are matrix products over the whole sequence, and the cell states, which
the kernel hides too, are the linear recurrence c_t = f_t * c_{t-1} + i_t * g_t of `scan.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor, nn

from lstm_core.cells import LSTMStep
from lstm_core.encoders import Encoder, NumberEncoder, Tokens
from lstm_core.model import SequenceModel, State, layer_names
from lstm_core.readouts import Labels, Values
from lstm_core.recording import SIGNALS, Recording
from lstm_core.scan import linear_scan


class LayerWeights(NamedTuple):
    """One direction of one layer of a `torch.nn.LSTM`."""

    weight_ih: Float[Tensor, "four_units feature"]
    weight_hh: Float[Tensor, "four_units unit"]
    bias: Float[Tensor, " four_units"] | None  # torch's two bias vectors, summed


def record(model: SequenceModel, inputs: str | Tokens, *, initial_state: State | None = None) -> Recording:
    """What do all gates, cell and hidden states of `model` become while it reads `inputs`?

    `inputs` is text or the `Tokens` of the model's encoder; `initial_state` is torch's (h_0, c_0), each
    (layers * directions, unit), zero by default. Dropout is never applied. Values equal
    `torch.nn.LSTM`'s to 1e-6 in float32. Raises ValueError for an empty or unreadable sequence.
    """
    tokens = model.encode(inputs)
    with torch.inference_mode(), full_float32():
        steps, top = run_layers(model.lstm, model.embedding(model.inputs(tokens)), initial_state)
        return assemble(model, tokens, steps, model.readout(top), initial_state)


def record_layer(
    lstm: nn.LSTM, inputs: Float[Tensor, "step feature"], *, initial_state: State | None = None
) -> xr.Dataset:
    """What do the gates of one bare `torch.nn.LSTM` do with these vectors?

    For an LSTM of one layer and one direction; the dataset is like those of `Recording.layers`, with the
    step's number as its token. `record_layers` takes stacked and bidirectional ones. `batch_first` does
    not matter, since there is no batch.
    """
    if lstm.num_layers != 1 or lstm.bidirectional:
        raise ValueError(
            f"this LSTM has {lstm.num_layers} layers and {2 if lstm.bidirectional else 1} directions: "
            f"record_layers(lstm, inputs) gives a dataset for each of them"
        )
    return record_layers(lstm, inputs, initial_state=initial_state)["layer0"]


def record_layers(
    lstm: nn.LSTM, inputs: Float[Tensor, "step feature"], *, initial_state: State | None = None
) -> dict[str, xr.Dataset]:
    """What do the gates of every layer and direction of a bare `torch.nn.LSTM` do with these vectors?"""
    if inputs.ndim != 2 or inputs.shape[0] == 0 or inputs.shape[1] != lstm.input_size:
        raise ValueError(
            f"inputs must be (step, {lstm.input_size}) with at least one step, not {tuple(inputs.shape)}"
            + ("; take one sequence of the batch at a time" if inputs.ndim == 3 else "")
        )
    with torch.inference_mode(), full_float32():
        steps, _ = run_layers(lstm, inputs, initial_state)
        labels = [str(step) for step in range(inputs.shape[0])]
        return layer_datasets(steps, lstm, labels, np.arange(inputs.shape[0]), initial_state)


def run_layers(lstm: nn.LSTM, x: Tensor, initial_state: State | None) -> tuple[dict[str, LSTMStep], Tensor]:
    """All signals of every layer and direction, (step, unit) each, and the top layer's output."""
    if lstm.proj_size:
        raise ValueError(
            "an LSTM with proj_size projects its hidden state, which cannot be recorded yet; use proj_size=0"
        )
    first_hidden, first_cell = checked_state(lstm, initial_state, x)
    directions = 2 if lstm.bidirectional else 1
    recorded: dict[str, LSTMStep] = {}
    for layer in range(lstm.num_layers):
        rows = slice(layer * directions, (layer + 1) * directions)
        hidden, _ = _fused_layer(lstm, layer)(x, (first_hidden[rows], first_cell[rows]))
        for row, own_hidden in enumerate(hidden.split(lstm.hidden_size, dim=-1)):
            name = layer_names(lstm.num_layers, lstm.bidirectional)[layer * directions + row]
            weights = layer_weights(lstm, layer, reverse=row == 1)
            index = layer * directions + row
            recorded[name] = _signals(weights, x, own_hidden, first_hidden[index], first_cell[index], reverse=row == 1)
        x = hidden
    return recorded, x


def _signals(
    weights: LayerWeights, x: Tensor, hidden: Tensor, first_hidden: Tensor, first_cell: Tensor, *, reverse: bool
) -> LSTMStep:
    """The gates and cell states behind the hidden states that the kernel gave."""
    if reverse:
        x, hidden = x.flip(0), hidden.flip(0)
    steps, units = hidden.shape
    stacked = x.new_empty(4, steps, units)
    for gate, (w, u) in enumerate(zip(weights.weight_ih.split(units), weights.weight_hh.split(units), strict=True)):
        if weights.bias is None:
            torch.mm(x, w.T, out=stacked[gate])
        else:
            torch.addmm(weights.bias[gate * units : (gate + 1) * units], x, w.T, out=stacked[gate])
        stacked[gate, 0] += u @ first_hidden
        stacked[gate, 1:].addmm_(hidden[:-1], u.T)
    stacked[:2].sigmoid_()
    stacked[2].tanh_()
    stacked[3].sigmoid_()
    i, f, g, o = stacked
    cell = linear_scan(f, i * g, first_cell)
    found = LSTMStep(input=i, forget=f, candidate=g, output=o, cell=cell, hidden=hidden)
    return LSTMStep(*(signal.flip(0) for signal in found)) if reverse else found


def _fused_layer(lstm: nn.LSTM, layer: int) -> nn.LSTM:
    """A one-layer LSTM on the very weights of one layer of `lstm`, so that its kernel shows that layer's h."""
    directions = 2 if lstm.bidirectional else 1
    features = lstm.input_size if layer == 0 else lstm.hidden_size * directions
    single = nn.LSTM(features, lstm.hidden_size, bias=lstm.bias, bidirectional=lstm.bidirectional, device="meta")
    for suffix in ("", "_reverse")[:directions]:
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if lstm.bias else ("weight_ih", "weight_hh"):
            shared = getattr(lstm, f"{kind}_l{layer}{suffix}")
            # cuDNN wants one contiguous block; flattening a copy leaves the caller's weights where they are.
            own = nn.Parameter(shared.detach().clone() if shared.is_cuda else shared.detach(), requires_grad=False)
            setattr(single, f"{kind}_l0{suffix}", own)
    single.flatten_parameters()
    return single


def layer_weights(lstm: nn.LSTM, layer: int, *, reverse: bool) -> LayerWeights:
    """The weights of one direction of one layer, the two biases summed as the equations have them."""
    end = f"l{layer}_reverse" if reverse else f"l{layer}"
    bias = getattr(lstm, f"bias_ih_{end}") + getattr(lstm, f"bias_hh_{end}") if lstm.bias else None
    return LayerWeights(getattr(lstm, f"weight_ih_{end}"), getattr(lstm, f"weight_hh_{end}"), bias)


def checked_state(lstm: nn.LSTM, state: State | None, like: Tensor) -> State:
    """`state` on the device and in the precision of `like`, or zeros. Raises ValueError for a wrong shape."""
    shape = (lstm.num_layers * (2 if lstm.bidirectional else 1), lstm.hidden_size)
    if state is None:
        return like.new_zeros(shape), like.new_zeros(shape)
    if any(tuple(part.shape) != shape for part in state):
        raise ValueError(
            f"the initial state must be (hidden, cell), each {shape} (layers x directions, units), "
            f"not {[tuple(part.shape) for part in state]}"
        )
    hidden, cell = (part.detach().to(like) for part in state)
    return hidden, cell


@contextmanager
def full_float32() -> Iterator[None]:
    """No TF32 while we record: on newer NVIDIA cards it costs three digits of every gate."""
    if not torch.cuda.is_available():
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


def layer_datasets(
    steps: dict[str, LSTMStep],
    lstm: nn.LSTM,
    labels: Sequence[str],
    groups: np.ndarray,
    initial_state: State | None,
) -> dict[str, xr.Dataset]:
    """The border where tensors become labelled arrays."""
    some = next(iter(steps.values())).cell
    first_hidden, first_cell = (_array(part) for part in checked_state(lstm, initial_state, some))
    coords = step_coordinates(labels, groups) | {"unit": np.arange(lstm.hidden_size)}
    datasets = {}
    for row, (name, signals) in enumerate(steps.items()):
        variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
            signal: (("step", "unit"), _array(getattr(signals, signal))) for signal in SIGNALS
        }
        variables["initial_hidden"] = (("unit",), first_hidden[row])
        variables["initial_cell"] = (("unit",), first_cell[row])
        direction = "reverse" if name.endswith("_reverse") else "forward"
        datasets[name] = xr.Dataset(variables, coords=coords, attrs={"cell_type": "LSTM", "direction": direction})
    return datasets


def assemble(
    model: SequenceModel,
    tokens: Tokens,
    steps: dict[str, LSTMStep],
    said: Float[Tensor, "step output"],
    initial_state: State | None,
) -> Recording:
    """One Recording from the signals of all layers and what the readout said."""
    layers = layer_datasets(steps, model.lstm, tokens.labels, tokens.groups, initial_state)
    return Recording(layers=layers, prediction=_prediction(model, tokens, said))


def _prediction(model: SequenceModel, tokens: Tokens, said: Tensor) -> xr.Dataset:
    config = model.config
    coords = step_coordinates(tokens.labels, tokens.groups)
    attrs: dict[str, object] = {"says": config.readout.to_json()["kind"]}
    if isinstance(config.readout, Values):
        attrs["ahead"] = int(config.readout.ahead)
        return _values(config.readout, config.encoder, tokens, _array(said)).assign_coords(coords).assign_attrs(attrs)
    if isinstance(config.readout, Labels):
        classes, came = config.readout.labels, np.full(len(tokens), -1)
    else:
        classes, came = config.class_encoder.class_labels, np.append(tokens.ids[1:], -1)
    return xr.Dataset(
        {
            "probability": (("step", "class"), _array(model.probability(said))),
            "next_class": (("step",), came),
        },
        coords=coords | {"class": np.array(classes, dtype=object)},
        attrs=attrs,
    )


def _values(readout: Values, encoder: Encoder, tokens: Tokens, said: np.ndarray) -> xr.Dataset:
    """The readout's numbers in their own units and, for a forecast, those that came."""
    value = said * np.array(readout.spread, dtype=np.float32) + np.array(readout.mean, dtype=np.float32)
    came = np.full_like(value, np.nan)
    if readout.ahead and isinstance(encoder, NumberEncoder) and tokens.values is not None:
        count = len(readout.names)
        read = tokens.values[1:, :count] * np.array(encoder.spread[:count]) + np.array(encoder.mean[:count])
        came[:-1] = read
    dims = ("step", "feature")
    return xr.Dataset(
        {"value": (dims, value), "came": (dims, came)}, coords={"feature": np.array(readout.names, dtype=object)}
    )


def step_coordinates(labels: Sequence[str], groups: np.ndarray) -> dict[str, object]:
    return {
        "step": np.arange(len(labels)),
        "token": ("step", np.array(labels, dtype=object)),
        "group": ("step", groups),
    }


def _array(tensor: Tensor) -> np.ndarray:
    """A float32 array; double precision stays double."""
    return (tensor if tensor.dtype == torch.float64 else tensor.float()).cpu().numpy()
