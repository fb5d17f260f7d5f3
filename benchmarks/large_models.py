"""Models larger than those of the zoo, with fresh weights, and how the app is made to offer models that are not shipped."""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import pretrained
from lstm_core import ByteEncoder, ModelConfig, SequenceModel
from lstm_core.training_checkpoints import TrainingCheckpoint

LAYOUTS = {
    "128 units": ModelConfig(ByteEncoder(), 32, 128),
    "512 units": ModelConfig(ByteEncoder(), 64, 512),
    "1024 units": ModelConfig(ByteEncoder(), 64, 1024),
    "three wide layers both ways": ModelConfig(ByteEncoder(), 64, 1024, layers=3, bidirectional=True),
}


@cache
def model(name: str, *, seed: int = 1) -> SequenceModel:
    return SequenceModel(LAYOUTS[name], seed=seed, device="cpu").eval()


def stand_ins(own: Collection[str], model: Callable[..., SequenceModel]) -> dict[str, Callable[..., Any]]:
    """What stands in for functions of `pretrained`, by name, so that the app offers "shakespeare" and these models.

    `model(name, seed=2)` is the untrained one of `model(name)`.
    """
    load_shipped, untrained_shipped, checkpoints_shipped = (
        pretrained.load,
        pretrained.untrained,
        pretrained.checkpoints,
    )

    def load(name: str, *, device: str = "auto") -> SequenceModel:
        return model(name) if name in own else load_shipped(name, device=device)

    def untrained(name: str, *, device: str = "auto") -> SequenceModel:
        return model(name, seed=2) if name in own else untrained_shipped(name, device=device)

    def checkpoints(name: str) -> tuple[TrainingCheckpoint, ...]:
        return () if name in own else checkpoints_shipped(name)

    return {
        "names": lambda: ["shakespeare", *own],
        "load": load,
        "has_untrained": lambda _name: True,
        "untrained": untrained,
        "checkpoints": checkpoints,
    }


def open_to_the_app(functions: dict[str, Callable[..., Any]]) -> None:
    """Let the app of this process offer the models of `stand_ins`."""
    for name, function in functions.items():
        setattr(pretrained, name, function)
