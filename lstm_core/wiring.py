"""wiring(model, tokens, recording, layer): what a layer's gates are computed from."""

import numpy as np
import torch
import xarray as xr

from lstm_core.encoders import Tokens
from lstm_core.given import checked
from lstm_core.layers import layer_number
from lstm_core.model import SequenceModel
from lstm_core.record import as_array
from lstm_core.recording import Recording
from lstm_core.stack import named_directions, stacked_layers


@checked
def wiring(model: SequenceModel, tokens: str | Tokens, recording: Recording, layer: str) -> xr.Dataset:
    """The weights and inputs from which the gates of one layer are computed.

    Variables, float32: `weight_ih` over ("gate", "unit", "feature") and `weight_hh` over ("gate", "unit",
    "source"), W and U of the equations in `cells.py`, gates in torch's order by name; `bias` over ("gate", "unit"),
    torch's two summed, zero where there is none, but for a GRU, whose second is `recurrent_bias` over the same; with
    peepholes `peephole` over ("seeing", "unit"), for i, f and o; `read` over ("row", "feature"), what the layer reads, and `row` over ("step",), which of
    these rows it reads at each step. The first layer reads embeddings, one row for each different token; every
    other layer reads the hidden states below it, one row a step.

    `recording` is the model's own, of `tokens`, which may be given as text. Raises KeyError naming the layers there are for
    any other, and ValueError for a recording of a text of another length.

    >>> import pretrained
    >>> from lstm_core import record
    >>> model = pretrained.load("anbn")
    >>> found = wiring(model, "SaabbT", record(model, "SaabbT"), "layer0")
    >>> found.weight_hh.dims
    ('gate', 'unit', 'source')
    """
    tokens = model.encode(tokens)
    if len(tokens) != len(recording.tokens):
        raise ValueError(
            f"{len(tokens)} tokens but {len(recording.tokens)} recorded steps: give the text that was recorded"
        )
    if layer not in recording.layers:
        raise KeyError(f"no layer {layer!r}: this recording has {', '.join(recording.layers)}")
    direction = named_directions(model.lstm)[layer]
    weights, gates, units = direction.weights, direction.cell.gates, direction.units
    if layer_number(layer) == 0:
        given = tokens.ids if tokens.values is None else tokens.values
        different, row = np.unique(given, axis=0, return_inverse=True)
        read = as_array(model.embedding(torch.from_numpy(different).to(model.device)))
    else:
        read, row = _input_from_below(model, recording, layer), np.arange(len(tokens))
    by_gate = (len(gates), units, -1)
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        "weight_ih": (("gate", "unit", "feature"), as_array(weights.weight_ih).reshape(by_gate)),
        "weight_hh": (("gate", "unit", "source"), as_array(weights.weight_hh).reshape(by_gate)),
        "read": (("row", "feature"), read),
        "row": (("step",), row.astype(np.int32)),
    }
    apart = direction.cell.type == "GRU"
    biases = {"bias": weights.bias_ih, "recurrent_bias": weights.bias_hh} if apart else {"bias": weights.bias}
    for name, bias in biases.items():
        found = np.zeros(len(gates) * units, dtype=np.float32) if bias is None else as_array(bias)
        variables[name] = (("gate", "unit"), found.reshape(len(gates), units))
    if weights.peephole is not None:
        variables["peephole"] = (("seeing", "unit"), as_array(weights.peephole))
    coords = {"gate": list(gates), "unit": np.arange(units), "step": np.arange(len(tokens))}
    return xr.Dataset(variables, coords=coords)


def _input_from_below(model: SequenceModel, recording: Recording, layer: str) -> np.ndarray:
    """The layer's input from the layer below, (step, feature)."""
    below = stacked_layers(model.lstm)[layer_number(layer) - 1]
    outputs = []
    for direction in below.directions:
        known = recording.layers[direction.name]
        # A copy: recordings that readers share are locked, and torch warns of those.
        outputs.append(torch.tensor(known["projected" if "projected" in known else "hidden"].to_numpy()))
    return as_array(below.merged(outputs))
