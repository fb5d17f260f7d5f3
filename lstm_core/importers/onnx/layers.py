"""A recurrent node among the others: its weights, what it reads, where it begins, and what its outputs are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.onnx.cells import layer_of
from lstm_core.importers.onnx.graph import Node
from lstm_core.importers.onnx.initial_state import beginning_of
from lstm_core.importers.onnx.values import Axis, Given, Known, LayerOutput, Other, Part, Spread, Value, Zeros
from lstm_core.stack import Layout

PLACES = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


@dataclass(frozen=True, eq=False)
class Layer:
    """One recurrent node that can be shown."""

    node: Node
    layout: Layout
    weights: dict[str, np.ndarray]  # named as torch does, without the number
    reads: Value
    notes: tuple[str, ...]
    given: Mapping[
        str, str
    ]  # of its state before the first step what whoever runs it gives, and the graph's name for it

    @property
    def batch_first(self) -> bool:
        return bool(self.node.integer("layout", 0))

    def outputs(self, number: int) -> tuple[LayerOutput, LayerOutput]:
        """Its outputs Y and Y_h, for the layer of that number."""
        directions = range(len(self.layout.suffixes))
        each, end = (
            tuple(Part(number, direction, self.layout.units, when) for direction in directions)
            for when in ("each", "end")
        )
        if self.batch_first:
            return LayerOutput(each, ("batch", "step", "direction", "unit")), LayerOutput(
                end, ("batch", "direction", "unit")
            )
        return LayerOutput(each, ("step", "direction", "batch", "unit")), LayerOutput(
            end, ("direction", "batch", "unit")
        )

    @property
    def below(self) -> int | None:
        """The layer whose whole output it reads at each step; None where it reads anything else."""
        steps: tuple[Axis, ...] = ("batch", "step") if self.batch_first else ("step", "batch")
        reads = self.reads
        if not isinstance(reads, LayerOutput) or len(reads.axes) != 3 or reads.axes[2] != "unit":
            return None
        batch = 0 if self.batch_first else 1
        if reads.axes[1 - batch] != steps[1 - batch] or reads.axes[batch] not in ("batch", "one"):
            return None
        wanted = [(reads.parts[0].layer, direction, "each") for direction in range(len(reads.parts))]
        found = [(part.layer, part.direction, part.when) for part in reads.parts]
        return reads.parts[0].layer if found == wanted and reads.width == self.layout.features else None


def layer_at(node: Node, values: list[Value | None]) -> Layer:
    """The layer that a recurrent node is. Raises UnreadableFile where it cannot be shown as it is."""
    inputs = {name: value for name, value in zip(PLACES, values, strict=False) if value is not None}
    arrays = {}
    for name in ("W", "R", "B", "P"):
        value = inputs.get(name)
        if value is None and name in ("B", "P"):
            continue
        if isinstance(value, Zeros) and name in ("B", "P"):
            continue
        arrays[name] = _weight(node, name, value)
    layout, weights = layer_of(node, arrays)
    begins = beginning_of(node, layout, inputs)
    layout = replace(layout, starts=bool(begins.weights))
    notes = (*_lengths(node, inputs.get("sequence_lens")), *begins.notes)
    reads = inputs.get("X", Other("nothing", ""))
    return Layer(node, layout, weights | dict(begins.weights), reads, notes, begins.given)


def _weight(node: Node, name: str, value: Value | None) -> np.ndarray:
    if isinstance(value, Known):
        weight = value.array
        if weight.dtype != np.float32:
            raise UnreadableFile(
                f"{_named(node)}: {name} holds integers, not weights; export the model before it is quantised"
            )
        return weight
    if isinstance(value, Given):
        raise UnreadableFile(
            f"{_named(node)} is given {name} as an input of the graph, so the file does not have it: export the model "
            "with its weights (export_params=True)"
        )
    worked = f": {value.reason}" if isinstance(value, Other) and value.reason else ""
    from_where = "nothing that is constant"
    if isinstance(value, Other) and value.op != "nothing":
        from_where = f"the node {value}"
    if isinstance(value, Spread):
        from_where = f"the node {value.once.name!r}, which fills it when the graph is run"
    raise UnreadableFile(
        f"{_named(node)}: {name} comes from {from_where}{worked}; export the model with its constants folded, and before "
        "it is quantised"
    )


def _lengths(node: Node, value: Value | None) -> list[str]:
    """What is assumed about the lengths of sequences, in a sentence. Raises UnreadableFile for unequal constant ones."""
    if value is None:
        return []
    if isinstance(value, Known):
        lengths = sorted({int(length) for length in value.array.reshape(-1)})
        if len(lengths) > 1:
            raise UnreadableFile(
                f"{_named(node)} has fixed sequence lengths from {lengths[0]} to {lengths[-1]} in the file, so that "
                "what it reads would depend on its place in a batch: export the model without them"
            )
        return [f"{_named(node)} is made for {lengths[0]} steps by the file: here it reads every sequence to its end"]
    return [f"{_named(node)} is told how long sequences are: here it reads each to its end"]


def _named(node: Node) -> str:
    return f"{node.name[:80]!r} ({node.op})"
