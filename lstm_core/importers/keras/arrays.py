"""Keras's weights as arrays: named as its variables are, or in the order of model.get_weights()."""

import re
from collections.abc import Sequence

from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.keras.read import model_of
from lstm_core.importers.keras.weights_only import GATES, Listed, Tensors, assumed_in_order

LEAVES = ("kernel", "recurrent_kernel", "bias", "embeddings")  # in the order in which Keras has them
CELL = re.compile(r"(lstm|gru|simple_rnn)_cell(_\d{1,6})?|cell|layer")
BACK = re.compile(r"(forward|backward)_[^/]*")
ORDERED = "The arrays are taken for what Keras's model.get_weights() gives, in its order: their shapes tell which layers they are."
TWOFOLD = (
    "{name} are taken for the two directions of one layer: the next reads twice as many numbers as one of them gives."
)


def is_named_by_keras(names: Sequence[str]) -> bool:
    """Is there a `recurrent_kernel` among these, which no other framework has?"""
    return any(_parts(name)[-1] == "recurrent_kernel" for name in names)


def read_named(arrays: Tensors, names: Sequence[str], told: str) -> ImportedModel:
    """The layers of arrays that are called lstm/lstm_cell/kernel:0 or lstm/kernel. Raises UnreadableFile."""
    start = _common(names)
    layers: dict[str, list[str]] = {}
    for name in names:
        parts = [part for part in _parts(name)[start:-1] if not BACK.fullmatch(part)]
        while len(parts) > 1 and CELL.fullmatch(parts[-1]):
            parts.pop()
        layers.setdefault("/".join(parts) or "layer", []).append(name)
    listed = [
        Listed(layer, sorted(paths, key=_place), twofold=any("backward_" in path for path in paths))
        for layer, paths in layers.items()
    ]
    note = "The arrays name the layers without their settings"
    parts_of_model = assumed_in_order(arrays, listed, note, gate="sigmoid")
    version = 2 if any(name.endswith(":0") for name in names) else 3
    return model_of(f"{told} named as in Keras", parts_of_model, version, told=False)


def read_ordered(arrays: Tensors, names: Sequence[str], told: str) -> ImportedModel | None:
    """The layers of arrays in the order of get_weights(); None where their shapes do not tell of a recurrent layer."""
    listed: list[Listed] = []
    notes = [ORDERED]
    left = list(names)
    while left:
        count, twofold = _first_layer(arrays, left)
        paths, left = left[:count], left[count:]
        shown = paths[0] if count == 1 else f"{paths[0]} to {paths[-1]}"
        listed.append(Listed(shown, paths, twofold=twofold))
        if twofold:
            notes.append(TWOFOLD.format(name=shown))
    if not any(_recurrent(arrays, one.paths) for one in listed):
        return None
    found, store, more = assumed_in_order(arrays, listed, "The arrays hold weights alone", gate="sigmoid")
    return model_of(f"{told} in the order of Keras", (found, store, [*notes, *more]), 3, told=False)


def _parts(name: str) -> list[str]:
    return name.removesuffix(":0").split("/")


def _common(names: Sequence[str]) -> int:
    """How many parts all names begin with, which are the model's: at least a layer's and a variable's name are left."""
    paths = [_parts(name) for name in names]
    layers = [[part for part in path[:-1] if not CELL.fullmatch(part) and not BACK.fullmatch(part)] for path in paths]
    most = min(len(one) for one in layers) - 1
    return next((n for n in range(most) if len({one[n] for one in layers}) > 1), max(most, 0))


def _place(name: str) -> tuple[bool, int]:
    leaf = _parts(name)[-1]
    return "backward_" in name, LEAVES.index(leaf) if leaf in LEAVES else len(LEAVES)


def _recurrent(arrays: Tensors, names: Sequence[str]) -> tuple[int, int, int] | None:
    """What the layer of the first three arrays reads, its units and its gates; None where it is not surely recurrent.

    With one gate, or without a bias, two linear layers could have these shapes.
    """
    match [arrays.shape(name) for name in names[:3]]:
        case [(reads, columns), (units, rows), bias] if (
            columns == rows and rows % units == 0 and rows // units in GATES and rows > units
        ):
            gates = rows // units
            return (reads, units, gates) if bias in ((rows,), (2, rows), (2 * rows,)) else None
    return None


def _first_layer(arrays: Tensors, names: Sequence[str]) -> tuple[int, bool]:
    """How many of the arrays are the first layer's, and whether it has two directions."""
    own, other = _recurrent(arrays, names), _recurrent(arrays, names[3:])
    if own is not None:
        after = arrays.shape(names[6]) if len(names) > 6 else ()
        twofold = own == other and len(after) == 2 and after[0] == 2 * own[1]
        return (6, True) if twofold else (3, False)
    match [arrays.shape(name) for name in names[:2]]:
        case [(_, gives), (biases,)] if gives == biases:
            return 2, False
    return 1, False
