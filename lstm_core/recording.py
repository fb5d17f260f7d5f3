"""Recording: everything that one model did with one sequence, as labelled arrays."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from lstm_core.cells import CellType
from lstm_core.equality import ByValue
from lstm_core.given import checked
from lstm_core.saving import recovered, whole_folder

SIGNALS = ("input", "forget", "output", "candidate", "cell", "hidden")
"""What is recorded of an LSTM, over (step, unit), in the order a reader meets it.

| name      | symbol | range     | what it means                         |
| input     | i      | 0..1      | how much of the candidate is written  |
| forget    | f      | 0..1      | how much of the cell is kept          |
| output    | o      | 0..1      | how much of the cell is shown         |
| candidate | g      | -1..1     | what could be written                 |
| cell      | c      | unbounded | the memory                            |
| hidden    | h      | -1..1     | the layer's output                    |
"""

GATES = ("input", "forget", "output")

SIGNALS_OF: dict[CellType, tuple[str, ...]] = {
    "LSTM": SIGNALS,
    "GRU": ("reset", "update", "candidate", "hidden"),
    "RNN": ("hidden",),
}
"""What is recorded of a layer, by its dataset's attribute `cell_type`. Of a GRU:

| name      | symbol | range | what it means                                       |
| reset     | r      | 0..1  | how much of the past reaches the candidate          |
| update    | z      | 0..1  | how much of the state is kept, not replaced          |
| candidate | n      | -1..1 | what could be written                               |
| hidden    | h      | -1..1 | memory and message in one                           |
"""


def signals_of(layer: xr.Dataset) -> tuple[str, ...]:
    """The signals in the dataset of a layer, in the order in which they are shown.

    >>> import torch
    >>> from lstm_core import record_layer
    >>> signals_of(record_layer(torch.nn.GRU(3, 4), torch.randn(10, 3)))
    ('reset', 'update', 'candidate', 'hidden')
    """
    return SIGNALS_OF[layer.attrs.get("cell_type", "LSTM")]


@dataclass(frozen=True, eq=False)
class Recording(ByValue):
    """What one model did with one sequence.

    `layers` maps layer0, layer0_reverse, layer1, ... to a Dataset with dims ("step", "unit"): the six
    `SIGNALS` in float32, `initial_cell` and `initial_hidden` over ("unit",), and the coordinates `token`
    (label) and `group` (steps of one group are one character) over step. A layer whose attribute
    `direction` is "reverse" read the sequence from its end: its step t follows its step t + 1. Layers of other cells,
    as their attribute `cell_type` tells ("LSTM", "GRU", "RNN"), have the signals of `SIGNALS_OF`, and only an LSTM has
    an `initial_cell`. With a projection, `hidden` is o * tanh(c) before it, `projected` over ("step", "projection") the
    layer's output, and `initial_hidden` is over ("projection",).

    `prediction` is the output of the readout after each step; its attribute `kind` is "next", "legal", "labels",
    "values" or, without a readout, "nothing". The first three have `probability` over ("step", "class"), of the token that comes next, of its being legal
    next (each on its own, see `LegalTokens`), or of a label for what was read so far, with names as coordinate `class`; `logit`, what the softmax or sigmoid was taken of; and `next_class` over step: the class that did come next
    (-1 after the last step, and for labels). "values" has `value` over ("step", "feature") in its own units,
    and `came`, the numbers that a forecast was of (NaN where there are none); its attribute `ahead` is 1 for a
    forecast, else 0. "nothing" has no variables.

    Two recordings are equal when all layers, signals, labels and attributes are, NaN at the same place included; hence they
    are no keys of a dict. They can be copied, pickled and sent to another process.

    >>> import pretrained
    >>> from lstm_core import record
    >>> recording = record(pretrained.load("anbn"), "SaabbT")
    >>> recording.layers["layer0"].cell.shape, len(recording.to_dataframe())
    ((6, 5), 180)
    """

    layers: Mapping[str, xr.Dataset]
    prediction: xr.Dataset

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("a recording needs at least one layer; none was given")
        if isinstance(self.layers, xr.Dataset) or not all(
            _has_steps(one) for one in (*self.layers.values(), self.prediction)
        ):
            raise TypeError(
                "a recording is made of datasets over steps: layers={'layer0': dataset, ...} and a prediction"
            )
        steps = {name: layer.sizes["step"] for name, layer in self.layers.items()}
        steps["prediction"] = self.prediction.sizes["step"]
        if len(set(steps.values())) != 1:
            raise ValueError(f"all parts of a recording have the same steps, not {steps}")
        object.__setattr__(self, "layers", MappingProxyType(dict(self.layers)))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (dict(self.layers), self.prediction)  # the mapping that nobody can change cannot be pickled

    @property
    def tokens(self) -> tuple[str, ...]:
        """The label of each step."""
        return tuple(self.prediction["token"].to_numpy().tolist())

    @checked
    def to_dataframe(self, *, layers: Sequence[str] | None = None, steps: slice = slice(None)) -> pd.DataFrame:
        """The recording as one long table: layer, step, token, unit, signal, value; a row per number.

        `layers` and `steps` choose a part of it (all by default); a whole one has layers x steps x units x
        6 rows. Raises KeyError naming the layers there are when one asked for is not among them.
        """
        wanted = list(self.layers) if layers is None else list(layers)
        unknown = [name for name in wanted if name not in self.layers]
        if unknown:
            raise KeyError(f"no layer {unknown[0]!r}: this recording has {', '.join(self.layers)}")
        return pd.concat([_long_table(name, self.layers[name].isel(step=steps)) for name in wanted], ignore_index=True)

    @checked
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a zarr store: a group per layer and one named `prediction`.

        It is there whole or not at all. An earlier recording at `path` is replaced, and lost by no interruption. Raises
        OccupiedError, which is a FileExistsError and a ValueError, when `path` is a file or a folder that holds anything else.
        """
        groups = {f"/layers/{name}": layer for name, layer in self.layers.items()}
        tree = xr.DataTree.from_dict({**groups, "/prediction": self.prediction})
        tree.attrs["layers"] = list(self.layers)
        with whole_folder(Path(path), ours=_foreign, kind="a recording") as folder:
            tree.to_zarr(folder, mode="w", consolidated=False, zarr_format=3)

    @classmethod
    @checked
    def load(cls, path: str | os.PathLike[str]) -> "Recording":
        """The recording that `save` wrote. Raises ValueError when `path` holds none."""
        try:
            with xr.open_datatree(recovered(Path(path)), engine="zarr", consolidated=False) as tree:
                layers = {name: tree[f"layers/{name}"].to_dataset().load() for name in tree.attrs["layers"]}
                prediction = tree["prediction"].to_dataset().load()
                if "says" in prediction.attrs:  # what `kind` was called in earlier files
                    prediction.attrs["kind"] = prediction.attrs.pop("says")
                return cls(layers=layers, prediction=prediction)
        except (OSError, KeyError) as error:
            raise ValueError(f"{Path(path)} holds no recording that save() wrote ({error})") from error


