"""What is differentiated: one number that a model says, or its mean loss over a text."""

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
    """Of which number is the gradient taken?

    With `step`, of what the model says after reading that step: ln p of the class, the label or (on its own, see
    `LegalTokens`) the legal token that is called `of`, in nats; of a model that says values, the value of that name, in
    its own units. Without `of`, the token that did come next, or the only value. Without `step`, of the mean loss over
    the steps after which it is known what came: -ln p of the next token in nats, or the mean squared error of a
    forecast in spreads.
    """

    step: int | None = None  # from 0
    of: str | None = None

    def __post_init__(self) -> None:
        if self.step is None and self.of is not None:
            raise ValueError(f"the mean loss is of what came next: to ask for {self.of!r}, give a step too")


LOSS = Target()


def target_value(
    model: SequenceModel, tokens: Tokens, top: Float[Tensor, "step output"], target: Target
) -> tuple[Float[Tensor, ""], str]:
    """The number itself, open to differentiation, and its unit, from what the top layer says.

    Raises ValueError when there is no such number.
    """
    if isinstance(model.config.readout, Nothing):
        raise ValueError("this model has no readout: it says nothing that a gradient could be taken of")
    if target.step is None:
        values = isinstance(model.config.readout, Values)
        return known_losses(model, tokens, model.readout(top)).mean(), "squared spread" if values else "nat"
    if not 0 <= target.step < len(tokens):
        raise ValueError(f"there is no step {target.step}: the text has {len(tokens)} steps, from 0")
    said = model.readout(top[target.step])
    place = _place(model, tokens, target)
    if isinstance(model.config.readout, Values):
        spread, mean = (getattr(model.config.readout, name)[place] for name in ("spread", "mean"))
        return said[place] * spread + mean, "as said"
    return _log_probability(model, said)[place], "nat"


def known_losses(
    model: SequenceModel, tokens: Tokens, said: Float[Tensor, "step output"]
) -> Float[Tensor, " known_step"]:
    """The loss at each step but the last: -ln p of the token that came, or a forecast's mean squared error in spreads.

    Raises ValueError for labels and for values of the present, of which the text does not tell what would be right.
    """
    readout = model.config.readout
    if len(tokens) < 2:
        raise ValueError("a loss needs at least two tokens: what is expected after the first, and what came")
    if isinstance(readout, Values) and readout.ahead and tokens.values is not None:
        return (said[:-1] - _came(model, tokens).to(said)).square().mean(-1)
    if isinstance(readout, Values | Labels | Nothing):
        raise ValueError("the text does not tell what this model should say: choose a step and one thing that it says")
    came = torch.from_numpy(tokens.ids[1:]).to(said.device)
    return -_log_probability(model, said[:-1]).gather(-1, came[:, None])[:, 0]


def _log_probability(model: SequenceModel, said: Tensor) -> Tensor:
    if isinstance(model.config.readout, LegalTokens):
        return functional.logsigmoid(said)
    return functional.log_softmax(said, dim=-1)


def _came(model: SequenceModel, tokens: Tokens) -> Float[Tensor, "known_step output"]:
    """The numbers that a forecast was of, standardised as the readout is."""
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
                raise ValueError(f"nothing came after step {step}, the last: name the token whose chance is meant")
            if of is None:
                return int(tokens.ids[step + 1])
    if of is None and len(names) == 1:
        return 0
    if of not in names:
        raise ValueError(f"this model does not say {of!r}: it says {', '.join(names[:20])}" + ", …" * (len(names) > 20))
    return names.index(of)
