"""What a value in a graph is: an input, a layer's output, scores of the head, a constant, or something else."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import onnx

from lstm_core.importers.imported import HeadActivation
from lstm_core.importers.onnx.tensors import array_of, is_float

When = Literal["each", "end", "first", "last"]  # step: each of them, where the direction ends, the first, the last
Axis = Literal["step", "batch", "direction", "unit", "one", "row"]  # row: steps and batch in one; one: of size 1


class Known:
    """A constant. It is read where it is needed, for many are not."""

    def __init__(self, name: str, stored: onnx.TensorProto | np.ndarray) -> None:
        self.name = name
        self._stored = stored

    @property
    def shape(self) -> tuple[int, ...]:
        return self._stored.shape if isinstance(self._stored, np.ndarray) else tuple(self._stored.dims)

    @property
    def real(self) -> bool:
        """Are its numbers weights, not integers or something else?"""
        return self._stored.dtype == np.float32 if isinstance(self._stored, np.ndarray) else is_float(self._stored)

    @property
    def array(self) -> np.ndarray:
        """Its numbers: weights are float32, all else is not. Raises UnreadableFile as `array_of` does."""
        if not isinstance(self._stored, np.ndarray):
            self._stored = array_of(self._stored, self.name)
        return self._stored


@dataclass(frozen=True)
class Zeros:
    """Nothing but zeros, in a shape that only a run would tell."""


@dataclass(frozen=True, eq=False)
class Spread:
    """A constant, the same again for each sequence of a batch, however many."""

    once: Known


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
    """The output of one direction of one layer."""

    layer: int  # in the order of the file
    direction: int
    units: int
    when: When = "each"


@dataclass(frozen=True)
class LayerOutput:
    """The output of layers. Without an axis "direction" its last axis has all parts, one after the other."""

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
    """What a linear layer makes of the output of layers."""

    output: LayerOutput
    name: str
    weight: np.ndarray  # (output, feature)
    bias: np.ndarray | None
    activation: HeadActivation
    rank: int | None  # None after it was cut or turned


@dataclass(frozen=True)
class Other:
    """Anything else, by the node that gives it."""

    op: str
    name: str
    reason: str = ""  # why a constant could not be worked out

    def __str__(self) -> str:
        return f"{self.name[:80]!r} ({self.op[:80]})"


Value = Known | Zeros | Spread | Given | Embedded | OneHotted | LayerOutput | Scores | Other
