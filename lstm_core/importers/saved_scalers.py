"""Scalers that were saved beside a model: scikit-learn's, and numbers that are called mean and std, or min and max."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.inert import Record, array_in
from lstm_core.importers.scaling import Scaler, Side

Numbers = Callable[[Any], np.ndarray | None]  # what a value is as an array, if it is one

MAX_DEPTH = 4  # dictionaries and objects within one another
MAX_VISITED = 50_000  # entries that are looked at
MAX_COLUMNS = 1_000
MAX_SCALERS = 16
MAX_NAME_CHARS = 100
# scikit-learn's, by their attributes: of (number - center) / spread the center and the spread.
FITTED = {
    "StandardScaler": ("mean_", "scale_"),
    "RobustScaler": ("center_", "scale_"),
    "MaxAbsScaler": ("", "scale_"),
}
MIN_MAX = "MinMaxScaler"
KINDS = {
    "mean": "mean", "means": "mean", "mu": "mean", "avg": "mean", "average": "mean",
    "std": "std", "stds": "std", "stdev": "std", "stddev": "std", "sigma": "std", "scale": "std", "spread": "std", "sd": "std",
    "min": "min", "mins": "min", "minimum": "min", "max": "max", "maxs": "max", "maximum": "max",
}  # fmt: skip
READ = {"x", "input", "inputs", "feature", "features"}
PREDICTED = {"y", "target", "targets", "label", "labels", "output", "outputs", "out"}
SILENT = {
    *("data", "train", "training", "dataset", "series", "value", "values", "global", "stats"),
    *("scaler", "norm", "normalization", "normalisation", "normalizer"),
}


def with_scalers(model: ImportedModel, saved: Any, numbers: Numbers, where: str) -> ImportedModel:
    """The model with the scalers in what was saved beside it, as far as they have a column for each of its numbers."""
    columns = {chain.layouts[0].features for chain in model.chains if not chain.classes}
    columns |= {len(chain.head.weight) for chain in model.chains if chain.head is not None}
    return replace(model, scalers=scalers_in(saved, numbers, where, columns))


def scalers_in(saved: Any, numbers: Numbers, where: str, columns: set[int]) -> tuple[Scaler, ...]:
    """The scalers of so many columns in what was saved at `where`, those that are named most plainly first.

    `numbers` tells which values are arrays.
    """
    found: list[Scaler] = []
    for path, value in _mappings(saved):
        for names, center, spread in _told(value, numbers):
            called = repr(".".join(part for part in (path, *names) if part)[:MAX_NAME_CHARS])
            kind = f" ({value.class_name})" if isinstance(value, Record) and not names else ""
            with suppress(ValueError):  # a spread of 0
                found.append(Scaler(f"{called}{kind} in {where}", center, spread, _side(path, names)))
    return tuple(one for one in found if one.columns in columns)[:MAX_SCALERS]


def plain_numbers(value: Any) -> np.ndarray | None:
    """What a number, a list of numbers or a pickled array is as an array; None for anything else."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list | tuple) and 0 < len(value) <= MAX_COLUMNS:
        return np.array(value, float) if all(_is_number(one) for one in value) else None
    return np.array([value], float) if _is_number(value) else array_in(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _mappings(saved: Any) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """All dictionaries and objects at a small depth, with their names; those that have too many entries are left out."""
    level, visited, seen = [("", saved)], 0, {id(saved)}
    for _ in range(MAX_DEPTH):
        below = []
        for path, value in level:
            size = value.most if isinstance(value, Record) else len(value) if isinstance(value, Mapping) else 0
            if visited + size > MAX_VISITED:  # the same attributes may be those of a million objects
                continue
            visited += size
            yield path, value
            for name, one in value.items() if size and not is_scaler(value) else ():
                if isinstance(one, Mapping) and id(one) not in seen and isinstance(name, str) and name.isprintable():
                    seen.add(id(one))
                    below.append((f"{path}.{name}".removeprefix("."), one))
        level = below


def is_scaler(value: object) -> bool:
    """Is it one of scikit-learn's?"""
    return isinstance(value, Record) and value.class_name in (*FITTED, MIN_MAX)


Told = tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...]]  # names of the numbers, center, spread


def _told(value: Any, numbers: Numbers) -> Iterator[Told]:
    """The scalers that a dictionary's numbers are, or the one that an object is."""
    if not isinstance(value, Mapping):
        return
    if is_scaler(value):
        yield from _of_sklearn(value, numbers)
        return
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for name in value:
        words = _words(name)
        kinds = [KINDS[word] for word in words if word in KINDS]
        rest = tuple(word for word in words if word not in KINDS)
        if len(kinds) == 1 and set(rest) <= READ | PREDICTED | SILENT:
            groups.setdefault(rest, {}).setdefault(kinds[0], name)
    for named in groups.values():
        for low, high in (("mean", "std"), ("min", "max")):
            if low in named and high in named:
                first, second = (_row(value[named[one]], numbers) for one in (low, high))
                if first is not None and second is not None and first.shape == second.shape:
                    yield (
                        (f"{named[low]} and {named[high]}",),
                        *_pair(first, second - first if low == "min" else second),
                    )


def _of_sklearn(value: Any, numbers: Numbers) -> Iterator[Told]:
    if value.class_name == MIN_MAX:
        low, scale = _row(value.get("min_"), numbers), _row(value.get("scale_"), numbers)
        if low is not None and scale is not None and low.shape == scale.shape and scale.all():
            yield (), *_pair(-low / scale, 1 / scale)
        return
    center, spread = (_row(value.get(name), numbers) for name in FITTED[value.class_name])
    known = spread if spread is not None else center
    if known is not None:
        center = np.zeros_like(known) if center is None or value.get("with_mean") is False else center
        spread = np.ones_like(known) if spread is None else spread
        if center.shape == spread.shape:
            yield (), *_pair(center, spread)


def _pair(center: np.ndarray, spread: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(center.tolist()), tuple(spread.tolist())


def _row(value: Any, numbers: Numbers) -> np.ndarray | None:
    """One number for each column; None for anything else."""
    found = numbers(value)
    if found is None or found.dtype.kind not in "fiu" or not 0 < found.size <= MAX_COLUMNS:
        return None
    return found.astype(float).reshape(-1) if found.size == max(found.shape, default=1) else None


def _words(name: object) -> list[str]:
    if not isinstance(name, str) or len(name) > MAX_NAME_CHARS or not name.isprintable():
        return []
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())


def _side(path: str, names: tuple[str, ...]) -> Side:
    words = {word for part in (path, *names) for word in _words(part)}
    return "output" if words & PREDICTED else "input" if words & READ else ""
