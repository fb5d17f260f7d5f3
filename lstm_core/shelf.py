"""The shelf: models that were trained on this machine and kept, beside those of the zoo."""

import os
import re
from pathlib import Path

from lstm_core import checkpoint

LONGEST_NAME = 40
_NAME = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{{0,{LONGEST_NAME - 2}}}[A-Za-z0-9_-])?")


def home() -> Path:
    """Where does Gatescope keep what it makes? GATESCOPE_HOME, or .gatescope in the reader's own folder."""
    return Path(os.environ.get("GATESCOPE_HOME") or Path.home() / ".gatescope")


def shelf() -> Path:
    return home() / "models"


def kept() -> list[str]:
    """Which models are on the shelf?"""
    return sorted(path.parent.name for path in shelf().glob(f"*/{checkpoint.CONFIG}") if is_name(path.parent.name))


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def place(name: str, taken: list[str]) -> Path:
    """The folder for a new model called `name`. Raises ValueError for a name that will not do, or is `taken`."""
    if not is_name(name):
        raise ValueError(
            f"{name[:60]!r} will not do as a name: take 1 to {LONGEST_NAME} letters, digits, blanks, dots, _ or -, "
            f"with a letter or digit at the beginning"
        )
    if name.casefold() in (other.casefold() for other in taken):
        raise ValueError(f"there is a model called {name!r} already: take another name")
    return shelf() / name
