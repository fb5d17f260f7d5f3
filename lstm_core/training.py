"""train(...) yields Progress; never prints, never plots."""

import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from lstm_core.checkpoint import CheckpointError, read_tensors, write_tensors
from lstm_core.model import SequenceModel, State

RESUME = "resume.safetensors"


@dataclass(frozen=True)
class Settings:
    """How a language model is trained on one long stream of tokens."""

    epochs: int = 10
    batch: int = 32  # streams read side by side
    window: int = 64  # steps of truncated backpropagation through time
    learning_rate: float = 5e-3  # the peak: linear warm-up, then a cosine to zero
    warmup: int = 100  # steps
    dropout: float = 0.2  # on what the top layer says, before the readout
    clip: float = 1.0  # largest norm of the gradient
    weight_decay: float = 0.01
    # Adam's own 1e-8 lets classes that never occur (most bytes) take full steps on gradients of nearly
    # nothing, until their logits explode on an unusual state.
    epsilon: float = 1e-5
    forget_bias: float = 1.0  # added to the forget gates' bias (Jozefowicz et al. 2015)
    seed: int = 0


@dataclass(frozen=True)
class Progress:
    """One step of training, as it happened."""

    step: int  # steps done, 1 is the first
    steps: int  # steps in all
    loss: float  # nats per token on this step's batch
    gradient_norm: float  # before clipping
    tokens_per_second: float


def open_forget_gates(model: SequenceModel, bias: float) -> None:
    """Add `bias` to every forget gate's bias, so that an untaught unit remembers (Jozefowicz et al. 2015)."""
    units = model.config.hidden
    with torch.no_grad():
        for name, parameter in model.lstm.named_parameters():
            if name.startswith("bias_ih"):
                parameter[units : 2 * units] += bias


def expect_only(model: SequenceModel, classes: np.ndarray, *, doubt: float = 10.0) -> None:
    """Lower the readout's bias by `doubt` nats for every class but `classes`, so that training need not learn it.

    A byte model has 256 classes, of which a text in English uses some 65. Pushing down the 191 others in
    the first steps pins units to their limits, and all later learning is slower for it.
    """
    unlikely = np.setdiff1d(np.arange(model.config.encoder.size), classes)
    with torch.no_grad():
        model.readout.bias[torch.as_tensor(unlikely, device=model.readout.bias.device)] -= doubt


def train(
    model: SequenceModel,
    ids: np.ndarray,
    settings: Settings,
    *,
    folder: str | os.PathLike[str] | None = None,
    save_every: int = 200,
) -> Iterator[Progress]:
    """Teach `model`, in place, to expect the next token of the stream `ids`; yields after every step.

    The stream is cut into `batch` strands read side by side; states are carried from window to window
    (truncated backpropagation through time, Williams & Peng 1990) and never reset: at the end of an epoch
    each strand hands its state to the strand whose text comes next. A model that was reset every epoch
    drifts when it reads a longer stream than a strand. AdamW (Loshchilov & Hutter 2019). With `folder`, all that is needed to go on is saved there every
    `save_every` steps, and a run that finds such a file of the same settings goes on where it stopped,
    bit for bit. Raises FloatingPointError when the loss is no longer a finite number.
    """
    strands = _strands(ids, settings)
    per_epoch = math.ceil((strands.shape[1] - 1) / settings.window)
    steps = per_epoch * settings.epochs
    run = _Run(model, settings, steps)
    path = None if folder is None else Path(folder) / RESUME
    if path is not None and path.is_file():
        run.restore(path)
    model.train()
    for step in range(run.step, steps):
        began = time.perf_counter()
        start = step % per_epoch * settings.window
        if start == 0 and run.state is not None:
            # Each strand goes on where its text goes on: at the beginning of the next strand.
            run.state = (run.state[0].roll(1, dims=1), run.state[1].roll(1, dims=1))
        window = strands[:, start : start + settings.window + 1].to(model.device)
        loss, norm = run.learn(window)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at step {step + 1} of {steps}: try a smaller learning rate "
                f"(now {settings.learning_rate:g}) or a smaller clip (now {settings.clip:g})"
            )
        if path is not None and (run.step % save_every == 0 or run.step == steps):
            run.keep(path)
        yield Progress(run.step, steps, loss, norm, window[:, 1:].numel() / (time.perf_counter() - began))
    model.eval()


