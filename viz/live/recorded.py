"""A recording for a live view: what was recorded is shown, and nothing is computed again, because no model is there."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from lstm_core import Recording, signals_of
from lstm_core.readouts import Labels, Nothing, Values, readout_type
from viz.live.limit import limit
from viz.locale import _
from viz.theme import cell_type_of

__all__ = ["recorded", "recorded_facts"]

AGREES = 1e-5  # the largest difference of float32 states that is only rounding
APPLIED: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # to a cell state, before the output gate
    "tanh": np.tanh,
    "linear": lambda cell: cell,
    "relu": lambda cell: np.maximum(cell, 0),
    "sigmoid": lambda cell: 1 / (1 + np.exp(-cell)),
    "softsign": lambda cell: cell / (1 + np.abs(cell)),
    "elu": lambda cell: np.where(cell > 0, cell, np.expm1(np.minimum(cell, 0))),
}
UNKNOWN = "φ"
WORDS = 2  # characters of a token, on average, from which tokens have gaps between them


def recorded_facts(recording: Recording, name: str) -> dict[str, Any]:
    """The part of ModelFacts (types.d.ts) that a recording knows."""
    return {
        "name": name,
        "config": {"encoder": {"kind": "byte"}, "readout": _readout(recording.prediction)},
        "labels": _classes(recording.prediction),
        "reads": _("shows what was recorded"),
        "summary": "",
        "look_for": "",
        "unit": None,
        "examples": {},
        "obstacle": _("The model is not here: only its recording is."),
        "nouns": [_("step"), _("steps")],
        "apart": sum(map(len, recording.tokens)) > WORDS * len(recording.tokens),
        "to_type": "",
        "weights": "recording",
    }


def recorded(recording: Recording) -> dict[str, Any]:
    """Every number of a recording, float32 as bytes, row by row: `Recorded` in recorded.js. Raises ValueError if there are too many."""
    prediction = recording.prediction
    came = prediction["next_class"].to_numpy().tolist() if "next_class" in prediction else []
    found = {
        "labels": list(recording.tokens),
        "groups": prediction["group"].to_numpy().tolist(),
        "ids": [-1, *came[:-1]] if came else [-1] * len(recording.tokens),
        "layers": {name: _layer(layer) for name, layer in recording.layers.items()},
        "predictions": _bytes(prediction[name]) if (name := _predicted(prediction)) else b"",
        "came": _bytes(prediction["came"]) if "came" in prediction else b"",
    }
    size = sum(variable.nbytes for dataset in (*recording.layers.values(), prediction) for variable in dataset.values())
    if size > limit() * 1e6:
        raise ValueError(
            _("the recording has {size} MB, but a page holds at most {limit} MB: record a shorter text").format(
                size=f"{size / 1e6:.1f}", limit=f"{limit():g}"
            )
        )
    return found


def _layer(layer: xr.Dataset) -> dict[str, Any]:
    names = [*signals_of(layer), *(["projected"] if "projected" in layer else [])]
    return {
        "cell": {"type": cell_type_of(layer), "shown": {"name": _applied(layer)}, "candidate": {"name": UNKNOWN}},
        "reverse": layer.attrs.get("direction") == "reverse",
        "units": layer.sizes["unit"],
        "signals": {name: _bytes(layer[name]) for name in names},
        "initial": {
            name.removeprefix("initial_"): _bytes(layer[name])
            for name in ("initial_cell", "initial_hidden")
            if name in layer
        },
    }


def _applied(layer: xr.Dataset) -> str:
    """By which function does the cell state become the hidden state? UNKNOWN for none of those that are known."""
    if "cell" not in layer:
        return UNKNOWN
    cell, gate, hidden = (layer[name].to_numpy() for name in ("cell", "output", "hidden"))
    for name, function in APPLIED.items():
        with np.errstate(over="ignore"):
            if np.allclose(gate * function(cell), hidden, rtol=0, atol=AGREES, equal_nan=True):
                return name
    return UNKNOWN


def _readout(prediction: xr.Dataset) -> dict[str, Any]:
    kind, found = str(prediction.attrs["kind"]), {"kind": str(prediction.attrs["kind"])}
    readout = readout_type(prediction)
    if readout is Labels:
        return found | {"labels": [str(one) for one in prediction["class"].to_numpy()]}
    if readout is Values:
        names = [str(one) for one in prediction["feature"].to_numpy()]
        ones, zeros = [1.0] * len(names), [0.0] * len(names)
        return {"kind": kind, "names": names, "mean": zeros, "spread": ones, "ahead": bool(prediction.attrs["ahead"])}
    return found


def _classes(prediction: xr.Dataset) -> list[str]:
    return [str(one) for one in prediction["class"].to_numpy()] if "class" in prediction.coords else []


def _predicted(prediction: xr.Dataset) -> str:
    if readout_type(prediction) is Nothing:
        return ""
    return "value" if readout_type(prediction) is Values else "probability"


def _bytes(values: xr.DataArray) -> bytes:
    dims = ("step", ...) if "step" in values.dims else (...,)
    return values.transpose(*dims).to_numpy().astype("<f4").tobytes()
