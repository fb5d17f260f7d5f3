"""Checks the arguments of public functions: a wrong type raises one sentence with the right type and how to get it."""

import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from types import NoneType
from typing import Any, ParamSpec, TypeVar, get_args, get_origin

import numpy as np
import torch
import xarray as xr
from torch import nn

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

HOW = {
    "Recording": "record(model, text) makes one, and Recording.load(folder) reads one that was saved",
    "Tokens": "model.encode(text) makes them",
    "DataArray": 'such as recording.layers["layer0"]["forget"]',
    "Target": "Target() is the mean loss, and Target(step=3) the prediction after step 3",
    "Task": 'lstm_core.tasks.make_task("text") makes one',
    "Settings": "lstm_core.training.Settings(steps=1000) makes them",
    "ModelConfig": "such as ModelConfig(ByteEncoder(), embedding=16, hidden=32)",
    "PathLike": "give its name",
    "Chain": "read_model(path).chains[0] is one",
}
HOW_CALLED = {
    "layer": 'a layer of a recording is meant, such as recording.layers["layer0"]',
    "prediction": "recording.prediction is meant",
    "before": "recording.prediction is meant",
    "after": "recording.prediction is meant",
    "gradients": "what lstm_core.analysis.gradients found is meant",
    "wiring": "what lstm_core.wiring found is meant",
    "features": "what lstm_core.analysis.text_features found is meant",
    "found": "what the function of lstm_core.analysis before this one found is meant",
}
TEXT = "give the text itself"
KNOWN = ("SequenceModel", "Dataset", "str", "NoneType", "Sequence", *HOW)


def checked(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Make a public function raise a TypeError of one sentence for arguments of a wrong type."""
    signature, called = inspect.signature(function), function.__qualname__.removesuffix(".__init__")
    wanted = {name: _kinds(name, one.annotation) for name, one in signature.parameters.items()}
    watched = {name: kinds for name, kinds in wanted.items() if kinds}

    @wraps(function)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:  # too many, too few, or unknown: Python says so
            return function(*args, **kwargs)
        for name, kinds in watched.items():
            if name in given and not _fits(given[name], kinds):
                raise TypeError(_sentence(called, name, kinds, given[name]))
        for name, unlike in (("layer", "class"), ("prediction", "unit")):
            part = given.get(name)
            if isinstance(part, xr.Dataset) and unlike in part.dims:
                raise ValueError(
                    f"{called}({name}=...) was given a Dataset over {', '.join(map(str, part.dims))}: {HOW_CALLED[name]}"
                )
        return function(*args, **kwargs)

    return asked


def no_text(**given: object) -> None:
    """Raise TypeError for one text in place of a tuple of texts: it would be read letter by letter."""
    for name, value in given.items():
        if isinstance(value, str):
            raise TypeError(f"{name} must be a tuple of texts, not {described(value)}: write ({value[:30]!r},)")


def described(value: object) -> str:
    """What a value is, in a few words."""
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    if isinstance(value, str | bytes):
        return f"the {'text' if isinstance(value, str) else 'bytes'} {value[:30]!r}"
    if isinstance(value, np.ndarray | torch.Tensor):
        kind = "a numpy array" if isinstance(value, np.ndarray) else "a tensor"
        return f"{kind} of {str(value.dtype).removeprefix('torch.')}, shape {tuple(value.shape)}"
    return "None" if value is None else article(type(value).__name__)


def article(name: str) -> str:
    spelled = name[:1] in "AEIOaeio" or (name[:1] in "FHLMNRSX" and name[1:2].isupper())  # "an LSTM", but "a GRU"
    return f"{'an' if spelled else 'a'} {name}"


def for_module(given: object) -> str:
    """How to see the gates of a module that is not a `SequenceModel`."""
    if isinstance(given, type):
        return "make one of it first"
    if isinstance(given, nn.RNNBase):
        return "record_layers(module, vectors) shows the gates of a bare layer"
    if isinstance(given, nn.Module):
        return "`with capture(module) as captured:` around a call shows the gates inside any torch module"
    if type(given).__module__.partition(".")[0] in ("keras", "tensorflow", "tf_keras"):
        return (
            "save it with model.save('model.keras') and open that file with lstm_core.importers, or on the page Import"
        )
    if type(given).__name__ in ("ImportedModel", "Chain"):
        return "lstm_core.importers.build_model(chain) makes one of a chain"
    return "pretrained.load(name) loads one of the zoo, and lstm_core.model_files.load(folder) one of yours"


def for_text(given: object) -> str:
    """How to get text that a model can read."""
    match given:
        case bytes() | bytearray():
            return "decode it first, such as given.decode('utf-8')"
        case np.ndarray() | torch.Tensor():
            return (
                "give the text itself; model.config.encoder.tokens(ids) makes Tokens of class numbers, and of(rows) those of a "
                "model that reads numbers"
            )
        case list() | tuple() if given and all(isinstance(one, str) for one in given):
            return "join the pieces to one text, such as ' '.join(words)"
    return TEXT


def _kinds(name: str, annotation: Any) -> tuple[type, ...]:
    """The types that an argument may have; empty if they are not checked."""
    if annotation is str:
        return (str,) if name == "text" else ()
    parts = get_args(annotation) if not isinstance(annotation, type) and _is_union(annotation) else (annotation,)
    kinds = [get_origin(one) or one for one in parts]
    if all(isinstance(one, type) and one.__name__ in KNOWN for one in kinds):
        return tuple(kinds)
    return ()


def _is_union(annotation: Any) -> bool:
    return type(annotation).__name__ in ("UnionType", "_UnionGenericAlias")


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    if any(isinstance(value, one) for one in kinds if one is not Sequence):
        return True
    return Sequence in kinds and isinstance(value, Iterable) and not isinstance(value, str | xr.DataArray | xr.Dataset)


def _sentence(function: str, name: str, kinds: tuple[type, ...], value: object) -> str:
    names = ["text" if one is str else "a list" if one is Sequence else article(one.__name__) for one in kinds]
    names = ["Tokens" if one == "a Tokens" else "a path" if one == "a PathLike" else one for one in names]
    left_out = (NoneType, str) if os.PathLike in kinds else (NoneType,)
    wanted = " or ".join(one for one, kind in zip(names, kinds, strict=True) if kind not in left_out)
    return f"{function}({name}=...) wants {wanted}, not {described(value)}: {_advice(name, kinds, value)}"


def _advice(name: str, kinds: tuple[type, ...], value: object) -> str:
    first = kinds[0].__name__
    if first == "SequenceModel":
        return for_module(value)
    if str in kinds and os.PathLike not in kinds:
        return for_text(value)
    if Sequence in kinds:
        return f"write [{value!r}]" if isinstance(value, str) else "a single one is written in [ and ] too"
    if first == "str":
        first = "PathLike"
    return HOW_CALLED[name] if first == "Dataset" and name in HOW_CALLED else HOW.get(first, "it has labelled arrays")
