"""What opened or closed a gate?"""

import numpy as np
import xarray as xr

from lstm_core.cells import LSTM, Cell
from lstm_core.given import checked

TERMS = ("from_input", "recurrent", "bias")
SEEING = ("input", "forget", "output")  # the gates that see the cell through peepholes, in the order of their weights


@checked
def preactivation_terms(layer: xr.Dataset, wiring: xr.Dataset, unit: int, *, cell: Cell = LSTM) -> xr.DataArray:
    """The terms that sum to each gate's pre-activation, at every step, for one unit.

    a = W x_t + U h_{t-1} + b, with gate = sigmoid(a) (tanh for the candidate): the equations of `cells.py`, which
    `cell` says. `layer` is a whole layer of a recording and `wiring` its `lstm_core.wiring`. Returns float64 over
    ("step", "gate", "term"), with terms "from_input" (W x_t), "recurrent" (U h_{t-1}) and "bias", and where there are
    peepholes "peephole". A clip is not applied. In a layer that reads backwards h_{t-1} is of step t + 1.

    Of a GRU's candidate "recurrent" is what the reset gate lets through: r (U h_{t-1} + c), or U (r h_{t-1}) in a cell
    without `reset_after`; "bias" is then b, or b + c.

    >>> import pretrained
    >>> from lstm_core import record, wiring
    >>> from lstm_core.analysis import preactivation_terms
    >>> model = pretrained.load("anbn")
    >>> recording = record(model, "SaabbT")
    >>> terms = preactivation_terms(recording.layers["layer0"], wiring(model, "SaabbT", recording, "layer0"), unit=2)
    >>> terms.dims
    ('step', 'gate', 'term')
    """
    own = wiring.sel(unit=unit)
    seen = own["read"].to_numpy()[own["row"].to_numpy()].astype(np.float64)
    before = previous(layer, "projected" if "projected" in layer else "hidden").to_numpy().astype(np.float64)
    weights = own["weight_hh"].to_numpy().astype(np.float64)
    found = {
        "from_input": seen @ own["weight_ih"].to_numpy().astype(np.float64).T,
        "recurrent": before @ weights.T,
        "bias": np.tile(own["bias"].to_numpy().astype(np.float64), (len(seen), 1)),
    }
    if "recurrent_bias" in own:
        _reset(found, layer, own, before, weights, unit, after=cell.reset_after)
    if "peephole" in own:
        found["peephole"] = _seen_cell(layer, own, unit)
    return xr.DataArray(
        np.stack(list(found.values()), axis=-1),
        dims=("step", "gate", "term"),
        coords={"step": layer["step"], "token": layer["token"], "gate": wiring["gate"], "term": list(found)},
    )


def _reset(
    found: dict[str, np.ndarray],
    layer: xr.Dataset,
    own: xr.Dataset,
    before: np.ndarray,
    weights: np.ndarray,
    unit: int,
    *,
    after: bool,
) -> None:
    """Make the terms those of a GRU: its second bias, and its reset gate in the candidate, the third gate."""
    bias = own["recurrent_bias"].to_numpy().astype(np.float64)
    reset = layer["reset"].transpose("step", "unit").to_numpy().astype(np.float64)
    if after:
        found["bias"][:, :2] += bias[:2]
        found["recurrent"][:, 2] = reset[:, unit] * (found["recurrent"][:, 2] + bias[2])
    else:
        found["bias"] += bias
        found["recurrent"][:, 2] = (reset * before) @ weights[2]


def _seen_cell(layer: xr.Dataset, own: xr.Dataset, unit: int) -> np.ndarray:
    """What the peepholes add to each gate, (step, gate), from c_{t-1}, and for the output gate from c_t."""
    cells = {gate: previous(layer, "cell") for gate in SEEING[:2]} | {"output": layer["cell"]}
    found = np.zeros((layer.sizes["step"], own.sizes["gate"]))
    for column, gate in enumerate(own["gate"].to_numpy().tolist()):
        if gate in SEEING:
            weight = float(own["peephole"][SEEING.index(gate)])
            found[:, column] = weight * cells[gate].sel(unit=unit).to_numpy().astype(np.float64)
    return found


@checked
def previous(layer: xr.Dataset, signal: str) -> xr.DataArray:
    """What was `signal` ("cell", "hidden" or "projected") one step earlier, as this layer reads, over ("step", ...)?

    Before the first step that is the recording's initial state. A layer that reads backwards comes from step t + 1.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import previous
    >>> layer = record(pretrained.load("anbn"), "SaaabbbT").layers["layer0"]
    >>> bool((previous(layer, "cell").sel(step=3) == layer.cell.sel(step=2)).all())
    True
    """
    values = layer[signal].transpose("step", ...)
    # The initial hidden state of a layer with a projection is its projected one, as in torch.
    first = layer["initial_cell" if signal == "cell" else "initial_hidden"].to_numpy()[None]
    reverse = layer.attrs.get("direction") == "reverse"
    shifted = np.concatenate([values[1:], first] if reverse else [first, values[:-1]])
    return values.copy(data=shifted)
