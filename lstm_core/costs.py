"""How many steps a model can be recorded on, by memory and time, from its size alone."""

from lstm_core.model import SequenceModel
from lstm_core.recording import SIGNALS_OF

MAX_RECORDED_VALUES = 100_000_000  # numbers of one recording: 400 MB
MAX_RECORDING_PRODUCTS = 50_000_000_000  # weights times steps, by torch's kernels: some ten seconds
MAX_STEPWISE_PRODUCTS = 20_000_000_000  # weights times steps, by the equations step by step: some ten seconds
MAX_STEPWISE_STEPS = 25_000


def recurrent_weights(model: SequenceModel) -> int:
    """The number of weights in the recurrent layers, which is the number of products of a step."""
    return sum(one.numel() for one in model.lstm.parameters())


def max_recorded_steps(model: SequenceModel) -> int:
    """The most steps for which `record` stays within MAX_RECORDED_VALUES and MAX_RECORDING_PRODUCTS."""
    config = model.config
    values = sum(config.units(layer) * len(SIGNALS_OF[config.cell(layer).type]) for layer in config.layer_names)
    values += config.embedding + 2 * config.outputs  # the input, and the output before and after the softmax
    return min(MAX_RECORDED_VALUES // values, MAX_RECORDING_PRODUCTS // recurrent_weights(model))


def max_stepwise_steps(model: SequenceModel) -> int:
    """The most steps for which `record` with interventions stays within MAX_STEPWISE_PRODUCTS and MAX_STEPWISE_STEPS."""
    return min(MAX_STEPWISE_STEPS, MAX_STEPWISE_PRODUCTS // recurrent_weights(model))
