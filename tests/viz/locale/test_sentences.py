"""Does every sentence that a reader sees come from the catalogue? Read off the code, and seen on the pages in a made-up language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from viz.shared.examples import EXAMPLES
from viz.shared.findings import FINDINGS

ROOT = Path(__file__).parents[3]
FILES = sorted(path for path in [ROOT / "app.py", *(ROOT / "viz").rglob("*.py")])
MARKS = {"_", "N_", "ngettext"}
SENTENCE = re.compile(
    r"[^\W\d_]{2,}[,;:.]? [^\W\d_(“\"]|^[A-Z][a-z]+$"
)  # two words, or one that begins as a label does
NOT_ENGLISH = re.compile(
    r"<style>|<span |^@media |\.st-key-|<meta |<div |<title>|@font-face|^:root|\\text|\\mathrm|\\sum|\\tilde|\\times|\\cdot|sans-serif|monospace|=> \{|^from |^class=|^torch\.|^\nconst "
)
PROGRAMMERS = {"ValueError", "TypeError", "RuntimeError", "KeyError"}  # raised at who calls a function wrongly

# Sentences for programmers, names of things and formats, in order of the files: nothing of it is for a reader's language.
NAMES = {
    "Gatescope",
    "Keras",
    "Part",
    "all six",
    "its twin",
    "pasted text.txt",
    "pasted sentences.tsv",
    "pasted series.csv",
    "beginning of a word",
    "line end",
    "sign of punctuation",
}
READ = {
    *EXAMPLES.values(),
    *(value for one in FINDINGS.values() for value in (one.text, one.values.get("feature"))),
}  # not translated


def outside(source: str) -> Iterator[str]:
    """The sentences of a module that no mark of the catalogue surrounds, each with its line."""
    yield from _outside(ast.parse(source), marked=False)


def _outside(node: ast.AST, *, marked: bool) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
        marked = True
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        marked |= isinstance(node.exc.func, ast.Name) and node.exc.func.id in PROGRAMMERS
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return  # names in Python
    text = _text(node)
    if text is not None:
        if not marked and SENTENCE.search(text) and not NOT_ENGLISH.search(text) and text not in NAMES | READ:
            yield f"line {getattr(node, 'lineno', 0)}: {text!r}"
        if isinstance(node, ast.Constant):
            return
    for child in _children(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _outside(child, marked=marked)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """All below but docstrings."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documented = isinstance(node, kinds) and ast.get_docstring(node) is not None
    for child in ast.iter_child_nodes(node):
        if documented and isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            documented = False
        else:
            yield child


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_of_a_module_is_in_the_catalogue(path):
    assert list(outside(path.read_text(encoding="utf-8"))) == []


def test_the_search_finds_what_it_is_for():
    found = list(
        outside(
            '"""A docstring with words."""\n'
            'LABEL = "Heatmaps"\n'
            'KEY = "layer0"\n'
            'WORDS = N_("Two words")\n'
            "def show(unit):\n"
            '    st.caption(_("Unit {unit} is shown").format(unit=unit))\n'
            '    st.caption(f"Unit {unit} is shown, " + _("by choice"))\n'
            '    raise ValueError("a layer of no units")\n'
        )
    )
    assert found == ["line 2: 'Heatmaps'", "line 7: 'Unit {} is shown, '"]


UNFORMATTED = re.compile(r"\b(?:_|N_|ngettext)\(\s*f[\"']")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_put_together_before_it_is_looked_up(path):
    """`_(f"Unit {unit}")` asks the catalogue for a sentence that nobody can have translated."""
    assert not UNFORMATTED.search(path.read_text(encoding="utf-8"))
