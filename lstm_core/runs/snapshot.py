"""Snapshots of a run: its current weights, replaced about once a second."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lstm_core.model import SequenceModel
from lstm_core.model_files import CheckpointError, check_weights, load, read_metadata, read_tensors
from lstm_core.runs.folder import Folder
from lstm_core.saving import write_tensors
from lstm_core.training import Progress

EVERY = 1.0  # seconds between two snapshots
SHARE = 0.05  # of the time at most is spent on writing them: large ones come more seldom


@dataclass(frozen=True)
class Snapshot:
    """The step of a snapshot, and the numbers of that step."""

    step: int
    # NaN where another version of Gatescope did not keep them:
    loss: float  # of that step's batch
    tokens_per_second: float
    seconds: float  # of work, pauses left out


class SnapshotWriter:
    """Writes snapshots of a run's weights, not too often."""

    def __init__(self, folder: Folder) -> None:
        self._folder, self._due = folder, 0.0
        self.none_yet = True

    def show(self, model: SequenceModel, now: Progress, seconds: float, *, at_once: bool = False) -> None:
        began = time.monotonic()
        if began < self._due and not at_once:
            return
        snapshot = Snapshot(now.step, now.loss, now.tokens_per_second, seconds)
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
        described = {name: repr(value) for name, value in vars(snapshot).items()}
        write_tensors(self._folder.now, weights, described, lasting=False)
        self.none_yet = False
        ended = time.monotonic()
        self._due = ended + max(EVERY, (ended - began) / SHARE)


def last_snapshot(folder: Folder) -> Snapshot | None:
    """The step of the last snapshot; None before the first."""
    if not folder.now.is_file():
        return None
    return _snapshot(read_metadata(folder.now)[0])


def load_snapshot(folder: Folder) -> tuple[Snapshot, SequenceModel] | None:
    """The model as it was at the last snapshot, or as it ended, in evaluation mode; None before the first."""
    if not folder.now.is_file():
        return None
    if folder.has_model and folder.status.state in ("finished", "stopped"):
        return _snapshot(read_metadata(folder.now)[0]), load(folder.path, device="cpu")
    weights, described = read_tensors(folder.now)
    first = _first(folder.first)
    model = SequenceModel(first.config, seed=None)
    check_weights(folder.now, wanted=model.state_dict(), found=weights)
    model.load_state_dict(weights, assign=True)
    model.card = first.card
    return _snapshot(described), model.eval()


@lru_cache(maxsize=8)
def _first(path: Path) -> SequenceModel:
    """The model before its first step, for its layout and card, which never change."""
    return load(path, device="cpu")


def _snapshot(described: dict[str, str]) -> Snapshot:
    """The snapshot in a file's metadata; missing numbers are NaN."""
    try:
        numbers = (float(described.get(name, "nan")) for name in ("loss", "tokens_per_second", "seconds"))
        return Snapshot(int(described["step"]), *numbers)
    except (KeyError, ValueError) as error:
        raise CheckpointError(
            f"the snapshot of the run does not tell its step ({error}): wait for the next, or start a new run"
        ) from error
