"""What opens and closes a unit's gates?"""

from collections.abc import Collection

import numpy as np
import torch
import xarray as xr

from lstm_core.encoders import NumberEncoder
from lstm_core.given import checked
from lstm_core.layers import layer_number
from lstm_core.model import SequenceModel
from lstm_core.stack import named_directions

COUNT = 10


@checked
def gate_drivers(
    model: SequenceModel,
    layer_name: str,
    deviation: xr.DataArray,
    *,
    occurring: Collection[str] = (),
    count: int = COUNT,
) -> list[dict[str, dict[str, object]]]:
    """Which tokens and which units push each gate's pre-activation hardest, up and down?

    From the weights: a token pushes by W x, its embedding through W_ih, less the mean of all these tokens; a unit by U_s times
    `deviation`, (unit,), the standard deviation of its hidden state, as when it stands one deviation above its mean.
    Numbers push by the weight of one spread. With `occurring`, tokens are only those of these labels, as in a text: of others nothing
    was learnt. Returns for each unit, by gate: `tokens_up`, `tokens_down`, `units_up` and `units_down`,
    at most `count` pairs of a label (a unit's number) and the push, the strongest first; and `reason`, why there are no
    tokens: "" where there are. What is NaN or infinite is not among them, and counts in no mean. A GRU's reset gate, which scales what reaches its candidate, is not in it. With a projection there are no units.

    >>> import pretrained, xarray as xr
    >>> from lstm_core.analysis import gate_drivers
    >>> found = gate_drivers(pretrained.load("anbn", device="cpu"), "layer0", xr.DataArray([1.0] * 5, dims="unit"))
    >>> sorted(found[0])
    ['candidate', 'forget', 'input', 'output']
    """
    if layer_name not in model.config.layer_names:
        raise KeyError(f"no layer {layer_name!r}: this model has {', '.join(model.config.layer_names)}")
    own = named_directions(model.lstm)[layer_name]
    gates, units = own.cell.gates, own.units
    labels, pushes, reason = _of_tokens(model, layer_name, occurring)
    recurrent = own.weights.weight_hh.detach().cpu().double().numpy()
    projected = own.weights.projection is not None
    by_unit = None if projected else recurrent * deviation.to_numpy().astype(np.float64)
    found = []
    for unit in range(units):
        rows = {gate: number * units + unit for number, gate in enumerate(gates)}
        found.append(
            {
                gate: {
                    **_strongest("tokens", labels, pushes[:, row] if pushes.size else np.empty(0), count),
                    **_strongest("units", range(units), np.empty(0) if by_unit is None else by_unit[row], count),
                    "reason": reason,
                }
                for gate, row in rows.items()
            }
        )
    return found


def _of_tokens(model: SequenceModel, layer_name: str, occurring: Collection[str]) -> tuple[list[str], np.ndarray, str]:
    """The labels of tokens, (token, row of W_ih): how they push, or why there are none."""
    if layer_number(layer_name):
        return [], np.empty((0, 0)), "this layer reads the layer below, not tokens"
    weight = named_directions(model.lstm)[layer_name].weights.weight_ih.detach().cpu().double()
    encoder = model.config.encoder
    if isinstance(encoder, NumberEncoder):
        names = [*encoder.names, *(("sine of the period", "cosine of the period") if encoder.period else ())]
        return names, weight.T.numpy(), ""
    with torch.no_grad():
        vectors = model.embedding(torch.arange(model.config.classes, device=model.device)).cpu().double()
    labels = list(encoder.class_labels)
    kept = [place for place, label in enumerate(labels) if label in occurring] or list(range(len(labels)))
    pushes = (vectors @ weight.T).numpy()[kept]
    pushes = np.where(np.isfinite(pushes), pushes, np.nan)
    known = np.maximum((~np.isnan(pushes)).sum(axis=0), 1)
    return [labels[place] for place in kept], pushes - np.nansum(pushes, axis=0) / known, ""


def _strongest(kind: str, labels: "list[str] | range", pushes: np.ndarray, count: int) -> dict[str, object]:
    order = [one for one in np.argsort(-pushes, kind="stable").tolist() if np.isfinite(pushes[one])]
    up = [(labels[one], float(pushes[one])) for one in order[:count] if pushes[one] > 0]
    down = [(labels[one], float(pushes[one])) for one in order[::-1][:count] if pushes[one] < 0]
    return {f"{kind}_up": up, f"{kind}_down": down}
