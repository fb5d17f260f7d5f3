"""Keras's recurrent layers -> our layouts and weights.

Keras stacks its gates i, f, c, o, as we do (c is our candidate), and those of a GRU z, r, h, as we do not: ours are
r, z, n. Its z is ours: h = z * h + (1 - z) * candidate. Kernels are (feature, gates * unit). The layout of CuDNNLSTM
and CuDNNGRU follows `_convert_rnn_weights` in Keras 2's keras/saving/legacy/hdf5_format.py.
"""

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lstm_core.cells import TANH, Activation, Cell, CellType
from lstm_core.importers.keras.graph import Node, described
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.stack import MERGES, Layout

CELLS: dict[str, CellType] = {"LSTM": "LSTM", "GRU": "GRU", "SimpleRNN": "RNN"}
PLAIN = ("tanh", "sigmoid", "relu", "linear", "softsign", "elu", "selu")
HARD = {2: 0.2, 3: 1 / 6}  # the slope of hard_sigmoid, by Keras's major version
Reading = Literal["forward", "reverse", "both"]


class Refused(UnreadableFile):
    """One layer cannot be opened; the others of its model may be."""


@dataclass(frozen=True, eq=False)
class StackedLayer:
    """One recurrent layer: its layout and, by direction ("" and "_reverse"), its weights in our order."""

    source: str
    layout: Layout
    directions: Mapping[str, Mapping[str, np.ndarray]]

    def named(self, number: int) -> dict[str, np.ndarray]:
        return {
            f"{kind}_l{number}{suffix}": one for suffix, own in self.directions.items() for kind, one in own.items()
        }


