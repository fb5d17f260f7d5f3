"""The loss that training minimises."""

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from lstm_core.readouts import LegalTokens, Readout, Values


def step_losses(
    readout: Readout,
    logits: Float[Tensor, "sequence step output"],
    targets: Int[Tensor, "sequence step"] | Float[Tensor, "sequence step output"],
) -> Float[Tensor, "sequence step"]:
    """The loss of the readout's output at each step, against its target.

    Numbers: the mean squared error, standardised as the readout is. Legal tokens: the sum of binary
    cross-entropies, in nats. All else: cross-entropy with the right class, or with the chances of all, in nats.
    """
    if isinstance(readout, Values):
        return (logits - targets).square().mean(-1)
    if isinstance(readout, LegalTokens):
        return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(-1)
    goal = targets.flatten() if targets.ndim == 2 else targets.flatten(0, 1)
    return functional.cross_entropy(logits.flatten(0, 1), goal, reduction="none").view(logits.shape[:2])
