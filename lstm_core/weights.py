"""The weights of one direction of one recurrent layer."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from lstm_core.equality import by_value

WEIGHT_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "peephole")
"""What `Weights` has, in its order, as torch calls it (but for the peepholes, which torch has not)."""


@by_value
class Weights(NamedTuple):
    """One direction of one layer, with torch's shapes and gate order (see `cells.py`)."""

    weight_ih: Float[Tensor, "gates_units feature"]
    weight_hh: Float[Tensor, "gates_units output"]
    bias_ih: Float[Tensor, " gates_units"] | None = None  # both or neither
    bias_hh: Float[Tensor, " gates_units"] | None = None
    projection: Float[Tensor, "output unit"] | None = None  # torch's weight_hr
    peephole: Float[Tensor, "three unit"] | None = None  # rows for i, f, o

    @property
    def bias(self) -> Float[Tensor, " gates_units"] | None:
        """The sum of both biases, as in the equations; not for GRUs, whose reset gate applies to one of them only."""
        return None if self.bias_ih is None or self.bias_hh is None else self.bias_ih + self.bias_hh
