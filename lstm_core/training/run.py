"""Run: the state of a training, how it takes a step, and how it is saved."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from lstm_core.device import ALIGNMENT, aligned
from lstm_core.layers import State
from lstm_core.model import SequenceModel
from lstm_core.model_files import CheckpointError, read_tensors
from lstm_core.saving import write_tensors
from lstm_core.settings import Settings
from lstm_core.stack import Stack
from lstm_core.tasks.task import Batch
from lstm_core.training import parallel
from lstm_core.training.losses import step_losses

NOISE = 1  # a stream of random numbers apart from the one of the sequences


class Run:
    """A training in progress: weights, optimiser, carried states, and the best weights so far."""

    def __init__(self, model: SequenceModel, settings: Settings, task: Mapping[str, object]) -> None:
        self.model, self.settings, self.task, self.step = model, settings, dict(task), 0
        self.state: State | None = None  # (layers, sequence, unit) each; of a Stack (1, sequence, numbers)
        self.score = math.nan  # the last validation score
        self.best: tuple[float, dict[str, Tensor]] | None = None  # validation score, weights
        model.requires_grad_()  # a Stack is made for reading, and asks for no gradients
        _align(model)
        self._stacked = isinstance(model.lstm, Stack)
        self.optimizer = optimizer(model, settings)
        self._generator = torch.Generator("cpu")

    def learn(self, batch: Batch) -> tuple[float, float]:
        """Take one gradient step; returns the loss before it, and the gradient's norm before clipping.

        A loss or gradient that is not finite changes nothing.
        """
        self._generator.manual_seed((self.settings.seed * 1_000_003 + self.step) * 2 + NOISE)
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        noise = self._disturb()
        loss = self._loss(batch)
        loss.backward()
        self._settle(noise)
        parallel.sum_gradients(self.model.parameters())
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        total = parallel.summed(loss.detach())
        numbers = torch.stack([total, norm]).tolist()  # one wait for the device, not two
        if all(map(math.isfinite, numbers)):
            self.optimizer.step()
            self.step += 1
        return numbers[0], numbers[1]

    def _loss(self, batch: Batch) -> Tensor:
        """This process's share of the batch's loss: the weighted mean over the steps."""
        own, device = parallel.share(len(batch.inputs)), self.model.device
        drop = partial(self._dropped, sequences=len(batch.inputs), own=own)
        embedded = drop(self.model.embedding(aligned(batch.inputs[own], device)), self.settings.input_dropout)
        start = self._start(batch)
        if start is not None and self._stacked:
            start = start[0][0], start[1][0]
        hidden, state = self.model.read_embedded(embedded, start)
        ends = [aligned(part[None] if self._stacked else part) for part in state]
        self.state = ends[0], ends[1]
        logits = self.model.predict(drop(hidden, self.settings.dropout))
        losses = step_losses(self.model.config.readout, logits, aligned(batch.targets[own], device))
        return (losses * aligned(batch.weights[own], device)).sum() / batch.weights.sum().item()

    def _start(self, batch: Batch) -> State | None:
        if batch.state == "fresh" or self.state is None:
            return None
        if batch.state == "carried":
            return self.state
        # Each sequence goes on where the one before it ended, also across processes.
        own = parallel.share(len(batch.inputs))
        hidden, cell = (aligned(parallel.gathered(part).roll(1, dims=1)[:, own]) for part in self.state)
        return hidden, cell

    def _dropped(self, features: Tensor, share: float, *, sequences: int, own: slice) -> Tensor:
        """Dropout from this run's own generator, the same on any number of processes."""
        if not share:
            return features
        mask = torch.rand((sequences, *features.shape[1:]), generator=self._generator)[own] >= share
        return features * mask.to(features) / (1 - share)

    def _disturb(self) -> list[Tensor]:
        """Add noise to every weight; returns the weights as they were."""
        if not self.settings.weight_noise:
            return []
        weights = list(self.model.parameters())
        before = [one.detach().clone() for one in weights]
        with torch.no_grad():
            for one in weights:
                drawn = torch.empty(one.shape).normal_(std=self.settings.weight_noise, generator=self._generator)
                one.add_(drawn.to(one.device))
        return before

    def _settle(self, before: list[Tensor]) -> None:
        with torch.no_grad():
            for one, as_it_was in zip(self.model.parameters(), before, strict=bool(before)):
                one.copy_(as_it_was)

    def judge(self, score: float, *, better: bool) -> None:
        """Record the score, and the current weights if the score is `better` than the best so far."""
        self.score = score
        if self.settings.keep_best and better:
            self.best = (score, {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()})

    def keep(self, path: Path) -> None:
        """Save all that a bit-identical resume needs (see `train`). Every process calls it; the first one writes."""
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for index, parameter in enumerate(self.model.parameters()):
            for name, tensor in self.optimizer.state[parameter].items():
                tensors[f"optimizer.{index}.{name}"] = torch.as_tensor(tensor)
        if self.state is not None:
            tensors["state.hidden"], tensors["state.cell"] = map(parallel.gathered, self.state)
        described = {"step": str(self.step), "score": repr(self.score), "of": self._of()}
        if self.best is not None:
            described["best"] = repr(self.best[0])
            tensors |= {f"best.{name}": tensor for name, tensor in self.best[1].items()}
        if parallel.rank() == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tensors(path, {name: tensor.contiguous().clone() for name, tensor in tensors.items()}, described)

    def restore(self, path: Path) -> None:
        """Resume from what `keep` saved. Raises CheckpointError if that was another run."""
        tensors, described = read_tensors(path)
        if not self._is_of(described.get("of", "")):
            raise CheckpointError(f"{path}: belongs to a run with other settings or data; delete it to start over")
        weights = _under("model.", tensors)
        if _shapes(weights) != _shapes(self.model.state_dict()):
            raise CheckpointError(f"{path}: belongs to a run of a model of another size; delete it to start over")
        try:
            self.step, self.score = int(described["step"]), float(described.get("score", "nan"))
            best_score = float(described["best"]) if "best" in described else None
        except (KeyError, ValueError) as error:
            raise CheckpointError(
                f"{path}: does not tell at which step the run was ({error}); delete it to start over"
            ) from error
        self.model.load_state_dict(weights)
        for index, parameter in enumerate(self.model.parameters()):
            self.optimizer.state[parameter] = {
                name: tensor if name == "step" else tensor.to(parameter.device)
                for name, tensor in _under(f"optimizer.{index}.", tensors).items()
            }
        if "state.hidden" in tensors:
            own = parallel.share(tensors["state.hidden"].shape[1])
            hidden, cell = (aligned(tensors[f"state.{part}"][:, own], self.model.device) for part in ("hidden", "cell"))
            self.state = hidden, cell
        if best_score is not None:
            best = {name: tensor.to(self.model.device) for name, tensor in _under("best.", tensors).items()}
            if _shapes(best) != _shapes(weights):
                raise CheckpointError(f"{path}: lacks the best weights of its run; delete it to start over")
            self.best = (best_score, best)

    def _of(self) -> str:
        return json.dumps({"settings": asdict(self.settings), "task": self.task}, sort_keys=True)

    def _is_of(self, told: str) -> bool:
        """Was a file written by a run with these settings and this task? Settings that it lacks had their defaults."""
        try:
            found = json.loads(told)
            settings = {**asdict(Settings()), **found["settings"]}
            return bool(json.loads(self._of()) == {**found, "settings": settings})
        except (ValueError, TypeError, KeyError):
            return False


def optimizer(model: SequenceModel, settings: Settings) -> torch.optim.Optimizer:
    """The optimiser that the settings name, over all weights of `model`."""
    rate, decay = settings.learning_rate, settings.weight_decay
    match settings.optimizer:
        case "RMSprop":
            return torch.optim.RMSprop(model.parameters(), lr=rate, eps=settings.epsilon, weight_decay=decay)
        case "SGD":
            return torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, weight_decay=decay)
    return torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.99), eps=settings.epsilon, weight_decay=decay)


def _align(model: SequenceModel) -> None:
    """Move weights to aligned memory, as a fresh model's are; values do not change."""
    for weights in model.parameters():
        if weights.device.type == "cpu" and weights.data_ptr() % ALIGNMENT:
            weights.data = aligned(weights)


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in tensors.items()}


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
