"""One LSTM, GRU or RNN node of ONNX as a layer of ours: its equations, and its weights in torch's order."""

from collections.abc import Mapping
from math import inf, isfinite

import numpy as np

from lstm_core.cells import Activation, Cell, CellType
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.onnx.graph import Node
from lstm_core.stack import Layout, Reading

ROWS: dict[str, tuple[int, ...]] = {  # where torch's gates stand among ONNX's
    "LSTM": (0, 2, 3, 1),  # i, o, f, c -> i, f, g, o
    "GRU": (1, 0, 2),  # z, r, h -> r, z, n
    "RNN": (0,),
}
PEEPHOLES = (0, 2, 1)  # i, o, f -> i, f, o
USUAL = {"LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh"), "RNN": ("Tanh",)}
READING: dict[str, Reading] = {"forward": "forward", "reverse": "reverse", "bidirectional": "both"}
KINDS: dict[str, CellType] = {"LSTM": "LSTM", "GRU": "GRU", "RNN": "RNN"}
DIRECTIONS = {"forward": ("",), "reverse": ("_reverse",), "bidirectional": ("", "_reverse")}
PLAIN = {name: Activation(name) for name in ("sigmoid", "tanh", "relu", "softsign")}
Arrays = Mapping[str, np.ndarray]


def layer_of(node: Node, arrays: Arrays) -> tuple[Layout, dict[str, np.ndarray]]:
    """The layout of a recurrent node and its weights, named as torch does but without the layer's number.

    `arrays` are its constant inputs W, R and, where it has them, B and P, by their names in ONNX. "weight_ih",
    "weight_hh_reverse" and so on are the names of what is returned. Raises UnreadableFile for what our equations do
    not have, and for weights that do not fit together.
    """
    if node.integer("input_forget", 0):
        raise UnreadableFile(
            f"{_named(node)} couples its input gate with its forget gate (input_forget), which Gatescope does not "
            "show: train it with both gates"
        )
    direction = node.text("direction", "forward").lower()
    if direction not in DIRECTIONS:
        raise UnreadableFile(f"{_named(node)} reads in the direction {direction[:40]!r}, which ONNX does not have")
    weight, recurrent = arrays["W"], arrays["R"]
    if recurrent.ndim != 3 or weight.ndim != 3:
        raise UnreadableFile(f"{_named(node)} has weights of shape {weight.shape} and {recurrent.shape}, not of 3 axes")
    units, features = recurrent.shape[2], weight.shape[2]
    if not 1 <= units <= LIMITS.units or not features or node.integer("hidden_size", units) != units:
        raise UnreadableFile(
            f"{_named(node)} has {units:,} units by its weights and {node.integer('hidden_size', units):,} by its "
            f"hidden_size, and reads {features:,} numbers; Gatescope opens layers of 1 to {LIMITS.units:,} units"
        )
    wanted = _shapes(node, len(DIRECTIONS[direction]), units, features)
    for name, array in arrays.items():
        if array.shape != wanted[name]:
            raise UnreadableFile(
                f"{_named(node)}: {name} has the shape {array.shape}, but with {units} units in {features} numbers it "
                f"must be {wanted[name]}"
            )
    layout = Layout(
        features=features,
        units=units,
        cell=_cell(node, len(DIRECTIONS[direction])),
        reading=READING[direction],
        peephole="P" in arrays,
    )
    return layout, _weights(node, arrays, layout)


def _shapes(node: Node, directions: int, units: int, features: int) -> dict[str, tuple[int, ...]]:
    rows = len(ROWS[node.op]) * units
    return {
        "W": (directions, rows, features),
        "R": (directions, rows, units),
        "B": (directions, 2 * rows),
        "P": (directions, 3 * units),
    }


