"""Imported models that this server holds, each for the readers who have its number in their link."""

import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import streamlit as st

import pretrained
from lstm_core import SequenceModel
from lstm_core.importers import Framework, Parity, untrained_twin
from viz.locale import _

MAX_STORE_BYTES = 1_500_000_000  # of all models in the store; the least recently used is evicted first
MAX_OPENED = 6  # of one reader
MAX_NAME_CHARS = 40
AGREES = 1e-5  # the largest difference of float32 states that is only rounding
OPENED = "opened"  # the link's parameter: the numbers of a reader's models


@dataclass(frozen=True, eq=False)
class Imported:
    """A model from a reader's file."""

    title: str  # after its file
    model: SequenceModel
    framework: Framework  # whose default initialisation the untrained model has
    source: str  # "PyTorch: state dict (.pt)", and which of its layers
    parity: Parity
    finite: bool  # are all its parameters finite?
    whole: str = ""  # what the class of a whole model is called, of which the weights alone were read
    given: tuple[str, ...] = ()  # parts of the state before the first step that the reader gave, and no training

    @cached_property
    def untrained(self) -> SequenceModel:
        return untrained_twin(self.model, self.framework, given=self.given)

    @property
    def bytes(self) -> int:
        """The memory of the model, trained and untrained."""
        return 8 * sum(weights.numel() for weights in self.model.parameters())


class ModelStore:
    """All imported models of this server."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._models: OrderedDict[str, Imported] = OrderedDict()

    def add(self, imported: Imported) -> str:
        """Hold a model. Returns its number, which nobody can guess."""
        number = secrets.token_urlsafe(9)
        with self._lock:
            self._models[number] = imported
            while len(self._models) > 1 and sum(one.bytes for one in self._models.values()) > MAX_STORE_BYTES:
                self._models.popitem(last=False)
        return number

    def get(self, number: str) -> Imported | None:
        """The model of that number; None if it is not in the store, or no longer."""
        with self._lock:
            if number in self._models:
                self._models.move_to_end(number)
            return self._models.get(number)


@st.cache_resource(show_spinner=False)
def model_store() -> ModelStore:
    return ModelStore()


def own_models() -> dict[str, Imported]:
    """The reader's imported models that are still in the store, by the name under which they are chosen."""
    found: dict[str, Imported] = {}
    for number in _numbers():
        one = model_store().get(number)
        if one is not None:
            found[_free(one.title, [*pretrained.names(), *found])] = one
    return found


def lost_models() -> int:
    """How many models of the reader's link does the server no longer hold?"""
    return sum(model_store().get(number) is None for number in _numbers())


def register_model(imported: Imported) -> str:
    """Hold a model for this reader. Returns the name under which it is chosen. Beyond MAX_OPENED, the oldest is dropped."""
    numbers = [*_numbers(), model_store().add(imported)][-MAX_OPENED:]
    st.session_state[OPENED] = numbers
    return list(own_models())[-1]


def unregister_model(name: str) -> None:
    """Remove a model from this reader's pages."""
    gone = own_models()[name]
    st.session_state[OPENED] = [number for number in _numbers() if model_store().get(number) not in (gone, None)]


def badge(imported: Imported) -> str:
    """Its parity as a badge, in Markdown, and beside it that it was read from a whole model, where it was."""
    if not imported.whole:
        return _parity_badge(imported)
    # Two of them, for one is cut off in a narrow column. Words of ours alone: the name of the class comes from the file.
    read, left = _("weights read from a whole model"), _("its own forward was not run")
    return f"{_parity_badge(imported)} :gray-badge[:material/inventory_2: {read}] :gray-badge[{left}]"


def _parity_badge(imported: Imported) -> str:
    difference = imported.parity.difference
    if difference is None:
        return f":gray-badge[:material/help: {_('not verified')}]"
    if not difference <= AGREES:  # NaN is not equal
        return f":red-badge[:material/error: {_('not equal')}]"
    return f":green-badge[:material/verified: {_('verified')}]"


def title_of(file_name: str) -> str:
    """The title of a model from that file: letters, digits, spaces, dots, _ and - of its name."""
    stem = re.sub(
        r"\.(pt|pt2|pth|bin|ckpt|safetensors|keras|h5|hdf5|weights|onnx|pkl|pickle|joblib|index|pb)(?=\.|$)",
        "",
        file_name,
        flags=re.IGNORECASE,
    )
    plain = re.sub(r"[^\w .-]+", " ", stem, flags=re.ASCII).strip(" .-_")[:MAX_NAME_CHARS].strip()
    return plain or _("my model")


def _numbers() -> list[str]:
    return [str(number) for number in st.session_state.get(OPENED) or []][:MAX_OPENED]


def _free(title: str, taken: list[str]) -> str:
    number, name = 1, title
    while name in taken:
        number += 1
        name = f"{title} {number}"
    return name
