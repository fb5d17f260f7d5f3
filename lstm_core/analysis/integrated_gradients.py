"""How much does each token's embedding add to a logit, along the way from a baseline to the text?"""

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.analysis.gradients import frozen
from lstm_core.analysis.readout_columns import output_names, output_row
from lstm_core.encoders import Tokens
from lstm_core.given import checked
from lstm_core.model import SequenceModel
from lstm_core.readouts import Nothing, Values
from lstm_core.record import as_array, checked_state, full_float32, step_coordinates
from lstm_core.stack import stacked_layers

POINTS = 50
MAX_POINTS = 1000
CHUNK = 4_000_000  # numbers of one layer's gates that are held for the gradients at once: 16 MB


@checked
def integrated_gradients(
    model: SequenceModel,
    inputs: str | Tokens,
    step: int,
    label: str | None = None,
    *,
    baseline: str | np.ndarray | None = None,
    points: int = POINTS,
) -> xr.Dataset:
    """How much does each token add to a logit, integrated from a baseline to the text, and what is missing from the sum?

    Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks", eq. 1: of embeddings x and a baseline x',
    (x - x') times the integral over a from 0 to 1 of dF/dx at x' + a (x - x'), by Gauss-Legendre quadrature
    with `points` points. F is the logit of `label` after `step` (by default the likeliest one), or of values the first,
    in its own units. The baseline is a zero embedding at every step, one token (its text) at every step, or an array
    that fits (step, feature).

    `attribution` is over ("step", "feature") and `share`, its sum over features, over ("step",), both float64. Complete would mean
    that they sum to F(x) - F(x'). The attributes are `value` F(x), `baseline_value` F(x'), `error`, the sum minus that difference, which
    falls with more points, `label`, `of_step` and `points`. Raises ValueError for a model without readout, for a step or label
    that is not there, and for a baseline that does not fit.

    >>> import pretrained
    >>> from lstm_core.analysis import integrated_gradients
    >>> found = integrated_gradients(pretrained.load("sentiment"), "a funny film", step=2, label="positive")
    >>> found.share.shape, abs(found.attrs["error"]) < 1e-3
    ((3,), True)
    """
    tokens = model.encode(inputs)
    if isinstance(model.config.readout, Nothing):
        raise ValueError("this model has no readout: there is no prediction to take a gradient of")
    if not 0 <= step < len(tokens):
        raise ValueError(f"there is no step {step}: the text has {len(tokens)} steps, from 0")
    if type(points) is not int or not 1 <= points <= MAX_POINTS:
        raise ValueError(f"points must be a whole number from 1 to {MAX_POINTS:,}, not {points!r}")
    with torch.no_grad(), full_float32():
        x: Tensor = model.embedding(model.inputs(tokens)).detach()
        start = _baseline(model, x, baseline)
        if not model.config.bidirectional:  # later tokens play no part
            x, start = x[: step + 1], start[: step + 1]
        ends = _outputs(model, torch.stack([x, start], dim=1), step)
    row = output_row(model.config, as_array(ends[0]), label)
    value, baseline_value = (float(one) for one in ends[:, row].double())
    total = np.zeros(tuple(x.shape))
    places, weights = np.polynomial.legendre.leggauss(points)
    count = max(1, CHUNK // (len(x) * 4 * model.config.hidden * len(model.config.layer_names)))
    with full_float32():
        for first in range(0, points, count):
            part = slice(first, first + count)
            total += _weighted(model, x, start, step, row, (1 + places[part]) / 2, weights[part] / 2)
    attribution = np.zeros((len(tokens), total.shape[1]))
    attribution[: len(x)] = as_array((x - start).double()) * total
    return xr.Dataset(
        {"attribution": (("step", "feature"), attribution), "share": ("step", attribution.sum(axis=1))},
        coords=step_coordinates(tokens.labels, tokens.groups),
        attrs={
            "value": value,
            "baseline_value": baseline_value,
            "error": float(attribution.sum() - (value - baseline_value)),
            "label": output_names(model.config)[row],
            "of_step": step,
            "points": points,
        },
    )


def _weighted(
    model: SequenceModel, x: Tensor, start: Tensor, step: int, row: int, places: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The gradients at these places between baseline and text, (step, feature), summed with these weights."""
    along = torch.from_numpy(places).to(x)[:, None]
    way = (start[:, None] + along * (x - start)[:, None]).requires_grad_()  # (step, point, feature)
    with torch.enable_grad():
        (found,) = torch.autograd.grad(_outputs(model, way, step)[:, row].sum(), way)
    return np.asarray(np.einsum("p,spf->sf", weights, found.double().cpu().numpy()))


def _outputs(model: SequenceModel, x: Tensor, step: int) -> Tensor:
    """The readout's outputs after `step`, (point, output), of what is read (step, point, feature)."""
    points = x.shape[1]
    states = iter(zip(*checked_state(model.lstm, None, x[0, 0]), strict=True))
    for stacked in stacked_layers(model.lstm):
        outputs = []
        for direction in map(frozen, stacked.directions):
            hidden, cell = (one.expand(points, -1).contiguous() for one in next(states))
            outputs.append(direction.outputs(x, hidden, cell)[0])
        x = stacked.merged(outputs)
    logits = model.predict(x[: step + 1].transpose(0, 1))[:, -1]
    readout = model.config.readout
    if isinstance(readout, Values):
        return logits * logits.new_tensor(readout.spread) + logits.new_tensor(readout.mean)
    return logits


def _baseline(model: SequenceModel, x: Tensor, baseline: str | np.ndarray | None) -> Tensor:
    if baseline is None:
        return torch.zeros_like(x)
    if isinstance(baseline, str):
        one = model.encode(baseline)
        if len(one) != 1:
            raise ValueError(f"the baseline {baseline!r} is {len(one)} tokens to this model: give one, or an array")
        found: Tensor = model.embedding(model.inputs(one)).detach()
        return found.expand_as(x)
    try:
        return torch.from_numpy(np.broadcast_to(baseline, tuple(x.shape)).copy()).to(x)
    except ValueError as error:
        raise ValueError(f"the baseline must fit {tuple(x.shape)} (step, feature), not {baseline.shape}") from error
