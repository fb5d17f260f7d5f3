"""Where the axes of what a layer says go to: turned, cut, joined and folded on the way to the layer above."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lstm_core.importers.onnx.constants import Known as Arrays
from lstm_core.importers.onnx.constants import axis_of, cut_at, integers
from lstm_core.importers.onnx.graph import Node
from lstm_core.importers.onnx.values import Axis, Part, Said, When


def moved(node: Node, said: Said, given: Arrays) -> Said | None:
    """What a node makes of what layers say, where `given` are its constant inputs; None for what is not followed.

    Raises ValueError where the node does not fit it.
    """
    handler = HANDLERS.get(node.op)
    return None if handler is None else handler(node, said, given)


def joined(node: Node, saids: Sequence[Said]) -> Said | None:
    """A Concat of what layers say: along the directions, or of one after the other."""
    axes = saids[0].axes
    label = axes[axis_of(node.integer("axis", 1), len(axes))]
    along = label == "direction" or (label == "unit" and "direction" not in axes)
    if any(said.axes != axes for said in saids) or not along:
        return None
    return Said(tuple(part for said in saids for part in said.parts), axes)


def _transpose(node: Node, said: Said, _: Arrays) -> Said | None:
    order = node.several("perm", int) or tuple(reversed(range(len(said.axes))))
    if sorted(order) != list(range(len(said.axes))):
        raise ValueError("a Transpose of other axes")
    return replace(said, axes=tuple(said.axes[place] for place in order))


def _squeeze(node: Node, said: Said, given: Arrays) -> Said | None:
    axes = integers(node, given, 1, "axes")
    if axes is None:
        return None
    gone = {axis_of(axis, len(said.axes)) for axis in axes}
    labels = {said.axes[place] for place in gone}
    if "unit" in labels or ("direction" in labels and len(said.parts) > 1):
        return None
    return replace(said, axes=tuple(label for place, label in enumerate(said.axes) if place not in gone))


def _unsqueeze(node: Node, said: Said, given: Arrays) -> Said | None:
    axes = integers(node, given, 1, "axes")
    if axes is None or len(axes) > 4:
        return None
    rank = len(said.axes) + len(axes)
    new = {axis_of(axis, rank) for axis in axes}
    rest = iter(said.axes)
    found: list[Axis] = ["one" if place in new else next(rest) for place in range(rank)]
    return replace(said, axes=tuple(found))


def _reshape(node: Node, said: Said, given: Arrays) -> Said | None:
    wanted = integers(node, given, 1, "shape")
    return None if not wanted else _folded(said, wanted)


def _flatten(node: Node, said: Said, _: Arrays) -> Said | None:
    axis = axis_of(node.integer("axis", 1), len(said.axes))
    # What stands before the axis becomes one, and what stands from it on.
    if axis == len(said.axes) - 1:
        return _folded(said, (-1, said.width if "direction" not in said.axes else said.parts[0].units))
    return _folded(said, (0, -1)) if axis == 1 else None


def _folded(said: Said, wanted: tuple[int, ...]) -> Said | None:
    """The axes after a reshape: directions and units become one, steps and batch become one, or ones come and go."""
    axes: tuple[Axis, ...] = tuple(label for label in said.axes if label != "one")
    if len(said.parts) == 1:
        axes = tuple(label for label in axes if label != "direction")
    if axes[-1] != "unit":
        return None
    apart = axes[-2:] == ("direction", "unit")
    if "direction" in axes and not apart:
        return None
    if apart and len(wanted) >= len(axes) and wanted[-1] in (0, said.parts[0].units):
        return replace(said, axes=axes) if len(wanted) == len(axes) else None
    if wanted[-1] not in (-1, said.width) and not (wanted[-1] == 0 and len(wanted) == len(said.axes)):
        return None
    before = axes[: -2 if apart else -1]
    room = len(wanted) - 1
    if room == len(before):
        return replace(said, axes=(*before, "unit"))
    if room == 1 and set(before) == {"step", "batch"} and wanted[-1] != -1:
        return replace(said, axes=("row", "unit"))
    ones = [place for place, size in enumerate(wanted[:-1]) if size == 1]
    if room - len(ones) == len(before):
        rest = iter(before)
        spread: list[Axis] = ["one" if place in ones else next(rest) for place in range(room)]
        return replace(said, axes=(*spread, "unit"))
    return None


def _gather(node: Node, said: Said, given: Arrays) -> Said | None:
    if len(given) < 2 or given[1] is None or given[1].size != 1:
        return None
    axis = axis_of(node.integer("axis", 0), len(said.axes))
    index, label = int(given[1].reshape(())), said.axes[axis]
    rest: tuple[Axis, ...] = said.axes[:axis] + said.axes[axis + 1 :]
    axes = rest if given[1].ndim == 0 else (*said.axes[:axis], "one", *said.axes[axis + 1 :])
    if label == "direction":
        return Said((said.parts[axis_of(index, len(said.parts))],), axes)
    if label == "step":
        return _at_step(said, index, axes)
    return replace(said, axes=axes) if label in ("batch", "one") else None


ENDS: dict[int, When] = {0: "first", -1: "last"}  # the steps that can be followed, by their index


def _at_step(said: Said, index: int, axes: tuple[Axis, ...]) -> Said | None:
    when = ENDS.get(index)
    parts = None if when is None else said.at(when)
    return None if parts is None else Said(parts, axes)


def _slice(node: Node, said: Said, given: Arrays) -> Said | None:
    found: Said | None = said
    for axis, cut in cut_at(node, given, len(said.axes)).items():
        if found is None:
            return None
        found = _cut(found, axis, cut)
    return found


def _cut(said: Said, axis: int, cut: slice) -> Said | None:
    label = said.axes[axis]
    if label in ("batch", "one"):
        return said
    if label == "step":
        if cut == slice(-1, cut.stop, 1) and cut.stop > 2**30:
            return _at_step(said, -1, (*said.axes[:axis], "one", *said.axes[axis + 1 :]))
        if cut == slice(0, 1, 1):
            return _at_step(said, 0, (*said.axes[:axis], "one", *said.axes[axis + 1 :]))
        return said if cut.start == 0 and cut.step == 1 and cut.stop > 2**30 else None
    if cut.step != 1:
        return None
    if label == "direction":
        parts = said.parts[cut]
        return Said(parts, said.axes) if parts else None
    if label == "unit" and "direction" not in said.axes:
        return _of_units(said, *cut.indices(said.width)[:2])
    return None


def _of_units(said: Said, start: int, end: int) -> Said | None:
    """The parts between two places of the last axis; None where a part is cut in two."""
    kept: list[Part] = []
    place = 0
    for part in said.parts:
        if start <= place and place + part.units <= end:
            kept.append(part)
        place += part.units
    whole = sum(part.units for part in kept) == end - start
    return Said(tuple(kept), said.axes) if kept and whole else None


HANDLERS: dict[str, Callable[[Node, Said, Arrays], Said | None]] = {
    "Cast": lambda _node, said, _given: said,
    "Dropout": lambda _node, said, _given: said,
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": lambda _node, said, _given: said,
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
