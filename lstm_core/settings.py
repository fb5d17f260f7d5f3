"""Settings of a training: everything that decides its result except task and layout."""

import math
from dataclasses import dataclass

OPTIMIZERS = ("AdamW", "RMSprop", "SGD")
SCHEDULES = ("cosine", "constant")

_AT_LEAST = {"steps": 1, "batch": 1, "warmup": 0, "chrono": 0, "score_every": 0, "seed": 0}
_LARGEST_SEED = 2**32 - 1  # each step's own seed, made from it, must fit into 64 bits


@dataclass(frozen=True)
class Settings:
    """How a model is trained. Raises ValueError, naming the field, for an invalid value.

    >>> Settings(steps=500, learning_rate=1e-3).optimizer
    'AdamW'
    """

    steps: int = 1000
    batch: int = 32  # sequences a step
    optimizer: str = "AdamW"  # one of OPTIMIZERS
    learning_rate: float = 5e-3  # the peak: linear warm-up, then the schedule
    warmup: int = 100  # steps
    schedule: str = "cosine"  # one of SCHEDULES: down to zero along a cosine, or the peak to the end
    clip: float = 1.0  # largest norm of the gradient
    weight_decay: float = 0.01
    # Adam's own 1e-8 lets classes that never occur (most bytes) take full steps on gradients of nearly
    # nothing, until their logits explode on an unusual state.
    epsilon: float = 1e-5
    dropout: float = 0.0  # on the top layer's output, before the readout
    input_dropout: float = 0.0  # on what the first layer reads
    weight_noise: float = 0.0  # standard deviation of what is added to every weight while a gradient is taken
    forget_bias: float = 1.0  # added to the forget gates' bias (Jozefowicz et al. 2015)
    embedding_spread: float = 1.0  # standard deviation of the first embeddings; small where words are rare
    chrono: int = 0  # longest lag of the chrono initialisation (Tallec & Ollivier 2018); 0: forget_bias instead
    keep_best: bool = False  # end with the weights that scored best on the validation sequences, not the last
    score_every: int = 0  # steps between two scores; 0 for twenty in all
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in _AT_LEAST.items():
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise ValueError(f"{name} must be a whole number from {least} upwards, not {value!r}")
        if self.seed > _LARGEST_SEED:
            raise ValueError(f"seed must be a whole number up to {_LARGEST_SEED:,}, not {self.seed:,}")
        for name, choices in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}")
        for name in ("learning_rate", "clip", "epsilon", "embedding_spread"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ValueError(f"{name} must be a number above 0, not {getattr(self, name)!r}")
        for name in ("weight_decay", "weight_noise"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name} must be 0 or a positive number, not {getattr(self, name)!r}")
        for name in ("dropout", "input_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, not {getattr(self, name)!r}")
        if self.chrono == 1:
            raise ValueError("chrono must be 0 (off) or a lag of at least 2 steps, not 1")
        if not math.isfinite(self.forget_bias):
            raise ValueError(f"forget_bias must be a finite number, not {self.forget_bias!r}")

    @property
    def scoring(self) -> int:
        """The number of steps between two scores."""
        return self.score_every or max(1, self.steps // 20)

    def is_scored(self, step: int) -> bool:
        """Is the model scored after `step` steps?"""
        return step > 0 and (step % self.scoring == 0 or step == self.steps)

    def rate(self, step: int) -> float:
        """The learning rate after `step` steps."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        if self.schedule == "constant":
            return self.learning_rate
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
