"""Means over blocks of steps, for texts with more steps than a screen has pixels."""

import numpy as np
import xarray as xr


def block_length(layer: xr.Dataset, *, heatmaps: int, most: int) -> int:
    """How many steps share a column, so that `heatmaps` of this layer together stay below `most` numbers?"""
    columns = max(1, most // (max(1, heatmaps) * layer.sizes["unit"]))
    return -(-layer.sizes["step"] // columns)


def blocks(layer: xr.Dataset, length: int) -> xr.Dataset:
    """Means of all signals over blocks of `length` steps (the last may be shorter), named by their first step.

    The mean of a block with NaN is NaN.
    """
    if length == 1:
        return layer
    steps = layer.sizes["step"]
    edges = np.arange(0, steps, length)
    counts = np.diff(np.append(edges, steps))[:, None]
    with np.errstate(invalid="ignore"):  # infinity and minus infinity in one block
        means = {
            name: (
                ("step", "unit"),
                (np.add.reduceat(array.to_numpy(), edges, dtype=np.float64) / counts).astype(np.float32),
            )
            for name, array in layer.data_vars.items()
            if array.dims == ("step", "unit")
        }
    first = layer.isel(step=edges)
    return xr.Dataset(means, {name: first[name] for name in ("step", "token", "group", "unit")}, layer.attrs)