def _has_steps(part: object) -> bool:
    return isinstance(part, xr.Dataset) and "step" in part.sizes


def _foreign(folder: Path) -> Iterator[str]:
    """The names in this folder that `save` did not write; all of them if it is not a whole recording."""
    try:
        top = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        layers = top["attributes"]["layers"]
        whole = all((folder / "layers" / name / "zarr.json").is_file() for name in layers)
    except (OSError, ValueError, KeyError, TypeError):
        layers, whole = [], False
    own = {"zarr.json", "layers", "prediction"}
    found = {one.name for one in folder.iterdir()}
    if not layers or not whole or not own <= found:
        yield from found
        return
    for one in folder.rglob("*"):
        inside = one.relative_to(folder).parts
        # A store has descriptions, and numbers in folders "c" whose names are the places of chunks.
        in_chunks = "c" in inside and all(part.isdigit() for part in inside[inside.index("c") + 1 :])
        if not (one.name == "zarr.json" or in_chunks or (one.is_dir() and (one / "zarr.json").is_file())):
            yield "/".join(inside)


def _long_table(name: str, layer: xr.Dataset) -> pd.DataFrame:
    steps, units = layer.sizes["step"], layer.sizes["unit"]
    step = layer["step"].to_numpy()
    token = pd.Categorical(layer["token"].to_numpy().tolist())
    cells = steps * units
    signals = signals_of(layer)
    values = np.concatenate([layer[signal].to_numpy().reshape(-1) for signal in signals])
    return pd.DataFrame(
        {
            "layer": pd.Categorical.from_codes(
                np.zeros(cells * len(signals), dtype=np.int8), categories=pd.Index([name])
            ),
            "step": np.tile(np.repeat(step, units), len(signals)),
            "token": pd.Categorical.from_codes(
                np.tile(np.repeat(token.codes, units), len(signals)), categories=token.categories
            ),
            "unit": np.tile(np.tile(layer["unit"].to_numpy(), steps), len(signals)),
            "signal": pd.Categorical.from_codes(
                np.repeat(np.arange(len(signals), dtype=np.int8), cells), categories=pd.Index(signals)
            ),
            "value": values,
        }
    )
