"""Bits: the unit in which pages show a loss, a cost or a divergence. The analyses return nats."""

from math import log

import xarray as xr

from viz.theme import IN_BITS

IN_NATS = {"divergence", "cost", "loss", "saved", "changed"}  # variables of what `change` and `knock_out` return


def in_bits(found: xr.Dataset) -> xr.Dataset:
    """What `lstm_core.analysis.change` or `knock_out` found, in bits; errors of values stay in their own units."""
    if found.attrs.get("kind") == "values" or IN_BITS in found.attrs:
        return found
    attrs = {name: value / log(2) if name in ("mean_cost", "loss") else value for name, value in found.attrs.items()}
    parts = {
        name: part.variable / log(2) if name in IN_NATS else part.variable for name, part in found.data_vars.items()
    }
    return xr.Dataset(parts, found.coords, attrs | {IN_BITS: 1})
