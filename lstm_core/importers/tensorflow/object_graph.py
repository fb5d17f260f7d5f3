"""What a checkpoint of TensorFlow 2 says of its objects: which holds which, by which name, and where variables are saved.

Source: tensorflow/core/protobuf/trackable_object_graph.proto.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.protobuf_fields import Fields, message, number, text

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
MAX_FIELDS = 300_000
MAX_DEPTH = 30
SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
# Lists of variables that have a place elsewhere, too, and what training keeps.
LISTS = ("variables", "trainable_variables", "non_trainable_variables", "_all_variables", "weights", "keras_api")
ELSEWHERE = (*LISTS, "root", "_variables", "_trainable_variables", "signatures", "_inbound_nodes", "_outbound_nodes")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A variable: by which names it is reached, what it is called, and its key in the checkpoint."""

    path: Path
    name: str
    key: str


@dataclass(eq=False)
class Node:
    """An object: what it holds, in order, and where it is saved if it is a variable."""

    children: dict[str, int] = field(default_factory=dict)
    name: str = ""
    key: str = ""


class ObjectGraph:
    """All objects, by their numbers; the first holds the others."""

    def __init__(self, content: bytes) -> None:
        """Raises UnreadableFile for what is no object graph."""
        try:
            fields = Fields(MAX_FIELDS)
            nodes = fields.named(memoryview(content), {1: "nodes"})["nodes"]
            self.nodes = [_node(fields, message(one)) for one in nodes]
        except ValueError as error:
            raise UnreadableFile(
                f"the object graph of this checkpoint is damaged ({str(error)[:100]}): save the model again"
            ) from error
        if any(child >= len(self.nodes) for node in self.nodes for child in node.children.values()):
            raise UnreadableFile(
                "the object graph of this checkpoint names objects that it does not have: save the model again"
            )

    def at(self, path: Path, start: int = 0) -> int | None:
        """The object at the end of these names; None where there is none."""
        here: int | None = start if self.nodes else None
        for name in path:
            here = None if here is None else self.nodes[here].children.get(name)
        return here

    def variables(self) -> list[Found]:
        """All variables but those of optimisers, in the order in which the model defines them."""
        found = list(self._walk(0, (), set(), ELSEWHERE)) if self.nodes else []
        for name in LISTS:
            here = self.at((name,))
            if not found and here is not None:  # an exported model, which has nothing but such lists
                found = list(self._walk(here, (name,), set(), ()))
        return found

    def _walk(self, start: int, path: Path, seen: set[int], without: tuple[str, ...]) -> Iterator[Found]:
        if start in seen or len(path) > MAX_DEPTH:
            return
        seen.add(start)
        node = self.nodes[start]
        if node.key:
            yield Found(path, node.name, node.key)
        for name, child in node.children.items():
            if name not in without and "optimizer" not in name:
                yield from self._walk(child, (*path, name), seen, without)


def _node(fields: Fields, content: memoryview) -> Node:
    node = Node()
    told = fields.named(content, {1: "children", 2: "attributes"})
    for one in told["children"]:
        child = fields.named(message(one), {1: "id", 2: "name"})
        name = text(child["name"][-1]) if child["name"] else ""
        node.children.setdefault(name, number(child["id"][-1]) if child["id"] else 0)
    for one in told["attributes"]:
        attribute = fields.named(message(one), {1: "name", 2: "full", 3: "key"})
        name, full, key = (text(attribute[part][-1]) if attribute[part] else "" for part in ("name", "full", "key"))
        if name == "VARIABLE_VALUE" and key:
            node.name, node.key = full, key
    return node
