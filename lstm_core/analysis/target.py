"""What is differentiated: one number that a model predicts, or its mean loss over a text."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from lstm_core.encoders import NumberEncoder, Tokens
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels, LegalTokens, Nothing, Values


@dataclass(frozen=True)
class Target:
    """The number whose gradient is taken.

    With `step`, of the prediction after that step: ln p of the class, the label or (on its own, see
    `LegalTokens`) the legal token that is called `of`, in nats; of a model that predicts values, the value of that name, in
    its own units. Without `of`, the token that did come next, or the only value. Without `step`, of the mean loss over
    the steps after which it is known what came: -ln p of the next token in nats, or the mean squared error of a
    forecast in spreads.

    >>> Target(step=3, of="b")  # ln p of "b" after step 3
    Target(step=3, of='b')
    """

    step: int | None = None  # from 0
    of: str | None = None

    def __post_init__(self) -> None:
        if self.step is None and self.of is not None:
            raise ValueError(f"the mean loss has no single output: to ask for {self.of!r}, give a step too")


LOSS = Target()


def target_value(
    model: SequenceModel, tokens: Tokens, top: Float[Tensor, "step feature"], target: Target
) -> tuple[Float[Tensor, ""], str]:
    """The target as a differentiable tensor, and its unit, from the top layer's output.

    Raises ValueError when there is no such number.
    """
    if isinstance(model.config.readout, Nothing):
        raise ValueError("this model has no readout: there is no prediction to take a gradient of")
    if target.step is None:
        values = isinstance(model.config.readout, Values)
        return known_losses(model, tokens, model.predict(top)).mean(), "squared spread" if values else "nat"
    if not 0 <= target.step < len(tokens):
        raise ValueError(f"there is no step {target.step}: the text has {len(tokens)} steps, from 0")
    logits = model.predict(top[: target.step + 1])[-1]
    place = _place(model, tokens, target)
    if isinstance(model.config.readout, Values):
        spread, mean = (getattr(model.config.readout, name)[place] for name in ("spread", "mean"))
        return logits[place] * spread + mean, "as said"
    return _log_probability(model, logits)[place], "nat"


def known_losses(
    model: SequenceModel, tokens: Tokens, logits: Float[Tensor, "step feature"]
) -> Float[Tensor, " known_step"]:
    """The loss at each step but the last: -ln p of the token that came, or a forecast's mean squared error in spreads.

    Raises ValueError for labels and for values of the present, of which the text does not tell what would be right.
    """
    readout = model.config.readout
    if len(tokens) < 2:
        raise ValueError("a loss needs at least two tokens: a prediction after the first, and the token that came")
    if isinstance(readout, Values) and readout.ahead and tokens.values is not None:
        return (logits[:-1] - _came(model, tokens).to(logits)).square().mean(-1)
    if isinstance(readout, Values | Labels | Nothing):
        raise ValueError("the text does not tell what this model should predict: choose a step and one output")
    came = torch.from_numpy(tokens.ids[1:]).to(logits.device)
    return -_log_probability(model, logits[:-1]).gather(-1, came[:, None])[:, 0]


def _log_probability(model: SequenceModel, logits: Tensor) -> Tensor:
    if isinstance(model.config.readout, LegalTokens):
        return functional.logsigmoid(logits)
    return functional.log_softmax(logits, dim=-1)


def _came(model: SequenceModel, tokens: Tokens) -> Float[Tensor, "known_step output"]:
    """The true values of a forecast, standardised as the readout's output is."""
    encoder, readout = model.config.encoder, model.config.readout
    if not isinstance(encoder, NumberEncoder) or not isinstance(readout, Values) or tokens.values is None:
        raise ValueError("only a model that reads numbers can be compared with the numbers that came")
    count = len(readout.names)
    read = tokens.values[1:, :count] * np.array(encoder.spread[:count]) + np.array(encoder.mean[:count])
    return torch.from_numpy((read - np.array(readout.mean)) / np.array(readout.spread))


def _place(model: SequenceModel, tokens: Tokens, target: Target) -> int:
    """The place of what `target` asks for among the readout's numbers."""
    readout, of, step = model.config.readout, target.of, int(target.step or 0)
    match readout:
        case Labels(known) | Values(known):
            names = list(known)
        case _:
            names = list(model.config.class_encoder.class_labels)
            if of is None and step + 1 == len(tokens):
                raise ValueError(
                    f"no token came after step {step}, the last one: name the token whose probability is meant"
                )
            if of is None:
                return int(tokens.ids[step + 1])
    if of is None and len(names) == 1:
        return 0
    if of not in names:
        raise ValueError(f"this model has no output {of!r}: it has {', '.join(names[:20])}" + ", …" * (len(names) > 20))
    return names.index(of)
