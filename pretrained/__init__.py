"""The model zoo: names(), load(name), untrained(name)."""

from pathlib import Path

from lstm_core import SequenceModel, checkpoint, pick_device
from pretrained.recipes import fresh

FOLDER = Path(__file__).parent

__all__ = ["load", "names", "untrained"]


def names() -> list[str]:
    """Which trained models are here?"""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{checkpoint.CONFIG}"))


def load(name: str, *, device: str = "auto") -> SequenceModel:
    """The trained model `name`, in evaluation mode. Raises KeyError naming the models there are."""
    return checkpoint.load(_folder(name), device=device)


def untrained(name: str, *, device: str = "auto") -> SequenceModel:
    """The model `name` with the very weights it had before training, rebuilt from its seed.

    Raises RuntimeError when the rebuilt weights are not, to the bit, those that training began from.
    """
    trained = load(name, device="cpu")
    model = fresh(name)
    wanted = trained.card.training["untrained_digest"]
    if model.digest != wanted:
        raise RuntimeError(
            f"the rebuilt weights of {name!r} are not those its training began from "
            f"(digest {model.digest[:12]}, recorded {str(wanted)[:12]}): has the recipe or torch's generator changed?"
        )
    return model.to(pick_device(device))


def _folder(name: str) -> Path:
    if name not in names():
        raise KeyError(f"no model is called {name!r}; there are: {', '.join(names())}")
    return FOLDER / name
