"""Save and load models: weights as safetensors, everything else as one JSON file. No pickle."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as tensors_as_bytes
from torch import Tensor

from lstm_core.config import Card, ModelConfig
from lstm_core.device import aligned, pick_device
from lstm_core.encoders import encoder_from_json
from lstm_core.given import checked
from lstm_core.model import SequenceModel, weights_digest
from lstm_core.readouts import readout_from_json
from lstm_core.saving import OccupiedError, listed, sync, write_tensors, write_text
from lstm_core.stack import Layout

WEIGHTS = "model.safetensors"
CONFIG = "model.json"
NEXT = CONFIG + ".next"  # the description of weights that are about to lie there
FORMAT = 2


class CheckpointError(ValueError):
    """A saved model cannot be read; the message names the file and what is wrong with it."""


@checked
def save(model: SequenceModel, folder: str | os.PathLike[str]) -> None:
    """Write `model` into `folder`: `model.safetensors` and `model.json` (layout, vocabulary, card).

    Each file appears whole or not at all, and a save that is interrupted leaves the model of before, or the new one, to
    be loaded. The JSON carries the digest of the weights it belongs to. Other files stay as they are. Raises
    OccupiedError, as `check_free` does, where files of these names are not a model's that `save` wrote.
    """
    target = Path(folder)
    check_free(target)
    target.mkdir(parents=True, exist_ok=True)
    described = {
        "format": FORMAT,
        "config": config_to_json(model.config),
        "digest": weights_digest(model),
        "card": {name: value for name, value in asdict(model.card).items() if value is not None},
    }
    # The new description lies there before the new weights do: `load` takes the one that fits.
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    write_text(target / NEXT, text)
    write_tensors(target / WEIGHTS, _tensors(model))
    (target / NEXT).replace(target / CONFIG)
    sync(target)


def config_to_json(config: ModelConfig) -> dict[str, Any]:
    """The layout of a model as `model.json` has it: what `load` makes a model of, together with its weights."""
    described: dict[str, Any] = {
        "encoder": config.encoder.to_json(),
        "embedding": config.embedding,
        "hidden": config.hidden,
        "layers": config.layers,
        "bidirectional": config.bidirectional,
        "readout": config.readout.to_json(),
    }
    if config.stack:
        described |= {"stack": [one.to_json() for one in config.stack], "one_hot": config.one_hot}
    if config.between != "nothing":
        described["between"] = config.between
    return described


def weights_as_bytes(model: SequenceModel) -> bytes:
    """What `save` writes into `model.safetensors`: every weight of the model."""
    return tensors_as_bytes(_tensors(model))


def _tensors(model: SequenceModel) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}


def check_free(folder: Path) -> None:
    """Raise OccupiedError if saving a model into `folder` would destroy a file or another program's model."""
    if folder.exists() and not folder.is_dir():
        raise OccupiedError(f"{folder} is a file, but a model is a folder: choose another name")
    there = [name for name in (CONFIG, WEIGHTS) if (folder / name).exists()]
    if there and not is_model(folder):
        raise OccupiedError(
            f"{folder} holds {listed(there)} that Gatescope did not write, which would be lost: choose another folder for the model"
        )


def is_model(folder: Path) -> bool:
    """Did `save`, of any version, write a model into this folder?"""
    for name in (CONFIG, NEXT):
        with suppress(OSError, ValueError):
            described = json.loads((folder / name).read_text(encoding="utf-8"))
            if isinstance(described, dict) and {"format", "config", "digest"} <= set(described):
                return True
    return False


@checked
def load(folder: str | os.PathLike[str], *, device: str | torch.device = "auto") -> SequenceModel:
    """The model in `folder`, in evaluation mode, with its card.

    Raises CheckpointError, naming the file, when one is missing, cut off, not what it should be, or when
    the two do not belong together.
    """
    source = Path(folder)
    if source.is_file():
        raise CheckpointError(f"{source} is a file: give the folder that {WEIGHTS} and {CONFIG} lie in")
    if (source / NEXT).is_file():  # a save was interrupted: its weights may be there already
        with suppress(CheckpointError):
            return _loaded(source, NEXT, device)
    return _loaded(source, CONFIG, device)


def _loaded(source: Path, description: str, device: str | torch.device) -> SequenceModel:
    described = _read_json(source / description)
    config = _config(source / description, described)
    weights, _ = read_tensors(source / WEIGHTS)
    model = SequenceModel(config, seed=None)
    check_weights(source / WEIGHTS, wanted=model.state_dict(), found=weights)
    model.load_state_dict(weights, assign=True)
    if weights_digest(model) != described.get("digest"):
        raise CheckpointError(
            f"{source / WEIGHTS}: the weights are not those that {CONFIG} describes (their digests differ); "
            f"take both files from the same save"
        )
    model.card = _card(source / description, described.get("card"), units=config.units(config.layer_names[0]))
    return model.to(pick_device(device)).eval()


