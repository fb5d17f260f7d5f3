"""The vocabulary that an ONNX file brings."""

import json
from collections.abc import Iterator

import onnx

from lstm_core.importers.limits import LIMITS
from lstm_core.importers.onnx.graph import Graph

KEYS = (
    *("vocabulary", "vocab", "itos", "stoi", "idx2word", "word2idx", "word_index", "idx2char", "char2idx"),
    *("characters", "chars", "tokens", "alphabet", "token_to_id", "id_to_token", "classes", "labels"),
)


def vocabularies(graph: Graph) -> Iterator[tuple[tuple[str, ...], str]]:
    """The lists of entries that a file has, in the order of their classes, and where: metadata first, then constants."""
    for key, text in sorted(graph.metadata.items(), key=lambda one: _rank(one[0])):
        if key.lower() in KEYS:
            entries = entries_of(text)
            if entries:
                yield entries, f"the metadata {key!r}"
    tensors = list(graph.constants.items())
    tensors += [
        (node.name, value)
        for node in graph.nodes
        if node.op == "Constant" and isinstance(value := node.attributes.get("value"), onnx.TensorProto)
    ]
    for name, tensor in tensors:
        if tensor.data_type == onnx.TensorProto.STRING and len(tensor.string_data) <= LIMITS.vocabulary:
            entries = _checked([one.decode(errors="replace") for one in tensor.string_data])
            if entries:
                yield entries, f"the tensor {name[:80]!r}"


def _rank(key: str) -> int:
    return KEYS.index(key.lower()) if key.lower() in KEYS else len(KEYS)


def entries_of(text: str) -> tuple[str, ...]:
    """The entries of a vocabulary as JSON, a list or a mapping from or to class numbers, or as lines or one line of characters.

    None where these are not two or more different names.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # of which JSONDecodeError is one; brackets may be nested without end
        lines = text.splitlines()
        return _checked(lines if len(lines) > 1 else list(text))
    if isinstance(found, str):
        return _checked(list(found))
    if isinstance(found, list):
        return _checked(found)
    if not isinstance(found, dict):
        return ()
    if all(type(number) is int for number in found.values()):
        return _by_number(found)
    if all(key.isdecimal() and len(key) < 10 for key in found):
        return _by_number({entry: int(key) for key, entry in found.items() if isinstance(entry, str)})
    return ()


def _by_number(numbers: dict[str, int]) -> tuple[str, ...]:
    """Entries by their class numbers; classes without a name between them are empty."""
    if not numbers or min(numbers.values()) < 0 or max(numbers.values()) >= LIMITS.vocabulary:
        return ()
    entries = [""] * (max(numbers.values()) + 1)
    for entry, number in numbers.items():
        entries[number] = entry
    return _checked(entries)


def _checked(entries: list[object] | list[str]) -> tuple[str, ...]:
    """These as a vocabulary, where they are two or more different names; else none."""
    names = [entry for entry in entries if isinstance(entry, str)]
    named = [entry for entry in names if entry]
    proper = len(names) == len(entries) and 2 <= len(entries) <= LIMITS.vocabulary and len(set(named)) == len(named)
    return tuple(names) if proper and len(named) > 1 else ()
