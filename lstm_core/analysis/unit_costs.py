"""How much worse would a model predict a corpus without each of its units?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from lstm_core.analysis.knock_out import each_clamped, input_below, through
from lstm_core.cells import unedited
from lstm_core.encoders import NumberEncoder, Tokens
from lstm_core.given import checked
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, LegalTokens, Nothing, Values
from lstm_core.record import full_float32

STEPS = 4096  # that are read, about
OF_ONE = 1024  # of one document, where there are enough others
TOGETHER = 1 << 25  # numbers of the readout, of many units side by side


@checked
def unit_costs(
    model: SequenceModel, documents: Sequence[str | Tokens], layer_name: str, *, steps: int = STEPS
) -> xr.Dataset:
    """How much worse would the model predict these documents without each unit of a layer, its hidden state held at 0?

    Reads about `steps` steps, the first 1,024 of each document at most or, of few documents, more. Equal to `knock_out` of each
    document, taken together. Returns over ("unit",) `cost`, the mean increase of the loss over the steps at which it is known
    what came (in bits; of a forecast in its own units), NaN where nothing is known of it, for labels and values that are no forecast;
    and `changed`, the mean over all steps of the Kullback-Leibler divergence in bits, or of the absolute change of values. Attributes: `steps`,
    how many were read, and `units`, "bits" or "own". Raises ValueError for a model without readout.

    >>> import pretrained
    >>> from lstm_core.analysis import unit_costs
    >>> found = unit_costs(pretrained.load("anbn", device="cpu"), ["SaabbT", "SabT"], "layer0")
    >>> found["cost"].sizes["unit"], found.attrs["steps"]
    (5, 10)
    """
    readout = model.config.readout
    if isinstance(readout, Nothing):
        raise ValueError("this model has no readout, so no prediction can change")
    if layer_name not in model.config.layer_names:
        raise KeyError(f"no layer {layer_name!r}: this model has {', '.join(model.config.layer_names)}")
    units, known, read = model.config.units(layer_name), 0, 0
    cost, changed = np.zeros(units), np.zeros(units)
    ahead = not isinstance(readout, Labels) and not (isinstance(readout, Values) and not readout.ahead)
    with torch.inference_mode(), full_float32():
        for group in _alike(_first(model, documents, steps)):
            length = len(group[0])
            side_by_side = max(1, TOGETHER // (len(group) * length * max(model.config.outputs, 1)))
            for first in range(0, units, side_by_side):
                some = range(first, min(first + side_by_side, units))
                lost, moved = _effect(model, group, layer_name, some)
                cost[some] += lost
                changed[some] += moved
            known += len(group) * (length - 1) if ahead else 0
            read += len(group) * length
    scale = 1.0 if isinstance(readout, Values) else log(2)
    return xr.Dataset(
        {
            "cost": ("unit", cost / scale / known if known else np.full(units, np.nan)),
            "changed": ("unit", changed / scale / max(read, 1)),
        },
        coords={"unit": np.arange(units)},
        attrs={"steps": read, "units": "own" if isinstance(readout, Values) else "bits"},
    )


def _first(model: SequenceModel, documents: Sequence[str | Tokens], steps: int) -> Iterator[Tokens]:
    """The beginnings of documents, so many steps together."""
    most, left = max(-(-steps // max(len(documents), 1)), OF_ONE), steps
    for one in documents:
        if left <= 0:
            return
        tokens = model.encode(one)
        tokens = tokens.until(min(len(tokens), most, left))
        left -= len(tokens)
        yield tokens


def _alike(documents: Iterable[Tokens]) -> list[list[Tokens]]:
    """Documents of one length, which need no padding: a layer may read backwards."""
    found: dict[int, list[Tokens]] = defaultdict(list)
    for one in documents:
        found[len(one)].append(one)
    return list(found.values())


def _effect(
    model: SequenceModel, group: Sequence[Tokens], layer: str, units: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """The increase of the loss and the change of the prediction without each unit, summed over documents and steps: (unit,)."""
    below, number = zip(*(input_below(model, one, layer) for one in group), strict=True)
    x = torch.stack(below, 1)  # (step, document, feature)
    lanes = x.repeat_interleave(len(units), 1)  # a document's units side by side
    whole = _predicted(model, through(model, number[0], x, unedited, layer))
    edit = each_clamped(list(units) * len(group), "hidden", 0.0)
    altered = _predicted(model, through(model, number[0], lanes, edit, layer))
    lost, moved = np.zeros(len(units)), np.zeros(len(units))
    for place, tokens in enumerate(group):
        own, others = whole[place], altered[place * len(units) : (place + 1) * len(units)]
        lost += (_loss(model, tokens, others) - _loss(model, tokens, own[None])).double().sum(1).cpu().numpy()
        moved += _change(model, own, others).double().sum(1).cpu().numpy()
    return lost, moved


def _predicted(model: SequenceModel, top: Tensor) -> Tensor:
    """The readout's output, (lane, step, output): of probabilities their logarithms."""
    found = model.predict(top.transpose(0, 1))
    match model.config.readout:
        case LegalTokens():
            return torch.cat([torch.nn.functional.logsigmoid(sign * found) for sign in (1, -1)], -1)
        case Values(_, _, spread):
            return found.double() * torch.tensor(spread, dtype=torch.float64, device=found.device)
    return found.log_softmax(-1)


def _loss(model: SequenceModel, tokens: Tokens, predicted: Tensor) -> Tensor:
    """The loss of each step at which it is known what came, (lane, step)."""
    encoder, readout = model.config.encoder, model.config.readout
    match readout:
        case Values(names, mean) if readout.ahead and isinstance(encoder, NumberEncoder) and tokens.values is not None:
            count = len(names)
            came = tokens.values[1:, :count] * np.array(encoder.spread[:count]) + np.array(encoder.mean[:count])
            wanted = torch.from_numpy(came - np.array(mean)).to(predicted)
            return (predicted[:, :-1] - wanted).abs().mean(-1)
        case Values() | Labels():
            return predicted[..., :0].sum(-1)[:, :0]
    came = torch.from_numpy(tokens.ids[1:]).to(predicted.device)
    return -predicted[:, torch.arange(len(came)), came]


def _change(model: SequenceModel, own: Tensor, others: Tensor) -> Tensor:
    """How far the prediction has moved, (lane, step)."""
    if isinstance(model.config.readout, Values):
        return (others - own).abs().mean(-1)
    p = own.exp()
    return torch.where(p == 0, 0.0, p * (own - others)).sum(-1).clamp(min=0)  # NaN stays NaN
