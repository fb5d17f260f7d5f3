"""The vocabulary that a Keras file brings with its TextVectorization or StringLookup layer."""

from collections.abc import Callable

from lstm_core.importers.keras.graph import Graph, Node
from lstm_core.importers.limits import LIMITS, UnreadableFile

LOOKUPS = ("TextVectorization", "StringLookup")
Asset = Callable[[Node], list[str] | None]  # the lines of a layer's vocabulary.txt; None where it has none


def vocabulary_of(graphs: list[Graph], asset: Asset) -> tuple[tuple[str, ...], str]:
    """Its entries in the order of their classes, and where they were found; none where the file has none.

    Raises UnreadableFile for one with too many entries.
    """
    for graph in graphs:
        for node in graph.nodes.values():
            if node.kind in LOOKUPS and not node.config.get("invert"):
                found = _listed(node) or asset(node)
                if found:
                    return _checked(found, node), f"the {node.kind} layer {node.name!r}"
    return (), ""


def _listed(node: Node) -> list[str] | None:
    """What its configuration lists, after the marks for padding and the unknown, which are left out there at will."""
    listed = node.config.get("vocabulary")
    if not isinstance(listed, list) or not listed:
        return None
    if not all(isinstance(entry, str) for entry in listed):
        raise UnreadableFile(f"the vocabulary of {node.name[:80]!r} does not hold only texts: save the model again")
    marks = _marks(node)
    return listed if listed[: len(marks)] == marks else marks + listed


def _marks(node: Node) -> list[str]:
    if node.config.get("output_mode", "int") != "int":
        mask: list[str] = []
    elif node.kind == "TextVectorization":
        mask = [""]
    else:
        token = node.config.get("mask_token")
        mask = [token] if isinstance(token, str) else []
    unknown = 1 if node.kind == "TextVectorization" else node.config.get("num_oov_indices", 1)
    token = node.config.get("oov_token", "[UNK]")
    if type(unknown) is not int or not 0 <= unknown <= LIMITS.vocabulary or not isinstance(token, str):
        raise UnreadableFile(
            f"{node.name[:80]!r} has {str(unknown)[:20]} entries for the unknown: save the model again"
        )
    return mask + [token] * unknown


def _checked(entries: list[str], node: Node) -> tuple[str, ...]:
    if len(entries) > LIMITS.vocabulary:
        raise UnreadableFile(
            f"the vocabulary of {node.name[:80]!r} has {len(entries):,} entries; Gatescope reads up to {LIMITS.vocabulary:,}"
        )
    seen: set[str] = set()
    once = []
    for entry in entries:  # several entries for the unknown have one name: only the first keeps it
        once.append("" if entry in seen else entry)
        seen.add(entry)
    return tuple(once)
