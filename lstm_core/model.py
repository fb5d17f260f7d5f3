"""SequenceModel: encoder -> recurrent layers -> readout."""

import hashlib
from functools import cached_property
from math import sqrt

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lstm_core.config import Card, ModelConfig
from lstm_core.device import aligned, pick_device
from lstm_core.drawing import normal, uniform
from lstm_core.encoders import Tokens
from lstm_core.given import checked
from lstm_core.layers import State
from lstm_core.readouts import LegalTokens, NextToken, Nothing, Values
from lstm_core.stack import Stack

Inputs = Int[Tensor, "*batch step"] | Float[Tensor, "*batch step feature"]  # class numbers, or numbers


class SequenceModel(nn.Module):
    """An embedding, `torch.nn.LSTM`, and a linear readout of the next token, of labels, or of numbers.

    In the place of `lstm` models of other frameworks have a `Stack`, of whatever cells.

    State dict, stable: `embedding.weight` (class, feature), absent where numbers are read;
    `lstm.weight_ih_l{k}{suffix}`, `lstm.weight_hh_l{k}{suffix}`, `lstm.bias_ih_l{k}{suffix}`,
    `lstm.bias_hh_l{k}{suffix}` with torch's names and gate order i, f, g, o, suffix "" or "_reverse";
    `readout.weight` (output, unit * directions), `readout.bias` (output).

    >>> from lstm_core import ByteEncoder, ModelConfig
    >>> model = SequenceModel(ModelConfig(ByteEncoder(), embedding=4, hidden=3), seed=0)
    >>> model.encode("to be").ids.shape
    (5,)
    """

    @checked
    def __init__(self, config: ModelConfig, *, seed: int | None = 0, device: str | torch.device = "auto") -> None:
        """Fresh weights drawn from `seed`; with None no weights (on torch's "meta" device), to be loaded later."""
        super().__init__()
        chosen = pick_device(device)
        self.config = config
        self.card = Card()
        # Made without values on "meta", so that nothing is drawn from torch's global generator.
        self.embedding: nn.Module = OneHot(config.embedding) if config.one_hot else nn.Identity()
        if config.classes and not config.one_hot:
            # Not drawn on "meta", as nn.Embedding would: that imports all of torch's compiler, 1.5 s.
            nothing = torch.empty(config.classes, config.embedding, device="meta")
            self.embedding = nn.Embedding.from_pretrained(nothing, freeze=False)
        self.lstm = Stack(config.stack, device="meta") if config.stack else _lstm(config)
        self.readout = _linear(config.readout_features, config.outputs)
        if seed is not None:
            # Not `to_empty`, which on "meta" imports torch's symbolic shapes and with them SymPy, 0.8 s.
            self.load_state_dict({name: torch.empty(one.shape) for name, one in self.state_dict().items()}, assign=True)
            self.initialize(seed)
            self.to(chosen)

    def initialize(self, seed: int) -> None:
        """Draw fresh weights: torch's own default distributions, the same to the bit on every processor.

        Embedding N(0, 1); LSTM and readout U(-1/sqrt(n), 1/sqrt(n)) with n their hidden or input size.
        """
        generator = torch.Generator("cpu").manual_seed(seed)
        bound = 1 / sqrt(self.config.hidden)
        readout_bound = 1 / sqrt(self.config.readout_features)
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if name.startswith("embedding"):
                    parameter.copy_(normal(parameter.shape, generator))
                else:
                    limit = readout_bound if name.startswith("readout") else bound
                    parameter.copy_(uniform(parameter.shape, -limit, limit, generator))

    def __getstate__(self) -> dict[str, object]:
        """Everything but the digest: a copy may be trained further and would keep the original's."""
        return {name: value for name, value in vars(self).items() if name != "digest"}

    @property
    def device(self) -> torch.device:
        return self.readout.weight.device

    @cached_property
    def digest(self) -> str:
        """SHA-256 of layout and weights, computed once: models of equal digest compute the same.

        For models that are no longer trained; caches use it as their key.
        """
        return weights_digest(self)

    def forward(self, inputs: Inputs, state: State | None = None) -> tuple[Float[Tensor, "*batch step output"], State]:
        """The readout's output after each step (logits, or standardised numbers), and the state at the end.

        A batch goes sequence by sequence, (batch, step); the state keeps torch's order, layers first.
        """
        hidden, state = self.read(inputs, state)
        return self.predict(hidden), state

    def predict(self, top: Float[Tensor, "*batch_step feature"]) -> Float[Tensor, "*batch_step output"]:
        """The readout's output after each step, from the top layer's outputs (*batch, step, feature) since the sequence began.

        Where the model takes the mean or the maximum over steps, that is over the steps so far: what it would predict if
        the sequence ended there.
        """
        match self.config.between:
            case "relu":
                top = top.relu()
            case "mean":
                count = torch.arange(1, top.shape[-2] + 1, device=top.device, dtype=top.dtype)
                top = top.cumsum(-2) / count[:, None]
            case "max":
                top = top.cummax(-2).values
        found: Tensor = self.readout(top)
        return found

    def read(self, inputs: Inputs, state: State | None = None) -> tuple[Tensor, State]:
        """The top layer's output at each step, (*batch, step, unit * directions)."""
        return self.read_embedded(self.embedding(inputs), state)

    def read_embedded(
        self, embedded: Float[Tensor, "*batch step feature"], state: State | None = None
    ) -> tuple[Tensor, State]:
        """`read`, from the input of the first layer."""
        alone = embedded.ndim == 2
        hidden, end = self.lstm(embedded if alone else embedded.transpose(0, 1), state)
        return hidden if alone else hidden.transpose(0, 1), end

    def probability(self, logits: Float[Tensor, "*batch class"]) -> Float[Tensor, "*batch class"]:
        """The probability of each class, from the readout's logits. They sum to 1, except for `LegalTokens`.

        Raises ValueError for a model that predicts numbers.
        """
        match self.config.readout:
            case LegalTokens():
                return torch.sigmoid(logits)
            case Values():
                raise ValueError(
                    "this model predicts numbers, not probabilities: a recording's prediction['value'] has them"
                )
            case Nothing():
                raise ValueError("this model has no readout, so there are no probabilities")
        return torch.softmax(logits, dim=-1)

    def inputs(self, tokens: Tokens) -> Tensor:
        """The model's input for `tokens`: class numbers (step,), or numbers (step, feature)."""
        if self.device.type == "meta":
            raise ValueError(
                "this model has no weights: it was made with seed=None; give it a seed, or load_state_dict"
            )
        given = tokens.ids if tokens.values is None else tokens.values
        return aligned(torch.from_numpy(given), self.device)

    @checked
    def encode(self, inputs: str | Tokens) -> Tokens:
        """The tokens of `inputs`. Raises ValueError when there are none or the model cannot read them."""
        tokens = self.config.encoder.encode(inputs) if isinstance(inputs, str) else inputs
        if not len(tokens):
            raise ValueError("there is nothing to read: the sequence is empty; give at least one token")
        if not self.config.classes:
            found = None if tokens.values is None else tokens.values.shape[1]
            if found != self.config.embedding:
                raise ValueError(f"this model reads {self.config.embedding} numbers a step, not {found or 'classes'}")
            return tokens
        low, high = int(tokens.ids.min()), int(tokens.ids.max())
        if tokens.values is not None or low < 0 or high >= self.config.classes:
            raise ValueError(
                f"tokens go from {low} to {high}, but the model has classes 0 to {self.config.classes - 1}"
            )
        return tokens


