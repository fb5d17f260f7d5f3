"""Checkpoints during a training, small ones on a logarithmic schedule, after 0, 1, 2, 4, 8, ... steps."""

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

import torch

from lstm_core.config import ModelConfig
from lstm_core.model import SequenceModel
from lstm_core.model_files import CheckpointError, check_weights, read_metadata, read_tensors
from lstm_core.saving import OccupiedError, listed, write_tensors

FOLDER = "checkpoints"
_DRAFT = re.compile(r"\d{9}\.safetensors\.part")


@dataclass(frozen=True)
class TrainingCheckpoint:
    """A checkpoint of a training: its file, its step, and how good the model was then."""

    path: Path
    step: int
    loss: float  # on one fixed batch, the same for every checkpoint of a training
    score: float  # the task's validation score; NaN where it was not taken
    exact: bool  # float32 as trained; otherwise rounded to half precision


def is_due(step: int, steps: int) -> bool:
    """Is a checkpoint saved after `step` of `steps` steps? After 0, 1, 2, 4, 8, ..., and after the last."""
    return step in (0, steps) or step & (step - 1) == 0


def save_checkpoint(
    folder: str | os.PathLike[str], model: SequenceModel, step: int, *, loss: float, score: float, half: bool = False
) -> Path:
    """Write a checkpoint beside the model in `folder`, whole or not at all.

    Raises OccupiedError where a file of its name is no such checkpoint.
    """
    target = Path(folder) / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    kind = torch.float16 if half else torch.float32
    weights = {name: tensor.detach().cpu().to(kind).contiguous() for name, tensor in model.state_dict().items()}
    path = target / f"{step:09d}.safetensors"
    if path.exists() and not is_checkpoint(path):
        raise OccupiedError(f"{path} is not a training checkpoint and would be lost: choose another folder")
    write_tensors(path, weights, {"step": str(step), "loss": repr(loss), "score": repr(score)})
    return path


def foreign(folder: str | os.PathLike[str]) -> list[str]:
    """Files among the checkpoints of the model in `folder` that are no checkpoints."""
    target = Path(folder) / FOLDER
    if not target.is_dir():
        return [FOLDER] if target.exists() else []
    return [
        f"{FOLDER}/{one.name}"
        for one in sorted(target.iterdir())
        if not _DRAFT.fullmatch(one.name) and not is_checkpoint(one)
    ]


def clear(folder: str | os.PathLike[str]) -> None:
    """Delete the checkpoints of the model in `folder`. Raises OccupiedError, before deleting any, if other files are there."""
    others = foreign(folder)
    if others:
        raise OccupiedError(f"{folder} holds {listed(others)}, which would be lost: choose another folder")
    for one in (Path(folder) / FOLDER).glob("*"):
        one.unlink()


def is_checkpoint(path: Path) -> bool:
    """Is this a file that `save_checkpoint` wrote?"""
    try:
        return path.suffix == ".safetensors" and "step" in read_metadata(path)[0]
    except CheckpointError:
        return False


def checkpoints(folder: str | os.PathLike[str]) -> tuple[TrainingCheckpoint, ...]:
    """The checkpoints of the model in `folder`, the earliest first. Raises CheckpointError for a damaged one."""
    return tuple(_checkpoint(path) for path in sorted((Path(folder) / FOLDER).glob("*.safetensors")))


def load_checkpoint(checkpoint: TrainingCheckpoint, config: ModelConfig) -> SequenceModel:
    """The model at that checkpoint, in float32 and evaluation mode, on the CPU."""
    tensors, _ = read_tensors(checkpoint.path)
    weights = {name: tensor.float() for name, tensor in tensors.items()}
    model = SequenceModel(config, seed=None)
    check_weights(checkpoint.path, wanted=model.state_dict(), found=weights)
    model.load_state_dict(weights, assign=True)
    return model.eval()


def _checkpoint(path: Path) -> TrainingCheckpoint:
    described, kinds = read_metadata(path)
    try:
        step, loss, score = int(described["step"]), float(described["loss"]), float(described.get("score", "nan"))
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: is not a training checkpoint ({error}); copy it again") from error
    if step < 0 or math.isnan(loss):
        raise CheckpointError(f"{path}: says step {step} and loss {loss}; copy it again")
    return TrainingCheckpoint(path, step, loss, score, exact=kinds == {"F32"})
