"""Initial weights: fresh draws, forget gates biased to remember, a readout biased to the classes that occur."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from lstm_core.config import ModelConfig
from lstm_core.described import from_fields
from lstm_core.drawing import uniform
from lstm_core.model import SequenceModel
from lstm_core.settings import Settings
from lstm_core.stack import named_directions
from lstm_core.tasks.task import Task


@dataclass(frozen=True)
class Initial:
    """Everything that decides a model's initial weights, besides its layout.

    >>> Initial(seed=3, forget_bias=1.0).seed
    3
    """

    seed: int = 0
    forget_bias: float = 1.0
    chrono: int = 0
    embedding_spread: float = 1.0
    expected: tuple[int, ...] | None = None  # classes; None for all

    @classmethod
    def of(cls, task: Task, settings: Settings) -> "Initial":
        return cls(
            settings.seed, settings.forget_bias, settings.chrono, settings.embedding_spread, expected=task.expected
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"expected": None if self.expected is None else list(self.expected)}

    @classmethod
    def from_json(cls, fields: object) -> "Initial":
        """What `to_json` of this or an older version wrote. Raises ValueError for unknown fields."""
        if isinstance(fields, dict) and isinstance(fields.get("expected"), list):
            fields = {**fields, "expected": tuple(fields["expected"])}
        return from_fields(cls, fields, "description of the first weights")


def initial_model(config: ModelConfig, initial: Initial, *, device: str | torch.device = "cpu") -> SequenceModel:
    """The model before its first training step, bit-identical on every processor, in evaluation mode.

    >>> from lstm_core.tasks import make_task
    >>> from lstm_core.training import Initial, Settings, initial_model
    >>> task = make_task("adding", options={"length": 5})
    >>> settings = Settings(steps=2, batch=4)
    >>> model = initial_model(task.config(task.size), Initial.of(task, settings))
    >>> model.digest == initial_model(model.config, Initial.of(task, settings)).digest
    True
    """
    model = SequenceModel(config, seed=initial.seed, device="cpu")
    for weights in model.embedding.parameters():
        weights.data *= initial.embedding_spread
    if initial.chrono:
        chrono_gates(model, initial.chrono, seed=initial.seed)
    else:
        open_forget_gates(model, initial.forget_bias)
    if initial.expected is not None:
        expect_only(model, initial.expected)
    return model.to(device).eval()


def untrained_draws(model: SequenceModel, count: int = 20, *, seed: int = 0) -> list[SequenceModel]:
    """Models of the architecture of `model` with random weights: what its units would do if nothing had been learnt.

    Their first weights are drawn as those of `model` were, where its card tells how (`Initial`), from other seeds; else as
    torch draws them. 20 are enough to tell a single unit from chance at a false-discovery rate of 5 %: `unit_cards` wants
    them recorded over the model's corpus, or over the beginning of each document (some 50,000 steps in all).

    >>> import pretrained
    >>> from lstm_core.training import untrained_draws
    >>> one, other = untrained_draws(pretrained.load("anbn", device="cpu"), 2)
    >>> one.config == other.config, one.digest == other.digest
    (True, False)
    """
    described = model.card.training.get("initial")
    initial = Initial(forget_bias=0.0) if described is None else Initial.from_json(described)
    seeds = np.random.SeedSequence(seed).generate_state(count).tolist()
    return [initial_model(model.config, replace(initial, seed=int(one)), device=model.device) for one in seeds]


def open_forget_gates(model: SequenceModel, bias: float) -> None:
    """Add `bias` to every forget gate's bias, so that an untrained unit remembers (Jozefowicz et al. 2015).

    >>> from lstm_core import ByteEncoder, ModelConfig, SequenceModel
    >>> model = SequenceModel(ModelConfig(ByteEncoder(), embedding=4, hidden=3), seed=0)
    >>> before = model.lstm.bias_ih_l0.clone()
    >>> open_forget_gates(model, 1.0)
    >>> (model.lstm.bias_ih_l0 - before).round(decimals=4).tolist()  # input, forget, candidate, output
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    for _, own in _biases(model, "bias_ih"):
        own[1] += bias


def chrono_gates(model: SequenceModel, longest: int, *, seed: int) -> None:
    """Let units forget at all speeds up to a lag of `longest` steps (Tallec & Ollivier 2018, sec. 3, eq. 16).

    b_f = log u with u uniform between 1 and longest - 1, and b_i = -b_f: a unit whose forget gate is
    sigmoid(b_f) has lost all but 1/e of what it held after about u + 1 steps. The second of torch's two bias
    vectors becomes zero for both gates.

    >>> from lstm_core import ByteEncoder, ModelConfig, SequenceModel
    >>> model = SequenceModel(ModelConfig(ByteEncoder(), embedding=4, hidden=3), seed=0)
    >>> chrono_gates(model, longest=100, seed=0)
    >>> forget = model.lstm.bias_ih_l0[3:6]
    >>> bool((forget >= 0).all())  # sigmoid(forget) remembers for up to 100 steps
    True
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    for name, own in _biases(model, "bias"):
        if name.startswith("bias_hh"):
            own[:2] = 0
            continue
        lag = uniform(own.shape[1:], 1.0, max(longest - 1.0, 1 + 1e-6), generator)
        own[1] = lag.double().log().float()  # of float32, processors round differently
        own[0] = -own[1]


def expect_only(model: SequenceModel, classes: Sequence[int], *, doubt: float = 10.0) -> None:
    """Lower the readout's bias by `doubt` nats for all classes except `classes`, so that training need not learn it.

    A byte model has 256 classes, of which a text in English uses some 65. Pushing down the 191 others in
    the first steps pins units to their limits, and all later learning is slower for it.

    >>> from lstm_core import ByteEncoder, ModelConfig, SequenceModel
    >>> model = SequenceModel(ModelConfig(ByteEncoder(), embedding=4, hidden=3), seed=0)
    >>> before = model.readout.bias.clone()
    >>> expect_only(model, [97, 98])  # "a" and "b"
    >>> (before - model.readout.bias)[[97, 99]].tolist()
    [0.0, 10.0]
    """
    unlikely = torch.ones(model.config.outputs, dtype=torch.bool)
    unlikely[list(classes)] = False
    with torch.no_grad():
        model.readout.bias[unlikely.to(model.device)] -= doubt


def _biases(model: SequenceModel, prefix: str) -> list[tuple[str, torch.Tensor]]:
    """Writable views of the LSTM's bias vectors as (gate, unit), gates in torch's order i, f, g, o.

    Other cells have no forget gate, and none of theirs is given.
    """
    lstms = {name for name, one in named_directions(model.lstm).items() if one.cell.type == "LSTM"}
    named: list[tuple[str, nn.Parameter]] = list(model.lstm.named_parameters())
    return [
        (name, weights.data.view(4, -1))
        for name, weights in named
        if name.startswith(prefix) and "layer" + name.rpartition("_l")[2] in lstms
    ]
