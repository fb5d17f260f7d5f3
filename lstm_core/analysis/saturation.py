"""How often is a gate nearly shut or nearly open?"""

import numpy as np
import xarray as xr

LOW, HIGH = 0.1, 0.9


def saturation(gate: xr.DataArray) -> dict[str, float]:
    """Which share of a gate's values lies below 0.1 ("left-saturated") and above 0.9 ("right-saturated")?

    `gate` holds activations 0..1 of any shape; returns shares 0..1 under "below" and "above", of those values that
    are numbers (NaN where none is). After
    Karpathy, Johnson & Fei-Fei 2015, "Visualizing and understanding recurrent networks", section 4.2.
    """
    values = gate.to_numpy()
    values = values[~np.isnan(values)]
    if not values.size:
        return {"below": np.nan, "above": np.nan}
    return {"below": float((values < LOW).mean()), "above": float((values > HIGH).mean())}
