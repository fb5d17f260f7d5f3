"""What stands before and after the recurrent layers of a state dict: its embedding and its readout.

A state dict has names and shapes and does not tell what reads what. An embedding is a matrix without a bias whose
columns are as many as the first layer reads, and which is called one; or the only one that fits, when it was defined
before the layer and is not called something else. A readout is the one linear layer that reads as many numbers as the
top layer outputs, where no other linear layer could follow it, no other layer's width shows that something is inserted
before it or joined to it (attention, a second branch), and no normalisation could stand between. Of several recurrent
modules that fit, a layer belongs to those with whose name its own begins alike.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from lstm_core.importers.imported import Head
from lstm_core.importers.pytorch.layers import Module
from lstm_core.importers.pytorch.state_dict import RECURRENT, as_float32
from lstm_core.importers.vocabulary import taken_of, too_long

CALLED = ("emb", "wte", "lookup", "glove")
PERHAPS = ("encoder", "vocab", "word", "token", "char")
NEVER = ("decoder", "fc", "linear", "out", "head", "proj", "dense", "classif", "att", "query", "key", "value", "logit")
ALIKE = {"enc": "encoder", "src": "encoder", "source": "encoder"} | dict.fromkeys(
    ("dec", "tgt", "trg", "target"), "decoder"
)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer with a weight that is not recurrent."""

    name: str
    weight: Tensor
    bias: Tensor | None
    place: int  # among the names of the file

    @property
    def reads(self) -> int:
        return int(self.weight.shape[-1])

    @property
    def outputs(self) -> int:
        return len(self.weight)

    @property
    def called_embedding(self) -> bool:
        """Does its name say so?"""
        strongly = any(hint in self._own for hint in CALLED)
        perhaps = any(hint in self._own for hint in PERHAPS) and not self.called_other
        return self.bias is None and (strongly or perhaps)

    @property
    def called_other(self) -> bool:
        return any(hint in self._own for hint in NEVER)

    @property
    def _own(self) -> str:
        """The last part of its name that is no number."""
        return next((part for part in reversed(self.name.lower().split(".")) if not part.isdecimal()), "")


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Everything in a file that is not recurrent, and the modules that may read it or be read by it."""

    matrices: list[Layer]  # embeddings and linear layers
    convolutions: list[Layer]
    norms: list[Layer]
    modules: Sequence[Module]
    ordered: bool  # are names in the order in which the model defines them? Not in safetensors
    inner: frozenset[str]  # modules that read another, as far as names and sizes tell
    lower: frozenset[str]  # modules that another reads


def surroundings(
    tensors: Mapping[str, Tensor], modules: Sequence[Module], runs: Sequence[Sequence[Module]], *, ordered: bool
) -> Surroundings:
    """`runs` are modules of which each is thought to read the one before it."""
    layers = []
    for place, (name, weight) in enumerate(tensors.items()):
        stem = name.removesuffix("weight").removesuffix(".")
        plain = name == stem and weight.ndim == 2  # an embedding stored as a bare parameter
        if not RECURRENT.fullmatch(name) and (name != stem or plain):
            bias = tensors.get(f"{stem}.bias" if stem else "bias")
            layers.append(Layer(stem or "the linear layer", weight, None if plain else bias, place))
    return Surroundings(
        matrices=[layer for layer in layers if layer.weight.ndim == 2 and layer.weight.numel()],
        convolutions=[layer for layer in layers if layer.weight.ndim > 2 and layer.weight.numel()],
        norms=[layer for layer in layers if layer.weight.ndim == 1],
        modules=modules,
        ordered=ordered,
        inner=frozenset(module.name for run in runs for module in run[1:]),
        lower=frozenset(module.name for run in runs for module in run[:-1]),
    )


def embedding_of(module: Module, around: Surroundings) -> tuple[Layer | None, list[str]]:
    """The embedding that `module` reads, if the file has one, and a note on the choice."""
    if module.name in around.inner:
        return None, []
    fitting = [layer for layer in around.matrices if layer.bias is None and layer.reads == module.features]
    named = [layer for layer in fitting if layer.called_embedding]
    if not named and around.ordered:
        unnamed = [layer for layer in fitting if layer.place < module.place and not layer.called_other]
        named = unnamed if len(unnamed) == 1 else []
    rivals = [one for one in around.modules if one.name not in around.inner]
    own = [layer for layer in named if module in _nearest(layer, [m for m in rivals if m.features == layer.reads])]
    if not own:
        return None, []
    near = max(_nearness(layer.name, module.name) for layer in own)
    best = [layer for layer in own if _nearness(layer.name, module.name) == near]
    apart = {(layer.weight.data_ptr(), layer.outputs): layer for layer in reversed(best)}  # tied ones are one
    chosen = best[0]
    if long := too_long(chosen.name, chosen.outputs):
        return None, long
    return chosen, taken_of([layer.name for layer in (best if len(apart) > 1 else best[:1])], module.title)


def head_of(module: Module, around: Surroundings) -> tuple[Head | None, list[str]]:
    """The linear layer that reads the output of `module`, if only one can, or the reason why there is none."""
    if module.name in around.lower:
        return None, []
    linear = [layer for layer in around.matrices if not layer.called_embedding and not _feeds(layer, around)]
    rivals = [one for one in around.modules if one.name not in around.lower]
    fitting = []
    for layer in linear:
        possible = _nearest(layer, [one for one in rivals if one.outputs == layer.reads])
        if module in possible and _reader(layer, possible, around) in (module, None):
            fitting.append((layer, possible))
    if not fitting:
        return None, []
    (head, possible), *more = fitting
    following = [layer for layer in linear if layer is not head and layer.reads == head.outputs]
    if more or following:
        names = ", ".join(layer.name for layer in dict.fromkeys([*(layer for layer, _ in fitting), *following]))
        return None, [
            f"The file does not tell in which order its linear layers ({names}) read {module.title}: no readout is shown."
        ]
    obstacle = _between(module, head, linear, around)
    if obstacle:
        return None, [f"{obstacle}: no readout is shown."]
    if _reader(head, possible, around) is None:
        names = ", ".join(one.title for one in possible)
        return None, [f"The file does not tell which of {names} is read by {head.name}: no readout is shown."]
    return _head(head), []


def _between(module: Module, head: Layer, linear: Sequence[Layer], around: Surroundings) -> str:
    """What else may the readout read than the output of `module`, by the sizes of the file's other layers? "" for nothing."""
    norm = next((norm for norm in around.norms if norm.outputs in (1, module.outputs)), None)  # one number: PReLU's
    if norm:
        return f"{norm.name} may stand between {module.title} and {head.name}"
    unexplained = [one for one in (*linear, *around.convolutions) if one is not head and not _feeds(one, around)]
    others = [one for one in unexplained if module in _nearest(one, around.modules)]
    inserted = next((one for one in others if one.outputs == head.reads), None)
    if inserted:
        return f"{inserted.name} gives as many numbers as {head.name} reads, so it may stand between {module.title} and {head.name}"
    sums = {head.outputs + one.outputs for one in others}
    joined = next((one for one in others if one.reads in sums or one.reads == 2 * module.outputs), None)
    if joined:
        return f"{joined.name} reads {joined.reads:,} numbers, so something is joined to what {module.title} or {head.name} gives"
    return ""


