"""What the sentences of `given` advise."""

import re
from importlib import import_module
from pathlib import Path

from lstm_core import given

NAMED = re.compile(r"\b(lstm_core(?:\.\w+)+|pretrained\.\w+)")


def test_what_the_sentences_name_is_there_to_be_called():
    names = set(NAMED.findall(_sentences()))
    assert {"lstm_core.importers.build_model", "lstm_core.model_files.load", "pretrained.load"} <= names
    for name in names:
        module, _, last = name.rpartition(".")
        found = getattr(import_module(module), last, None)
        assert found is not None or import_module(name), name
        assert f"{name}(" not in _sentences() or callable(found), f"{name} is advised as a call"


def _sentences() -> str:
    lines = Path(given.__file__).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith(("from ", "import ")))
