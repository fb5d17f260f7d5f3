"""Does every sentence that a component's JavaScript shows come from the catalogue? Read off the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "viz").glob("*/*.js"))
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)
VALUE = re.compile(r"\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
SENTENCE = re.compile(r"[^\W\d_]{2,}[,;:.]? [^\W\d_(“\"]{2,}|^[A-Z][a-z]+$")  # two words, or one that begins as a label
MARKED = re.compile(r"\b(?:_|N_)\(\s*$")
# Selectors, classes and styles, and errors for programmers.
TECHNICAL = re.compile(
    r"(?:\b(?:class: |Error\(|closest\(|matches\(|matchMedia\(|(?:part|pipe|querySelectorAll)\([^;]*))$"
)
NAMES = {"token written", "Enter", "Escape", "Light", "Dark", "linear-gradient(to right, {})", "2px solid {}"}


def outside(source: str) -> Iterator[str]:
    """The strings of a module that are sentences, and no mark of the catalogue surrounds them."""
    for found in TOKEN.finditer(source):
        text, before = VALUE.sub("{}", found[0][1:-1]), source[: found.start()]
        words = found[0][0] in "\"`'" and SENTENCE.search(text) and text not in NAMES
        if words and not MARKED.search(before) and not TECHNICAL.search(before[-120:]):
            yield f"line {before.count(chr(10)) + 1}: {text}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_of_a_module_is_in_the_catalogue(path):
    assert list(outside(path.read_text(encoding="utf-8"))) == []


def test_the_search_finds_what_it_is_for():
    found = outside(
        '// A comment with "two words".\n'
        'make("div", { class: "one two" }, _("Two words"), N_(\n  "And more words",\n));\n'
        "say(node, `Unit ${unit} is here`);\n"
        'button.title = playing ? "Pause" : "play";\n'
    )
    assert list(found) == ["line 5: Unit {} is here", "line 6: Pause"]
