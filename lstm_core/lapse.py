"""The time-lapse of a training: small checkpoints on a logarithmic schedule, after 0, 1, 2, 4, 8, ... steps."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

import torch

from lstm_core.checkpoint import CheckpointError, check_weights, read_metadata, read_tensors, write_tensors
from lstm_core.config import ModelConfig
from lstm_core.model import SequenceModel

FOLDER = "checkpoints"


@dataclass(frozen=True)
class Point:
    """One checkpoint: where it lies, after how many steps, and how well the model did then."""

    path: Path
    step: int
    loss: float  # on one fixed batch, the same for every point of a lapse
    score: float  # the task's validation score; NaN where it was not taken
    exact: bool  # float32 as trained; otherwise rounded to half precision


def is_due(step: int, steps: int) -> bool:
    """Is a checkpoint kept after `step` of `steps` steps? After 0, 1, 2, 4, 8, ..., and after the last."""
    return step in (0, steps) or step & (step - 1) == 0


def keep(
    folder: str | os.PathLike[str], model: SequenceModel, step: int, *, loss: float, score: float, half: bool = False
) -> Path:
    """Write a checkpoint into the time-lapse of a model that lies in `folder`, whole or not at all."""
    target = Path(folder) / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    kind = torch.float16 if half else torch.float32
    weights = {name: tensor.detach().cpu().to(kind).contiguous() for name, tensor in model.state_dict().items()}
    path = target / f"{step:09d}.safetensors"
    write_tensors(path, weights, {"step": str(step), "loss": repr(loss), "score": repr(score)})
    return path


def points(folder: str | os.PathLike[str]) -> tuple[Point, ...]:
    """Which checkpoints has the model in `folder`, the earliest first? Raises CheckpointError for a damaged one."""
    return tuple(_point(path) for path in sorted((Path(folder) / FOLDER).glob("*.safetensors")))


def load_point(point: Point, config: ModelConfig) -> SequenceModel:
    """The model as it was at that point, in float32 and evaluation mode, on the CPU."""
    tensors, _ = read_tensors(point.path)
    weights = {name: tensor.float() for name, tensor in tensors.items()}
    model = SequenceModel(config, seed=None)
    check_weights(point.path, wanted=model.state_dict(), found=weights)
    model.load_state_dict(weights, assign=True)
    return model.eval()


def _point(path: Path) -> Point:
    described, kinds = read_metadata(path)
    try:
        step, loss, score = int(described["step"]), float(described["loss"]), float(described["score"])
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: is no checkpoint of a time-lapse ({error}); copy it again") from error
    if step < 0 or math.isnan(loss):
        raise CheckpointError(f"{path}: says step {step} and loss {loss}; copy it again")
    return Point(path, step, loss, score, exact=kinds == {"F32"})
