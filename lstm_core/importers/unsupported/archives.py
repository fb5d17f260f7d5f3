"""Zip archives that are not supported: what each is, and what to upload instead."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from lstm_core.importers.unsupported.files import CHECKPOINT_AGAIN, MODELS, SUFFIXES

EXPORTED_AGAIN = 'save the weights alone, torch.save(torch.export.load("model.pt2").state_dict, "weights.pt")'
SCRIPT_AGAIN = 'save the weights alone, torch.save(torch.jit.load("model.pt").state_dict(), "weights.pt")'
COMPILED_AGAIN = 'save the weights of the model that it was made from, torch.save(model.state_dict(), "model.pt")'
WEIGHTS_CONFIG = re.compile(r"(?P<root>(?:[^/]+/)?)data/weights/(?P<model>[^/]+)_weights_config\.json")
CHECKPOINT_DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")
EXPORTED = ("serialized_exported_program.json", "archive_format")
EXPORTED_STATE = ("serialized_state_dict.pt", "serialized_state_dict.json", "data/weights/model.pt")  # of torch.save
POLICY = "policy.pth"  # the weights of an agent of Stable-Baselines3
AGENT_3 = "_stable_baselines3_version"
AGENT_2 = {"parameters", "parameter_list"}  # of one of Stable-Baselines 2: an .npz and the names in it
DL4J = {"configuration.json", "coefficients.bin"}
DL4J_AGAIN = (
    "upload the Keras file, if it was imported from one; else write the arrays of model.paramTable() with Nd4j.writeAsNumpy, and "
    "save them under PyTorch's names with torch.save: of an LSTM W and RW transposed, their four blocks c, f, o, i put in the order i, f, c, o"
)
CORE_ML = re.compile(r"(.*/)?Data/com\.apple\.CoreML/.+")
NOT_WEIGHTS = ("optim", "scheduler", "sample_inputs", "constants", "__macosx/")  # in the path of an entry

PICKLES = (".pkl", ".pickle", ".joblib", ".save")
MODELS_BESIDE = (*SUFFIXES, ".npz")
MAX_SCALERS = 4  # of one model, in files of their own


def has_exported_weights(names: Iterable[str]) -> bool:
    """Is it an exported program (.pt2) that describes its weights in JSON, as torch writes it since 2.9?"""
    return any(WEIGHTS_CONFIG.fullmatch(name) for name in names)


def has_checkpoint(names: Iterable[str]) -> bool:
    """Are weights of a TensorFlow checkpoint among these, or a SavedModel?"""
    return any(
        CHECKPOINT_DATA.search(name) or name.replace("\\", "/").split("/")[-1] == "saved_model.pb" for name in names
    )


def is_stable_baselines(names: Iterable[str]) -> bool:
    """Is an archive with these entries an agent that Stable-Baselines saved, 2 or 3?"""
    there = set(names)
    return there >= AGENT_2 or AGENT_3 in there or there >= {"data", POLICY}


def is_weights_with_settings(names: Iterable[str]) -> bool:
    """Are these a Keras file of weights and the JSON that describes its layers?"""
    return sorted(PurePosixPath(name).suffix.lower() for name in names) in ([".h5", ".json"], [".hdf5", ".json"])


def scalers_beside(names: Iterable[str]) -> tuple[str, list[str]]:
    """Of one model's file and pickles of the scalers of its numbers: the model's name, and theirs; "" and none otherwise."""
    scalers = [name for name in names if PurePosixPath(name).suffix.lower() in PICKLES]
    others = [name for name in names if name not in scalers]
    if (
        len(others) == 1
        and 0 < len(scalers) <= MAX_SCALERS
        and PurePosixPath(others[0]).suffix.lower() in MODELS_BESIDE
    ):
        return others[0], scalers
    return "", []


def torch_program(names: Sequence[str]) -> str:
    """One sentence: which torch program an archive with these entries is, and how to save its weights.

    Empty where it is none. All entries may lie in one folder.
    """
    inside = {name.partition("/")[2] for name in names} | set(names)
    code = any(name.startswith("code/") for name in inside)
    if "constants.pkl" in inside or (code and not inside.isdisjoint(("version", "model.json"))):
        return (
            "this file is a TorchScript archive in an old form, whose weights are not in a data.pkl, and to open it its "
            f"program would have to be loaded: {SCRIPT_AGAIN}"
        )
    if any(name.startswith("data/aotinductor/") for name in inside):
        return f"this file is an AOTInductor package, which holds compiled code: {COMPILED_AGAIN}"
    if any(name in inside for name in EXPORTED):
        weights = next((name for name in names if name.endswith(EXPORTED_STATE)), None)
        again = EXPORTED_AGAIN if weights is None else f"unpack {weights[:80]!r} from it and upload that file"
        return f"this file is a torch.export archive, a program with its weights, in an older form: {again}"
    if ".data/extern_modules" in inside:
        return f"this file is a torch.package archive, which holds code: {_packaged_again(names)}"
    return ""


def _packaged_again(names: Sequence[str]) -> str:
    """How to save the weights of a torch.package archive; `load_pickle` takes a package and its pickle."""
    pickles = [name.partition("/")[2] for name in names if name.endswith(".pkl") and "/.data/" not in name]
    where = PurePosixPath(pickles[0]) if pickles else PurePosixPath("model/model.pkl")
    package = ".".join(where.parts[:-1])
    return (
        f'save the weights alone, torch.save(torch.package.PackageImporter("model.pt").load_pickle("{package[:60]}", '
        f'"{where.name[:60]}").state_dict(), "weights.pt")'
    )


def unsupported_zip_reason(names: Sequence[str]) -> str:
    """One sentence: what an unsupported zip archive with these entries is, and what to upload instead."""
    if not names:
        return f"this zip archive is empty: {MODELS}"
    program = torch_program(names)
    if program:
        return program
    if set(names) >= DL4J:
        return f"this file is a model of Deeplearning4j, which Gatescope does not read: {DL4J_AGAIN}"
    if any(CORE_ML.fullmatch(name) for name in names):
        return (
            "this archive is a Core ML package (.mlpackage): upload the PyTorch, Keras or TensorFlow model that it was "
            "converted from"
        )
    if "[Content_Types].xml" in names:
        return f"this file is an Office document, or packed like one: {MODELS}"
    if "model.weights.h5" in names:
        return (
            "this archive has a model.weights.h5 and no config.json beside it, so it is no whole .keras file: save the model again "
            "with model.save('model.keras'), or unpack 'model.weights.h5' and upload that"
        )
    inside = [name for name in names if _is_model(name)]
    if len(inside) > 1:
        shown = ", ".join(repr(name[:60]) for name in inside[:3]) + (", …" if len(inside) > 3 else "")
        return f"this archive holds {len(inside)} files that are called like models ({shown}): unpack it and upload the one with the recurrent layers"
    if inside:
        return f"this archive holds {inside[0][:80]!r}: unpack it and upload that file"
    if any(name.endswith((".index", ".ckpt.meta")) for name in names):
        return f"this archive holds a part of a TensorFlow checkpoint: {CHECKPOINT_AGAIN}"
    if "config.json" in names:
        return (
            "this archive has a config.json and no weights beside it: if it is a Keras model, save it again with "
            "model.save('model.keras'); if it is another, upload the file of its weights"
        )
    return (
        f"none of the {len(names):,} entries of this zip archive is called like a model that Gatescope reads: {MODELS}"
    )


def _is_model(name: str) -> bool:
    path = PurePosixPath(name)
    others = any(part in name.lower() for part in NOT_WEIGHTS) or path.name.startswith("._")
    return path.suffix.lower() in SUFFIXES and not others
