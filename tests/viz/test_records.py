"""No comparison of any record in the tree asks an array whether it is true."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import get_origin, get_type_hints

import numpy as np
import pandas as pd
import torch
import xarray as xr
from jaxtyping import AbstractArray

import lstm_core
import pretrained
import viz
from lstm_core import Recording

ARRAYS = (np.ndarray, torch.Tensor, xr.Dataset, xr.DataArray, pd.DataFrame, AbstractArray, Recording)


def holds_arrays(hint: object) -> bool:
    """Does a field of this type hold an array, itself or in a tuple, list or mapping?"""
    if isinstance(hint, type) and issubclass(hint, ARRAYS):
        return True
    if get_origin(hint) is Callable:
        return False
    return any(holds_arrays(part) for part in getattr(hint, "__args__", ()))


def every_class() -> list[type]:
    found: dict[str, type] = {}
    for package in (lstm_core, pretrained, viz):
        for part in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if (
                part.name.rpartition(".")[2] == "__main__"
                or part.name.startswith("lstm_core.capture.")
                or (part.name.startswith("viz.") and part.name.endswith(".page"))
            ):
                continue
            module = importlib.import_module(part.name)
            own = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
            found |= {f"{one.__module__}.{one.__qualname__}": one for one in own}
    return list(found.values())


def test_no_record_of_arrays_has_a_generated_comparison():
    generated = []
    for one in every_class():
        tuple_ = issubclass(one, tuple) and hasattr(one, "_fields")
        if not (is_dataclass(one) or tuple_) or not any(map(holds_arrays, get_type_hints(one).values())):
            continue
        own = one.__eq__ is tuple.__eq__ if tuple_ else one.__dataclass_params__.eq
        if own:
            generated.append(one.__qualname__)
    assert generated == []