def _reader(layer: Layer, possible: Sequence[Module], around: Surroundings) -> Module | None:
    """Which module does a linear layer read, of those that it may? None where neither names nor order tell."""
    decoding = [one for one in possible if "encoder" not in _words(one.name)] or possible
    if len(decoding) == 1:
        return decoding[0]
    before = [one for one in decoding if one.place < layer.place]
    return before[-1] if before and around.ordered else None


def _feeds(layer: Layer, around: Surroundings) -> bool:
    """Was it defined before a module with as many inputs as it has outputs?"""
    return around.ordered and any(
        layer.place < module.place and layer.outputs == module.features for module in around.modules
    )


def _head(layer: Layer) -> Head:
    bias = np.zeros(layer.outputs, np.float32) if layer.bias is None else as_float32(layer.bias)
    return Head(name=layer.name, weight=as_float32(layer.weight), bias=bias, activation="unknown", between=None)


def _nearest(layer: Layer, modules: Sequence[Module]) -> list[Module]:
    near = max((_nearness(layer.name, module.name) for module in modules), default=0)
    return [module for module in modules if _nearness(layer.name, module.name) == near]


def _nearness(one: str, other: str) -> int:
    """How many words do two names begin with alike?"""
    count = 0
    for left, right in zip(_words(one), _words(other), strict=False):
        if left != right:
            break
        count += 1
    return count


def _words(name: str) -> list[str]:
    return [ALIKE.get(word, word) for word in re.findall(r"[a-z]+|\d+", name.lower())]
