"""Arrays in an .npz (numpy.savez): whose layers they are is told by their names, or by their order and shapes."""

import re
from pathlib import Path

from lstm_core.importers.archive import opened_archive
from lstm_core.importers.imported import ImportedModel
from lstm_core.importers.keras.arrays import is_named_by_keras, read_named, read_ordered
from lstm_core.importers.limits import UnreadableFile
from lstm_core.importers.npy import Arrays
from lstm_core.importers.pytorch.read import read_arrays
from lstm_core.importers.pytorch.state_dict import tells_recurrent
from lstm_core.importers.tensorflow.arrays import read_variables

FORMAT = "NumPy arrays (.npz)"
POSITION = re.compile(r"arr_(\d{1,5})")
SHOWN = 4  # names in a sentence
HOW = (
    "name them as model.state_dict() of PyTorch does (lstm.weight_ih_l0), as Keras's variables (lstm/kernel, "
    "lstm/recurrent_kernel) or as TensorFlow's (rnn/basic_lstm_cell/kernel), or save numpy.savez(path, *model.get_weights()) of Keras"
)


def read_npz(path: Path) -> ImportedModel:
    """Read the recurrent layers among named arrays, or among those of `get_weights()`. Raises UnreadableFile."""
    with opened_archive(path, stored=False) as archive:
        arrays = Arrays(archive)
        names = arrays.names
        places = [POSITION.fullmatch(name) for name in names]
        if names and all(places):
            names.sort(key=lambda name: int(name.removeprefix("arr_")))
            found = read_ordered(arrays, names, FORMAT)
            if found is None:
                raise UnreadableFile(_nothing(arrays, names))
            return found
        if tells_recurrent(names):
            return read_arrays({name: arrays.stored(name) for name in names}, FORMAT)
        if is_named_by_keras(names):
            return read_named(arrays, names, FORMAT)
        found = read_variables(arrays, names, FORMAT)
        if found is None:
            raise UnreadableFile(_nothing(arrays, names))
        return found


def _nothing(arrays: Arrays, names: list[str]) -> str:
    shown = ", ".join(f"{name[:60]!r} {arrays.shape(name)}" for name in names[:SHOWN])
    shown += " …" if len(names) > SHOWN else ""
    what = f"({shown})" if names else "(none is of real numbers)"
    return f"these NumPy arrays {what} do not tell which recurrent layers they are: {HOW}"
