"""Checkpoints and models as people pickle them, and the same with an attack in the place of something harmless."""

import collections
import os
import pickle
import sys
import types
from argparse import Namespace
from collections.abc import Callable
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import nn

from tests.fuzz.canary import trap
from tests.support.hostile import Called


class Config:
    """What a model was made with, as an object of a class of one's own."""

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)


class Forecaster(nn.Module):
    """An LSTM and a linear layer, as in a hundred tutorials."""

    def __init__(self, features: int = 3, units: int = 5) -> None:
        super().__init__()
        self.lstm, self.fc = nn.LSTM(features, units), nn.Linear(units, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.lstm(x)[0])


EXTRAS: dict[str, Callable[[], dict[str, Any]]] = {  # what stands beside weights in checkpoints
    "numpy scalar": lambda: {"epoch": np.int64(3), "best_loss": np.float64(0.5), "name": np.str_("a")},
    "numpy array": lambda: {"mean": np.arange(3.0), "names": np.array(["a", "b"])},
    "namespace": lambda: {"args": Namespace(hidden=5, path=Path("runs"))},
    "path": lambda: {"path": PurePosixPath("runs/1")},
    "set": lambda: {"chars": {"a", "b"}, "fixed": frozenset([1])},
    "defaultdict": lambda: {"stoi": collections.defaultdict(int, {"a": 0, "b": 1})},
    "ordered dictionary": lambda: {"sizes": collections.OrderedDict(hidden=5), "counts": collections.Counter("aab")},
    "torch's version": lambda: {"torch": torch.__version__},
    "a class of one's own": lambda: {"config": Config(hidden=5, nested=Config(layers=1))},
}
ATTACKED: dict[str, Callable[[Any], dict[str, Any]]] = {  # the same, with what an attacker puts there
    "numpy scalar": lambda evil: {"best_loss": evil},
    "numpy array": lambda evil: {"mean": [evil]},
    "namespace": lambda evil: {"args": Namespace(hidden=evil)},
    "path": lambda evil: {"path": Called(PurePosixPath, evil)},
    "set": lambda evil: {"chars": {1, evil}},
    "defaultdict": lambda evil: {"stoi": collections.defaultdict(None, {"a": evil})},
    "ordered dictionary": lambda evil: {"sizes": collections.OrderedDict(hidden=evil)},
    "torch's version": lambda evil: {"torch": Called(str, evil)},
    "a class of one's own": lambda evil: {"config": Config(hidden=evil)},
}


def joblib_value() -> dict[str, Any]:
    """Weights by name, with arrays beside them that are none."""
    shapes = {"weight_ih_l0": (16, 3), "weight_hh_l0": (16, 4), "bias_ih_l0": (16,), "bias_hh_l0": (16,)}
    numbers = {
        name: np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape) for name, shape in shapes.items()
    }
    numbers["weight_hh_l0"] = np.asfortranarray(numbers["weight_hh_l0"])
    others = {
        "names": np.array(["a", None], object),
        "text": np.array(["ab", "c"]),
        "step": np.array(3),
        "none": np.zeros((0, 2)),
    }
    return {**others, "weights": numbers}


class _JoblibPickler(pickle._Pickler):
    """Writes an array as joblib does: an object in its place, and its numbers right after that."""

    def __init__(self, data: BytesIO, protocol: int, wrapper: type) -> None:
        super().__init__(data, protocol)
        self.data, self.wrapper = data, wrapper

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if not isinstance(obj, np.ndarray):
            super().save(obj, save_persistent_id)
            return
        order = "F" if obj.flags.f_contiguous and not obj.flags.c_contiguous else "C"
        wrapper = self.wrapper()
        objects = obj.dtype.hasobject
        wrapper.__dict__ |= {"subclass": type(obj), "shape": obj.shape, "order": order, "dtype": obj.dtype}
        wrapper.__dict__ |= {"allow_mmap": not objects, "numpy_array_alignment_bytes": 16}
        super().save(wrapper, save_persistent_id)
        if self.proto >= 4:
            self.framer.commit_frame(force=True)
        if objects:
            pickle.dump(obj, self.data, protocol=5)
            return
        padding = 16 - (self.data.tell() + 1) % 16
        self.data.write(bytes([padding]) + b"\xff" * padding + obj.tobytes(order))


def joblib_dumped(value: Any, protocol: int = 4) -> bytes:
    """The bytes that joblib 1.2 and later write; a test holds them against what joblib itself wrote."""
    data = BytesIO()
    module = types.ModuleType("joblib.numpy_pickle")
    wrapper = type("NumpyArrayWrapper", (), {"__module__": module.__name__})
    module.NumpyArrayWrapper = wrapper  # type: ignore[attr-defined]
    with patch.dict(sys.modules, {"joblib": module, module.__name__: module}):
        _JoblibPickler(data, protocol, wrapper).dump(value)
    return data.getvalue()


def saved(value: Any, how: str = "zip") -> bytes:
    """As torch.save writes it, in its new or its old format, or pickle.dump in a protocol."""
    data = BytesIO()
    if how.isdecimal():
        pickle.dump(value, data, protocol=int(how))
    else:
        torch.save(value, data, _use_new_zipfile_serialization=how == "zip")
    return data.getvalue()


def with_command(path: Path, make: Callable[[Any], Any], how: str = "zip") -> bytes:
    """What would touch `path` when it is loaded."""
    return saved(make(Called(os.system, f"touch {path}")), how)


def with_trap(make: Callable[[Any], Any], how: str = "zip") -> bytes:
    """What would call the canary when it is loaded: code that no list of harmful names has."""
    with trap() as function:
        return saved(make(Called(function, "sing")), how)
