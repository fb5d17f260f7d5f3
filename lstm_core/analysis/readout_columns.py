"""With which weights does the readout read the units of a layer, and what are its outputs called?"""

import numpy as np

from lstm_core.config import ModelConfig
from lstm_core.layers import layer_number
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, Values
from lstm_core.stack import stacked_layers

BETWEEN = {
    "relu": "the readout reads the units only after a ReLU",
    "mean": "the readout reads each unit's mean over the text",
    "max": "the readout reads each unit's largest value in the text",
}


def output_names(config: ModelConfig) -> list[str]:
    """The names of the readout's outputs: labels, values, or the encoder's classes."""
    match config.readout:
        case Labels(labels):
            return list(labels)
        case Values(outputs):
            return list(outputs)
    return list(config.class_encoder.class_labels)


def output_row(config: ModelConfig, outputs: np.ndarray, label: str | None) -> int:
    """The place of the output called `label`; by default of the largest of `outputs`, (output,), or of the first value.

    Raises ValueError for a name that no output has.
    """
    names = output_names(config)
    if label is None:
        return 0 if isinstance(config.readout, Values) else int(outputs.argmax())
    if label not in names:
        known = ", ".join(names[:20]) + ", …" * (len(names) > 20)
        raise ValueError(f"this model has no output {label!r}: it has {known}")
    return names.index(label)


def readout_columns(model: SequenceModel, layer_name: str) -> tuple[np.ndarray, str]:
    """W over (output, unit), float64, so that an output is b + W h summed over directions; or why there is none.

    With a projection W stands for the product of both matrices.
    """
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
