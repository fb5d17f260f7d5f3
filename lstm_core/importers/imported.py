"""ImportedModel: what a file of another framework holds, in our names, shapes and gate order."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.scaling import Scaler
from lstm_core.readouts import Between
from lstm_core.stack import Layout, stack_shapes

Framework = Literal["PyTorch", "Keras", "ONNX", "TensorFlow"]
HeadActivation = Literal["softmax", "sigmoid", "linear", "unknown"]


@dataclass(frozen=True, eq=False)
class Head:
    """The linear layer after the recurrent ones.

    >>> import numpy as np
    >>> Head("fc", np.zeros((2, 4), np.float32), np.zeros(2, np.float32), "softmax").activation
    'softmax'
    """

    name: str  # in the file
    weight: np.ndarray  # (output, feature) float32
    bias: np.ndarray  # (output,) float32, zeros where the file has none
    activation: (
        HeadActivation  # what is applied to its outputs; "unknown" if the file does not say, as a state dict does not
    )
    between: Between | None = "nothing"  # what stands between the layers and it; None if the file does not say


UNTOLD_BETWEEN = "The file does not tell what stands between"  # how such a note begins
UNTOLD_NONLINEARITY = "A state dict does not tell whether"  # how a note on a simple RNN's begins


def untold_between(top: str, head: str) -> str:
    """A note: the file does not tell what stands between its last recurrent layer and its readout."""
    return (
        f"{UNTOLD_BETWEEN} {top} and {head} (nothing, a ReLU, the last step alone, the mean or "
        "maximum over steps): say which, and its predictions are shown."
    )


@dataclass(frozen=True, eq=False)
class Chain:
    """Recurrent layers that read one another, with the embedding before and the readout after them.

    `weights` are those of a `Stack` of `layouts`: torch's names, shapes and gate order, float32. Raises UnreadableFile
    when they do not fit, or are beyond the limits.

    >>> import torch
    >>> from lstm_core.importers import Chain
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> chain.weights["weight_hh_l0"].shape
    (16, 4)
    """

    name: str  # "encoder.lstm", or "lstm → lstm_1"
    sources: tuple[str, ...]  # what each layer is called in the file
    layouts: tuple[Layout, ...]
    weights: Mapping[str, np.ndarray]
    embedding: np.ndarray | None = None  # (class, feature) float32
    one_hot: bool = False  # the file shows that its input is one-hot: one feature for each entry of a vocabulary
    head: Head | None = None
    notes: tuple[str, ...] = ()  # sentences: what the file did not tell and was assumed
    # Parts of the state before the first step that whoever runs it gives, and what they are called in the file:
    # {"initial_hidden_l0": "h0"}. Zeros unless they are given to `build_model`.
    given: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        widest = max(layout.units for layout in self.layouts)
        if widest > LIMITS.units or len(self.layouts) > LIMITS.layers:
            raise UnreadableFile(
                f"{self.name} has {len(self.layouts)} layers of up to {widest:,} units; "
                f"Gatescope opens up to {LIMITS.layers} layers of {LIMITS.units:,} units"
            )
        try:
            wanted = stack_shapes(self.layouts)
        except ValueError as error:
            raise UnreadableFile(f"{self.name}: {error}") from error
        found = {name: one.shape for name, one in self.weights.items()}
        if found != wanted:
            wrong = sorted(name for name in wanted.keys() | found.keys() if found.get(name) != wanted.get(name))
            raise UnreadableFile(
                f"{self.name}: the shapes of the weights do not fit together: {wrong[0]} is "
                f"{found.get(wrong[0], 'missing')}, not {wanted.get(wrong[0], 'there')}"
            )
        states = stack_shapes(tuple(replace(layout, starts=True) for layout in self.layouts))
        if not all(name.startswith("initial_") and name in states for name in self.given):
            raise UnreadableFile(f"{self.name}: it has no state {next(iter(self.given))[:80]!r}")
        first, last = self.layouts[0], self.layouts[-1]
        if self.embedding is not None and self.embedding.shape[1:] != (first.features,):
            raise UnreadableFile(
                f"{self.name} reads {first.features} numbers, its embedding gives {self.embedding.shape}"
            )
        if self.head is not None and self.head.weight.shape[1:] != (last.outputs,):
            raise UnreadableFile(
                f"{self.name} has {last.outputs} outputs, but its readout reads {self.head.weight.shape}"
            )
        if self.head is not None and self.head.bias.shape != self.head.weight.shape[:1]:
            raise UnreadableFile(
                f"{self.name}: its readout has {len(self.head.weight)} outputs, but its bias is {self.head.bias.shape}"
            )

    @property
    def classes(self) -> int:
        """The size of its input vocabulary; 0 if it reads numbers, as far as the file tells."""
        if self.embedding is not None:
            return len(self.embedding)
        return self.layouts[0].features if self.one_hot else 0

    @property
    def parameters(self) -> int:
        """The number of weights, including embedding and readout."""
        ends = [self.embedding] if self.embedding is not None else []
        if self.head is not None:
            ends += [self.head.weight, self.head.bias]
        return sum(one.size for one in (*self.weights.values(), *ends))

    @property
    def finite(self) -> bool:
        """Are all weights finite?"""
        ends = [] if self.embedding is None else [self.embedding]
        ends += [] if self.head is None else [self.head.weight, self.head.bias]
        return all(bool(np.isfinite(one).all()) for one in (*self.weights.values(), *ends))


@dataclass(frozen=True, eq=False)
class ImportedModel:
    """The content of a file: chains of recurrent layers to choose from, the best first.

    >>> import torch
    >>> from lstm_core.importers import Chain, ImportedModel
    >>> from lstm_core.stack import Layout
    >>> weights = {name: one.detach().numpy() for name, one in torch.nn.LSTM(3, 4).named_parameters()}
    >>> chain = Chain("lstm", ("lstm",), (Layout(3, 4),), weights)
    >>> found = ImportedModel("PyTorch", "a state dict", (chain,))
    >>> ImportedModel.from_bytes(found.to_bytes()).chains[0].name
    'lstm'
    """

    framework: Framework
    format: str  # "state dict (.pt)", "Keras 3 archive (.keras)": for a reader
    chains: tuple[Chain, ...]
    vocabulary: tuple[str, ...] = ()  # entries in the order of their classes; empty where the file has none
    vocabulary_from: str = ""  # where in the file it was found
    initialised_by: Framework | None = (
        None  # whose default initialisation an untrained model gets; its own's unless told
    )
    whole: str = ""  # what the class of a whole model is called that was saved, whose own forward was not run
    notes: tuple[str, ...] = field(default=())
    scalers: tuple[Scaler, ...] = ()  # how numbers were scaled before the model read them, and those that it predicts

    def to_bytes(self) -> bytes:
        """The whole model as safetensors bytes with JSON metadata: how a child process returns it."""
        tensors: dict[str, np.ndarray] = {}
        chains = []
        for number, chain in enumerate(self.chains):
            own: dict[str, np.ndarray] = dict(chain.weights)
            if chain.embedding is not None:
                own["embedding"] = chain.embedding
            if chain.head is not None:
                own |= {"head.weight": chain.head.weight, "head.bias": chain.head.bias}
            tensors |= {f"{number}.{name}": np.ascontiguousarray(one, dtype=np.float32) for name, one in own.items()}
            chains.append(
                {
                    "name": chain.name,
                    "sources": list(chain.sources),
                    "layouts": [layout.to_json() for layout in chain.layouts],
                    "one_hot": chain.one_hot,
                    "head": None
                    if chain.head is None
                    else {
                        "name": chain.head.name,
                        "activation": chain.head.activation,
                        "between": chain.head.between,
                    },
                    "notes": list(chain.notes),
                    "given": dict(chain.given),
                }
            )
        described = {
            "framework": self.framework,
            "format": self.format,
            "chains": chains,
            "vocabulary": list(self.vocabulary),
            "vocabulary_from": self.vocabulary_from,
            "initialised_by": self.initialised_by,
            "whole": self.whole,
            "notes": list(self.notes),
            "scalers": [one.to_json() for one in self.scalers],
        }
        return save(tensors, metadata={"imported": json.dumps(described)})

    @classmethod
    def from_bytes(cls, parcel: bytes) -> "ImportedModel":
        """The model that `to_bytes` packed. Raises UnreadableFile for anything else."""
        try:
            length = int.from_bytes(parcel[:8], "little")
            described = _readable(json.loads(json.loads(parcel[8 : 8 + length])["__metadata__"]["imported"]))
            tensors = load(parcel)
            _check(described, tensors)
            chains = tuple(_chain(number, one, tensors) for number, one in enumerate(described.pop("chains")))
            described |= {name: tuple(described[name]) for name in ("vocabulary", "notes")}
            described["scalers"] = tuple(map(Scaler.from_json, described["scalers"]))
            return cls(chains=chains, **described)
        except (SafetensorError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            first = str(error).partition("\n")[0][:100]
            problem = "".join(letter if letter.isprintable() else "?" for letter in first)
            raise UnreadableFile(f"what was read of the file came back damaged ({problem}); try again") from error


def _readable(value: Any) -> Any:
    """The same with all texts such that they can be shown: halves of a letter, which JSON allows, by their numbers."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, list):
        return [_readable(one) for one in value]
    return {name: _readable(one) for name, one in value.items()} if isinstance(value, dict) else value


