"""The user's models: trained on this machine and saved, in addition to the zoo."""

import errno
import logging
import os
import re
from pathlib import Path

from lstm_core import model_files

VARIABLE = "GATESCOPE_HOME"
MAX_NAME_CHARS = 40
_NAME = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{{0,{MAX_NAME_CHARS - 2}}}[A-Za-z0-9_-])?")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LOG = logging.getLogger("gatescope")


def home() -> Path:
    """The folder for runs and models: GATESCOPE_HOME, or .gatescope in the user's home; always absolute.

    Raises ValueError, one sentence, when that folder cannot be found out.
    """
    given = os.environ.get(VARIABLE, "").strip()
    try:
        return Path(os.path.abspath(Path(given).expanduser() if given else Path.home() / ".gatescope"))
    except (RuntimeError, OSError) as error:  # no such user, no user at all, or no working folder
        found = f"{VARIABLE} is {given!r}" if given else f"{VARIABLE} is not set and this user has no home folder"
        raise ValueError(
            f"{found}, so there is no place to keep runs and models ({error}): set {VARIABLE} to a folder"
        ) from error


def unwritable(error: OSError, folder: Path) -> str:
    """One sentence for the user, and the log, when `folder` cannot be written."""
    reason = (error.strerror or str(error)).rstrip(".")
    advice = "make room there" if error.errno in _FULL else "make it a folder that can be written"
    sentence = (
        f"Gatescope cannot write to {folder} ({reason}): {advice}, or set {VARIABLE} to another folder and start again"
    )
    _LOG.error("%s", sentence)
    return sentence


def models_dir() -> Path:
    """The folder of the models. Raises ValueError as `home` does."""
    return home() / "models"


def user_models() -> list[str]:
    """The names of the saved models; empty where there is no such folder, or it cannot be read."""
    try:
        found = [path.parent.name for path in models_dir().glob(f"*/{model_files.CONFIG}")]
    except (ValueError, OSError):
        return []
    return sorted(filter(is_name, found))


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def new_model_dir(name: str, taken: list[str]) -> Path:
    """The folder for a new model called `name`. Raises ValueError for a name that is invalid or `taken`."""
    if not is_name(name):
        raise ValueError(
            f"{name[:60]!r} is not a valid name: use 1 to {MAX_NAME_CHARS} letters, digits, spaces, dots, _ or -, "
            f"starting with a letter or digit"
        )
    if name.casefold() in (other.casefold() for other in taken):
        raise ValueError(f"a model called {name!r} already exists: choose another name")
    return models_dir() / name