def _weights(node: Node, arrays: Arrays, layout: Layout) -> dict[str, np.ndarray]:
    """Gates put into torch's order, direction by direction; zeros where there is no bias."""
    order, found = list(ROWS[node.op]), {}
    gates, units = len(order), layout.units
    bias = arrays.get("B", np.zeros((len(layout.suffixes), 2 * gates * units), np.float32))
    for number, suffix in enumerate(layout.suffixes):
        for name, rows in (("weight_ih", arrays["W"][number]), ("weight_hh", arrays["R"][number])):
            found[name + suffix] = rows.reshape(gates, units, -1)[order].reshape(gates * units, -1)
        halves = bias[number].reshape(2, gates, units)[:, order].reshape(2, -1)
        found |= {f"bias_ih{suffix}": halves[0], f"bias_hh{suffix}": halves[1]}
        if layout.peephole:
            found[f"peephole{suffix}"] = arrays["P"][number].reshape(3, units)[list(PEEPHOLES)]
    return found


def _cell(node: Node, directions: int) -> Cell:
    """Which equations? As onnxruntime has them, clip cuts what goes into the gates and the candidate, not the cell."""
    clip = node.real("clip", 0.0)
    if "clip" in node.attributes and not clip > 0:
        raise UnreadableFile(f"{_named(node)} cuts its sums at {clip:g}: a clip must be above 0")
    if clip == inf:
        clip = 0.0  # nothing is cut
    each = len(USUAL[node.op])
    activations = _activations(node, directions * each)
    if directions == 2 and activations[:each] != activations[each:]:
        raise UnreadableFile(
            f"{_named(node)} has other activations in one direction than in the other, which Gatescope does not show"
        )
    first, candidate, shown = (*activations[:each], PLAIN["tanh"], PLAIN["tanh"])[:3]
    kind = KINDS[node.op]
    reset_after = node.op != "GRU" or bool(node.integer("linear_before_reset", 0))
    try:
        if kind == "RNN":
            return Cell(kind, candidate=first, clip=clip)
        if kind == "GRU":
            return Cell(kind, gate=first, candidate=candidate, clip=clip, reset_after=reset_after)
        return Cell(kind, gate=first, candidate=candidate, shown=shown, clip=clip)
    except ValueError as error:
        raise UnreadableFile(f"{_named(node)} cannot be shown: {error}") from error


def _activations(node: Node, count: int) -> list[Activation]:
    names = node.several("activations", str) or USUAL[node.op] * (count // len(USUAL[node.op]))
    if len(names) != count:
        raise UnreadableFile(f"{_named(node)} names {len(names)} activations, not {count}")
    given = list(node.several("activation_alpha", float)), list(node.several("activation_beta", float))
    found = [_activation(node, name, *given) for name in names]
    if any(given) and any(left != 0 for rest in given for left in rest):
        raise UnreadableFile(
            f"{_named(node)} has more values in activation_alpha or activation_beta than its activations take: which "
            "belongs to which is ambiguous"
        )
    return found


def _activation(node: Node, name: str, alphas: list[float], betas: list[float]) -> Activation:
    """The next activation, which takes its alpha and beta, as onnxruntime does, only where it has any."""
    lower = name.lower()
    if lower in PLAIN:
        return PLAIN[lower]
    alpha, beta = (values.pop(0) if values else None for values in (alphas, betas))
    if lower == "hardsigmoid":
        slope, offset = 0.2 if alpha is None else alpha, 0.5 if beta is None else beta
        if isfinite(slope) and isfinite(offset):
            return Activation("hard_sigmoid", slope=slope, offset=offset)
    if lower == "affine" and (alpha, beta) == (1.0, 0.0):
        return Activation("linear")
    scale = "" if alpha is None else f" of alpha {alpha:g}"
    raise UnreadableFile(
        f"{_named(node)} uses the activation {name[:40]!r}{scale}, which Gatescope does not show: there are Sigmoid, Tanh, "
        "Relu, HardSigmoid, Softsign, and Affine with alpha 1 and beta 0"
    )


def _named(node: Node) -> str:
    return f"{node.name[:80]!r} ({node.op})"
