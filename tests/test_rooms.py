"""What the contracts of imports do not hold: rooms outside the packages."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for room in ("benchmarks", "docs") for path in (ROOT / room).glob("*.py"))


def imported(source: str) -> set[str]:
    """The packages that a module imports, at any place in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_benchmarks_and_docs_import_nothing_from_the_tests(path):
    assert "tests" not in imported(path.read_text(encoding="utf-8"))


def test_an_import_of_the_tests_is_found():
    assert imported("def f():\n    from tests.support import tiny\nimport numpy.linalg\n") == {"tests", "numpy"}
