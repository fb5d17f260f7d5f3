"""What does a layer keep, and what does it write, at each step?"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from lstm_core.equality import by_value
from lstm_core.given import checked


@by_value
class Memory(NamedTuple):
    """The memory c_t = keep_t * c_{t-1} + written_t of a layer, its steps in the order of reading."""

    keep: np.ndarray  # (step, unit), as recorded; 0 erases, 1 keeps
    written: np.ndarray  # (step, unit), float64
    initial: np.ndarray  # (unit,), float64, before the first step


def memory(layer: xr.Dataset) -> Memory:
    """How much of the memory remains, and what is written to it, at every step?

    Of an LSTM c_t = f_t * c_{t-1} + i_t * g_t (Gers, Schmidhuber & Cummins 2000); of a GRU
    h_t = z_t * h_{t-1} + (1 - z_t) * n_t (Cho et al. 2014, eq. 7, with z the other way round). Peepholes and other
    activations change the gates, not these sums. Raises ValueError for a simple layer, which has neither.
    """
    cell_type = layer.attrs.get("cell_type", "LSTM")
    match cell_type:
        case "LSTM":
            keep = _in_order(layer, "forget")
            written = np.multiply(_in_order(layer, "input"), _in_order(layer, "candidate"), dtype=np.float64)
            start = "initial_cell"
        case "GRU":
            keep = _in_order(layer, "update")
            written = (1 - keep.astype(np.float64)) * _in_order(layer, "candidate")
            start = "initial_hidden"
        case _:
            raise ValueError(
                f"a layer of {cell_type} cells has no forget or update gate, so nothing tells what is left of "
                "what it wrote: choose a layer of LSTM or GRU cells"
            )
    return Memory(keep=keep, written=written, initial=layer[start].to_numpy().astype(np.float64))


@checked
def keep_gate(layer: xr.Dataset) -> xr.DataArray | None:
    """Which gate says how much of the memory remains? The forget gate, a GRU's update gate, and none of a simple layer.

    >>> import torch
    >>> from lstm_core import record_layer
    >>> from lstm_core.analysis import keep_gate
    >>> keep_gate(record_layer(torch.nn.GRU(3, 4), torch.randn(10, 3))).name
    'update'
    """
    name = {"LSTM": "forget", "GRU": "update"}.get(layer.attrs.get("cell_type", "LSTM"))
    return None if name is None else layer[name]


def state(layer: xr.Dataset) -> np.ndarray:
    """What is in memory after each step, (step, unit), in the order of reading: a GRU's hidden state, else the cell."""
    return _in_order(layer, "hidden" if layer.attrs.get("cell_type", "LSTM") == "GRU" else "cell")


@checked
def excerpt(layer: xr.Dataset, start: int, stop: int) -> xr.Dataset:
    """The layer from step `start` up to `stop`, as if the sequence had begun there.

    The steps at these positions, without `stop`, and as initial states those that the layer had just before it read them:
    at `start` - 1, or at `stop` where it reads from the end. So the ledger of a part is exact too. The whole text comes
    back as it is.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import excerpt
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> excerpt(layer, 2, 5).sizes["step"]
    3
    """
    part = layer.isel(step=slice(start, stop))
    before = stop if layer.attrs.get("direction") == "reverse" else start - 1
    if not 0 <= before < layer.sizes["step"]:
        return part
    states = {"initial_hidden": "hidden", "initial_cell": "cell"}
    return part.assign(
        {name: layer[of].isel(step=before, drop=True) for name, of in states.items() if name in layer and of in layer}
    )


def in_order(layer: xr.Dataset) -> np.ndarray:
    """The positions of the steps in the order in which this layer reads them."""
    positions = np.arange(layer.sizes["step"])
    return positions[::-1] if layer.attrs.get("direction") == "reverse" else positions


def place_of(layer: xr.Dataset, step: int) -> int:
    """How many steps does the layer read before `step`? Raises ValueError for a step that it does not have."""
    steps = layer["step"].to_numpy()[in_order(layer)]
    found = np.flatnonzero(steps == step)
    if not len(found):
        raise ValueError(f"there is no step {step}: this layer read steps {steps.min()} to {steps.max()}")
    return int(found[0])


def _in_order(layer: xr.Dataset, signal: str) -> np.ndarray:
    values = layer[signal].transpose("step", "unit").to_numpy()
    return np.asarray(values[::-1] if layer.attrs.get("direction") == "reverse" else values)  # a view: layers are large
