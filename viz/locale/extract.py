"""How Babel finds the sentences that pages show but `viz` does not hold: those of trained models' cards and of tasks.

babel.cfg names these functions; their arguments and what they yield are Babel's.
"""

import ast
import json
from collections.abc import Iterator
from typing import IO, Any

MEMBERS = {"title", "summary", "look_for", "literature", "measure"}  # of a task
Found = Iterator[tuple[int, str, str, list[str]]]


def cards(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """What a model.json has for a reader: its summary, what to look for, its score's measure and its examples' titles."""
    card = json.load(file)["card"]
    for message in (card["summary"], card["look_for"], card["evaluation"]["measure"], *card["examples"]):
        yield 0, "_", message, []


def tasks(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """What a task's module has for a reader: the sentences of its class, and its examples' titles."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in MEMBERS:
            yield from _strings([node.value])
        if isinstance(node, ast.FunctionDef) and node.name == "examples":
            yield from _strings(key for one in ast.walk(node) if isinstance(one, ast.Dict) for key in one.keys)


def _strings(nodes: Any) -> Found:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.lineno, "_", node.value, []
