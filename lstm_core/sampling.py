"""generate(model, inputs) -> Tokens: let a model continue a text."""

from collections.abc import Callable, Sequence
from math import isfinite

import numpy as np
import torch
from torch import Tensor

from lstm_core.cells import LSTMStep
from lstm_core.config import ModelConfig
from lstm_core.encoders import Tokens
from lstm_core.given import checked
from lstm_core.interventions import Intervention, check_interventions, edit_at
from lstm_core.layers import State
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, LegalTokens, Nothing, Values
from lstm_core.record import checked_state, full_float32
from lstm_core.stack import stacked_layers

Read = Callable[[Tensor], Tensor]
"""Reads these classes on from where it was; the top layer's output after the last."""


@checked
def generate(
    model: SequenceModel,
    inputs: str | Tokens,
    count: int,
    *,
    temperature: float = 1.0,
    seed: int = 0,
    interventions: Sequence[Intervention] = (),
) -> Tokens:
    """Continue `inputs` by `count` tokens, drawn from the predictions of `model`. Returns `inputs` and the continuation.

    Each token is drawn from softmax(logits / temperature) of the readout after the token before: at
    temperature 1 as the model believes, below 1 bolder, at 0 always the likeliest (ties by class number).
    Repeatable: one seed gives one text, and a longer one begins with the shorter. The draw is made on the
    CPU in float64, so that devices differ only where their logits do. `interventions` hold signals while `inputs` is read and
    while the model writes, steps being counted from the start of `inputs` (Radford, Jozefowicz & Sutskever 2017, "Learning to
    generate reviews and discovering sentiment", fix one unit's value so): with start=len(tokens) they hold from the first
    generated token on. Without any, and with one seed, the draws are the same as ever.

    Raises ValueError for a bidirectional model (it would have to read tokens that are not generated yet), one
    that does not predict the next token, a negative count, a temperature that is negative or not a number, and for
    logits that are NaN or infinite, so that nothing can be drawn. Interventions that do not fit the model raise ValueError.

    >>> import pretrained
    >>> "".join(generate(pretrained.load("shakespeare"), "ROMEO:", 3, temperature=0.0).labels)
    'ROMEO:⏎I␣'
    """
    why = generation_obstacle(model.config)
    if why:
        raise ValueError(why)
    if not isinstance(count, int | np.integer) or count < 0:
        raise ValueError(f"count must be a whole number of 0 or more, not {count!r}")
    if not (isinstance(temperature, int | float | np.number) and isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature must be a number from 0 upwards, not {temperature!r}")
    check_interventions(interventions, model.lstm)
    tokens = model.encode(inputs)
    generator = torch.Generator("cpu").manual_seed(seed)
    continuation: list[int] = []
    with torch.inference_mode(), full_float32():
        ids = torch.from_numpy(tokens.ids).to(model.device)
        read = _read_with(model, tuple(interventions)) if interventions else _read(model)
        for _ in range(count):
            logits = _log_chances(model, read(ids))
            if not bool(logits.max().isfinite()):  # NaN wherever one of them is
                raise ValueError(
                    f"after {len(tokens) + len(continuation):,} tokens the model's logits are not numbers (NaN or infinite), so it "
                    "cannot continue the text: check its weights, or start from a shorter text"
                )
            continuation.append(_drawn(logits, temperature, generator))
            ids = torch.tensor(continuation[-1:], device=model.device)
    return tokens.followed_by(model.config.class_encoder.tokens(np.array(continuation, dtype=np.int64)))


def generation_obstacle(config: ModelConfig) -> str:
    """Why a model of this layout cannot continue a text, in words; empty if it can.

    >>> import pretrained
    >>> generation_obstacle(pretrained.load("shakespeare").config)
    ''
    >>> bool(generation_obstacle(pretrained.load("sentiment").config))
    True
    """
    if config.bidirectional:
        return "this model also reads backwards, from an end that is not generated yet, so it cannot continue a text"
    match config.readout:
        case Labels():
            return "this model predicts a label, not the next token, so it cannot continue a text"
        case Values():
            return "this model predicts numbers, not the next token, so it cannot continue a text"
        case Nothing():
            return "this model has no readout, so it cannot continue a text"
    return ""


def _read(model: SequenceModel) -> Read:
    state: State | None = None

    def read(ids: Tensor) -> Tensor:
        nonlocal state
        hidden, state = model.read(ids, state)
        last: Tensor = hidden[-1]
        return last

    return read


def _read_with(model: SequenceModel, interventions: Sequence[Intervention]) -> Read:
    """By the equations, step by step: every step's signals are edited before anything is computed from them."""
    layers = [stacked.directions[0] for stacked in stacked_layers(model.lstm)]  # what writes reads forwards alone
    states: list[tuple[Tensor, Tensor]] = []
    steps = 0

    def read(ids: Tensor) -> Tensor:
        nonlocal states, steps
        embedded: Tensor = model.embedding(ids)
        states = states or list(zip(*checked_state(model.lstm, None, embedded[0]), strict=True))
        for x in embedded:
            for row, direction in enumerate(layers):
                hidden, cell = states[row]
                now = direction.step(x, hidden, cell, edit=edit_at(interventions, direction.name, steps))
                x = direction.output_of(now)
                states[row] = (x, now.cell if isinstance(now, LSTMStep) else cell)
            steps += 1
        last: Tensor = states[-1][0]
        return last

    return read


def _log_chances(model: SequenceModel, hidden: Tensor) -> Tensor:
    """Log-probabilities, but for a constant, of what comes next; each legal token in proportion to its sigmoid."""
    logits = model.predict(hidden)
    return torch.nn.functional.logsigmoid(logits) if isinstance(model.config.readout, LegalTokens) else logits


def _drawn(logits: Tensor, temperature: float, generator: torch.Generator) -> int:
    logits = logits.double().cpu()
    # Below this, dividing would overflow where two logits are not equal anyway.
    if temperature < 1e-6:
        return int(logits.argmax())
    chances = torch.softmax(logits / temperature, dim=-1)
    return int(torch.multinomial(chances, 1, generator=generator))
