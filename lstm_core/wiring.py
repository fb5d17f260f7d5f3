"""wiring(model, tokens, recording, layer): what a layer's gates are computed from."""

import numpy as np
import torch
import xarray as xr

from lstm_core.encoders import Tokens
from lstm_core.model import SequenceModel, layer_number
from lstm_core.record import layer_weights
from lstm_core.recording import Recording

GATE_ORDER = ("input", "forget", "candidate", "output")  # torch's, along the stacked axis


def wiring(model: SequenceModel, tokens: Tokens, recording: Recording, layer: str) -> xr.Dataset:
    """From which weights and inputs are the gates of one layer computed?

    Variables, float32: `weight_ih` over ("gate", "unit", "feature") and `weight_hh` over ("gate", "unit",
    "source"), W and U of the equations in `cells.py`; `bias` over ("gate", "unit"), torch's two summed, zero
    where there is none; `read` over ("row", "feature"), what the layer reads, and `row` over ("step",), which of
    these rows it reads at each step. The first layer reads embeddings, one row for each different token; every
    other layer reads the hidden states below it, one row a step.

    `recording` is the model's own, of `tokens`. Raises KeyError naming the layers there are for any other.
    """
    if layer not in recording.layers:
        raise KeyError(f"no layer {layer!r}: this recording has {', '.join(recording.layers)}")
    number = layer_number(layer)
    weights = layer_weights(model.lstm, number, reverse=layer.endswith("_reverse"))
    units = model.config.hidden
    if number == 0:
        given = tokens.ids if tokens.values is None else tokens.values
        different, row = np.unique(given, axis=0, return_inverse=True)
        read = _array(model.embedding(torch.from_numpy(different).to(model.device)))
    else:
        below = model.config.layer_names[(number - 1) * model.config.directions : number * model.config.directions]
        read = np.concatenate([recording.layers[name]["hidden"].to_numpy() for name in below], axis=1)
        row = np.arange(len(tokens))
    bias = np.zeros(4 * units, dtype=np.float32) if weights.bias is None else _array(weights.bias)
    return xr.Dataset(
        {
            "weight_ih": (("gate", "unit", "feature"), _array(weights.weight_ih).reshape(4, units, -1)),
            "weight_hh": (("gate", "unit", "source"), _array(weights.weight_hh).reshape(4, units, units)),
            "bias": (("gate", "unit"), bias.reshape(4, units)),
            "read": (("row", "feature"), read),
            "row": (("step",), row.astype(np.int32)),
        },
        coords={"gate": list(GATE_ORDER), "unit": np.arange(units), "step": np.arange(len(tokens))},
    )


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