def _check(described: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError if a value has another type than `to_bytes` writes: its writer had read an untrusted file."""
    frameworks = get_args(Framework)
    chains = described["chains"]
    heads = [chain["head"] for chain in chains if chain["head"] is not None]
    layouts = [layout for chain in chains for layout in chain["layouts"]]
    texts = [
        described["format"],
        described["vocabulary_from"],
        described["whole"],
        *described["vocabulary"],
        *described["notes"],
    ]
    texts += [text for chain in chains for text in (chain["name"], *chain["sources"], *chain["notes"])]
    texts += [text for chain in chains for pair in chain["given"].items() for text in pair]
    lists = [described["vocabulary"], described["notes"], *(chain[name] for chain in chains for name in _LISTS)]
    activations = [layout["cell"][name] for layout in layouts for name in ("gate", "candidate", "shown")]
    flags = [chain["one_hot"] for chain in chains] + [layout["cell"]["reset_after"] for layout in layouts]
    flags += [layout[name] for layout in layouts for name in ("peephole", "ends", "starts")]
    numbers = [layout["cell"]["clip"] for layout in layouts]
    numbers += [one[name] for one in activations for name in ("slope", "offset")]
    right = (
        described["framework"] in frameworks
        and described["initialised_by"] in (None, *frameworks)
        and all(isinstance(one, str) for one in (*texts, *(head["name"] for head in heads)))
        and all(head["activation"] in get_args(HeadActivation) for head in heads)
        and all(head["between"] in (None, *get_args(Between)) for head in heads)
        and all(isinstance(one, list) for one in lists)
        and all(isinstance(one, bool) for one in flags)
        and all(type(one) in (int, float) and math.isfinite(one) for one in numbers)
        and all(chain["layouts"] and len(chain["layouts"]) == len(chain["sources"]) for chain in chains)
        and all(one.dtype == np.float32 for one in tensors.values())
    )
    if not right:
        raise ValueError("a value is of the wrong kind")


_LISTS = ("sources", "layouts", "notes")


def _chain(number: int, described: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> Chain:
    start = f"{number}."
    own = {name.removeprefix(start): one for name, one in tensors.items() if name.startswith(start)}
    weight, bias = own.pop("head.weight", None), own.pop("head.bias", None)
    head = None if weight is None or bias is None else Head(weight=weight, bias=bias, **described["head"])
    return Chain(
        name=described["name"],
        sources=tuple(described["sources"]),
        layouts=tuple(Layout.from_json(layout) for layout in described["layouts"]),
        embedding=own.pop("embedding", None),
        weights=own,
        one_hot=described["one_hot"],
        head=head,
        notes=tuple(described["notes"]),
        given=described["given"],
    )
