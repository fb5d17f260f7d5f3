"""The modules of a whole model that was pickled or scripted: their names, classes and tensors, without their code."""

from collections.abc import Iterator, Mapping
from typing import Any

from lstm_core.importers.inert import Record
from lstm_core.importers.limits import LIMITS, UnreadableFile

MAX_DEPTH = 64  # modules within one another
SCRIPTED = "__torch__."
SCRIPT_OBJECTS = ("torch ScriptObject", "torch._C ScriptObject")
RECURRENT_CLASSES = ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")


def is_module(value: object) -> bool:
    """Is it a module of torch, of whatever class, or one of TorchScript?"""
    if not isinstance(value, Record):
        return False
    if value.name.startswith(SCRIPTED):
        return not value.name.startswith(f"{SCRIPTED}torch.classes") and isinstance(value.state, dict)
    return all(isinstance(value.get(part), dict) for part in ("_parameters", "_buffers", "_modules"))


def modules_in(model: Record) -> dict[str, Record]:
    """All modules of a model by their names, "" for itself, in the order of its state dict.

    A module that is used twice has two names. Raises UnreadableFile where there are too many, or some within themselves.
    """
    found: dict[str, Record] = {}
    waiting = [("", model, 0)]
    while waiting:
        name, module, depth = waiting.pop()
        if depth > MAX_DEPTH or len(found) > LIMITS.tensors:
            raise UnreadableFile(
                f"this model's modules are more than {LIMITS.tensors:,}, or lie more than {MAX_DEPTH} deep in one another: "
                "save its recurrent layers alone"
            )
        found[name] = module
        start = f"{name}." if name else ""
        children = module if module.name.startswith(SCRIPTED) else module["_modules"]
        below = [
            (start + own, one, depth + 1) for own, one in children.items() if isinstance(own, str) and is_module(one)
        ]
        waiting += reversed(below)
    return found


def leaves_of(module: Record) -> Iterator[tuple[str, Any]]:
    """What a module has of its own that may be a tensor, by its name: parameters, buffers, and what was packed."""
    if module.name.startswith(SCRIPTED):
        yield from ((name, one) for name, one in module.items() if isinstance(name, str) and isinstance(one, Record))
        return
    passing = module.get("_non_persistent_buffers_set")
    left = {name for name in passing.listed if isinstance(name, str)} if isinstance(passing, Record) else set()
    for part in ("_parameters", "_buffers"):
        for name, one in module[part].items():
            if isinstance(name, str) and isinstance(one, Record) and not (part == "_buffers" and name in left):
                yield name, one
    for name, one in module.items():
        if isinstance(name, str) and (is_packed(one) or (isinstance(one, tuple) and any(map(is_packed, one)))):
            yield name, one


def is_packed(value: object) -> bool:
    """Is it what a quantised model packed its weights into?"""
    return isinstance(value, Record) and value.name in SCRIPT_OBJECTS


def is_torchs_own(module: Record) -> bool:
    """Is its class one of torch's recurrent ones, whose equations are known?"""
    path = module.name.removeprefix(SCRIPTED)
    return path.startswith("torch.") and module.class_name in RECURRENT_CLASSES


def activations_in(modules: Mapping[str, Record]) -> list[str]:
    """The modules that compute a function and have no weights, with their classes: "relu (ReLU)"."""
    return [
        f"{name[:60]} ({module.class_name[:40]})"
        for name, module in modules.items()
        if "torch.nn.modules.activation" in module.name and not any(True for _ in leaves_of(module))
    ]


def nonlinearity_of(module: Record) -> str:
    """tanh or relu, where a simple recurrent module says which; else ""."""
    told = str(module.get("mode", "")) + " " + str(module.get("nonlinearity", "")) if _is_plain(module) else ""
    return "relu" if "relu" in told.lower() else "tanh" if "tanh" in told.lower() else ""


def _is_plain(module: Record) -> bool:
    return all(isinstance(module.get(name, ""), str) for name in ("mode", "nonlinearity"))
