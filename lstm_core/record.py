"""record(model, inputs) -> Recording, fast: the fused kernel once, then every gate from its outputs.

`torch.nn.LSTM` hides its gates, but the gates at step t need only x_t and h_{t-1}, and the kernel gives
every h. So all pre-activations are matrix products over the whole sequence, and the cell states, which
the kernel hides too, are the linear recurrence c_t = f_t * c_{t-1} + i_t * g_t of `scan.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from lstm_core.cells import Step
from lstm_core.encoders import Encoder, NumberEncoder, Tokens
from lstm_core.given import checked
from lstm_core.interventions import Intervention, altered_signals, check_interventions
from lstm_core.layers import Direction, State
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, Nothing, Values
from lstm_core.recording import SIGNALS_OF, Recording
from lstm_core.stack import Recurrent, Stack, named_directions, stacked_layers
from lstm_core.vectors import InitialState, Vectors, bare_layer, first_state, vectors


@checked
def record(
    model: SequenceModel,
    inputs: str | Tokens,
    *,
    initial_state: InitialState | None = None,
    interventions: Sequence[Intervention] = (),
) -> Recording:
    """What do all gates, cell and hidden states of `model` become while it reads `inputs`?

    `inputs` is text or the `Tokens` of the model's encoder; `initial_state` is torch's (h_0, c_0), each
    (layers * directions, unit), zero by default. Dropout is never applied. Values equal
    `torch.nn.LSTM`'s to 1e-6 in float32. A layer with `interventions` goes by its equations, those above it read its
    changed output; where they change no number that would be recorded without them, the recording is the one without, to the
    bit. Raises ValueError for an empty or unreadable sequence, and for interventions that do not fit the model, and
    TypeError, with the way to go, for another kind of model or input.

    >>> import pretrained
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> layer.forget.shape, bool(layer.forget.max() <= 1)
    ((8, 5), True)
    """
    check_interventions(interventions, model.lstm)
    tokens = model.encode(inputs)
    with torch.inference_mode(), full_float32():
        x = model.embedding(model.inputs(tokens))
        steps, top = run_layers(model.lstm, x, initial_state, interventions)
        return assemble(model, tokens, steps, model.predict(top), initial_state)


def record_layer(recurrent: Recurrent, inputs: Vectors, *, initial_state: InitialState | None = None) -> xr.Dataset:
    """What do the gates of one bare `torch.nn.LSTM` (or GRU, or RNN) do with these vectors?

    For a module of one layer and one direction; the dataset is like those of `Recording.layers`, with the
    step's number as its token. `record_layers` takes stacked and bidirectional ones. `batch_first` does
    not matter, since there is no batch. `inputs` is (step, feature), a tensor or a numpy array of floats, and is read in the
    module's own precision. Raises TypeError or ValueError, with the way to go, for other modules and inputs.

    >>> import torch
    >>> layer = record_layer(torch.nn.LSTM(3, 4), torch.randn(10, 3))
    >>> layer.cell.shape
    (10, 4)
    """
    layers = stacked_layers(bare_layer(recurrent, "record_layer"))
    first, *others = layers[0].directions
    if others or len(layers) > 1:
        raise ValueError(
            f"this {first.cell.type} has {len(layers)} layers and {1 + len(others)} directions: "
            f"record_layers(lstm, inputs) gives a dataset for each of them"
        )
    return next(iter(record_layers(recurrent, inputs, initial_state=initial_state).values()))


def record_layers(
    recurrent: Recurrent, inputs: Vectors, *, initial_state: InitialState | None = None
) -> dict[str, xr.Dataset]:
    """What do the gates of every layer and direction of a bare `torch.nn.LSTM` (or GRU, or RNN) do with these vectors?

    `inputs` is as for `record_layer`; `initial_state` is torch's: (h_0, c_0), or h_0 alone for a GRU or RNN.

    >>> import torch
    >>> list(record_layers(torch.nn.LSTM(3, 4, bidirectional=True), torch.randn(10, 3)))
    ['layer0', 'layer0_reverse']
    """
    x = vectors(inputs, bare_layer(recurrent, "record_layers"))
    with torch.inference_mode(), full_float32():
        steps, _ = run_layers(recurrent, x, initial_state)
        return layer_datasets(steps, recurrent, [str(step) for step in range(len(x))], np.arange(len(x)), initial_state)


def run_layers(
    recurrent: Recurrent,
    x: Tensor,
    initial_state: InitialState | None,
    interventions: Sequence[Intervention] = (),
) -> tuple[dict[str, Step], Tensor]:
    """All signals of every layer and direction, (step, unit) each, and the top layer's output."""
    first_hidden, first_cell = checked_state(recurrent, initial_state, x[0])
    recorded: dict[str, Step] = {}
    for stacked in stacked_layers(recurrent):
        outputs = []
        for direction in stacked.directions:
            hidden, cell = first_hidden[len(recorded)], first_cell[len(recorded)]
            found = direction.signals(x, hidden, cell)
            if interventions:
                found = altered_signals(direction, x, hidden, cell, found, interventions)
            recorded[direction.name] = found[0]
            outputs.append(found[1])
        x = stacked.merged(outputs)
    return recorded, x


