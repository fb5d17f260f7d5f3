"""Models of every awkward layout, with fresh weights, beside those that are shipped: for tests and benchmarks."""

from functools import cache

import pretrained
from lstm_core import ByteEncoder, ModelConfig, SequenceModel

LAYOUTS = {
    "one unit": ModelConfig(ByteEncoder(), 4, 1),
    "128 units": ModelConfig(ByteEncoder(), 32, 128),
    "512 units": ModelConfig(ByteEncoder(), 64, 512),
    "1024 units": ModelConfig(ByteEncoder(), 64, 1024),
    "three layers": ModelConfig(ByteEncoder(), 6, 7, layers=3),
    "both ways": ModelConfig(ByteEncoder(), 6, 5, layers=2, bidirectional=True),
    "three wide layers both ways": ModelConfig(ByteEncoder(), 64, 1024, layers=3, bidirectional=True),
}
_shipped, _shipped_untrained = pretrained.load, pretrained.untrained


@cache
def model(name: str, *, seed: int = 1) -> SequenceModel:
    return SequenceModel(LAYOUTS[name], seed=seed, device="cpu").eval()


def names() -> list[str]:
    return ["shakespeare", *LAYOUTS]


def load(name: str, *, device: str = "auto") -> SequenceModel:
    return model(name) if name in LAYOUTS else _shipped(name, device=device)


def untrained(name: str, *, device: str = "auto") -> SequenceModel:
    return model(name, seed=2) if name in LAYOUTS else _shipped_untrained(name, device=device)


def open_to_the_app() -> None:
    """Let the app find these models as if they were shipped."""
    pretrained.names, pretrained.load, pretrained.untrained = names, load, untrained
