"""The state dict in a saved object: where it is, and its tensors by readable names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstm_core.importers.inert import Record
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.pytorch.plain import made_plain
from lstm_core.importers.pytorch.quantised import is_packed_layer, unpacked
from lstm_core.importers.pytorch.storages import Source, nowhere
from lstm_core.importers.pytorch.stored import Stored, StoredArray, StoredTensor, is_stored
from lstm_core.importers.pytorch.whole_model import is_module, is_packed, leaves_of, modules_in

WRAPPERS = (
    "state_dict", "model_state_dict", "model", "model_state", "net", "network", "net_state_dict", "weights", "module",
    "params", "parameters", "ema_state_dict", "best_model", "checkpoint", "data",
)  # fmt: skip
PREFIXES = ("module", "model", "_orig_mod", "net", "network")  # of every name in the dict: a wrapper's
MAX_DEPTH = 4
MAX_LEAVES = 4 * LIMITS.tensors  # of a whole model, that may be tensors
MAX_LISTED = 100  # of a list that was saved
MAX_CLASS_CHARS = 100  # of the names of classes
MAX_NAME_CHARS = 500  # characters of a name
FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
RECURRENT = re.compile(
    r"(?:(?P<module>.+)\.)?(?P<kind>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)"
    r"(?:_l(?P<layer>\d{1,4})(?P<reverse>_reverse)?)?"
)

# torch's weight norm, spectral norm and pruning, old and new, keep what a weight is computed from in its place.
COMPUTED = re.compile(r"parametrizations\.weight_[ih]h|weight_[ih]h(_l\d+)?(_reverse)?_(g|v|u|orig|mask|raw)$")
# A state before the first step that was learnt; what else stands in such names says nothing.
AROUND = re.compile(r"lstm|gru|rnn|learne?d|learnt|learnable|trainable|param(eter)?|[\W_]")
INITIAL = {
    "hidden": {"h0", "hx", "hinit", "inith", "initialh", "hidden0", "hid0", "hiddeninit", "inithidden", "initialhidden",
               "inithiddenstate", "initialhiddenstate", "hstart", "starth", "starthidden"},
    "cell": {"c0", "cx", "cinit", "initc", "initialc", "cell0", "cellinit", "initcell", "initialcell", "initcellstate",
             "initialcellstate", "cstart", "startc", "startcell"},
}  # fmt: skip
MAKE_PLAIN = (
    "the recurrent weights in this file are computed from others in a way that is not known here: make them plain, with "
    "torch.nn.utils.parametrize.remove_parametrizations, remove_weight_norm or prune.remove, and save it again"
)


class NothingRecurrent(UnreadableFile):
    """There are no weights of recurrent layers by name in what was saved."""


@dataclass(frozen=True, eq=False)
class Found:
    """The tensors of a model, by their names in it."""

    tensors: dict[str, Tensor]
    notes: tuple[str, ...] = ()  # sentences: what was made of what the file holds
    whole: str = ""  # of a whole model that was saved, not its weights alone: what its class is called
    modules: Mapping[str, Record] = field(default_factory=dict)  # of a whole model, by their names


@dataclass
class _Leaves:
    """What may be a tensor, by its name, and of whole models all modules."""

    named: dict[str, Any] = field(default_factory=dict)
    modules: dict[str, Record] = field(default_factory=dict)
    wholes: list[Record] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)  # a pickle may hold one dict a million times

    def collect(self, value: object, start: str, depth: int) -> None:
        if not isinstance(value, Mapping) or id(value) in self.seen:
            return
        self.seen.add(id(value))
        if is_module(value):
            self.collect_module(value, start)
            return
        for name, one in value.items():
            if not isinstance(name, str) or (depth == MAX_DEPTH and "optim" in name.lower()):
                continue
            if _is_leaf(one):
                self.named[start + name] = one
            elif depth > 1:
                self.collect(one, f"{start}{name}.", depth - 1)

    def collect_module(self, model: Any, start: str) -> None:
        self.wholes += [model] if _has_recurrent_module(model) else []
        for name, module in modules_in(model).items():
            place = f"{start}{name}".removesuffix(".")
            self.modules[place] = module
            self.named |= {f"{place}.{own}" if place else own: one for own, one in leaves_of(module)}
            if len(self.named) > MAX_LEAVES:
                raise UnreadableFile(_too_many(len(self.named)))


def state_dict(saved: Any, source: Source | None = None) -> Found:
    """The tensors of the model in what was saved, by name, prefixes that all of them have stripped.

    A dict of dicts (an encoder's, a decoder's) is taken as one. Tensors that are not of floating-point numbers are
    left out, as counters are. `source` is where the numbers of pickled tensors lie. Raises UnreadableFile when there is
    no recurrent layer.
    """
    leaves = _Leaves()
    leaves.collect(_inner(saved), "", MAX_DEPTH)
    if not tells_recurrent(leaves.named):
        raise NothingRecurrent(_nothing(leaves.named))
    if len(leaves.named) > LIMITS.tensors:
        raise UnreadableFile(_too_many(len(leaves.named)))
    _check_names(leaves.named)
    stored, notes = unpacked(leaves.named, Source(BytesIO(), nowhere) if source is None else source)
    if any(_is_recurrent(name) and not isinstance(one, StoredArray) for name, one in stored.items()):
        stored = {name: one for name, one in stored.items() if not isinstance(one, StoredArray)}  # a scaler's, perhaps
    _check_count(stored)
    found, more = made_plain({name: one if isinstance(one, Tensor) else one.read() for name, one in stored.items()})
    if not any(_is_recurrent(name) for name in found):
        raise NothingRecurrent(_nothing(found))
    for name, tensor in found.items():
        _check_tensor(name, tensor)
    wrapper = _prefix(name for name, one in found.items() if one.is_floating_point())
    return Found(
        {name.removeprefix(wrapper): one for name, one in found.items() if one.is_floating_point()},
        (*notes, *more),
        ", ".join(dict.fromkeys(whole.class_name for whole in leaves.wholes))[:MAX_CLASS_CHARS],
        {f"{name}.".removeprefix(wrapper).removesuffix("."): module for name, module in leaves.modules.items()},
    )


def _inner(saved: Any) -> Any:
    """The model in what was saved beside it."""
    inner = saved
    for _ in range(MAX_DEPTH):
        if isinstance(inner, list | tuple):
            inner = {str(place): one for place, one in enumerate(inner[:MAX_LISTED]) if _holds_recurrent(one, set())}
            inner = next(iter(inner.values())) if len(inner) == 1 else inner
        if not isinstance(inner, Mapping) or is_module(inner) or tells_recurrent(inner):
            break
        chosen = next((name for name in WRAPPERS if _holds_recurrent(inner.get(name), set())), None)
        if chosen is None:
            break
        inner = inner[chosen]
    return inner


def _is_leaf(value: object) -> bool:
    if isinstance(value, tuple):  # a weight and its bias, unpacked
        return any(is_stored(one) for one in value)
    return isinstance(value, Tensor) or is_stored(value) or is_packed(value)


def _prefix(names: Iterable[str]) -> str:
    """What wrappers such as DataParallel put before every name, "module." or more of such."""
    found = ""
    left = list(names)
    while True:
        starts = {name.split(".", 1)[0] if "." in name else "" for name in left}
        if len(starts) != 1 or (start := starts.pop()) not in PREFIXES:
            return found
        found += f"{start}."
        left = [name.removeprefix(f"{start}.") for name in left]


def initial_part(name: str) -> str:
    """ "hidden" or "cell" where a tensor is called like that part of a state before the first step; else ""."""
    own = AROUND.sub("", name.rpartition(".")[2].lower())
    return next((part for part, names in INITIAL.items() if own in names), "")


def as_float32(tensor: Tensor) -> np.ndarray:
    """The numbers in single precision; those of a float32 tensor stay where they are."""
    return np.ascontiguousarray(tensor.detach().to(torch.float32).numpy())


def loses(tensor: Tensor) -> bool:
    """Does single precision lose anything of these numbers?"""
    if tensor.dtype != torch.float64:
        return False
    return not torch.equal(tensor.nan_to_num(), tensor.float().double().nan_to_num())


def _is_recurrent(name: object) -> bool:
    return isinstance(name, str) and RECURRENT.fullmatch(name) is not None


def _holds_recurrent(value: object, seen: set[int]) -> bool:
    """Has a model, or what is wrapped in it, names of a recurrent layer? `seen` are the dicts that need no second look."""
    if is_module(value):
        return _has_recurrent_module(value)
    if not isinstance(value, Mapping) or id(value) in seen:
        return False
    seen.add(id(value))
    if tells_recurrent(value):
        return True
    return len(seen) < MAX_DEPTH * len(WRAPPERS) and any(_holds_recurrent(value.get(name), seen) for name in WRAPPERS)


def _has_recurrent_module(model: Any) -> bool:
    modules = modules_in(model)
    return tells_recurrent(
        f"{place}.{name}" if place else name for place, module in modules.items() for name, _ in leaves_of(module)
    )


def tells_recurrent(names: Iterable[object]) -> bool:
    """Is one of these the name of a recurrent weight, or of what such a one is computed from or packed in?"""
    texts = (name for name in names if isinstance(name, str))
    return any(_is_recurrent(name) or COMPUTED.search(name) or is_packed_layer(name) for name in texts)


def _check_names(names: Mapping[str, Any]) -> None:
    for name in names:
        if len(name) > MAX_NAME_CHARS or not name.isprintable():
            raise UnreadableFile(f"no layer is called {name[:60]!r} ({len(name):,} characters): save the model again")


def _check_tensor(name: str, tensor: Tensor) -> None:
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
        raise UnreadableFile(f"{name[:80]!r} is not a plain tensor with its numbers in the file: save it as one")
    reach = sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride(), strict=True)) + 1
    if tensor.numel() and (tensor.storage_offset() + reach) * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise UnreadableFile(f"{name[:80]!r} reaches beyond the numbers that the file stores for it: save it again")
    if _is_recurrent(name) and tensor.dtype not in FLOATS:
        told = str(tensor.dtype).removeprefix("torch.")
        raise UnreadableFile(
            f"{name[:80]!r} holds {told} numbers; Gatescope reads float16, bfloat16, float32 and float64: save the "
            "model in one of these"
        )


def _check_count(tensors: Mapping[str, Stored | Tensor]) -> None:
    if len(tensors) > LIMITS.tensors:
        raise UnreadableFile(_too_many(len(tensors)))
    # What is tied is saved once and read twice.
    apart = {(*_place(one), tuple(one.shape)): prod(one.shape) for one in tensors.values()}
    total = sum(apart.values())
    if total > LIMITS.parameters:
        raise UnreadableFile(
            f"this model has {total:,} parameters; Gatescope opens up to {LIMITS.parameters:,}: save its recurrent layers "
            "with their embedding and readout alone"
        )


def _place(one: Stored | Tensor) -> tuple[Any, ...]:
    """Where the numbers of a tensor lie: the same for those that are tied."""
    if isinstance(one, Tensor):
        return (one.data_ptr(),)
    return (id(one.source), one.storage.key, one.offset) if isinstance(one, StoredTensor) else (id(one),)


def _too_many(count: int) -> str:
    return f"this file has {count:,} tensors; Gatescope reads up to {LIMITS.tensors:,}: save the recurrent layers alone"


def _nothing(tensors: Mapping[str, Any]) -> str:
    if not tensors:
        return (
            "this file holds no tensors by name, so no state dict of a model: save one with "
            'torch.save(model.state_dict(), "model.pt")'
        )
    if any(COMPUTED.search(name) for name in tensors):
        return MAKE_PLAIN
    shown = ", ".join(name[:40] for name in list(tensors)[:3])
    return (
        f"this file holds {len(tensors):,} tensors ({shown}{', …' if len(tensors) > 3 else ''}), but no LSTM, GRU or RNN "
        "of PyTorch, whose weights are called weight_ih_l0 and weight_hh_l0: upload a model that has one"
    )
