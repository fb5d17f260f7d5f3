"""TensorFlow's variables that were saved as arrays by their names: rnn/basic_lstm_cell/kernel, with ":0" or without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.keras.weights_only import Tensors
from lstm_core.importers.tensorflow.chains import chains_of
from lstm_core.importers.tensorflow.graph import GraphFacts
from lstm_core.importers.tensorflow.variables import variables_of


@dataclass(frozen=True)
class Entry:
    """A variable as a checkpoint's index describes it."""

    shape: tuple[int, ...]
    floats: bool = True


class Variables:
    """Tensors arrays in the place of a checkpoint."""

    def __init__(self, arrays: Tensors, names: Sequence[str]) -> None:
        self._arrays = arrays
        self._names = {_plain(name): name for name in names}
        self.entries: Mapping[str, Entry] = {own: Entry(arrays.shape(name)) for own, name in self._names.items()}

    def text(self, _name: str) -> bytes | None:
        return None

    def array(self, name: str) -> np.ndarray:
        return np.ascontiguousarray(self._arrays.array(self._names[name]), dtype=np.float32)


def read_variables(arrays: Tensors, names: Sequence[str], told: str) -> ImportedModel | None:
    """The recurrent layers among arrays that are called as TensorFlow calls its variables; None where there are none.

    Raises UnreadableFile for cells that cannot be opened.
    """
    tensors = Variables(arrays, names)
    variables = variables_of(tensors, {name: place for place, name in enumerate(tensors.entries)})
    if not variables.groups:
        return None
    facts = GraphFacts(read=True, absent="the arrays do not say otherwise")
    chains, refused = chains_of(variables, tensors, facts, None)
    return ImportedModel(
        framework="TensorFlow", format=f"{told} named as in TensorFlow", chains=chains, notes=tuple(refused)
    )


def _plain(name: str) -> str:
    return name.removesuffix(":0")
