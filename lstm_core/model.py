"""SequenceModel: encoder -> recurrent layers -> readout, and its config."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lstm_core.device import pick_device
from lstm_core.encoders import Encoder, Tokens

State = tuple[Tensor, Tensor]  # (hidden, cell), each (layers * directions, unit), in torch's order

LARGEST = {"embedding": 1_000_000, "hidden": 1_000_000, "layers": 100}


@dataclass(frozen=True)
class ModelConfig:
    """The layout of a model: everything but its weights."""

    encoder: Encoder
    embedding: int  # features a token becomes
    hidden: int  # units a layer
    layers: int = 1
    bidirectional: bool = False

    def __post_init__(self) -> None:
        for name, most in LARGEST.items():
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= most:
                raise ValueError(f"{name} must be a whole number from 1 to {most:,}, not {value!r}")
        if type(self.bidirectional) is not bool:
            raise ValueError(f"bidirectional must be true or false, not {self.bidirectional!r}")

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def layer_names(self) -> tuple[str, ...]:
        """layer0, layer0_reverse, layer1, ...: the order in which torch stacks states."""
        return layer_names(self.layers, self.bidirectional)


def layer_names(layers: int, bidirectional: bool) -> tuple[str, ...]:
    suffixes = ("", "_reverse") if bidirectional else ("",)
    return tuple(f"layer{layer}{suffix}" for layer in range(layers) for suffix in suffixes)


@dataclass(frozen=True)
class Card:
    """What a reader should know about a model: plain JSON values."""

    name: str = ""
    summary: str = ""  # one sentence
    training: dict[str, object] = field(default_factory=dict)  # how it was trained
    evaluation: dict[str, object] = field(default_factory=dict)  # how well it does


class SequenceModel(nn.Module):
    """A language model over tokens: an embedding, `torch.nn.LSTM`, and a linear readout of the next token.

    State dict, stable: `embedding.weight` (class, feature); `lstm.weight_ih_l{k}{suffix}`,
    `lstm.weight_hh_l{k}{suffix}`, `lstm.bias_ih_l{k}{suffix}`, `lstm.bias_hh_l{k}{suffix}` with torch's
    names and gate order i, f, g, o, suffix "" or "_reverse"; `readout.weight` (class, unit * directions),
    `readout.bias` (class).
    """

    def __init__(self, config: ModelConfig, *, seed: int | None = 0, device: str | torch.device = "auto") -> None:
        """Fresh weights drawn from `seed`; with None no weights at all (on torch's "meta" device), to be loaded."""
        super().__init__()
        chosen = pick_device(device)
        self.config = config
        self.card = Card()
        # Made without values on "meta", so that nothing is drawn from torch's global generator.
        self.embedding = nn.Embedding(config.encoder.size, config.embedding, device="meta")
        self.lstm = nn.LSTM(
            config.embedding,
            config.hidden,
            num_layers=config.layers,
            bidirectional=config.bidirectional,
            device="meta",
        )
        self.readout = nn.Linear(config.hidden * config.directions, config.encoder.size, device="meta")
        if seed is not None:
            self.to_empty(device="cpu")
            self.initialize(seed)
            self.to(chosen)

    def initialize(self, seed: int) -> None:
        """Draw fresh weights: torch's own default distributions, from a generator of this seed on the CPU.

        Embedding N(0, 1); LSTM and readout U(-1/sqrt(n), 1/sqrt(n)) with n their hidden or input size.
        """
        generator = torch.Generator("cpu").manual_seed(seed)
        bound = 1 / sqrt(self.config.hidden)
        readout_bound = 1 / sqrt(self.config.hidden * self.config.directions)
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                fresh = torch.empty(parameter.shape)
                if name.startswith("embedding"):
                    fresh.normal_(generator=generator)
                else:
                    limit = readout_bound if name.startswith("readout") else bound
                    fresh.uniform_(-limit, limit, generator=generator)
                parameter.copy_(fresh)

    @property
    def device(self) -> torch.device:
        return self.readout.weight.device

    @cached_property
    def digest(self) -> str:
        """SHA-256 of layout and weights, computed once: two models of one digest read alike.

        For models that are no longer trained; caches use it as their key.
        """
        return weights_digest(self)

    def forward(
        self, ids: Int[Tensor, "*batch step"], state: State | None = None
    ) -> tuple[Float[Tensor, "*batch step class"], State]:
        """What are the logits of the next token after each step? Returns them and the state at the end.

        A batch goes sequence by sequence, (batch, step); the state keeps torch's order, layers first.
        """
        hidden, state = self.read(ids, state)
        return self.readout(hidden), state

    def read(self, ids: Int[Tensor, "*batch step"], state: State | None = None) -> tuple[Tensor, State]:
        """What does the top layer say after each step, (*batch, step, unit * directions)?"""
        embedded = self.embedding(ids)
        alone = ids.ndim == 1
        hidden, end = self.lstm(embedded if alone else embedded.transpose(0, 1), state)
        return hidden if alone else hidden.transpose(0, 1), end

    def encode(self, inputs: str | Tokens) -> Tokens:
        """Which tokens are read? Raises ValueError when there are none or they fall outside the classes."""
        tokens = self.config.encoder.encode(inputs) if isinstance(inputs, str) else inputs
        if not len(tokens):
            raise ValueError("there is nothing to read: the sequence is empty; give at least one token")
        low, high = int(tokens.ids.min()), int(tokens.ids.max())
        if low < 0 or high >= self.config.encoder.size:
            raise ValueError(
                f"tokens go from {low} to {high}, but the model has classes 0 to {self.config.encoder.size - 1}"
            )
        return tokens


def weights_digest(model: SequenceModel) -> str:
    """SHA-256 over the layout and every weight's name, shape and float32 bytes, as 64 hex digits."""
    config = model.config
    layout = (config.encoder.to_json(), config.embedding, config.hidden, config.layers, config.bidirectional)
    total = hashlib.sha256(repr(layout).encode())
    for name, tensor in sorted(model.state_dict().items()):
        total.update(f"{name}{tuple(tensor.shape)}".encode())
        total.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return total.hexdigest()
