"""What pushed a gate open or shut?"""

import numpy as np
import xarray as xr

TERMS = ("from_input", "recurrent", "bias")


def preactivation_terms(layer: xr.Dataset, wiring: xr.Dataset, unit: int) -> xr.DataArray:
    """Of which three terms is each gate's pre-activation the sum, at every step, for one unit?

    a = W x_t + U h_{t-1} + b, with gate = sigmoid(a) (tanh for the candidate): the equations of `cells.py`.
    `layer` is a whole layer of a recording and `wiring` its `lstm_core.wiring`. Returns float64 over ("step",
    "gate", "term"), with terms "from_input" (W x_t), "recurrent" (U h_{t-1}) and "bias". In a layer that reads
    backwards h_{t-1} is the hidden state of step t + 1.
    """
    own = wiring.sel(unit=unit)
    seen = own["read"].to_numpy()[own["row"].to_numpy()].astype(np.float64)
    before = previous(layer, "hidden").to_numpy().astype(np.float64)
    terms = np.stack(
        [
            seen @ own["weight_ih"].to_numpy().astype(np.float64).T,
            before @ own["weight_hh"].to_numpy().astype(np.float64).T,
            np.broadcast_to(own["bias"].to_numpy().astype(np.float64), (len(seen), 4)),
        ],
        axis=-1,
    )
    return xr.DataArray(
        terms,
        dims=("step", "gate", "term"),
        coords={"step": layer["step"], "token": layer["token"], "gate": wiring["gate"], "term": list(TERMS)},
    )


def previous(layer: xr.Dataset, signal: str) -> xr.DataArray:
    """What was `signal` ("cell" or "hidden") one step earlier, as this layer reads, over ("step", "unit")?

    Before the first step that is the recording's initial state. A layer that reads backwards comes from step t + 1.
    """
    values = layer[signal].transpose("step", "unit").to_numpy()
    first = layer[f"initial_{signal}"].to_numpy()[None]
    reverse = layer.attrs.get("direction") == "reverse"
    shifted = np.concatenate([values[1:], first] if reverse else [first, values[:-1]])
    return layer[signal].transpose("step", "unit").copy(data=shifted)
