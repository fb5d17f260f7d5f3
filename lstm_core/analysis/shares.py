"""Which units, and which earlier tokens, made an output of the readout as large as it is?"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from lstm_core.analysis.ledger import ledger
from lstm_core.analysis.readout_columns import output_names, output_row, readout_columns
from lstm_core.equality import by_value
from lstm_core.given import checked
from lstm_core.model import SequenceModel
from lstm_core.readouts import Values
from lstm_core.recording import Recording
from lstm_core.stack import stacked_layers


@by_value
class _Output(NamedTuple):
    """One output of the readout after one step: bias + sum over layers and units of weight * hidden."""

    name: str
    value: float
    bias: float
    weights: dict[str, np.ndarray]  # by direction of the top layer, (unit,)
    steps: dict[str, int]  # after which step each direction is read


@checked
def unit_shares(model: SequenceModel, recording: Recording, step: int, label: str | None = None) -> xr.Dataset:
    """How much does each unit add to a logit? Exact: logit_k = b_k + sum over u of W_ku h_u.

    The output called `label` after `step` (by default the likeliest, or the first value of a forecast), in float64: `share` over
    ("layer", "unit"), W_ku h_u for the directions of the top layer, `bias` and `value`, which is the recorded logit, or the
    value in its own units. bias + the sum of all shares is `value`, but for rounding in float32. The attributes are `label` and
    `of_step`. Raises ValueError where the readout is no sum over units, and for a label or step that is not there.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import unit_shares
    >>> model = pretrained.load("anbn", device="cpu")
    >>> found = unit_shares(model, record(model, "SaabbT"), step=3, label="b")
    >>> found.share.shape, bool(abs(found.bias + found.share.sum() - found.value) < 1e-4)
    ((1, 5), True)
    """
    asked = _output(model, recording, step, label)
    shares = [
        weight * recording.layers[name]["hidden"].sel(step=asked.steps[name]).to_numpy().astype(np.float64)
        for name, weight in asked.weights.items()
    ]
    return _dataset(recording, asked, {"share": (("layer", "unit"), np.stack(shares))}, step)


@checked
def token_shares(model: SequenceModel, recording: Recording, step: int, label: str | None = None) -> xr.Dataset:
    """How much does each earlier token add to a logit, through each unit, and what does the tanh leave over?

    h = o * tanh(c) is no sum over tokens, but c is: the `ledger` (Murdoch & Szlam 2017, section 3.2) says what each token k
    wrote to it and how much of that is left. So, for the output k' called `label` after `step` and each unit u of the top layer

        W_k'u h_u = sum over k of W_k'u o_u (contribution of k to c_u) + W_k'u o_u (initial cell's) + remainder_u

    `share` over ("layer", "step", "unit") is what a token would add if the tanh left the cell state as it is, 0 where a direction
    has not read a token; `initial` and `remainder` are over ("layer", "unit"), and `remainder`, W_k'u o_u (tanh(c_u) - c_u), is
    what the tanh takes away: it belongs to no token. Of a GRU, whose memory is its hidden state, it is rounding. `bias`
    and all of these sum to `value`. Otherwise as `unit_shares`; raises ValueError too for a simple layer, which has no ledger.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import token_shares
    >>> model = pretrained.load("anbn", device="cpu")
    >>> found = token_shares(model, record(model, "SaabbT"), step=3, label="b")
    >>> total = found.bias + found.share.sum() + found.initial.sum() + found.remainder.sum()
    >>> found.share.dims, bool(abs(total - found.value) < 1e-4)
    (('layer', 'step', 'unit'), True)
    """
    asked = _output(model, recording, step, label)
    parts: dict[str, list[np.ndarray]] = {"share": [], "initial": [], "remainder": []}
    for name, weight in asked.weights.items():
        layer, at = recording.layers[name], asked.steps[name]
        found = ledger(layer, at)
        shown = weight if layer.attrs["cell_type"] == "GRU" else weight * _at(layer, "output", at)
        share = np.zeros((layer.sizes["step"], layer.sizes["unit"]))
        share[np.searchsorted(layer["step"].to_numpy(), found["step"].to_numpy())] = shown * found["contribution"]
        initial = shown * found["initial"].to_numpy()
        parts["share"].append(share)
        parts["initial"].append(initial)
        parts["remainder"].append(weight * _at(layer, "hidden", at) - share.sum(axis=0) - initial)
    dims = {"share": ("layer", "step", "unit")}
    variables = {name: (dims.get(name, ("layer", "unit")), np.stack(rows)) for name, rows in parts.items()}
    return _dataset(recording, asked, variables, step)


def _at(layer: xr.Dataset, signal: str, step: int) -> np.ndarray:
    return np.asarray(layer[signal].sel(step=step).to_numpy().astype(np.float64))


def _output(model: SequenceModel, recording: Recording, step: int, label: str | None) -> _Output:
    top, readout = stacked_layers(model.lstm)[-1], model.config.readout
    weights: dict[str, np.ndarray] = {}
    for direction in top.directions:
        weights[direction.name], reason = readout_columns(model, direction.name)
        if reason:
            raise ValueError(f"an output of this model is no sum over units: {reason}")
    predicted = recording.prediction
    steps = predicted["step"].to_numpy()
    if step not in steps:
        raise ValueError(f"there is no step {step}: this recording has steps {steps.min()} to {steps.max()}")
    outputs = (
        predicted["value" if isinstance(readout, Values) else "logit"].sel(step=step).to_numpy().astype(np.float64)
    )
    row = output_row(model.config, outputs, label)
    scale, shift = (readout.spread[row], readout.mean[row]) if isinstance(readout, Values) else (1.0, 0.0)
    bias = 0.0 if model.readout.bias is None else float(model.readout.bias.detach()[row])
    return _Output(
        output_names(model.config)[row],
        float(outputs[row]),
        bias * scale + shift,
        {name: weight[row] * scale for name, weight in weights.items()},
        {one.name: int(steps[0]) if top.ends and one.reverse else step for one in top.directions},
    )


def _dataset(
    recording: Recording, asked: _Output, variables: Mapping[str, tuple[tuple[str, ...], np.ndarray]], step: int
) -> xr.Dataset:
    layer = recording.layers[next(iter(asked.weights))]
    places = {name: layer[name] for name in ("step", "token", "group")} if "remainder" in variables else {}
    return xr.Dataset(
        {**variables, "bias": ((), asked.bias), "value": ((), asked.value)},
        coords={**places, "layer": list(asked.weights), "unit": layer["unit"]},
        attrs={"label": asked.name, "of_step": step},
    )