def cells_of(kind: str, config: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The class and configuration of each cell that one recurrent layer runs, from the bottom. Raises Refused."""
    found = [(kind, config)]
    if kind == "RNN":
        found = [described(config.get("cell"), name)]
        if found[0][0] == "StackedRNNCells":
            cells = found[0][1].get("cells")
            if not isinstance(cells, list) or not 1 <= len(cells) <= LIMITS.layers:
                raise UnreadableFile(f"{name[:80]!r} is described without its cells: save the model again")
            found = [described(cell, name) for cell in cells]
    plain = [(cell.removesuffix("Cell").removeprefix("CuDNN"), settings) for cell, settings in found]
    for (cell, _), (own, _) in zip(found, plain, strict=True):
        if own not in CELLS:
            raise Refused(
                f"{name[:80]!r} runs {cell[:40]!r}, which is not one of Keras's LSTM, GRU and SimpleRNN cells"
            )
    return plain


def reading_of(node: Node, *, turned: bool) -> Reading:
    """In which order does a layer read the tokens? `turned` says that it is given the last one first."""
    if node.kind == "Bidirectional":
        return "both"
    return "reverse" if bool(node.config.get("go_backwards")) != turned else "forward"


def stacked_layers_of(node: Node, tensors: Sequence[np.ndarray], version: int, *, turned: bool) -> list[StackedLayer]:
    """The layers that a recurrent node is: one, or several for stacked cells.

    `turned` says that it is given the last token first, as by a layer that goes backwards. Raises Refused for what
    Gatescope does not compute, UnreadableFile for weights that do not fit.
    """
    if node.kind == "Bidirectional":
        return [_both_ways(node, tensors, version)]
    cells = cells_of(node.kind, node.config, node.name)
    reading = reading_of(node, turned=turned)
    suffix = "_reverse" if reading == "reverse" else ""
    _check_count(node.name, tensors, cells)
    stacked_layers, left = [], list(tensors)
    for number, (kind, config) in enumerate(cells):
        own, left = left[: _tensors(config)], left[_tensors(config) :]
        cell, weights = cell_of(kind, config, own, node.name, version)
        top = number == len(cells) - 1
        layout = _layout(weights, cell, reading=reading, ends=top and not node.sequences)
        source = node.name if len(cells) == 1 else f"{node.name}[{number}]"
        stacked_layers.append(StackedLayer(source, layout, {suffix: weights}))
    return stacked_layers


def _both_ways(node: Node, tensors: Sequence[np.ndarray], version: int) -> StackedLayer:
    kind, config = described(node.config.get("layer"), node.name)
    merge = node.config.get("merge_mode", "concat")
    back = node.config.get("backward_layer")
    back_kind, back_config = (kind, config) if back is None else described(back, node.name)
    name, half = node.name, len(tensors) // 2
    if merge not in MERGES:
        raise Refused(
            f"{name[:80]!r} does not merge its two directions (merge_mode {reprlib.repr(merge)}): Gatescope shows merged directions"
        )
    if config.get("go_backwards"):
        raise Refused(
            f"the first direction of {name[:80]!r} goes backwards: Gatescope needs the forward direction first"
        )
    sides = [cells_of(kind, config, name), cells_of(back_kind, back_config, name)]
    if any(len(side) != 1 for side in sides):
        raise Refused(f"{name[:80]!r} runs stacked cells in two directions: Gatescope shows one cell a direction")
    _check_count(name, tensors, [*sides[0], *sides[1]])
    found = [
        cell_of(*side[0], own, name, version) for side, own in zip(sides, (tensors[:half], tensors[half:]), strict=True)
    ]
    (cell, forward), (other, backward) = found
    layouts = [
        _layout(weights, one, reading="both", merge=merge, ends=not node.sequences)
        for one, weights in ((cell, forward), (other, backward))
    ]
    if layouts[0] != layouts[1]:
        raise Refused(f"the two directions of {name[:80]!r} differ in units or activations: Gatescope shows equal ones")
    return StackedLayer(name, layouts[0], {"": forward, "_reverse": backward})


def _check_count(name: str, tensors: Sequence[np.ndarray], cells: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    wanted = sum(_tensors(config) for _, config in cells)
    if not tensors:
        raise UnreadableFile(
            f"{name[:80]!r} was never built, so it has no weights: call the model once on your data, then save it again"
        )
    if len(tensors) != wanted:
        raise UnreadableFile(
            f"{name[:80]!r} has {len(tensors)} tensors, not {wanted}: save the model again with Keras 2 or 3"
        )


def _tensors(config: Mapping[str, Any]) -> int:
    return 3 if config.get("use_bias", True) else 2


def _layout(weights: Mapping[str, np.ndarray], cell: Cell, **options: Any) -> Layout:
    return Layout(weights["weight_ih"].shape[1], weights["weight_hh"].shape[1], cell, **options)


def cell_of(
    kind: str, config: Mapping[str, Any], tensors: Sequence[np.ndarray], name: str, version: int
) -> tuple[Cell, dict[str, np.ndarray]]:
    """The equations and the weights, in our order, of one cell. Raises Refused and UnreadableFile."""
    cell_type = CELLS[kind]
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[cell_type]
    shapes = [one.shape for one in tensors]
    if any(len(shape) != 2 for shape in shapes[:2]):
        raise UnreadableFile(_misfit(name, kind, shapes))
    kernel, recurrent = tensors[:2]
    features, units = kernel.shape[0], recurrent.shape[0]
    bias = tensors[2] if len(tensors) == 3 else None
    if not features or not units or kernel.shape[1] != gates * units or recurrent.shape[1] != gates * units:
        raise UnreadableFile(_misfit(name, kind, shapes))
    if bias is not None and bias.shape not in _bias_shapes(cell_type, gates * units):
        raise UnreadableFile(_misfit(name, kind, shapes))
    if bias is not None and gates > 1 and bias.shape == (2 * gates * units,):  # CuDNN's, block by block
        inputs = [block.reshape(units, features) for block in np.split(kernel, gates, axis=1)]
        states = np.split(recurrent, gates, axis=1)
        biases = bias.reshape(2, -1)
    else:
        inputs, states = np.split(kernel.T, gates), np.split(recurrent.T, gates)
        biases = np.zeros((2, gates * units), np.float32)
        if bias is not None:
            biases[: bias.ndim] = bias
    order = (1, 0, 2) if cell_type == "GRU" else tuple(range(gates))
    both = [np.split(one, gates) for one in biases]
    blocks = {"weight_ih": inputs, "weight_hh": states, "bias_ih": both[0], "bias_hh": both[1]}
    weights = {
        part: np.ascontiguousarray(np.concatenate([own[gate] for gate in order]), np.float32)
        for part, own in blocks.items()
    }
    cell = _cell(cell_type, config, name, version)
    if cell_type == "GRU":
        late = bool(config.get("reset_after")) if bias is None else bias.shape != (gates * units,)
        if config.get("reset_after", late) is not late:
            raise UnreadableFile(_misfit(name, f"GRU with reset_after={not late}", shapes))
        cell = replace(cell, reset_after=late)
    return cell, weights


def _bias_shapes(cell_type: CellType, rows: int) -> tuple[tuple[int, ...], ...]:
    match cell_type:
        case "LSTM":
            return (rows,), (2 * rows,)
        case "GRU":
            return (rows,), (2, rows), (2 * rows,)
    return ((rows,),)


def _misfit(name: str, kind: str, shapes: list[tuple[int, ...]]) -> str:
    return f"the tensors of {name[:80]!r} have the shapes {shapes[:4]}, which no {kind} has: save the model again"


def _cell(cell_type: CellType, config: Mapping[str, Any], name: str, version: int) -> Cell:
    candidate = activation_of(config.get("activation", "tanh"), name, version)
    if cell_type == "RNN":
        return Cell("RNN", candidate=candidate)
    gate = activation_of(config.get("recurrent_activation", "sigmoid"), name, version)
    if gate.name not in ("sigmoid", "hard_sigmoid"):
        raise Refused(
            f"the gates of {name[:80]!r} have the activation {gate.name!r} and do not go from 0 to 1: "
            "Gatescope opens those with sigmoid or hard_sigmoid"
        )
    return Cell(cell_type, gate=gate, candidate=candidate, shown=candidate if cell_type == "LSTM" else TANH)


def activation_of(found: object, name: str, version: int) -> Activation:
    """The activation that a configuration names. Raises Refused, with layer and activation, for one we do not have."""
    match found:
        case None:
            return Activation("linear")
        case {"module": "keras.activations", "config": str(function)}:
            found = function
        case {"config": str(function)} | {"class_name": str(function)}:
            raise Refused(_unknown(name, function))
    if found == "hard_sigmoid":
        return Activation("hard_sigmoid", slope=HARD[2 if version < 3 else 3], offset=0.5)
    if found not in PLAIN or not isinstance(found, str):
        raise Refused(_unknown(name, found if isinstance(found, str) else reprlib.repr(found)))
    return Activation(found)


def _unknown(name: str, function: str) -> str:
    return (
        f"{name[:80]!r} has the activation {function[:40]!r}, which Gatescope does not compute: "
        f"it knows {', '.join(PLAIN)} and hard_sigmoid"
    )
