"""Weights that a model computes from others before each step forward, made plain: weight drop, weight and spectral norm, pruning."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

RAW = re.compile(r"(?P<start>.*\.)?(?P<own>weight_hh_l\d{1,4}(?:_reverse)?)_raw")
OLD = re.compile(r"(?P<stem>.*\bweight(?:_[ih]h(?:_l\d{1,4})?(?:_reverse)?)?)_(?:g|orig)")
NEW = re.compile(r"(?P<start>.*\.)?parametrizations\.(?P<own>[^.]+)\.original0?")
NOTES = {
    "drop": "{names}: read without the dropout of weights that the model was trained with.",
    "norm": "{names}: computed from a length and a direction for each row, as weight norm does.",
    "spectral": "{names}: divided by their largest singular value as the file has it, as spectral norm does.",
    "pruned": "{names}: masked, as pruning does.",
}

Parts = tuple[str, Tensor, list[str]]  # what made a weight, the weight, and the names of what it was made of


def made_plain(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """The same with plain weights in the place of what they are computed from, and a sentence for each way.

    What cannot be computed stays as it is.
    """
    plain: dict[str, tuple[str, Tensor]] = {}  # by the name in whose place it comes
    gone: set[str] = set()
    told: dict[str, list[str]] = {}
    for name in tensors:
        for pattern, make in ((RAW, _raw), (OLD, _old), (NEW, _new)):
            match = pattern.fullmatch(name)
            made = make(match, tensors) if match else None
            if made is not None:
                own, (way, weight, parts) = made
                plain[name] = own, weight
                gone.update(parts, [own])
                told.setdefault(way, []).append(own)
    found: dict[str, Tensor] = {}
    for name, one in tensors.items():
        if name in plain:
            own, weight = plain[name]
            found[own] = weight
        elif name not in gone:
            found[name] = one
    return found, [NOTES[way].format(names=_few(names)) for way, names in told.items()]


def _raw(match: "re.Match[str]", tensors: Mapping[str, Tensor]) -> tuple[str, Parts] | None:
    """Of weight drop: the weight proper, kept beside the module, within it, or in a module around it."""
    start, own = match["start"] or "", match["own"]
    inner = own.replace("_hh_", "_ih_")
    for place in (start, f"{start}module.", start.removesuffix("module.")):
        if f"{place}{inner}" in tensors:
            return place + own, ("drop", tensors[match[0]], [match[0]])
    return None


def _old(match: "re.Match[str]", tensors: Mapping[str, Tensor]) -> tuple[str, Parts] | None:
    """As torch.nn.utils.weight_norm, spectral_norm and prune name their parts."""
    stem = match["stem"]
    if match[0].endswith("_g"):
        return _made(stem, "norm", _normed, tensors, f"{stem}_g", f"{stem}_v")
    if f"{stem}_mask" in tensors:
        return _made(stem, "pruned", _masked, tensors, f"{stem}_orig", f"{stem}_mask")
    return _made(stem, "spectral", _divided, tensors, f"{stem}_orig", f"{stem}_u", f"{stem}_v")


def _new(match: "re.Match[str]", tensors: Mapping[str, Tensor]) -> tuple[str, Parts] | None:
    """As torch.nn.utils.parametrizations names them."""
    within = match[0].removesuffix("original0").removesuffix("original")
    plain = (match["start"] or "") + match["own"]
    if (
        f"{within}1._u" in tensors or f"{within}original2" in tensors
    ):  # one way upon another, or one of a class of its own
        return None
    if match[0].endswith("0"):
        return _made(plain, "norm", _normed, tensors, f"{within}original0", f"{within}original1")
    return _made(plain, "spectral", _divided, tensors, f"{within}original", f"{within}0._u", f"{within}0._v")


def _made(
    plain: str, way: str, compute: Callable[..., Any], tensors: Mapping[str, Tensor], *parts: str
) -> tuple[str, Parts] | None:
    given = [tensors[part] for part in parts if part in tensors]
    if len(given) < len(parts) or not all(
        one.dtype.is_floating_point for one in given[: 1 if way == "pruned" else None]
    ):
        return None
    weight = compute(*given)
    return None if weight is None else (plain, (way, weight, list(parts)))


def _normed(length: Tensor, direction: Tensor) -> Tensor | None:
    """g * v / |v|, the norm taken over all axes along which there is one length."""
    g, v = length.double(), direction.double()
    if g.numel() == 1:
        whole: Tensor = v * (g.reshape(()) / v.norm())
        return whole.to(direction.dtype)
    sizes = list(zip(g.shape, v.shape, strict=False))
    over = [axis for axis, (size, _) in enumerate(sizes) if size == 1]
    if g.ndim != v.ndim or not over or any(size not in (1, other) for size, other in sizes):
        return None
    plain: Tensor = v * (g / v.norm(dim=over, keepdim=True))
    return plain.to(direction.dtype)


def _masked(weight: Tensor, mask: Tensor) -> Tensor | None:
    return weight * mask.to(weight.dtype) if weight.shape == mask.shape else None


def _divided(weight: Tensor, left: Tensor, right: Tensor) -> Tensor | None:
    """W / (u W v), with the vectors of the file, as the model computes it in evaluation."""
    rows = (weight.flatten(1) if weight.ndim > 1 else weight).double()
    if rows.ndim != 2 or left.shape != rows.shape[:1] or right.shape != rows.shape[1:]:
        return None
    return (weight.double() / torch.dot(left.double(), torch.mv(rows, right.double()))).to(weight.dtype)


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
