"""The model zoo: names(), load(name), untrained(name), checkpoints(name). The user's own models are among them."""

from functools import cache
from pathlib import Path
from typing import Any

from lstm_core import Card, SequenceModel, model_files, pick_device, training_checkpoints
from lstm_core.training import Initial, initial_model
from lstm_core.training_checkpoints import TrainingCheckpoint
from lstm_core.user_models import models_dir, user_models
from pretrained import unit_files

FOLDER = Path(__file__).parent
RNN_FOLDER = "rnn"  # the folder within a model's own

__all__ = [
    "checkpoints",
    "folder_of",
    "has_untrained",
    "load",
    "names",
    "rnn_baseline",
    "rnn_baselines",
    "units",
    "units_text",
    "untrained",
    "zoo",
]


def zoo() -> list[str]:
    """The trained models that are shipped.

    >>> import pretrained
    >>> pretrained.zoo()[:3]
    ['adding', 'anbn', 'anbncn']
    """
    return list(_shipped())


@cache
def _shipped() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in FOLDER.glob(f"*/{model_files.CONFIG}")))


def names() -> list[str]:
    """The trained models on this machine, the zoo first.

    >>> import pretrained
    >>> "shakespeare" in pretrained.names()
    True
    """
    shipped = zoo()
    return shipped + [name for name in user_models() if name not in shipped]


def load(name: str, *, device: str = "auto") -> SequenceModel:
    """The trained model `name`, in evaluation mode. Raises KeyError naming the models there are.

    >>> import pretrained
    >>> pretrained.load("anbn").config.hidden
    5
    """
    return model_files.load(folder_of(name), device=device)


def untrained(name: str, *, device: str = "auto") -> SequenceModel:
    """The model `name` with exactly the parameters it had before training, rebuilt from its seed.

    Raises RuntimeError when the rebuilt weights are not, to the bit, those that training began from, and ValueError for a
    model whose card does not tell what these were.

    >>> import pretrained
    >>> pretrained.untrained("anbn").digest == pretrained.load("anbn").digest
    False
    """
    trained = load(name, device="cpu")
    described = trained.card.training
    if not _tells_initial(trained.card):
        raise ValueError(
            f"the card of {name!r} does not tell which weights its training began from: it cannot be rebuilt"
        )
    model = initial_model(trained.config, Initial.from_json(described["initial"]))
    wanted = described["untrained_digest"]
    if model.digest != wanted:
        raise RuntimeError(
            f"the rebuilt weights of {name!r} are not those its training began from "
            f"(digest {model.digest[:12]}, recorded {str(wanted)[:12]}): has torch's generator changed?"
        )
    return model.to(pick_device(device))


def _tells_initial(card: Card) -> bool:
    """Does a card tell which weights the training began from?"""
    return {"initial", "untrained_digest"} <= set(card.training)


def has_untrained(name: str) -> bool:
    """Does the card of the model `name` tell which weights its training began from? Else `untrained` raises ValueError.

    >>> import pretrained
    >>> pretrained.has_untrained("anbn")
    True
    """
    return _tells_initial(model_files.read_description(folder_of(name))[1])


def rnn_baselines() -> list[str]:
    """The models that have a tanh RNN baseline: same size, same training.

    >>> import pretrained
    >>> "anbn" in pretrained.rnn_baselines()
    True
    """
    return sorted(path.parent.parent.name for path in FOLDER.glob(f"*/{RNN_FOLDER}/{model_files.CONFIG}"))


def rnn_baseline(name: str, *, device: str = "auto") -> SequenceModel:
    """The tanh RNN baseline of the model `name`: as many units, same training. Raises KeyError naming those there are.

    >>> import pretrained
    >>> pretrained.rnn_baseline("anbn").config.cell("layer0").type
    'RNN'
    """
    if name not in rnn_baselines():
        raise KeyError(f"{name!r} has no RNN baseline; these have: {', '.join(rnn_baselines())}")
    return model_files.load(FOLDER / name / RNN_FOLDER, device=device)


def checkpoints(name: str) -> tuple[TrainingCheckpoint, ...]:
    """The training checkpoints of the model `name`, the earliest first; empty if none were saved.

    >>> import pretrained
    >>> [point.step for point in pretrained.checkpoints("anbn")][:3]
    [0, 1, 2]
    """
    return training_checkpoints.checkpoints(folder_of(name))


def units(name: str, layer: str = "layer0") -> dict[str, Any]:
    """What does each unit of a layer of the model `name` do on held-out text? The cards that are shipped with it.

    `cards` has one of `lstm_core.analysis.unit_cards` for each unit, and beside it stand `model` (digest), `layer`, `signals`,
    `window` and `steps` of the recording, and `source`, where the text is from. Steps are those of `units_text` recorded with
    `record_corpus`. Raises FileNotFoundError for a model without cards, and ValueError for cards of other weights.

    >>> import pretrained
    >>> len(pretrained.units("anbn")["cards"])
    5
    """
    return unit_files.read_cards(folder_of(name), layer, model_files.saved_digest(folder_of(name)))


def units_text(name: str) -> list[str]:
    """The held-out documents that the unit cards of the model `name` are over. Raises FileNotFoundError where there are none.

    >>> import pretrained
    >>> pretrained.units_text("anbn")[0][:2]
    'Sa'
    """
    return unit_files.read_text_file(folder_of(name))


def folder_of(name: str) -> Path:
    """The folder of the model `name`. Raises KeyError naming the models there are.

    >>> import pretrained
    >>> pretrained.folder_of("anbn").name
    'anbn'
    """
    if name in zoo():
        return FOLDER / name
    if name in user_models():
        return models_dir() / name
    raise KeyError(f"there is no model {name!r}; the models are: {', '.join(names())}")
