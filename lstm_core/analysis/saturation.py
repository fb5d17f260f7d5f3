"""How often is a gate saturated, nearly closed or nearly open?"""

import numpy as np
import xarray as xr

from lstm_core.given import checked

LOW, HIGH = 0.1, 0.9
GATES_OF = {"LSTM": ("input", "forget", "output"), "GRU": ("reset", "update")}


@checked
def saturation(gate: xr.DataArray) -> dict[str, float]:
    """What share of a gate's values is below 0.1 (left-saturated), and what share above 0.9 (right-saturated)?

    `gate` holds activations 0..1 of any shape; returns shares 0..1 under "below" and "above". NaN values are left out:
    the shares are of the other values, NaN where there is none. How many were left out is
    `int(gate.isnull().sum())`. After Karpathy, Johnson & Fei-Fei 2015, "Visualizing and understanding recurrent networks",
    section 4.2.

    >>> import xarray as xr
    >>> saturation(xr.DataArray([0.02, 0.5, 0.5, 0.97]))
    {'below': 0.25, 'above': 0.25}
    """
    values = gate.to_numpy()
    values = values[~np.isnan(values)]
    if not values.size:
        return {"below": np.nan, "above": np.nan}
    return {"below": float((values < LOW).mean()), "above": float((values > HIGH).mean())}


@checked
def unit_saturation(layer: xr.Dataset) -> xr.Dataset:
    """At what share of the steps is each unit's gate nearly closed, and at what share nearly open?

    Returns `below` and `above`, shares 0..1 of the steps below 0.1 and above 0.9, over ("gate", "unit") for the gates of an
    LSTM or a GRU: the points of Karpathy et al. 2015, figure 2. A gate that is NaN at some step has NaN for both shares.
    Raises ValueError for a simple layer, which has no gates.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import unit_saturation
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> unit_saturation(layer).above.dims
    ('gate', 'unit')
    """
    cell_type = layer.attrs.get("cell_type", "LSTM")
    gates = GATES_OF.get(cell_type)
    if gates is None:
        raise ValueError(f"a layer of {cell_type} cells has no gates: choose a layer of LSTM or GRU cells")
    values = layer[list(gates)].to_dataarray("gate").transpose("gate", "step", "unit")
    known = values.notnull().all("step")  # NaN is neither below nor above: its steps would count as half open
    shares = {"below": (values < LOW).mean("step"), "above": (values > HIGH).mean("step")}
    return xr.Dataset({name: share.where(known) for name, share in shares.items()}, attrs=dict(layer.attrs))
