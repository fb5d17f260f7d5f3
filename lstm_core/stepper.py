"""Stepper: one step at a time, by the equations of cells.py. Slow, plain, and open to rewinding."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from lstm_core.cells import LSTMStep, lstm_step
from lstm_core.encoders import Tokens
from lstm_core.model import SequenceModel, State
from lstm_core.record import assemble, checked_state, full_float32, layer_weights
from lstm_core.recording import Recording


class Stepper:
    """Reads one token at a time with `model` and shows every gate.

    `initial_state` is torch's (h_0, c_0), each (layers * directions, unit); zeros by default.

    A bidirectional model reads its sequence from both ends, so that each new token changes what the
    backward layers said at every earlier step: there `step` reads the tokens so far anew, as one
    sequence, and `read` is the quick way through a long one.
    """

    def __init__(self, model: SequenceModel, *, initial_state: State | None = None) -> None:
        self.model = model
        self._initial = checked_state(model.lstm, initial_state, model.readout.weight)
        self._read: list[Tensor] = []  # what the first layer reads at each step, (feature,)
        self._steps: list[dict[str, LSTMStep]] = []

    @property
    def position(self) -> int:
        """How many tokens have been read?"""
        return len(self._read)

    @property
    def state(self) -> State:
        """(hidden, cell) as `torch.nn.LSTM` returns them, each (layers * directions, unit)."""
        if not self._steps:
            return self._initial
        # A backward layer ends at the sequence's first step.
        ends = [(self._steps[0] if name.endswith("_reverse") else self._steps[-1])[name] for name in self._steps[-1]]
        return torch.stack([end.hidden for end in ends]), torch.stack([end.cell for end in ends])

    def step(self, token: int | str) -> dict[str, LSTMStep]:
        """What does every layer do on reading one more token?

        Its class number, its character or word, or its numbers as text; where these have a period, with their
        place in it ("@182 20.7"), or they are read as of the first.
        """
        with torch.inference_mode(), full_float32():
            x = self._embedded(token)
            if self.model.config.bidirectional:
                self._steps = self._through([*self._read, x])
            else:
                self._steps.append(self._one(x))
        self._read.append(x)
        return self._steps[-1]

    def rewind(self, step: int) -> None:
        """Go back to where `step` tokens had been read; 0 is the initial state."""
        if not 0 <= step <= self.position:
            raise ValueError(f"cannot rewind to step {step}: {self.position} tokens have been read")
        del self._read[step:]
        if not self.model.config.bidirectional:
            del self._steps[step:]
            return
        with torch.inference_mode(), full_float32():
            self._steps = self._through(self._read) if self._read else []

    def read(self, inputs: str | Tokens) -> Recording:
        """What `record` answers, found step by step: reads a whole sequence from the initial state."""
        tokens = self.model.encode(inputs)
        with torch.inference_mode(), full_float32():
            self._read = list(self.model.embedding(self.model.inputs(tokens)))
            self._steps = self._through(self._read)
            signals = {name: _stacked(step[name] for step in self._steps) for name in self._steps[0]}
            top = torch.cat([signals[name].hidden for name in self._top_names()], dim=-1)
            return assemble(self.model, tokens, signals, self.model.readout(top), self._initial)

    def probability(self) -> Tensor:
        """What does the readout expect next, or which label, over (class,)?

        Raises ValueError before the first step, and for a model that says numbers.
        """
        if not self._steps:
            raise ValueError("nothing has been read yet: call step(token) first")
        with torch.inference_mode():
            top = torch.cat([self._steps[-1][name].hidden for name in self._top_names()])
            return self.model.probability(self.model.readout(top))

    def _one(self, x: Tensor) -> dict[str, LSTMStep]:
        hidden, cell = self.state
        found = {}
        for layer, name in enumerate(self.model.config.layer_names):
            found[name] = self._cell(layer, x, hidden[layer], cell[layer], reverse=False)
            x = found[name].hidden
        return found

    def _through(self, read: list[Tensor]) -> list[dict[str, LSTMStep]]:
        """All layers over all that is read, layer by layer, each direction from its own end."""
        config = self.model.config
        x = list(read)
        found: list[dict[str, LSTMStep]] = [{} for _ in read]
        for row, name in enumerate(config.layer_names):
            layer, reverse = row // config.directions, name.endswith("_reverse")
            hidden, cell = self._initial[0][row], self._initial[1][row]
            for step in reversed(range(len(x))) if reverse else range(len(x)):
                found[step][name] = self._cell(layer, x[step], hidden, cell, reverse=reverse)
                hidden, cell = found[step][name].hidden, found[step][name].cell
            if row % config.directions == config.directions - 1:
                names = config.layer_names[row + 1 - config.directions : row + 1]
                x = [torch.cat([step[own].hidden for own in names]) for step in found]
        return found

    def _cell(self, layer: int, x: Tensor, hidden: Tensor, cell: Tensor, *, reverse: bool) -> LSTMStep:
        weights = layer_weights(self.model.lstm, layer, reverse=reverse)
        return lstm_step(x, hidden, cell, weight_ih=weights.weight_ih, weight_hh=weights.weight_hh, bias=weights.bias)

    def _top_names(self) -> tuple[str, ...]:
        return self.model.config.layer_names[-self.model.config.directions :]

    def _embedded(self, token: int | str) -> Tensor:
        classes = self.model.config.classes
        if isinstance(token, int):
            if not 0 <= token < classes:
                there = f"classes 0 to {classes - 1}" if classes else "none, for it reads numbers: give them as text"
                raise ValueError(f"token {token} is not among the model's classes: {there}")
            tokens = self.model.config.class_encoder.tokens(np.array([token]))
        else:
            tokens = self.model.encode(token)
        if len(tokens) != 1:
            raise ValueError(f"{token!r} is {len(tokens)} tokens to this model; step takes one (read takes many)")
        embedded: Tensor = self.model.embedding(self.model.inputs(tokens))
        return embedded[0]


def _stacked(steps: Iterator[LSTMStep]) -> LSTMStep:
    return LSTMStep(*(torch.stack(signal) for signal in zip(*steps, strict=True)))
