"""torch's fused kernels for one direction of one layer, on fixed or on trainable weights."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lstm_core.cells import RELU, Cell
from lstm_core.weights import WEIGHT_KINDS, Weights

KERNELS: dict[str, type[nn.RNNBase]] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}


def run_kernel(
    variant: Cell, weights: Weights, x: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The layer's output, (step, *batch, unit), and its hidden and cell state at the end.

    Where a gradient of any of its weights is asked, it flows.
    """
    state = (hidden[None], cell[None]) if variant.type == "LSTM" else hidden[None]
    given = [one for one in weights if one is not None]
    if torch.is_grad_enabled() and any(one.requires_grad for one in given):
        output, end = _learning(variant, given, x, state)
    else:
        output, end = fixed_module(variant, [weights])(x, state)
    last_hidden, last_cell = end if variant.type == "LSTM" else (end, cell[None])
    return output, last_hidden[0], last_cell[0]


def fixed_module(variant: Cell, directions: Sequence[Weights]) -> nn.RNNBase:
    """The torch module for one layer of one or two directions, with these weights, fixed."""
    first = directions[0]
    options: dict[str, Any] = {"bias": first.bias_ih is not None, "bidirectional": len(directions) > 1}
    if variant.type == "RNN":
        options["nonlinearity"] = "relu" if variant.candidate == RELU else "tanh"
    if first.projection is not None:
        options["proj_size"] = first.weight_hh.shape[1]
    units = first.weight_hh.shape[0] // len(variant.gates)
    kernel: Any = KERNELS[variant.type]
    module: nn.RNNBase = kernel(first.weight_ih.shape[1], units, **options, device="meta", dtype=first.weight_ih.dtype)
    for direction, suffix in zip(directions, ("", "_reverse"), strict=False):
        for kind, one in zip(WEIGHT_KINDS, direction, strict=True):
            if one is not None:
                # cuDNN wants one contiguous block; flattening a copy leaves the caller's weights where they are.
                own = one.detach().clone() if one.is_cuda else one.detach()
                setattr(module, f"{kind}_l0{suffix}", nn.Parameter(own, requires_grad=False))
    module.flatten_parameters()
    return module


def _learning(variant: Cell, weights: Sequence[Tensor], x: Tensor, state: Any) -> tuple[Tensor, Any]:
    """The kernel itself, called with weights that are not a module's parameters."""
    if x.is_cuda:  # one contiguous block for cuDNN, through which gradients flow back to each
        block = torch.cat([one.flatten() for one in weights])
        parts = block.split([one.numel() for one in weights])
        weights = [part.view_as(one) for part, one in zip(parts, weights, strict=True)]
    alone = x.ndim == 2
    options = (list(weights), len(weights) > 2, 1, 0.0, True, False, False)
    if alone:
        x = x[:, None]
        state = tuple(one[:, None] for one in state) if isinstance(state, tuple) else state[:, None]
    if variant.type == "LSTM":
        output, *ends = torch.lstm(x, state, *options)
        end: Any = tuple(one[:, 0] for one in ends) if alone else tuple(ends)
    else:
        plain = torch.rnn_relu if variant.candidate == RELU else torch.rnn_tanh
        output, last = (torch.gru if variant.type == "GRU" else plain)(x, state, *options)
        end = last[:, 0] if alone else last
    return (output[:, 0] if alone else output), end
