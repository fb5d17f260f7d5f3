"""What cannot be captured and what to do instead, one sentence each."""

from collections import Counter
from collections.abc import Mapping
from os import PathLike
from types import MethodType

from torch import nn

from lstm_core.capture.forwards import KINDS

NAMES = tuple(kind.__name__ for kind in KINDS)
FILES = "lstm_core.importers.read_model or the page Import"


def checked_module(module: object) -> nn.Module:
    """Raises TypeError for anything but a torch module, with the way to see its gates if there is one."""
    kind = type(module)
    made_by = {base.__module__.split(".")[0] for base in kind.__mro__}  # a reader's own Keras model has a base of Keras
    if made_by & {"keras", "tf_keras", "tensorflow"}:  # with torch behind it, a Keras model is a torch module too
        name = "Keras model" if made_by & {"keras", "tf_keras"} else "TensorFlow object"
        raise TypeError(
            f"this is a {name} ({kind.__name__}), and capture runs torch modules: "
            f'save it with model.save("mine.keras") and open the file with {FILES}'
        )
    if isinstance(module, nn.Module):
        return module
    if made_by & {"onnx", "onnxruntime"}:
        advice = f"open its .onnx file with {FILES}"
    elif isinstance(module, str | bytes | PathLike):
        advice = f"a file of PyTorch, Keras or ONNX is opened with {FILES}"
    elif isinstance(module, Mapping):
        advice = (
            "weights alone cannot run: load them into your model (model.load_state_dict(...)) and capture that, "
            f"or save them with torch.save and open the file with {FILES}"
        )
    elif isinstance(module, type):
        advice = f"make one, {module.__name__}(...), and capture that"
    elif kind.__name__ == "ExportedProgram":
        advice = "torch.export keeps operations and no modules, so capture the model that it was made of"
    elif isinstance(module, MethodType) and isinstance(module.__self__, nn.Module):
        advice = f"capture the {type(module.__self__).__name__} itself"
    else:
        advice = "give the model that you call"
    raise TypeError(f"capture takes a torch.nn.Module, not {_described(module)}: {advice}")


def compiled(name: str) -> ValueError:
    return ValueError(
        f"{label(name)} was compiled with torch.compile, so its calls cannot be seen: capture the model as it was before "
        "(torch.compile(model) leaves model itself as it is)"
    )


def own_forward(name: str, one: nn.Module) -> str:
    """Why a torch recurrent module may not be observed although the model runs; empty if it will be."""
    kind = next(kind for kind in KINDS if isinstance(one, kind))
    if type(one).forward is kind.forward and "forward" not in vars(one):
        return ""
    return (
        f"{label(name)} has a forward of its own ({type(one).__name__}, made of {kind.__name__}) that did not call "
        f"{kind.__name__}.forward within the block, so its equations are not known: capture works for what torch's own forward "
        "does, called as super().forward(...) too, and for cells that such a forward calls"
    )


def obstacle(name: str, one: nn.Module, inside: list[str]) -> str:
    """Why this module cannot be captured although its name sounds recurrent; empty for all others.

    `inside` names the modules within it that can be captured.
    """
    original = getattr(one, "original_name", type(one).__name__)  # of a scripted module
    if original not in NAMES:
        return ""
    if original != type(one).__name__:
        return f"{label(name)} is TorchScript, whose calls cannot be seen: capture the model that it was made of"
    where = type(one).__module__
    if where.startswith("torch."):
        return (
            f"{label(name)} is quantized ({where}), with other arithmetic than the equations: "
            "capture the model before it is quantized"
        )
    captured = f"; inside it {', '.join(map(repr, inside))} can be captured" if inside else ""
    return (
        f"{label(name)} is not torch.nn.{original} but a class of the same name in {where}, whose equations are not known: "
        f"capture, record and Stepper work for torch's own modules, so call torch's {original} or cells in its forward, or, where its "
        f"equations are torch's, copy its weights into a torch.nn.{original} and capture that{captured}"
    )


def nothing_recurrent(module: nn.Module) -> str:
    """Why there is nothing to capture in a module without torch's recurrent modules."""
    kind = type(module).__name__
    if type(module).__module__.startswith("lstm_core."):
        return f"there is none of torch's own recurrent modules in this {kind}: record(model, text) shows its gates"
    if hasattr(module, "original_name"):  # loaded, or frozen, which leaves no modules in it
        return "the module itself is TorchScript, whose calls cannot be seen: capture the model that it was made of"
    inside = Counter(type(one).__name__ for one in module.modules() if not list(one.children()))
    listed = ", ".join(f"{count} {name}" for name, count in inside.most_common(8))
    return f"there is no {', '.join(NAMES)} in this {kind}, which is made of {listed}: nothing to capture"


def label(name: str) -> str:
    return repr(name) if name else "the module itself"


def _described(given: object) -> str:
    if isinstance(given, type):
        return f"the class {given.__name__}"
    if isinstance(given, str | bytes | PathLike):
        return f"the {type(given).__name__} {str(given)[:60]!r}"
    return f"a {type(given).__name__}"
