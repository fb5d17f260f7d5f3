"""Oracle: a model whose answers are a function of what it reads, so that a score can be worked out by hand."""

from collections.abc import Callable

import torch
from torch import Tensor

from lstm_core import SequenceModel
from lstm_core.tasks import Size, Task

TINY = Size(hidden=2, layers=1, embedding=2)


class Oracle(SequenceModel):
    """Outputs `answer(read)` for each sequence: from its inputs, one row a step, to the output after each step."""

    def __init__(self, task: Task, answer: Callable[[Tensor], Tensor]) -> None:
        super().__init__(task.config(TINY), device="cpu")
        self.answer = answer

    def forward(self, inputs, state=None):  # noqa: ARG002 (an oracle needs no state)
        alone = inputs.ndim == (2 if inputs.is_floating_point() else 1)
        output = torch.stack([self.answer(one) for one in (inputs[None] if alone else inputs)])
        nothing = torch.zeros(1, 2)
        return (output[0] if alone else output), (nothing, nothing)


def reader(task: Task, expected: Callable[[str], str], *, sure: float = 5.0) -> Oracle:
    """The oracle that gives a logit of `sure` to the symbols `expected(text so far)` and -sure to all others."""
    symbols = task.encoder.vocabulary

    def answer(ids: Tensor) -> Tensor:
        text = "".join(symbols[index] for index in ids.tolist())
        output = torch.full((len(text), len(symbols)), -sure)
        for step in range(len(text)):
            for symbol in expected(text[: step + 1]):
                output[step, symbols.index(symbol)] = sure
        return output

    return Oracle(task, answer)


def always(task: Task, output: list[float]) -> Oracle:
    """The oracle that outputs the same, whatever it reads."""
    return Oracle(task, lambda inputs: torch.tensor([output]).expand(len(inputs), -1))
