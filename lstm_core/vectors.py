"""Checks the arguments of a bare recurrent layer: the module, its vectors and its initial state, in the layer's precision."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lstm_core.given import article, described, for_module
from lstm_core.stack import Stack, stacked_layers

CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)

Vectors = Tensor | np.ndarray
InitialState = tuple[Vectors, Vectors] | Vectors
"""(h_0, c_0) as torch has them, or h_0 alone for a GRU or RNN."""


def bare_layer(module: object, name: str) -> Any:
    """The module, if it is a `torch.nn.LSTM`, `GRU` or `RNN`; else raises TypeError with the alternative. `name` is the caller."""
    if isinstance(module, nn.RNNBase | Stack):
        return module
    wanted = f"{name} wants a torch.nn.LSTM, GRU or RNN, not {described(module)}"
    if isinstance(module, CELLS):
        raise TypeError(
            f"{wanted}, which takes one step a call: `with capture(cell) as captured:` around the loop that calls it shows its gates"
        )
    if type(module).__name__ == "SequenceModel":
        raise TypeError(f"{wanted}, which reads text: record(model, text) shows its gates")
    raise TypeError(f"{wanted}: {for_module(module) if isinstance(module, nn.Module | type) else _MADE}")


def vectors(given: object, recurrent: Any) -> Tensor:
    """(step, feature) as the layer reads it, on its device and in its precision.

    Takes a tensor or a numpy array of floats. Raises TypeError for another kind of numbers, ValueError for another shape.
    """
    like = stacked_layers(recurrent)[0].directions[0].weights.weight_ih
    inputs = floats(given, "inputs", "one-hot vectors or an embedding's rows are what a layer reads of classes")
    features = like.shape[1]
    if inputs.ndim != 2 or inputs.shape[0] == 0 or inputs.shape[1] != features:
        raise ValueError(
            f"inputs must be (step, {features}) with at least one step, not {tuple(inputs.shape)}{_hint(inputs, features)}"
        )
    return inputs.to(like)


def floats(given: object, name: str, otherwise: str) -> Tensor:
    """A tensor from a tensor or numpy array of floats. Raises TypeError for anything else, with `otherwise` for integers."""
    if isinstance(given, np.ndarray) and given.dtype.kind == "f":
        # A copy: torch warns of arrays that are locked, and does not take those of another byte order or a wider kind.
        return torch.tensor(given.astype(np.float32 if given.itemsize <= 4 else np.float64))
    if isinstance(given, Tensor) and given.is_floating_point():
        return given
    wanted = f"{name} must be a tensor or a numpy array of floats, not {described(given)}"
    if isinstance(given, np.ndarray | Tensor):
        raise TypeError(wanted if "complex" in str(given.dtype) else f"{wanted}: {otherwise}")
    if hasattr(given, "to_numpy"):
        raise TypeError(f"{wanted}: give its .to_numpy()")
    raise TypeError(f"{wanted}: torch.tensor(rows) makes one of a list" if isinstance(given, list | tuple) else wanted)


def first_state(given: object, kind: str) -> tuple[Tensor, Tensor | None]:
    """h_0, and for an LSTM c_0. Raises TypeError for anything else. `kind` is the cells' type."""
    if isinstance(given, tuple | list) and len(given) == 2:
        hidden, cell = (
            floats(one, f"the initial {name}", "give floats") for one, name in zip(given, _PARTS, strict=True)
        )
        return hidden, cell
    if isinstance(given, tuple | list) or kind == "LSTM":
        raise TypeError(
            f"the initial state of {article(kind)} must be (hidden, cell), two tensors, "
            f"not {f'{len(given)} of them' if isinstance(given, tuple | list) else described(given)}"
        )
    return floats(given, "the initial state", "give floats"), None


_MADE = "torch.nn.LSTM(features, units) makes one"
_PARTS = ("hidden state", "cell state")


def _hint(inputs: Tensor, features: int) -> str:
    if inputs.ndim == 3:
        return "; take one sequence of the batch at a time, such as inputs[0] where the batch comes first"
    if inputs.ndim == 1 and len(inputs) == features:
        return "; a single step is inputs[None]"
    if inputs.ndim == 2 and inputs.shape[0] == features:
        return "; turn it round with inputs.T"
    return ""
