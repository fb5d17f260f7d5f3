"""Where a Keras file keeps the tensors of a layer: by class and number (Keras 3), or by name (Keras 2)."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from lstm_core.importers.keras.graph import Node, described
from lstm_core.importers.keras.hdf5 import Hdf5
from lstm_core.importers.limits import UnreadableFile

Store = Callable[[Node], list[np.ndarray]]
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # Keras 3; Keras 2.12 and later


def numbered_store(file: Hdf5) -> Store:
    """The tensors of a layer in model.weights.h5, which knows layers by class and number, not by name."""

    def tensors(node: Node) -> list[np.ndarray]:
        path = ""
        for one in (*node.parents, node):
            path = _numbered(file, path, one)
        return [file.array(variable) for place in _places(file, path, node) for variable in variables(file, place)]

    return tensors


def named_store(file: Hdf5, root: str) -> Store:
    """The tensors of a layer in a file as Keras 2 writes it: a group for each layer of the outermost model."""

    def tensors(node: Node) -> list[np.ndarray]:
        outermost = (*node.parents, node)[0]
        group = f"{root}/{outermost.name}" if root else outermost.name
        names = file.texts(group, "weight_names")
        if names is None:
            raise UnreadableFile(f"the file has no weights for the layer {node.name[:80]!r}: save the model again")
        own = names if outermost is node else [name for name in names if node.name in name.split("/")]
        return [file.array(f"{group}/{name}") for name in own]

    return tensors


def variables(file: Hdf5, place: str) -> list[str]:
    """The paths of the variables of one Keras 3 object, in their order."""
    names = [name for name in file.inside.get(f"{place}/vars", ()) if name.isdecimal() and len(name) < 6]
    return [f"{place}/vars/{name}" for name in sorted(names, key=int)]


def in_order(names: list[str]) -> list[str]:
    """lstm, lstm_1, lstm_2, ..., lstm_10."""
    return sorted(names, key=lambda name: (re.sub(r"_\d{1,6}$", "", name), _number(name)))


def _number(name: str) -> int:
    found = re.search(r"_(\d{1,6})$", name)
    return int(found[1]) if found else 0


def _numbered(file: Hdf5, path: str, node: Node) -> str:
    """Keras numbers the layers of each class; Keras 2 counts some of them twice, so that numbers are left out."""
    kind = snake_case(node.kind)
    for container in CONTAINERS:
        within = f"{path}/{container}" if path else container
        own = in_order([name for name in file.inside.get(within, ()) if re.fullmatch(rf"{kind}(_\d{{1,6}})?", name)])
        if node.ordinal < len(own):
            return f"{within}/{own[node.ordinal]}"
    raise UnreadableFile(f"the file has no weights for the layer {node.name[:80]!r}: save the model again")


def _places(file: Hdf5, path: str, node: Node) -> Iterator[str]:
    if node.kind == "TimeDistributed":
        yield f"{path}/layer"
    elif node.kind == "Bidirectional":
        for side in ("forward_layer", "backward_layer"):
            yield from _cells(file, f"{path}/{side}", described(node.config.get("layer"), node.name)[1])
    else:
        yield from _cells(file, path, node.config)


def _cells(file: Hdf5, path: str, config: Mapping[str, Any]) -> Iterator[str]:
    if f"{path}/cell/cells" in file.groups:
        seen: dict[str, int] = defaultdict(int)
        stacked = described(config.get("cell"), path)[1].get("cells")
        for cell in stacked if isinstance(stacked, list) else ():
            name = snake_case(described(cell, path)[0])
            yield f"{path}/cell/cells/{name}" + (f"_{seen[name]}" if seen[name] else "")
            seen[name] += 1
    else:
        yield f"{path}/cell" if f"{path}/cell" in file.groups else path


def snake_case(kind: str) -> str:
    """LSTM -> lstm, SimpleRNN -> simple_rnn, LSTMCell -> lstm_cell: how Keras names what it numbers."""
    kind = re.sub(r"\W", "", kind)
    kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", kind).lower()
