"""How Babel finds the sentences of models' cards, of tasks, of the library and of the HTML of components.

babel.cfg names these functions; their arguments and what they yield are Babel's.
"""

import ast
import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import IO, Any

MEMBERS = {"title", "summary", "look_for", "literature", "measure"}  # of a task
Found = Iterator[tuple[int, str, str, list[str]]]


def cards(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """What a model.json has for a reader: summary, what to look for, data, score and what it is compared with, examples' titles."""
    card = json.load(file)["card"]
    score = card["evaluation"]
    said = (card["summary"], card["look_for"], card["training"]["data"])
    for message in (
        *said,
        score["measure"],
        score["held_out"],
        score["literature"],
        *score["others"],
        *card["examples"],
    ):
        if message:
            yield 0, "_", message, []


def unit_cards(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """Where the text is from that the cards of a model's units are of."""
    yield 0, "_", json.loads(gzip.decompress(file.read()))["source"], []


def tasks(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """What a task's module has for a reader: the sentences of its class, and its examples' titles."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in MEMBERS:
            yield from _strings([node.value])
        if isinstance(node, ast.FunctionDef) and node.name == "examples":
            yield from _strings(key for one in ast.walk(node) if isinstance(one, ast.Dict) for key in one.keys)


def sentences(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """What a module of the library says of a model: strings of five words or more that are neither docstrings nor errors."""
    tree = ast.parse(file.read())
    other = [one for one in ast.walk(tree) if isinstance(one, ast.Expr | ast.Raise)]
    spoken = {id(one) for node in other for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in spoken and len(str(node.value).split()) >= 5:
            yield from _strings([node])


def _strings(nodes: Any) -> Found:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.lineno, "_", node.value, []


def html(file: IO[bytes], _keywords: Any, _tags: Any, **_options: Any) -> Found:
    """The words in a component's HTML."""
    for message in words(file.read().decode("utf-8")):
        yield 0, "_", message, []


def words(html: str) -> list[str]:
    """The texts, labels and titles in a component's HTML, as `wordsOf` in viz/browser/locale.js finds them."""
    reader = _Words()
    reader.feed(html)
    return reader.found


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]{2}", data):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (HTMLParser's own)
        self.found += [value for name, value in attrs if name in ("aria-label", "title") and value]
