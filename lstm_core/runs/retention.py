"""What stays of runs: models under a name, and old runs until they are deleted."""

import shutil
import time
from collections.abc import Container
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from lstm_core import training_checkpoints
from lstm_core.model_files import CONFIG, CheckpointError, load, save, saved_digest
from lstm_core.runs.folder import Folder
from lstm_core.saving import OccupiedError, whole_folder
from lstm_core.user_models import is_name, unwritable

MAX_ENDED_RUNS = 50  # runs that have ended or are paused
DAYS_KEPT = 30


def keep_model(folder: Folder, target: Path, name: str) -> None:
    """Copy the final model of a run, and its checkpoints, to `target`: there whole or not at all.

    Raises ValueError, one sentence, when the run has no model yet, `target` was taken meanwhile, or it cannot be written.
    """
    if not folder.has_model:
        raise ValueError("there is no model to save yet: let the run end, or stop it")
    model = load(folder.path, device="cpu")
    model.card = replace(model.card, name=name)
    try:
        with whole_folder(target, ours=_everything, kind="a model") as draft:
            save(model, draft)
            (draft / training_checkpoints.FOLDER).mkdir()
            for checkpoint in training_checkpoints.checkpoints(folder.path):
                shutil.copyfile(checkpoint.path, draft / training_checkpoints.FOLDER / checkpoint.path.name)
    except OccupiedError as error:
        raise ValueError(f"a model called {name!r} already exists: choose another name") from error
    except OSError as error:
        raise ValueError(unwritable(error, target)) from error


def _everything(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def saved_names(folder: Folder, models_dir: Path) -> list[str]:
    """The names under which the final model of a run is saved in `models_dir`, the latest last; empty for a run without a model.

    What lies there decides, not what was done: a model that was deleted or replaced since is not among them.
    """
    if not folder.has_model:
        return []
    own = _digest(folder.path / CONFIG)
    saved = [
        path for path in models_dir.glob(f"*/{CONFIG}") if own and is_name(path.parent.name) and _digest(path) == own
    ]
    return [path.parent.name for path in sorted(saved, key=_written)]


def _digest(path: Path) -> str:
    """The digest in the description of a model; "" if that is missing or damaged."""
    try:
        return _known_digest(path.parent, path.stat().st_mtime_ns)
    except (OSError, CheckpointError):
        return ""


@lru_cache(maxsize=1024)
def _known_digest(folder: Path, _written_at: int) -> str:
    """The digest of a folder, cached by when it was written, since another model may replace it."""
    return saved_digest(folder)


def _written(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.parent.name
    except OSError:  # deleted meanwhile
        return 0, path.parent.name


def sweep(root: Path, *, spare: Container[str]) -> None:
    """Delete runs of more than DAYS_KEPT days ago, and the oldest beyond MOST_KEPT; none in `spare` or at work."""
    ended = [folder for folder in map(Folder, root.glob("*")) if folder.is_run and folder.path.name not in spare]
    ages = sorted((time.time() - folder.touched, folder.path) for folder in ended)
    for place, (age, path) in enumerate(ages):
        if (place >= MAX_ENDED_RUNS or age > DAYS_KEPT * 86_400) and not Folder(path).is_locked:
            shutil.rmtree(path, ignore_errors=True)
