"""Stepper: one step at a time, by the equations of cells.py. Slow and simple, and can be rewound."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lstm_core.cells import LSTMStep, Step
from lstm_core.encoders import Tokens
from lstm_core.given import checked, described, for_text
from lstm_core.interventions import Intervention, check_interventions, edit_at
from lstm_core.layers import State, stacked_steps
from lstm_core.model import SequenceModel
from lstm_core.record import assemble, checked_state, full_float32
from lstm_core.recording import Recording
from lstm_core.stack import Stack, StackedLayer, named_directions, stacked_layers
from lstm_core.vectors import InitialState


class Stepper:
    """Reads one token at a time with `model` and shows every gate.

    `initial_state` is torch's (h_0, c_0), each (layers * directions, unit); zeros by default. `interventions` hold signals at
    a value at their steps, the first token read being step 0.

    A bidirectional model reads its sequence from both ends, so that each new token changes what the
    backward layers output at every earlier step: there `step` reads all tokens so far again, as one
    sequence, and `read` is the quick way through a long one.

    >>> import pretrained
    >>> stepper = Stepper(pretrained.load("anbn"))
    >>> [tuple(stepper.step(token)["layer0"].forget.shape) for token in "Sa"]
    [(5,), (5,)]
    >>> stepper.position
    2
    """

    @checked
    def __init__(
        self,
        model: SequenceModel,
        *,
        initial_state: InitialState | None = None,
        interventions: Sequence[Intervention] = (),
    ) -> None:
        check_interventions(interventions, model.lstm)
        self.model, self._interventions = model, tuple(interventions)
        self._stacked_layers = stacked_layers(model.lstm)
        self._directions = list(named_directions(model.lstm).values())
        self._given = initial_state
        self._initial = checked_state(model.lstm, initial_state, self._directions[0].weights.weight_ih[0])
        self._read: list[Tensor] = []  # what the first layer reads at each step, (feature,)
        self._steps: list[dict[str, Step]] = []

    @property
    def position(self) -> int:
        """The number of tokens read so far."""
        return len(self._read)

    @property
    def state(self) -> State:
        """(hidden, cell) as `torch.nn.LSTM` returns them, each (layers * directions, unit)."""
        hidden, cell = self._ends()
        join = torch.cat if isinstance(self.model.lstm, Stack) else torch.stack
        return join(hidden), join(cell)

    def _ends(self) -> tuple[list[Tensor], list[Tensor]]:
        """The hidden and cell state of every direction after the last step it read."""
        if not self._steps:
            return self._initial
        # A backward layer ends at the sequence's first step.
        ends = [self._steps[0 if one.reverse else -1][one.name] for one in self._directions]
        hidden = [one.output_of(end) for one, end in zip(self._directions, ends, strict=True)]
        cells = zip(ends, self._initial[1], strict=True)
        return hidden, [end.cell if isinstance(end, LSTMStep) else first for end, first in cells]

    def step(self, token: int | str | Tokens) -> dict[str, Step]:
        """Read one more token: every signal of every layer at that step.

        Its class number, its character or word, or its numbers as text; where these have a period, with their
        place in it ("@182 20.7"), or they are read as of the first. Raises ValueError for what is not one token, and TypeError,
        with the way to go, for another kind of thing.
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

    @checked
    def read(self, inputs: str | Tokens) -> Recording:
        """The same recording as `record`'s, computed step by step from the initial state."""
        tokens = self.model.encode(inputs)
        with torch.inference_mode(), full_float32():
            self._read = list(self.model.embedding(self.model.inputs(tokens)))
            self._steps = self._through(self._read)
            signals = {name: stacked_steps([step[name] for step in self._steps]) for name in self._steps[0]}
            top = self._top_output(self._steps)
            return assemble(self.model, tokens, signals, self.model.predict(top), self._given)

    def probability(self) -> Tensor:
        """The predicted probabilities after the last step, of the next token or of the label, over (class,).

        Raises ValueError before the first step, and for a model that predicts numbers.
        """
        if not self._steps:
            raise ValueError("nothing has been read yet: call step(token) first")
        with torch.inference_mode():
            return self.model.probability(self.model.predict(self._top_output(self._steps))[-1])

    def _one(self, x: Tensor) -> dict[str, Step]:
        """One more step of a model whose layers all read forwards."""
        hidden, cell = self._ends()
        found: dict[str, Step] = {}
        for row, direction in enumerate(self._directions):
            edit = edit_at(self._interventions, direction.name, self.position)
            found[direction.name] = direction.step(x, hidden[row], cell[row], edit=edit)
            x = direction.output_of(found[direction.name])
        return found

    def _through(self, read: list[Tensor]) -> list[dict[str, Step]]:
        """All layers over all that is read, layer by layer, each direction from its own end."""
        x = torch.stack(read)
        found: list[dict[str, Step]] = [{} for _ in read]
        rows = iter(zip(*self._initial, strict=True))
        for stacked in self._stacked_layers:
            for direction in stacked.directions:
                hidden, cell = next(rows)
                for step in reversed(range(len(x))) if direction.reverse else range(len(x)):
                    edit = edit_at(self._interventions, direction.name, step)
                    now = found[step][direction.name] = direction.step(x[step], hidden, cell, edit=edit)
                    hidden, cell = direction.output_of(now), now.cell if isinstance(now, LSTMStep) else cell
            x = self._merged(stacked, found)
        return found

    def _top_output(self, steps: list[dict[str, Step]]) -> Tensor:
        """The input of the readout at each step."""
        return self._merged(self._stacked_layers[-1], steps)

    def _merged(self, stacked: StackedLayer, steps: list[dict[str, Step]]) -> Tensor:
        return stacked.merged(
            [torch.stack([one.output_of(step[one.name]) for step in steps]) for one in stacked.directions]
        )

    def _embedded(self, token: int | str | Tokens) -> Tensor:
        classes = self.model.config.classes
        if isinstance(token, np.integer):
            token = int(token)
        if isinstance(token, bool) or not isinstance(token, int | str | Tokens):
            advice = for_text(token) if isinstance(token, bytes) else "such as step(101) or step('e')"
            raise TypeError(
                f"step() takes one token, by its class number, its text or its Tokens, not {described(token)}: {advice}"
            )
        if isinstance(token, int):
            if not 0 <= token < classes:
                there = f"classes 0 to {classes - 1}" if classes else "none, for it reads numbers: give them as text"
                raise ValueError(f"token {token} is not a class of this model: {there}")
            tokens = self.model.config.class_encoder.tokens(np.array([token]))
        else:
            tokens = self.model.encode(token)
        if len(tokens) != 1:
            raise ValueError(f"{token!r} is {len(tokens)} tokens to this model; step takes one (read takes many)")
        embedded: Tensor = self.model.embedding(self.model.inputs(tokens))
        return embedded[0]