class OneHot(nn.Module):
    """A class number as a vector of zeros and a single one."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, ids: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch classes"]:
        return torch.nn.functional.one_hot(ids, self.classes).float()


def _linear(features: int, outputs: int) -> nn.Linear:
    readout = nn.Linear(features, max(outputs, 1), device="meta")
    if not outputs:  # torch warns of a layer made without outputs, which a model without a readout has
        readout.out_features = 0
        readout.weight, readout.bias = (nn.Parameter(one[:0]) for one in (readout.weight, readout.bias))
    return readout


def _lstm(config: ModelConfig) -> nn.LSTM:
    return nn.LSTM(
        config.embedding, config.hidden, num_layers=config.layers, bidirectional=config.bidirectional, device="meta"
    )


def weights_digest(model: SequenceModel) -> str:
    """SHA-256 over the layout and every weight's name, shape and float32 bytes, as 64 hex digits."""
    config = model.config
    layout = (config.encoder.to_json(), config.embedding, config.hidden, config.layers, config.bidirectional)
    total = hashlib.sha256(repr(layout).encode())
    if config.stack:
        total.update(repr((config.stack, config.one_hot)).encode())
    if config.between != "nothing":
        total.update(config.between.encode())
    if not isinstance(config.readout, NextToken):
        total.update(repr(config.readout.to_json()).encode())
    for name, tensor in sorted(model.state_dict().items()):
        total.update(f"{name}{tuple(tensor.shape)}".encode())
        total.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return total.hexdigest()
