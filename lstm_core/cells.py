"""The equations of one step, one pure function per cell type.

Gate order along the stacked axis is torch's: input, forget, candidate, output (i, f, g, o).
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class LSTMStep(NamedTuple):
    """Everything one LSTM layer computes at one step."""

    input: Float[Tensor, "*batch unit"]  # i, 0 writes nothing, 1 writes the whole candidate
    forget: Float[Tensor, "*batch unit"]  # f, 0 erases, 1 keeps
    candidate: Float[Tensor, "*batch unit"]  # g, -1..1, what could be written
    output: Float[Tensor, "*batch unit"]  # o, 0 hides the cell, 1 shows it
    cell: Float[Tensor, "*batch unit"]  # c, unbounded: the memory
    hidden: Float[Tensor, "*batch unit"]  # h, -1..1: what the layer says


def lstm_step(
    x: Float[Tensor, "*batch feature"],
    hidden: Float[Tensor, "*batch unit"],
    cell: Float[Tensor, "*batch unit"],
    *,
    weight_ih: Float[Tensor, "four_units feature"],
    weight_hh: Float[Tensor, "four_units unit"],
    bias: Float[Tensor, " four_units"] | None = None,
) -> LSTMStep:
    """What do the gates, the cell and the output become after reading one input?

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
        f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
        g_t = tanh   (W_g x_t + U_g h_{t-1} + b_g)
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    `hidden` and `cell` are h_{t-1} and c_{t-1}. `weight_ih` stacks W_i, W_f, W_g, W_o and `weight_hh`
    stacks U_i, U_f, U_g, U_o, as `torch.nn.LSTM` does; `bias` is the sum of torch's two bias vectors.

    Sources: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9(8), for the
    cell state with input and output gates; Gers, Schmidhuber & Cummins 2000, "Learning to Forget",
    Neural Computation 12(10), for the forget gate. No peephole connections.

    Raises ValueError when the weights do not fit the states.
    """
    units = hidden.shape[-1]
    if weight_ih.shape[0] != 4 * units or weight_hh.shape != (4 * units, units):
        raise ValueError(
            f"{units} units need weights of {4 * units} rows (i, f, g, o): "
            f"met weight_ih {tuple(weight_ih.shape)} and weight_hh {tuple(weight_hh.shape)}"
        )
    stacked = torch.nn.functional.linear(x, weight_ih, bias) + torch.nn.functional.linear(hidden, weight_hh)
    i, f, g, o = stacked.chunk(4, dim=-1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * cell + i * g
    h = o * c.tanh()
    return LSTMStep(input=i, forget=f, candidate=g, output=o, cell=c, hidden=h)
