"""How far may gates be from what a kernel returned, by rounding alone?"""

import torch
from torch import Tensor

from lstm_core.cells import GRUStep, LSTMStep, Step
from lstm_core.layers import Direction
from lstm_core.scan import linear_scan

OPERATIONS = 4
"""Roundings that a sum or product is given, in units of the kernel's precision. Measured on kernels of all kinds and
precisions, differences reach a third of what follows from it."""


def rounding_of(
    direction: Direction, signals: Step, reads: Tensor, before: Tensor, first_cell: Tensor, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """How much may rounding change the layer's output, and its cell state, at each step?

    `reads` is (step, feature) and `before` (step, output) its output at the step before; `dtype` is what its kernel computed
    in. Returns (step, output) and (step, unit).

    First order of the standard analysis (Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.1), with
    u the spacing of numbers at 1: a sum has an error of at most OPERATIONS u times the sum of the absolute values of its
    terms (for long sums that is what they have in practice, not their worst case); a sigmoid passes on a quarter of what is
    in its argument, a tanh all; errors of a cell state are forgotten as the cell itself is:
    dc_t = f_t dc_{t-1} + |c_{t-1}| df_t + |g_t| di_t + i_t dg_t.
    """
    w, u = direction.weights, OPERATIONS * torch.finfo(dtype).eps
    read = u * magnitude(reads, w.weight_ih, w.bias_ih)
    heard = u * magnitude(before, w.weight_hh, w.bias_hh)
    match signals:
        case LSTMStep(i, f, g, o, c, h):
            di, df, dg, do = (read + heard).chunk(4, dim=-1)
            di, df, dg, do = di / 4 + u, df / 4 + u, dg + u, do / 4 + u
            earlier = torch.cat([first_cell[None], c[:-1]]).abs()
            fresh = earlier * (df + u * f) + g.abs() * di + i * dg + u * (c.abs() + (i * g).abs())
            dc = linear_scan(f, fresh, torch.zeros_like(first_cell))
            dh = o * dc + c.tanh().abs() * do + u * (h.abs() + o)
            if w.projection is not None:
                dh = dh @ w.projection.abs().T + u * magnitude(h, w.projection, None)
            return dh, dc
        case GRUStep(r, z, n, h):
            (dr, dz, _), (sr, sz, sn) = read.chunk(3, dim=-1), heard.chunk(3, dim=-1)
            dr, dz = (dr + sr) / 4 + u, (dz + sz) / 4 + u
            dn = read.chunk(3, dim=-1)[2] + r * sn + sn / u * dr + u
            dh = (1 - z) * dn + (n - before).abs() * dz + u * (n.abs() + before.abs() + h.abs())
            return dh, dh
    return read + heard + u, read + heard


def magnitude(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The sum of the absolute values of all terms of each number of `weight @ x + bias`."""
    return torch.nn.functional.linear(x.abs(), weight.abs(), None if bias is None else bias.abs())
