"""What a value in a graph is to a reader of recurrent layers: read, said, scored, constant, or something else."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import onnx

from lstm_core.importers.imported import Says
from lstm_core.importers.onnx_tensors import array_of, is_float

When = Literal["each", "end", "first", "last"]  # step: each of them, where the direction ends, the first, the last
Axis = Literal["step", "batch", "direction", "unit", "one", "row"]  # row: steps and batch in one; one: of size 1


class Known:
    """A constant. It is read where it is needed, for many are not."""

    def __init__(self, name: str, tensor: onnx.TensorProto | None = None, array: np.ndarray | None = None) -> None:
        self.name = name
        self._tensor, self._array = tensor, array

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self._tensor.dims) if self._tensor is not None else self.array.shape

    @property
    def real(self) -> bool:
        """Are its numbers weights, not integers or something else?"""
        return is_float(self._tensor) if self._tensor is not None else self.array.dtype == np.float32

    @property
    def array(self) -> np.ndarray:
        """Its numbers. Raises UnreadableFile as `array_of` does."""
        if self._array is None:
            assert self._tensor is not None  # noqa: S101 (one of the two is always given)
            self._array = array_of(self._tensor, self.name)
        return self._array


@dataclass(frozen=True)
class Zeros:
    """Nothing but zeros, in a shape that only a run would tell."""


@dataclass(frozen=True)
class Given:
    """An input of the graph, perhaps turned or cut."""

    name: str


@dataclass(frozen=True, eq=False)
class Embedded:
    """Rows of a table, one for each class that is read; its last axis is the row's."""

    table: Known
    name: str


@dataclass(frozen=True)
class OneHotted:
    """A vector of zeros and a single one for each class that is read."""

    classes: int


@dataclass(frozen=True)
class Part:
    """What one direction of one layer says."""

    layer: int  # in the order of the file
    direction: int
    units: int
    when: When = "each"


@dataclass(frozen=True)
class Said:
    """What layers say. Without an axis "direction" its last axis has all parts, one after the other."""

    parts: tuple[Part, ...]
    axes: tuple[Axis, ...]

    @property
    def width(self) -> int:
        return sum(part.units for part in self.parts)

    def at(self, when: When) -> tuple[Part, ...] | None:
        """The parts at one step of those at each; None where a step was chosen before."""
        if any(part.when != "each" for part in self.parts):
            return None
        return tuple(replace(part, when=when) for part in self.parts)


@dataclass(frozen=True, eq=False)
class Scores:
    """What a linear layer makes of what layers say."""

    said: Said
    name: str
    weight: np.ndarray  # (output, feature)
    bias: np.ndarray | None
    says: Says
    rank: int | None  # None after it was cut or turned


@dataclass(frozen=True)
class Other:
    """Anything else, by the node that gives it."""

    op: str
    name: str
    reason: str = ""  # why a constant could not be worked out

    def __str__(self) -> str:
        return f"{self.name[:80]!r} ({self.op[:80]})"


Value = Known | Zeros | Given | Embedded | OneHotted | Said | Scores | Other
