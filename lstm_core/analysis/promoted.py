"""What does a unit write to the output?"""

import numpy as np

from lstm_core.given import checked
from lstm_core.layers import layer_number
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, Values
from lstm_core.stack import stacked_layers

COUNT = 10
BETWEEN = {
    "relu": "the readout reads the units only after a ReLU",
    "mean": "the readout reads each unit's mean over the text",
    "max": "the readout reads each unit's largest value in the text",
}


@checked
def promoted(model: SequenceModel, layer_name: str, *, count: int = COUNT) -> list[dict[str, object]]:
    """Which outputs does each unit of the top layer make larger, and which smaller? Exact: logit_k = b_k + sum_u W_ku h_u.

    Returns for each unit `promoted` and `suppressed`, lists of (label, weight) with the largest and the smallest W_ku, at most `count`
    of each and only of their sign, and `reason`, why there are none: "" where there are. With a projection W stands for
    the product of both. Raises KeyError for a layer that the model has not.

    >>> import pretrained
    >>> from lstm_core.analysis import promoted
    >>> len(promoted(pretrained.load("anbn", device="cpu"), "layer0"))
    5
    """
    config = model.config
    if layer_name not in config.layer_names:
        raise KeyError(f"no layer {layer_name!r}: this model has {', '.join(config.layer_names)}")
    weight, reason = _columns(model, layer_name)
    if reason:
        return [{"promoted": [], "suppressed": [], "reason": reason} for _ in range(config.units(layer_name))]
    match config.readout:
        case Labels(labels):
            names = list(labels)
        case Values(outputs):
            names = list(outputs)
        case _:
            names = list(config.class_encoder.class_labels)
    found: list[dict[str, object]] = []
    for column in weight.T:
        order = np.argsort(-column, kind="stable")
        high = [(names[one], float(column[one])) for one in order[:count] if column[one] > 0]
        low = [(names[one], float(column[one])) for one in order[::-1][:count] if column[one] < 0]
        found.append({"promoted": high, "suppressed": low, "reason": ""})
    return found


def _columns(model: SequenceModel, layer_name: str) -> tuple[np.ndarray, str]:
    """W over (output, unit), or why there is none."""
    config, top = model.config, stacked_layers(model.lstm)[-1]
    nothing = np.empty((0, 0))
    if not config.outputs:
        return nothing, "the model has no readout"
    if layer_number(layer_name) != len(stacked_layers(model.lstm)) - 1:
        return nothing, "the readout reads the layer above, not this one"
    if config.between in BETWEEN:
        return nothing, BETWEEN[config.between]
    if len(top.directions) > 1 and top.merge == "mul":
        return nothing, "the readout reads the product of both directions"
    weight = model.readout.weight.detach().cpu().double().numpy()
    names = [one.name for one in top.directions]
    own = top.directions[names.index(layer_name)]
    if len(names) > 1 and top.merge == "concat":
        start = sum(one.output_size for one in top.directions[: names.index(layer_name)])
        weight = weight[:, start : start + own.output_size]
    elif len(names) > 1 and top.merge == "ave":
        weight = weight / 2
    if own.weights.projection is not None:
        weight = weight @ own.weights.projection.detach().cpu().double().numpy()
    return weight, ""
