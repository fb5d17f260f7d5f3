"""What torch's dynamic quantisation packed: the weights by the names that they had before, int8 turned back into real numbers."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from torch import Tensor

from lstm_core.importers.inert import HOW, Record
from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.pytorch.storages import Source
from lstm_core.importers.pytorch.stored import Stored, StoredTensor, stored_in
from lstm_core.importers.pytorch.whole_model import is_packed

LAYERS = re.compile(r"(?:(?P<module>.+)\.)?_all_weight_values\.(?P<number>\d{1,4})\.param")
CELL = re.compile(r"(?:(?P<module>.+)\.)?_packed_weight_(?P<kind>ih|hh)")
LINEAR = re.compile(r"(?:(?P<module>.+?)\.)?_packed_params(\._packed_params)?")
INSIDE = re.compile(r"(?:(?P<module>.+?)\.)?_packed_params\.(?P<own>weight|bias|_packed_weight)")
BESIDE = ("scale", "zero_point")  # of a quantised layer: what its outputs were scaled with
NOTE = (
    "{names}: saved as int8 numbers, which are turned back into real ones here. The original model computed in int8, so "
    "its numbers differ a little from these."
)
DIRECTIONS = "The file does not tell whether {name} has two layers or two directions: two layers are assumed."

Pair = tuple[Any, Any]  # a weight and its bias, as records


def is_packed_layer(name: str) -> bool:
    """Is it the name of what a quantised recurrent layer packed its weights into?"""
    return LAYERS.fullmatch(name) is not None or CELL.fullmatch(name) is not None


def unpacked(leaves: Mapping[str, Any], source: Source) -> tuple[dict[str, Stored | Tensor], list[str]]:
    """The tensors among `leaves`, those that were packed by their plain names, and what is to be said of them.

    Raises UnreadableFile for one that cannot be read.
    """
    found: dict[str, Stored | Tensor] = {}
    notes: list[str] = []
    layers: dict[str, dict[int, tuple[Pair, Pair]]] = {}
    for name, value in leaves.items():
        if told := LAYERS.fullmatch(name):
            layers.setdefault(told["module"] or "", {})[int(told["number"])] = _layer(value)
    for name, value in leaves.items():
        if told := LAYERS.fullmatch(name):
            own, note = _layers(told["module"] or "", layers.pop(told["module"] or "", {}), source)
            found |= own
            notes += note
            continue
        packed = _packed(name, value)
        for own_name, one in {name: value}.items() if packed is None else packed.items():
            stored = one if isinstance(one, Tensor) else stored_in(one, source)
            if stored is not None:
                found[own_name] = stored
    quantised = dict.fromkeys(
        name.rpartition(".")[0] or name
        for name, one in found.items()
        if isinstance(one, StoredTensor) and one.scale is not None
    )
    for module in quantised:
        for beside in BESIDE:
            found.pop(f"{module}.{beside}", None)
    if quantised:
        notes.append(NOTE.format(names=", ".join(quantised)))
    return found, notes


def _packed(name: str, value: Any) -> dict[str, Any] | None:
    """What was packed under a name, by plain names; None for what was not."""
    if told := INSIDE.fullmatch(name):
        return {_joined(told["module"], "weight" if told["own"] == "_packed_weight" else told["own"]): value}
    for pattern in (CELL, LINEAR):
        if told := pattern.fullmatch(name):
            pair = _pair(value)
            if pair is None and pattern is LINEAR:  # of a layer that is not linear, as a convolution
                return {}
            weight, bias = pair or _unknown()
            kind = f"_{told['kind']}" if pattern is CELL else ""
            return {_joined(told["module"], f"weight{kind}"): weight, _joined(told["module"], f"bias{kind}"): bias}
    return None


def _layer(value: Any) -> tuple[Pair, Pair]:
    match value:
        case Record(state=((str(), list(), list(), list(), [read, heard]), str())) if is_packed(value):
            return _pair(read) or _unknown(), _pair(heard) or _unknown()
    return _unknown()


def _pair(value: Any) -> Pair | None:
    match value:
        case Record(state=((weight, bias), str())) if is_packed(value):
            return weight, bias
        case (weight, bias):
            return weight, bias
    return None


def _unknown() -> NoReturn:
    raise UnreadableFile(f"this file holds quantised weights that were packed in a way that is not known here: {HOW}")


def _layers(
    module: str, pairs: Mapping[int, tuple[Pair, Pair]], source: Source
) -> tuple[dict[str, Stored | Tensor], list[str]]:
    """The weights of all layers and directions, which are numbered through, by torch's names."""
    if not pairs:  # they were read with the first of them
        return {}, []
    found: dict[str, dict[str, Stored]] = {}
    for number, both in sorted(pairs.items()):
        parts = {
            f"{kind}_{end}": stored_in(one, source)
            for end, pair in zip(("ih", "hh"), both, strict=True)
            for kind, one in zip(("weight", "bias"), pair, strict=True)
        }
        found[str(number)] = {name: one for name, one in parts.items() if one is not None}
    read = [_columns(one, "weight_ih") for one in found.values()]
    units = _columns(next(iter(found.values())), "weight_hh")
    unsure = len(found) == 2 and read == [units, units]
    # The second layer of a bidirectional one reads both directions of the first.
    both_ways = not unsure and len(found) % 2 == 0 and read[0] == read[1] and read[2:3] in ([], [2 * units])
    named: dict[str, Stored | Tensor] = {}
    for place, own in enumerate(found.values()):
        end = f"l{place // 2}{'_reverse' * (place % 2)}" if both_ways else f"l{place}"
        named |= {_joined(module, f"{name}_{end}"): one for name, one in own.items()}
    return named, [DIRECTIONS.format(name=module or "the recurrent module")] if unsure else []


def _columns(parts: Mapping[str, Stored], name: str) -> int:
    shape = parts[name].shape if name in parts else ()
    return shape[-1] if shape else 0


def _joined(module: str | None, own: str) -> str:
    return f"{module}.{own}" if module else own