def read_description(folder: str | os.PathLike[str]) -> tuple[ModelConfig, Card]:
    """Layout and card of the model in `folder`, from its description, without reading the weights.

    Raises CheckpointError when the description is missing or damaged.
    """
    path = Path(folder) / CONFIG
    described = _read_json(path)
    config = _config(path, described)
    return config, _card(path, described.get("card"), units=config.units(config.layer_names[0]))


def saved_digest(folder: str | os.PathLike[str]) -> str:
    """The digest of the model in `folder`, from its description, without reading the weights.

    Raises CheckpointError when the description is missing or damaged.
    """
    return str(_read_json(Path(folder) / CONFIG).get("digest"))


def read_metadata(path: Path) -> tuple[dict[str, str], set[str]]:
    """A safetensors file's metadata, and the kinds of its tensors ("F32"), without reading these."""
    with _opened(path) as file:
        names: list[str] = file.keys()
        return file.metadata() or {}, {file.get_slice(name).get_dtype() for name in names}


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Every tensor of a safetensors file, each in aligned memory of its own, and the file's metadata.

    Raises CheckpointError when there is no such file or it is damaged.
    """
    with _opened(path) as file:
        names: list[str] = file.keys()
        return {name: aligned(file.get_tensor(name)) for name in names}, file.metadata() or {}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such file; a saved model has {WEIGHTS} and {CONFIG}")
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            yield file
    except (SafetensorError, OSError) as error:
        size = path.stat().st_size
        raise CheckpointError(f"{path}: not a whole safetensors file ({size} bytes: {error}); copy it again") from error


def _read_json(path: Path) -> dict[str, object]:
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such file; a saved model has {WEIGHTS} and {CONFIG}")
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CheckpointError(f"{path}: not valid JSON ({error}); copy it again") from error
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        found = described.get("format") if isinstance(described, dict) else type(described).__name__
        raise CheckpointError(f"{path}: this version reads format {FORMAT}, the file says {found!r}")
    return described


def _config(path: Path, described: Mapping[str, object]) -> ModelConfig:
    fields = described.get("config")
    names = {"encoder", "embedding", "hidden", "layers", "bidirectional", "readout"}
    if isinstance(fields, dict) and "stack" in fields:  # layers that are not torch's LSTM
        names |= {"stack", "one_hot"}
    if isinstance(fields, dict) and "between" in fields:
        names.add("between")
    if not isinstance(fields, dict) or set(fields) != names:
        found = sorted(fields) if isinstance(fields, dict) else fields
        raise CheckpointError(f"{path}: 'config' must hold exactly {sorted(names)}, not {found}")
    readers: dict[str, Callable[[Any], Any]] = {
        "encoder": encoder_from_json,
        "readout": readout_from_json,
        "stack": _stack,
    }
    try:
        return ModelConfig(**{name: readers.get(name, _as_is)(value) for name, value in fields.items()})
    except ValueError as error:
        raise CheckpointError(f"{path}: {error}") from error


def _stack(value: Any) -> tuple[Layout, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError(f"'stack' must list layers, not {str(value)[:100]}")
    return tuple(Layout.from_json(one) for one in value)


def _as_is(value: Any) -> Any:
    return value


def _card(path: Path, fields: object, *, units: int) -> Card:
    texts, objects = ("name", "summary", "look_for"), ("examples", "training", "evaluation")
    wanted = dict.fromkeys(texts, str) | dict.fromkeys(objects, dict)
    if not isinstance(fields, dict) or set(fields) - {"unit"} != set(wanted):
        raise CheckpointError(f"{path}: 'card' must hold exactly {sorted(wanted)}, and may hold 'unit'")
    for name, kind in wanted.items():
        if not isinstance(fields[name], kind):
            raise CheckpointError(f"{path}: the card's {name!r} must be a {kind.__name__}, not {fields[name]!r}")
    if not all(isinstance(example, str) for example in fields["examples"].values()):
        raise CheckpointError(f"{path}: the card's 'examples' must be texts by title")
    unit = fields.get("unit", 0)
    if type(unit) is not int or not 0 <= unit < units:
        raise CheckpointError(f"{path}: the card's 'unit' must be one of the first layer's {units}, not {unit!r}")
    return Card(**fields)


def check_weights(path: Path, *, wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError unless the tensors found in `path` have the names and shapes wanted, and are finite."""
    missing, extra = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    if missing or extra:
        raise CheckpointError(
            f"{path}: does not fit {CONFIG}: missing {missing or 'none'}, unexpected {extra or 'none'}"
        )
    for name, tensor in wanted.items():
        if found[name].shape != tensor.shape:
            raise CheckpointError(
                f"{path}: {name} is {tuple(found[name].shape)}, but {CONFIG} asks for {tuple(tensor.shape)}"
            )
        if found[name].dtype != torch.float32 or not bool(found[name].isfinite().all()):
            raise CheckpointError(f"{path}: {name} must hold finite float32 numbers (it is {found[name].dtype})")
