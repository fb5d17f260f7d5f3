"""Initial states that a model has learnt: which tensors of a file are the state before the first step, and of what module."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor

from lstm_core.importers.pytorch.layers import Module
from lstm_core.importers.pytorch.state_dict import as_float32, initial_part

USED = "{title} begins with a state from the file: {names}{cell}."
NO_CELL = "; there is no cell state beside it, so the cell begins at zeros"
UNUSED = "{name} ({shape}) is called like a state before the first step but fits none of the layers here, so they begin at zeros."
UNSURE = "The file does not tell whose state before the first step {name} is: {titles} begin at zeros."


def with_initial_states(
    modules: Sequence[Module], tensors: Mapping[str, Tensor]
) -> tuple[list[Module], list[str], set[str]]:
    """The modules with the states from which they set out, sentences on these, and the names of tensors that were used."""
    owned: dict[int, dict[str, str]] = {}  # place of a module -> "hidden" or "cell" -> name of a tensor
    notes: list[str] = []
    for name, tensor in tensors.items():
        part = initial_part(name)
        if not part:
            continue
        fitting = [place for place, one in enumerate(modules) if _shaped(one, tensor, part) is not None]
        near = [_nearness(name, modules[place].name) for place in fitting]
        best = [place for place, one in zip(fitting, near, strict=True) if one == max(near)]
        if len(best) == 1:
            owned.setdefault(best[0], {}).setdefault(part, name)
        elif best:
            notes.append(UNSURE.format(name=name, titles=" and ".join(modules[place].title for place in best)))
        else:
            notes.append(UNUSED.format(name=name, shape="x".join(map(str, tensor.shape)) or "one number"))
    found, used = list(modules), set()
    for place, names in owned.items():
        module = modules[place]
        if "hidden" not in names:
            continue
        found[place] = _starting(module, {part: tensors[name] for part, name in names.items()})
        used |= set(names.values())
        without = NO_CELL if module.layouts[0].cell.type == "LSTM" and "cell" not in names else ""
        told = " and ".join(names[part] for part in ("hidden", "cell") if part in names)
        notes.append(USED.format(names=told, title=module.title, cell=without))
    return found, notes, used


def _starting(module: Module, states: Mapping[str, Tensor]) -> Module:
    """The module with these states, one row of each for every direction of every layer."""
    ends = [f"l{number}{suffix}" for number, layout in enumerate(module.layouts) for suffix in layout.suffixes]
    rows = {part: _shaped(module, tensor, part) for part, tensor in states.items()}
    if module.layouts[0].cell.type == "LSTM":
        rows.setdefault("cell", np.zeros((len(ends), module.layouts[0].units), np.float32))
    weights = dict(module.weights)
    for part, found in rows.items():
        if found is not None:
            weights |= {f"initial_{part}_{end}": row for end, row in zip(ends, found, strict=True)}
    return replace(module, layouts=tuple(replace(layout, starts=True) for layout in module.layouts), weights=weights)


def _shaped(module: Module, tensor: Tensor, part: str) -> np.ndarray | None:
    """A row for each direction of each layer; None where the tensor does not have these for a single sequence."""
    first = module.layouts[0]
    if part == "cell" and first.cell.type != "LSTM":
        return None
    width = first.units if part == "cell" else first.output_size
    rows = sum(len(layout.suffixes) for layout in module.layouts)
    unlike = any((layout.units, layout.output_size) != (first.units, first.output_size) for layout in module.layouts)
    if unlike or [size for size in tensor.shape if size != 1] != [size for size in (rows, width) if size != 1]:
        return None
    return as_float32(tensor).reshape(rows, width)


def _nearness(name: str, module: str) -> int:
    """In how many parts do two names begin alike?"""
    parts = zip(name.split(".")[:-1], module.split("."), strict=False)
    count = 0
    for one, other in parts:
        if one != other:
            break
        count += 1
    return count
