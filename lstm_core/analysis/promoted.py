"""What does a unit write to the output?"""

import numpy as np

from lstm_core.analysis.readout_columns import output_names, readout_columns
from lstm_core.given import checked
from lstm_core.model import SequenceModel

COUNT = 10


@checked
def promoted(model: SequenceModel, layer_name: str, *, count: int = COUNT) -> list[dict[str, object]]:
    """Which outputs does each unit of the top layer make larger, and which smaller? Exact: logit_k = b_k + sum_u W_ku h_u.

    Returns for each unit `promoted` and `suppressed`, lists of (label, weight) with the largest and the smallest W_ku, at most `count`
    of each and only of their sign, and `reason`, why there are none: "" where there are. With a projection W stands for
    the product of both. A weight that is NaN or infinite is in neither list. Raises KeyError for a layer that the model has not.

    >>> import pretrained
    >>> from lstm_core.analysis import promoted
    >>> len(promoted(pretrained.load("anbn", device="cpu"), "layer0"))
    5
    """
    config = model.config
    if layer_name not in config.layer_names:
        raise KeyError(f"no layer {layer_name!r}: this model has {', '.join(config.layer_names)}")
    weight, reason = readout_columns(model, layer_name)
    if reason:
        return [{"promoted": [], "suppressed": [], "reason": reason} for _ in range(config.units(layer_name))]
    names = output_names(config)
    found: list[dict[str, object]] = []
    for column in weight.T:
        order = [one for one in np.argsort(-column, kind="stable").tolist() if np.isfinite(column[one])]
        high = [(names[one], float(column[one])) for one in order[:count] if column[one] > 0]
        low = [(names[one], float(column[one])) for one in order[::-1][:count] if column[one] < 0]
        found.append({"promoted": high, "suppressed": low, "reason": ""})
    return found
