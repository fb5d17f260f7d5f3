"""Follow the axes of a layer's output to the layer above: transposed, sliced, concatenated, reshaped."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lstm_core.importers.onnx.constants import Known as Arrays
from lstm_core.importers.onnx.constants import axis_of, cut_at, integers
from lstm_core.importers.onnx.graph import Node
from lstm_core.importers.onnx.values import Axis, LayerOutput, Part, When


def moved(node: Node, output: LayerOutput, given: Arrays) -> LayerOutput | None:
    """What a node does to the output of layers, where `given` are its constant inputs; None if it cannot be followed.

    Raises ValueError where the node does not fit it.
    """
    handler = HANDLERS.get(node.op)
    return None if handler is None else handler(node, output, given)


def joined(node: Node, outputs: Sequence[LayerOutput]) -> LayerOutput | None:
    """A Concat of the outputs of layers: along the directions, or of one after the other."""
    axes = outputs[0].axes
    label = axes[axis_of(node.integer("axis", 1), len(axes))]
    along = label == "direction" or (label == "unit" and "direction" not in axes)
    if any(output.axes != axes for output in outputs) or not along:
        return None
    return LayerOutput(tuple(part for output in outputs for part in output.parts), axes)


def _transpose(node: Node, output: LayerOutput, _: Arrays) -> LayerOutput | None:
    order = node.several("perm", int) or tuple(reversed(range(len(output.axes))))
    if sorted(order) != list(range(len(output.axes))):
        raise ValueError("a Transpose of other axes")
    return replace(output, axes=tuple(output.axes[place] for place in order))


def _squeeze(node: Node, output: LayerOutput, given: Arrays) -> LayerOutput | None:
    axes = integers(node, given, 1, "axes")
    if axes is None:
        return None
    gone = {axis_of(axis, len(output.axes)) for axis in axes}
    labels = {output.axes[place] for place in gone}
    if "unit" in labels or ("direction" in labels and len(output.parts) > 1):
        return None
    return replace(output, axes=tuple(label for place, label in enumerate(output.axes) if place not in gone))


def _unsqueeze(node: Node, output: LayerOutput, given: Arrays) -> LayerOutput | None:
    axes = integers(node, given, 1, "axes")
    if axes is None or len(axes) > 4:
        return None
    rank = len(output.axes) + len(axes)
    new = {axis_of(axis, rank) for axis in axes}
    rest = iter(output.axes)
    found: list[Axis] = ["one" if place in new else next(rest) for place in range(rank)]
    return replace(output, axes=tuple(found))


def _reshape(node: Node, output: LayerOutput, given: Arrays) -> LayerOutput | None:
    wanted = integers(node, given, 1, "shape")
    return None if not wanted else _folded(output, wanted)


def _flatten(node: Node, output: LayerOutput, _: Arrays) -> LayerOutput | None:
    axis = axis_of(node.integer("axis", 1), len(output.axes))
    # What stands before the axis becomes one, and what stands from it on.
    if axis == len(output.axes) - 1:
        return _folded(output, (-1, output.width if "direction" not in output.axes else output.parts[0].units))
    return _folded(output, (0, -1)) if axis == 1 else None


def _folded(output: LayerOutput, wanted: tuple[int, ...]) -> LayerOutput | None:
    """The axes after a reshape: directions and units become one, steps and batch become one, or ones come and go."""
    axes: tuple[Axis, ...] = tuple(label for label in output.axes if label != "one")
    if len(output.parts) == 1:
        axes = tuple(label for label in axes if label != "direction")
    if axes[-1] != "unit":
        return None
    apart = axes[-2:] == ("direction", "unit")
    if "direction" in axes and not apart:
        return None
    if apart and len(wanted) >= len(axes) and wanted[-1] in (0, output.parts[0].units):
        return replace(output, axes=axes) if len(wanted) == len(axes) else None
    if wanted[-1] not in (-1, output.width) and not (wanted[-1] == 0 and len(wanted) == len(output.axes)):
        return None
    before = axes[: -2 if apart else -1]
    room = len(wanted) - 1
    if room == len(before):
        return replace(output, axes=(*before, "unit"))
    if room == 1 and set(before) == {"step", "batch"} and wanted[-1] != -1:
        return replace(output, axes=("row", "unit"))
    ones = [place for place, size in enumerate(wanted[:-1]) if size == 1]
    if room - len(ones) == len(before):
        rest = iter(before)
        spread: list[Axis] = ["one" if place in ones else next(rest) for place in range(room)]
        return replace(output, axes=(*spread, "unit"))
    return None


def _gather(node: Node, output: LayerOutput, given: Arrays) -> LayerOutput | None:
    if len(given) < 2 or given[1] is None or given[1].size != 1:
        return None
    axis = axis_of(node.integer("axis", 0), len(output.axes))
    index, label = int(given[1].reshape(())), output.axes[axis]
    rest: tuple[Axis, ...] = output.axes[:axis] + output.axes[axis + 1 :]
    axes = rest if given[1].ndim == 0 else (*output.axes[:axis], "one", *output.axes[axis + 1 :])
    if label == "direction":
        return LayerOutput((output.parts[axis_of(index, len(output.parts))],), axes)
    if label == "step":
        return _at_step(output, index, axes)
    return replace(output, axes=axes) if label in ("batch", "one") else None


ENDS: dict[int, When] = {0: "first", -1: "last"}  # the steps that can be followed, by their index


def _at_step(output: LayerOutput, index: int, axes: tuple[Axis, ...]) -> LayerOutput | None:
    when = ENDS.get(index)
    parts = None if when is None else output.at(when)
    return None if parts is None else LayerOutput(parts, axes)


def _slice(node: Node, output: LayerOutput, given: Arrays) -> LayerOutput | None:
    found: LayerOutput | None = output
    for axis, cut in cut_at(node, given, len(output.axes)).items():
        if found is None:
            return None
        found = _cut(found, axis, cut)
    return found


def _cut(output: LayerOutput, axis: int, cut: slice) -> LayerOutput | None:
    label = output.axes[axis]
    if label in ("batch", "one"):
        return output
    if label == "step":
        if cut == slice(-1, cut.stop, 1) and cut.stop > 2**30:
            return _at_step(output, -1, (*output.axes[:axis], "one", *output.axes[axis + 1 :]))
        if cut == slice(0, 1, 1):
            return _at_step(output, 0, (*output.axes[:axis], "one", *output.axes[axis + 1 :]))
        return output if cut.start == 0 and cut.step == 1 and cut.stop > 2**30 else None
    if cut.step != 1:
        return None
    if label == "direction":
        parts = output.parts[cut]
        return LayerOutput(parts, output.axes) if parts else None
    if label == "unit" and "direction" not in output.axes:
        return _of_units(output, *cut.indices(output.width)[:2])
    return None


def _of_units(output: LayerOutput, start: int, end: int) -> LayerOutput | None:
    """The parts between two places of the last axis; None where a part is cut in two."""
    selected: list[Part] = []
    place = 0
    for part in output.parts:
        if start <= place and place + part.units <= end:
            selected.append(part)
        place += part.units
    whole = sum(part.units for part in selected) == end - start
    return LayerOutput(tuple(selected), output.axes) if selected and whole else None


HANDLERS: dict[str, Callable[[Node, LayerOutput, Arrays], LayerOutput | None]] = {
    "Cast": lambda _node, output, _given: output,
    "Dropout": lambda _node, output, _given: output,
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": lambda _node, output, _given: output,
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
