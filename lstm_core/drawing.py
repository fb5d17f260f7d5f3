"""uniform(...) and normal(...): first weights that one seed gives to the bit on every processor.

torch's own `uniform_` and `normal_` take the same random numbers everywhere and then round differently: with AVX2 they
fuse multiplications with additions and have a logarithm, sine and cosine of their own, without it the system's. Here
the arithmetic of AVX2 is spelled out in operations that IEEE 754 rounds alike everywhere, so that the values are those
that torch draws on a processor with AVX2.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float32]
ROW = 16  # normal numbers that are made at once, of as many uniform ones

# Cephes (Moshier 1992), logf.c and sinf.c, the highest power first.
_LOG = (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
        2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)  # fmt: skip
_COSINE = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
_SINE = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_LN_2 = (0.693359375, -2.12194440e-4)  # summed
_QUARTER_PI = (0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)  # summed


def uniform(shape: Sequence[int], low: float, high: float, generator: torch.Generator) -> Tensor:
    """Numbers drawn evenly from `low` to `high`, float32, as `Tensor.uniform_` draws them."""
    drawn = torch.rand(*shape, generator=generator).numpy()
    return torch.from_numpy(_fused(drawn, np.float32(high) - np.float32(low), np.float32(low)))


def normal(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    """Numbers drawn from N(0, 1), float32, as `Tensor.normal_` draws them (Box & Muller 1958)."""
    found = torch.empty(*shape)
    if found.numel() < ROW:  # one by one, in float64
        return found.normal_(generator=generator)
    drawn = torch.rand(found.numel(), generator=generator).numpy()
    whole = len(drawn) // ROW * ROW
    drawn[:whole] = _box_muller(drawn[:whole])
    if whole < len(drawn):
        drawn[-ROW:] = _box_muller(torch.rand(ROW, generator=generator).numpy())
    return torch.from_numpy(drawn).view(found.shape)


def _box_muller(drawn: Floats) -> Floats:
    """Two normal numbers for each two uniform ones: eight radii and eight angles a row."""
    rows = drawn.reshape(-1, 2, ROW // 2)
    radius = np.sqrt(np.float32(-2) * _logarithm(1 - rows[:, 0]))
    sine, cosine = _sine_and_cosine(np.float32(2 * np.pi) * rows[:, 1])
    return np.stack([radius * cosine, radius * sine], axis=1).ravel()


def _logarithm(x: Floats) -> Floats:
    """ln x of normal numbers above 0, by a polynomial around 1."""
    fraction, exponent = np.frexp(x)  # from 0.5 to below 1
    small = fraction < np.float32(np.sqrt(0.5))
    power = exponent.astype(np.float32) - small
    x = np.where(small, 2 * fraction, fraction) - 1
    square = x * x
    y = _polynomial(_LOG, x) * x
    y = _fused(y, square, power * np.float32(_LN_2[1]))
    y = _fused(square, np.float32(-0.5), y)
    return _fused(power, np.float32(_LN_2[0]), x + y)


def _sine_and_cosine(x: Floats) -> tuple[Floats, Floats]:
    """Of angles from 0 upwards: what is left over the nearest even multiple of pi/4, by a polynomial each."""
    octant = (x * np.float32(4 / np.pi)).astype(np.int32) + 1 & ~1
    for part in _QUARTER_PI:
        x = _fused(octant.astype(np.float32), np.float32(-part), x)
    square = x * x
    sine = _fused(_polynomial(_SINE, square) * square, x, x)
    half = square * np.float32(0.5)
    cosine = _fused(_polynomial(_COSINE, square) * square, square, -half) + 1
    swapped = octant & 2 != 0
    first, second = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    return np.where(octant & 4 != 0, -first, first), np.where(octant + 2 & 4 != 0, -second, second)


def _polynomial(coefficients: Sequence[float], x: Floats) -> Floats:
    found = np.full_like(x, coefficients[0])
    for one in coefficients[1:]:
        found = _fused(found, x, np.float32(one))
    return found


def _fused(a: Floats, b: Floats | np.float32, c: Floats | np.float32) -> Floats:
    """a * b + c, rounded once: the product of two float32 is exact in float64."""
    found: Floats = (a.astype(np.float64) * b + np.asarray(c, np.float64)).astype(np.float32)
    return found
