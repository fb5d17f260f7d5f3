"""A Keras model in a SavedModel: its settings, layer by layer, and where the checkpoint has the tensors of each.

Since TensorFlow 2.5 the settings lie in keras_metadata.pb, before that in saved_model.pb with the objects themselves. They
are JSON, of the model as a whole and of each layer in it.
Source: keras/protobuf/saved_metadata.proto; tensorflow/core/protobuf/saved_object_graph.proto, SavedUserObject.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm_core.importers.keras.graph import RECURRENT, Graph, Node, graphs
from lstm_core.importers.keras.weights import Store
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.protobuf_fields import Fields, message, number, text
from lstm_core.importers.tensorflow.bundle import Bundle
from lstm_core.importers.tensorflow.names import Group
from lstm_core.importers.tensorflow.object_graph import Node as Object
from lstm_core.importers.tensorflow.object_graph import ObjectGraph, Path

MAX_FIELDS = 600_000
MAX_DEPTH = 12  # of objects in one layer
INSIDE = (
    "forward_layer",
    "backward_layer",
    "layer",
    "cell",
    "cells",
)  # what a layer has its tensors in, in their order
TENSORS = ("kernel", "recurrent_kernel", "bias", "embeddings")

Described = Mapping[Path, Mapping[str, Any]]  # what Keras says of each object, by the names that lead to it


@dataclass(frozen=True, eq=False)
class KerasModel:
    """The settings of a model and its layers, and the objects of its checkpoint."""

    described: Described
    objects: ObjectGraph
    bundle: Bundle

    def graphs(self) -> list[Graph]:
        """The layers and what they read; empty for a model of a class of its own. Raises UnreadableFile."""
        whole = self.described.get((), {})
        config = whole.get("config")
        listed = isinstance(config, dict) and isinstance(config.get("layers"), list)
        return list(graphs({"class_name": whole.get("class_name"), "config": config})) if listed else []

    def store(self) -> Store:
        """The tensors of a layer, by the objects that hold them."""

        def tensors(node: Node) -> list[np.ndarray]:
            path: Path = ()
            for one in (*node.parents, node):
                path = self._place(path, one)
            here = self.objects.at(path)
            keys = [] if here is None else list(self._keys(self.objects.nodes[here], 0))
            if not keys:
                raise UnreadableFile(f"the file has no weights for the layer {node.name[:80]!r}: save the model again")
            return [self.bundle.array(key) for key in keys]

        return tensors

    def settings(self, group: Group) -> Mapping[str, Any] | None:
        """What Keras says of the layer that a cell is in; of one within Bidirectional its own, and how both are merged."""
        found: Mapping[str, Any] | None = None
        for end in range(1, len(group.path) + 1):
            told = self.described.get(group.path[:end], {})
            kind, config = told.get("class_name"), told.get("config")
            if kind in RECURRENT and isinstance(config, dict):
                merge = {} if found is None else {"merge_mode": found.get("merge_mode", "concat")}
                found = {**config, **merge}
        inner = found.get("layer") if found is not None else None
        if found is not None and isinstance(inner, dict) and isinstance(inner.get("config"), dict):
            return {**inner["config"], "merge_mode": found.get("merge_mode", "concat")}
        return found

    def activation(self, path: Path) -> str | None:
        """The activation of the Dense layer whose object is reached by these names; None where it is not told."""
        told = self.described.get(path, {})
        config = told.get("config")
        found = config.get("activation") if told.get("class_name") == "Dense" and isinstance(config, dict) else None
        return found if isinstance(found, str) else None

    def _place(self, above: Path, node: Node) -> Path:
        for path, told in self.described.items():
            if len(path) == len(above) + 1 and path[: len(above)] == above and told.get("name") == node.name:
                return path
        raise UnreadableFile(f"the file has no weights for the layer {node.name[:80]!r}: save the model again")

    def _keys(self, here: Object, depth: int) -> Iterator[str]:
        if depth > MAX_DEPTH:
            raise UnreadableFile("the objects of this model lie in one another without end: save the model again")
        inside = [name for name in INSIDE if name in here.children]
        for name in inside:
            below = self.objects.nodes[here.children[name]]
            if name == "cells":
                numbers = sorted((one for one in below.children if one.isdecimal() and len(one) < 6), key=int)
                for one in numbers:
                    yield from self._keys(self.objects.nodes[below.children[one]], depth + 1)
            else:
                yield from self._keys(below, depth + 1)
        for name in () if inside else TENSORS:
            child = here.children.get(name)
            key = "" if child is None else self.objects.nodes[child].key
            if key in self.bundle.entries:
                yield key


def described_in_metadata(content: bytes) -> Described:
    """What keras_metadata.pb says. Raises ValueError for what is none."""
    fields = Fields(MAX_FIELDS)
    found: dict[Path, Mapping[str, Any]] = {}
    for one in fields.named(memoryview(content), {1: "nodes"})["nodes"]:
        told = fields.named(message(one), {3: "path", 5: "metadata"})
        if told["path"] and told["metadata"]:
            root, *path = text(told["path"][-1]).split(".")
            if root == "root":
                found[tuple(path)] = _object(text(told["metadata"][-1]))
    return found


def described_in_graph(content: bytes) -> Described:
    """What saved_model.pb says of Keras's objects, as TensorFlow 2.0 to 2.4 wrote it. Raises ValueError for what is none."""
    fields = Fields(MAX_FIELDS)
    objects: list[tuple[dict[str, int], str]] = []
    for meta in fields.named(memoryview(content), {2: "metas"})["metas"][:1]:
        for graph in fields.named(message(meta), {7: "objects"})["objects"]:
            nodes = fields.named(message(graph), {1: "nodes"})["nodes"]
            objects += [_saved_object(fields, message(node)) for node in nodes]
    found: dict[Path, Mapping[str, Any]] = {}
    waiting: list[tuple[int, Path]] = [(0, ())] if objects else []
    seen: set[int] = set()
    while waiting:
        here, path = waiting.pop()
        if here in seen or here >= len(objects) or len(path) > MAX_DEPTH:
            continue
        seen.add(here)
        children, metadata = objects[here]
        if metadata:
            found[path] = _object(metadata)
        # A layer is reached by several names; the checkpoint has it under the one with its number among those with weights.
        ordered = sorted(children.items(), key=lambda one: one[0].startswith("layer_with_weights"))
        waiting += [(child, (*path, name)) for name, child in ordered if name not in ("keras_api", "layers")]
    return found


def _saved_object(fields: Fields, content: memoryview) -> tuple[dict[str, int], str]:
    told = fields.named(content, {1: "children", 4: "user"})
    children: dict[str, int] = {}
    for one in told["children"]:
        child = fields.named(message(one), {1: "id", 2: "name"})
        if child["name"]:
            children[text(child["name"][-1])] = number(child["id"][-1]) if child["id"] else 0
    metadata = ""
    for one in told["user"]:
        user = fields.named(message(one), {1: "identifier", 3: "metadata"})
        if user["identifier"] and user["metadata"] and text(user["identifier"][-1]).startswith("_tf_keras_"):
            metadata = text(user["metadata"][-1])
    return children, metadata


def _object(content: str) -> dict[str, Any]:
    if len(content) > LIMITS.metadata:
        raise ValueError(f"a description of {len(content):,} characters")
    found = json.loads(content)
    return found if isinstance(found, dict) else {}