def checked_state(recurrent: Recurrent, state: InitialState | None, like: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """The hidden and cell state of every direction, on the device and in the precision of `like`; zeros for None.

    Raises ValueError for a wrong shape, TypeError for anything but tensors or arrays of floats.
    """
    directions = list(named_directions(recurrent).values())
    units = [direction.units for direction in directions]
    shapes = (len(directions), directions[0].output_size), (len(directions), units[0])
    given: State | None = None
    if state is not None:
        hidden, cell = first_state(
            state, "LSTM" if any(one.cell.type == "LSTM" for one in directions) else directions[0].cell.type
        )
        if cell is None:  # torch's own for a GRU or RNN
            cell = hidden.new_zeros(sum(units) if isinstance(recurrent, Stack) else shapes[1])
        given = hidden.detach().to(like), cell.detach().to(like)
    if isinstance(recurrent, Stack):
        return recurrent.states(like, given)
    if given is None:
        given = like.new_zeros(shapes[0]), like.new_zeros(shapes[1])
    if tuple(tuple(part.shape) for part in given) != shapes:
        each = f"each {shapes[0]}" if shapes[0] == shapes[1] else f"{shapes[0]} and {shapes[1]}"
        raise ValueError(
            f"the initial state must be (hidden, cell), {each} (layers x directions, units), "
            f"not {[tuple(part.shape) for part in given]}"
        )
    return list(given[0]), list(given[1])


@contextmanager
def full_float32() -> Iterator[None]:
    """No TF32 while recording: on newer NVIDIA cards it costs three digits of every gate."""
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
    steps: Mapping[str, Step],
    recurrent: Recurrent,
    labels: Sequence[str],
    groups: np.ndarray,
    initial_state: InitialState | None,
) -> dict[str, xr.Dataset]:
    """Tensors to labelled arrays."""
    directions = named_directions(recurrent)
    first_hidden, first_cell = checked_state(recurrent, initial_state, next(iter(steps.values())).hidden[0])
    coords = step_coordinates(labels, groups)
    return {
        name: direction_dataset(directions[name], signals, first_hidden[row], first_cell[row], coords)
        for row, (name, signals) in enumerate(steps.items())
    }


def direction_dataset(
    one: Direction, signals: Step, first_hidden: Tensor, first_cell: Tensor, coords: Mapping[str, object]
) -> xr.Dataset:
    """The signals of one direction over (step, unit), with the state that it began with."""
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        signal: (("step", "unit"), as_array(getattr(signals, signal))) for signal in SIGNALS_OF[one.cell.type]
    }
    projected = one.weights.projection is not None
    variables["initial_hidden"] = (("projection" if projected else "unit",), as_array(first_hidden))
    if projected:
        variables["projected"] = (("step", "projection"), as_array(one.output_of(signals)))
    if one.cell.type == "LSTM":
        variables["initial_cell"] = (("unit",), as_array(first_cell))
    return xr.Dataset(
        variables,
        coords={**coords, "unit": np.arange(one.units)},
        attrs={"cell_type": one.cell.type, "direction": "reverse" if one.reverse else "forward"},
    )


def assemble(
    model: SequenceModel,
    tokens: Tokens,
    steps: Mapping[str, Step],
    logits: Float[Tensor, "step class"],
    initial_state: InitialState | None,
) -> Recording:
    """One Recording from the signals of all layers and the readout's logits."""
    layers = layer_datasets(steps, model.lstm, tokens.labels, tokens.groups, initial_state)
    return Recording(layers=layers, prediction=prediction_of(model, tokens, logits))


def prediction_of(model: SequenceModel, tokens: Tokens, logits: Float[Tensor, "step class"]) -> xr.Dataset:
    """The `prediction` of a recording, from the readout's logits: see `Recording`."""
    config = model.config
    coords = step_coordinates(tokens.labels, tokens.groups)
    attrs: dict[str, object] = {"kind": config.readout.to_json()["kind"]}
    if isinstance(config.readout, Nothing):
        return xr.Dataset(coords=coords, attrs=attrs)
    if isinstance(config.readout, Values):
        attrs["ahead"] = int(config.readout.ahead)
        return (
            _values(config.readout, config.encoder, tokens, as_array(logits)).assign_coords(coords).assign_attrs(attrs)
        )
    if isinstance(config.readout, Labels):
        classes, came = config.readout.labels, np.full(len(tokens), -1)
    else:
        classes, came = config.class_encoder.class_labels, np.append(tokens.ids[1:], -1)
    return xr.Dataset(
        {
            "probability": (("step", "class"), as_array(model.probability(logits))),
            "logit": (("step", "class"), as_array(logits)),
            "next_class": (("step",), came),
        },
        coords=coords | {"class": np.array(classes, dtype=object)},
        attrs=attrs,
    )


def _values(readout: Values, encoder: Encoder, tokens: Tokens, output: np.ndarray) -> xr.Dataset:
    """The readout's numbers in their own units and, for a forecast, those that came.

    In float64: a series that varies little about a large mean would be lost in float32.
    """
    value = output.astype(np.float64) * np.array(readout.spread) + np.array(readout.mean)
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


def as_array(tensor: Tensor) -> np.ndarray:
    """A float32 array; double precision stays double."""
    return (tensor if tensor.dtype == torch.float64 else tensor.float()).detach().cpu().numpy()
