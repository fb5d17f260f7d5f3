"""torch's fused kernels for one direction of one layer: on fixed weights, or on weights that are learnt."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lstm_core.cells import RELU, Cell

KERNELS: dict[str, type[nn.RNNBase]] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}


def run_kernel(
    variant: Cell, weights: Sequence[Tensor], x: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """What does the layer say, (step, *batch, unit), and its hidden and cell state at the end?

    `weights` are weight_ih, weight_hh and, or not, bias_ih, bias_hh. Where a gradient of any of them is asked, it flows.
    """
    state = (hidden[None], cell[None]) if variant.type == "LSTM" else hidden[None]
    if torch.is_grad_enabled() and any(one.requires_grad for one in weights):
        said, end = _learning(variant, weights, x, state)
    else:
        said, end = _fixed(variant, weights)(x, state)
    last_hidden, last_cell = end if variant.type == "LSTM" else (end, cell[None])
    return said, last_hidden[0], last_cell[0]


def _fixed(variant: Cell, weights: Sequence[Tensor]) -> nn.RNNBase:
    """A module of one layer and one direction on these very weights."""
    options: dict[str, Any] = {"bias": len(weights) > 2, "device": "meta", "dtype": weights[0].dtype}
    if variant.type == "RNN":
        options["nonlinearity"] = "relu" if variant.candidate == RELU else "tanh"
    kernel: Any = KERNELS[variant.type]
    module: nn.RNNBase = kernel(weights[0].shape[1], weights[1].shape[1], **options)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    for name, one in zip(names, weights, strict=False):
        # cuDNN wants one contiguous block; flattening a copy leaves the caller's weights where they are.
        own = one.detach().clone() if one.is_cuda else one.detach()
        setattr(module, name, nn.Parameter(own, requires_grad=False))
    module.flatten_parameters()
    return module


def _learning(variant: Cell, weights: Sequence[Tensor], x: Tensor, state: Any) -> tuple[Tensor, Any]:
    """The kernel itself, which a module would call only with parameters of its own."""
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
        said, *ends = torch.lstm(x, state, *options)
        end: Any = tuple(one[:, 0] for one in ends) if alone else tuple(ends)
    else:
        plain = torch.rnn_relu if variant.candidate == RELU else torch.rnn_tanh
        said, last = (torch.gru if variant.type == "GRU" else plain)(x, state, *options)
        end = last[:, 0] if alone else last
    return (said[:, 0] if alone else said), end
