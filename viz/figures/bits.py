"""Bits: the unit in which a reader sees a loss, a cost, a score or a divergence.

Analyses return nats: what is shown of them comes through here, and what files hold through `lstm_core.bits`.
"""

from math import log

import xarray as xr

from viz.locale import N_

IN_NATS = {"divergence", "cost", "loss", "saved", "changed"}  # variables of what `change` and `knock_out` return
SHOWN = "in_bits"  # an attribute of numbers that are in bits already
BITS, SQUARES = N_("bits"), N_("squared standard deviations")  # units of a loss
MEASURES = (N_("bits per character"),)  # as they are shown, of the measures that tasks and cards name


def in_bits(found: xr.Dataset) -> xr.Dataset:
    """What `lstm_core.analysis.change` or `knock_out` found, in bits; errors of values stay in their own units."""
    if found.attrs.get("kind") == "values" or SHOWN in found.attrs:
        return found
    attrs = {name: value / log(2) if name in ("mean_cost", "loss") else value for name, value in found.attrs.items()}
    parts = {
        name: part.variable / log(2) if name in IN_NATS else part.variable for name, part in found.data_vars.items()
    }
    return xr.Dataset(parts, found.coords, attrs | {SHOWN: 1})


def unit_of_loss(*, of_numbers: bool) -> str:
    """The unit of a loss in training, of the catalogue: bits, or of a model that predicts numbers their squared spread."""
    return SQUARES if of_numbers else BITS
