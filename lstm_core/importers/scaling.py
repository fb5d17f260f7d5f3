"""Scaler: how the numbers of a model were scaled before it read them, as a file beside its weights says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

Side = Literal["", "input", "output"]


@dataclass(frozen=True)
class Scaler:
    """Numbers were scaled to (number - center) / spread, column by column. Raises ValueError for what cannot scale.

    >>> Scaler("'scaler' in the checkpoint", (10.0,), (5.0,)).columns
    1
    """

    name: str  # where it was found: "'scaler' (StandardScaler) in the checkpoint"
    center: tuple[float, ...]
    spread: tuple[float, ...]  # above 0
    side: Side = ""  # of which numbers, as its name says: those that are read, or those that are predicted

    def __post_init__(self) -> None:
        numbers = (*self.center, *self.spread)
        right = (
            isinstance(self.name, str)
            and self.side in get_args(Side)
            and 0 < len(self.center) == len(self.spread)
            and all(type(one) is float and math.isfinite(one) for one in numbers)
        )
        if not right or min(self.spread) <= 0:
            raise ValueError(f"centers must be finite and spreads above 0, not {self.center} and {self.spread}")

    @property
    def columns(self) -> int:
        return len(self.center)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "center": list(self.center), "spread": list(self.spread), "side": self.side}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Scaler":
        """Raises ValueError, KeyError or TypeError for anything that `to_json` does not write."""
        return cls(fields["name"], tuple(fields["center"]), tuple(fields["spread"]), fields["side"])


def input_scaler(scalers: Sequence[Scaler], features: int) -> Scaler | None:
    """The scaler of the so many numbers that a model reads; None where there is none.

    >>> both = Scaler("x", (0.0,), (2.0,), "input"), Scaler("y", (0.0,), (3.0,), "output")
    >>> input_scaler(both, 1).name
    'x'
    """
    fitting = [one for one in scalers if one.columns == features and one.side != "output"]
    return min(fitting, key=lambda one: one.side == "", default=None)


def output_scaler(scalers: Sequence[Scaler], outputs: int, features: int) -> Scaler | None:
    """The scaler of the so many numbers that a model predicts; that of its input where it predicts as many as it reads.

    >>> output_scaler([Scaler("scaler", (0.0,), (2.0,))], 1, 1).name
    'scaler'
    """
    fitting = [one for one in scalers if one.columns == outputs and one.side == "output"]
    if fitting or outputs != features:
        return next(iter(fitting), None)
    read = input_scaler(scalers, features)
    return None if read is None or read.side else read
