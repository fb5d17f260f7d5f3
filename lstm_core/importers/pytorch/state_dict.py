"""The state dict in a saved object: where it is, and its tensors by readable names."""

import re
from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstm_core.importers.limits import LIMITS, UnreadableFile

WRAPPERS = (
    "state_dict", "model_state_dict", "model", "model_state", "net", "network", "net_state_dict", "weights", "module",
    "params", "parameters", "ema_state_dict", "best_model", "checkpoint", "data",
)  # fmt: skip
PREFIXES = ("module", "model", "_orig_mod", "net", "network")  # of every name in the dict: a wrapper's
MAX_DEPTH = 4
MAX_NAME_CHARS = 500  # characters of a name
FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
RECURRENT = re.compile(
    r"(?:(?P<module>.+)\.)?(?P<kind>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)"
    r"(?:_l(?P<layer>\d{1,4})(?P<reverse>_reverse)?)?"
)

# torch's weight norm and pruning, old and new, keep what a weight is computed from in its place.
COMPUTED = re.compile(r"parametrizations\.weight_[ih]h|weight_[ih]h(_l\d+)?(_reverse)?_(g|v|u|orig|mask)$")
MAKE_PLAIN = (
    "the recurrent weights in this file are computed from others (weight norm, pruning): make them plain, with "
    "torch.nn.utils.parametrize.remove_parametrizations, remove_weight_norm or prune.remove, and save it again"
)


def state_dict(saved: Any) -> dict[str, Tensor]:
    """The tensors of the model in what was saved, by name, prefixes that all of them have stripped.

    A dict of dicts (an encoder's, a decoder's) is taken as one. Tensors that are not of floating-point numbers are
    left out, as counters are. Raises UnreadableFile when there is no recurrent layer.
    """
    inner = saved
    for _ in range(MAX_DEPTH):
        if not isinstance(inner, Mapping) or any(_is_recurrent(name) for name in inner):
            break
        chosen = next((name for name in WRAPPERS if _holds_recurrent(inner.get(name), set())), None)
        if chosen is None:
            break
        inner = inner[chosen]
    found = _plain(dict(_flat(inner, "", MAX_DEPTH, set())))
    if not any(_is_recurrent(name) for name in found):
        raise UnreadableFile(_nothing(found))
    for name, tensor in found.items():
        _check_tensor(name, tensor)
    _check_count(found)
    return without_prefix({name: one for name, one in found.items() if one.is_floating_point()})


def without_prefix(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, their names without what wrappers such as DataParallel put before every one of them."""
    found = dict(tensors)
    while True:
        starts = {name.split(".", 1)[0] if "." in name else "" for name in found}
        if len(starts) != 1 or (start := starts.pop()) not in PREFIXES:
            return found
        found = {name.removeprefix(f"{start}."): tensor for name, tensor in found.items()}


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
    """Has a dict, or what is wrapped in it, names of a recurrent layer? `seen` are the dicts that need no second look."""
    if not isinstance(value, Mapping) or id(value) in seen:
        return False
    seen.add(id(value))
    if any(_is_recurrent(name) for name in value):
        return True
    return len(seen) < MAX_DEPTH * len(WRAPPERS) and any(_holds_recurrent(value.get(name), seen) for name in WRAPPERS)


def _flat(value: object, start: str, depth: int, seen: set[int]) -> Iterable[tuple[str, Tensor]]:
    if not isinstance(value, Mapping) or id(value) in seen:  # a pickle may hold one dict a million times
        return
    seen.add(id(value))
    for name, one in value.items():
        if not isinstance(name, str) or (depth == MAX_DEPTH and "optim" in name.lower()):
            continue
        if isinstance(one, Tensor):
            yield start + name, one
        elif depth > 1:
            yield from _flat(one, f"{start}{name}.", depth - 1, seen)


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same, where dropout of weights (fastai's WeightDropout) keeps the weights proper beside the module."""
    found = dict(tensors)
    for name in tensors:
        inside = re.fullmatch(r"(.*\.)?(weight_hh_l\d+)_raw", name)
        if inside:
            within = f"{inside[1] or ''}module."
            if f"{within}weight_ih_l0" in tensors:
                found[within + inside[2]] = found.pop(name)
    return found


def _check_tensor(name: str, tensor: Tensor) -> None:
    if len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise UnreadableFile(f"no layer is called {name[:60]!r} ({len(name):,} characters): save the model again")
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


def _check_count(tensors: Mapping[str, Tensor]) -> None:
    if len(tensors) > LIMITS.tensors:
        raise UnreadableFile(f"this file has {len(tensors):,} tensors; Gatescope reads up to {LIMITS.tensors:,}")
    # What is tied is saved once and read twice.
    apart = {(one.data_ptr(), tuple(one.shape)): prod(one.shape) for one in tensors.values()}
    total = sum(apart.values())
    if total > LIMITS.parameters:
        raise UnreadableFile(
            f"this model has {total:,} parameters; Gatescope opens up to {LIMITS.parameters:,}: save its recurrent layers "
            "with their embedding and readout alone"
        )


def _nothing(tensors: Mapping[str, Tensor]) -> str:
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
