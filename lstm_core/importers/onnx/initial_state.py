"""Where a recurrent node begins: at zeros, at constants, or in a state that whoever runs the graph gives it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.onnx.graph import Node
from lstm_core.importers.onnx.values import Given, Known, Other, Spread, Value, Zeros
from lstm_core.stack import Layout

PARTS = {"initial_h": "initial_hidden", "initial_c": "initial_cell"}  # ONNX's name -> ours
GIVEN = "{title} is given its initial state ({names}): it begins at zeros, unless you give that state"


@dataclass(frozen=True, eq=False)
class Beginning:
    """The state of a node before its first step."""

    weights: Mapping[str, np.ndarray] = field(default_factory=dict)  # constants, named as ours without the number
    given: Mapping[str, str] = field(default_factory=dict)  # of what is given the name, and the graph's name for it
    notes: tuple[str, ...] = ()


def beginning_of(node: Node, layout: Layout, inputs: Mapping[str, Value]) -> Beginning:
    """Raises UnreadableFile for a state that other nodes work out, or that sequences of one batch do not share."""
    fixed: dict[str, np.ndarray] = {}
    given: dict[str, str] = {}
    for name, part in PARTS.items():
        value = inputs.get(name)
        if isinstance(value, Given):
            given |= {f"{part}{suffix}": value.name for suffix in layout.suffixes}
        elif isinstance(value, Known | Spread):
            fixed |= {
                f"{part}{suffix}": row
                for suffix, row in zip(layout.suffixes, _rows(node, name, value, layout), strict=True)
            }
        elif value is not None and not isinstance(value, Zeros):
            where = str(value) if isinstance(value, Other) else "another layer"
            raise UnreadableFile(
                f"{_named(node)} begins in a state ({name}) that comes from {where}, so it cannot be shown without it: "
                "export this layer with its initial state as an input"
            )
    if any(row.any() for row in fixed.values()):
        parts = [part for name, part in PARTS.items() if name == "initial_h" or node.op == "LSTM"]
        zeros = np.zeros(layout.units, np.float32)
        fixed = {f"{part}{suffix}": fixed.get(f"{part}{suffix}", zeros) for part in parts for suffix in layout.suffixes}
    else:
        fixed = {}
    named = " and ".join(repr(name[:80]) for name in dict.fromkeys(given.values()))
    return Beginning(fixed, given, (GIVEN.format(title=_named(node), names=named),) if given else ())


def _rows(node: Node, name: str, value: Known | Spread, layout: Layout) -> np.ndarray:
    """A row for each direction, of a constant that has one for each sequence of a batch, too."""
    directions = len(layout.suffixes)
    axis = 0 if node.integer("layout", 0) else 1  # of the batch
    stored = value.array if isinstance(value, Known) else value.once.array
    whole = (directions, 1, layout.units) if axis else (1, directions, layout.units)
    if isinstance(value, Spread):
        with suppress(ValueError):  # it has another shape, which is said below
            stored = np.broadcast_to(stored, whole)
    if stored.ndim != 3 or stored.shape[1 - axis] != directions or stored.shape[2] != layout.units or not stored.size:
        raise UnreadableFile(
            f"{_named(node)}: {name} has the shape {stored.shape}, which is not that of its {directions} directions and "
            f"{layout.units} units: export the model again"
        )
    rows = np.moveaxis(stored, axis, 0)
    if (rows != rows[0]).any():
        raise UnreadableFile(
            f"{_named(node)} begins in other fixed states for each sequence of a batch ({name}): export it with one, or with "
            "the state as an input of the model"
        )
    return np.array(rows[0], np.float32)


def _named(node: Node) -> str:
    return f"{node.name[:80]!r} ({node.op})"