def evaluate(model: SequenceModel, ids: np.ndarray, *, window: int = 4096) -> float:
    """How many nats per token does the model need for a stream it reads once, from a zero state?

    The mean of -ln p(next token) over all tokens but the first, state carried throughout.
    """
    if len(ids) < 2:
        raise ValueError(f"a stream of {len(ids)} tokens has no next token to expect: give at least 2")
    stream = torch.as_tensor(ids)
    total, state = 0.0, None
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(ids) - 1, window):
            piece = stream[start : start + window + 1].to(model.device)
            logits, state = model(piece[:-1], state)
            total += nn.functional.cross_entropy(logits.double(), piece[1:], reduction="sum").item()
    return total / (len(ids) - 1)


def _strands(ids: np.ndarray, settings: Settings) -> Tensor:
    length = len(ids) // settings.batch
    if length < 2:
        raise ValueError(
            f"{len(ids)} tokens are too few for {settings.batch} strands of at least 2: give more text or a smaller batch"
        )
    return torch.as_tensor(ids[: length * settings.batch]).view(settings.batch, length)


class _Run:
    """What changes while a model is trained: weights, optimiser, carried state, randomness."""

    def __init__(self, model: SequenceModel, settings: Settings, steps: int) -> None:
        self.model, self.settings, self.steps, self.step = model, settings, steps, 0
        self.state: State | None = None
        self.generator = torch.Generator("cpu").manual_seed(settings.seed)
        self.optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=settings.learning_rate,
            betas=(0.9, 0.99),
            eps=settings.epsilon,
            weight_decay=settings.weight_decay,
        )

    def learn(self, window: Tensor) -> tuple[float, float]:
        """One step down the gradient: the loss before it, and the gradient's norm."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * self._rate()
        hidden, state = self.model.read(window[:, :-1], self.state)
        logits = self.model.readout(self._dropped(hidden))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimizer.step()
        self.state = (state[0].detach(), state[1].detach())
        self.step += 1
        return loss.item(), norm.item()

    def _rate(self) -> float:
        settings = self.settings
        if self.step < settings.warmup:
            return (self.step + 1) / settings.warmup
        done = (self.step - settings.warmup) / max(1, self.steps - settings.warmup)
        return 0.5 * (1 + math.cos(math.pi * done))

    def _dropped(self, hidden: Tensor) -> Tensor:
        """Dropout whose randomness comes from this run's own generator."""
        if not self.settings.dropout:
            return hidden
        kept = torch.rand(hidden.shape, generator=self.generator) >= self.settings.dropout
        return hidden * kept.to(hidden) / (1 - self.settings.dropout)

    def keep(self, path: Path) -> None:
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for index, parameter in enumerate(self.model.parameters()):
            for name, tensor in self.optimizer.state[parameter].items():
                tensors[f"optimizer.{index}.{name}"] = tensor
        if self.state is not None:
            tensors["state.hidden"], tensors["state.cell"] = self.state
        tensors["generator"] = self.generator.get_state()
        path.parent.mkdir(parents=True, exist_ok=True)
        described = {"step": str(self.step), "settings": json.dumps(asdict(self.settings)), "steps": str(self.steps)}
        write_tensors(path, {name: tensor.contiguous().clone() for name, tensor in tensors.items()}, described)

    def restore(self, path: Path) -> None:
        tensors, described = read_tensors(path)
        if json.loads(described.get("settings", "{}")) != asdict(self.settings) or described.get("steps") != str(
            self.steps
        ):
            raise CheckpointError(f"{path}: belongs to a run of other settings or data; delete it to start anew")
        self.step = int(described["step"])
        own = {name.removeprefix("model."): tensor for name, tensor in tensors.items() if name.startswith("model.")}
        self.model.load_state_dict(own)
        for index, parameter in enumerate(self.model.parameters()):
            prefix = f"optimizer.{index}."
            self.optimizer.state[parameter] = {
                name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)
            }
        if "state.hidden" in tensors:
            device = self.model.device
            self.state = (tensors["state.hidden"].to(device), tensors["state.cell"].to(device))
        self.generator.set_state(tensors["generator"])
