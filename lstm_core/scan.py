"""A linear recurrence for all steps at once."""

from math import isqrt

import torch
from jaxtyping import Float
from torch import Tensor


def linear_scan(
    decay: Float[Tensor, "step unit"],
    increment: Float[Tensor, "step unit"],
    initial: Float[Tensor, " unit"],
) -> Float[Tensor, "step unit"]:
    """c_t = decay_t * c_{t-1} + increment_t at every step, from `initial`.

    The steps are cut into about sqrt(T) chunks of about sqrt(T) steps. All chunks are first read side by
    side as if each began at zero, which gives what a chunk multiplies its start by and what it adds to
    it; then the true starts are carried from chunk to chunk; then all chunks run side by side again
    from their true starts. About 3*sqrt(T) vectorised operations instead of T, no division, and the last
    pass is the textbook loop itself, so the result is as accurate as the loop.

    The idea of scanning within and then across blocks is Blelloch's (1990, "Prefix sums and their
    applications", section 1.4). Nothing is differentiated here: gradients do not flow through.
    """
    steps, units = decay.shape
    length = max(1, isqrt(steps))
    chunks = steps // length
    whole = chunks * length
    decays = decay[:whole].view(chunks, length, units).unbind(1)
    increments = increment[:whole].view(chunks, length, units).unbind(1)

    remaining = decays[0].clone()  # (chunk, unit): what is left at the chunk's end of its start
    added = increments[0].clone()  # (chunk, unit): what the chunk itself has added by its end
    for step in range(1, length):
        torch.addcmul(increments[step], decays[step], added, out=added)
        remaining *= decays[step]

    starts = torch.empty_like(remaining)
    start = initial
    for chunk in range(chunks):
        starts[chunk] = start
        start = torch.addcmul(added[chunk], remaining[chunk], start)

    cell = torch.empty_like(decay, memory_format=torch.contiguous_format)
    previous = starts
    for step, current in enumerate(cell[:whole].view(chunks, length, units).unbind(1)):
        torch.addcmul(increments[step], decays[step], previous, out=current)
        previous = current
    for step in range(whole, steps):
        torch.addcmul(increment[step], decay[step], cell[step - 1], out=cell[step])
    return cell
