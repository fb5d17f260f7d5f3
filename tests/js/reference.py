"""Numbers from Python that the JavaScript has to come to as well, as plain JSON."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
import xarray as xr

from lstm_core import layer_number, record, signals_of, wiring
from lstm_core.analysis import preactivation_terms, surprise
from lstm_core.cells import Activation
from lstm_core.model_files import weights_as_bytes
from tests.js.encoder_reference import encoder_reference, number_reference
from tests.js.prediction_reference import prediction_reference
from tests.js.stage_reference import in_a_row, sent, stage_reference
from tests.support import odd_models
from viz.browser.levels import levels
from viz.browser.modules import script
from viz.live.packing import packed
from viz.live.recorded import recorded, recorded_facts
from viz.step import payload
from viz.theme import SIGNAL, described, limits

TEXT = "sent é in parts"
READINGS = [  # model, layer, window of steps, whether all numbers are sent
    ("both ways", "layer0", (0, 16), True),
    ("both ways", "layer0_reverse", (5, 9), True),
    ("both ways", "layer1", (5, 9), False),
    ("peepholes", "layer0", (0, 16), True),
    ("peepholes", "layer0", (5, 9), False),
    ("uneven", "layer0_reverse", (5, 9), True),
    ("uneven", "layer1", (0, 16), True),
    ("uneven", "layer1_reverse", (5, 9), False),
    ("uneven", "layer2", (0, 16), True),
    ("gru", "layer0", (0, 16), True),
    ("gru", "layer0", (5, 9), False),
    ("rnn", "layer1", (5, 9), False),
]
RECORDINGS = {"uneven": "three layers", "gru": "é", "grammar": "SaabbT", "weather": "@182 6.7 5.9 8.1"}
MODULES = {
    "entry": 'import {\n  double as twice,\n  Pair,\n} from "./other.js";\nimport { BASE } from "./base.js";\n'
    "export default () => [twice(BASE), new Pair(1, BASE).sum, BASE];\n",
    "other": 'import { BASE } from "./base.js";\n\nconst factor = 2;\nexport function double(one) {\n  return factor * one;\n}\n'
    "export class Pair {\n  constructor(one, other) {\n    this.sum = one + other - BASE + BASE;\n  }\n}\n"
    "export async function later() {}\n",
    "base": "const factor = 20;\nexport const BASE = factor + 1;\n",
}
ACTIVATIONS = [Activation(name) for name in ("sigmoid", "tanh", "relu", "linear", "softsign", "elu", "selu")]


def reference() -> dict[str, object]:
    return {
        "scales": [_scale(name, mode) for name in SIGNAL for mode in ("light", "dark")],
        "activations": [_activation(one) for one in (*ACTIVATIONS, Activation("hard_sigmoid", 0.2, 0.5))],
        "readings": [_reading(*case) for case in READINGS],
        "encoders": encoder_reference(),
        "numbers": number_reference(),
        "predictions": prediction_reference(),
        "stages": stage_reference(),
        "packed": _packed(),
        "script": _script(),
        "recordings": [_recording(name, text) for name, text in RECORDINGS.items()],
    }


def _packed() -> list[dict[str, object]]:
    """Bytes as they are packed: a model's weights, and lengths that are no multiple of anything."""
    contents = [
        weights_as_bytes(odd_models.model("no numbers")),
        *(bytes(range(250, 250 - size, -1)) for size in range(10)),
    ]
    return [{"bytes": list(content), "text": packed(content)} for content in contents]


def _recording(name: str, text: str) -> dict[str, object]:
    """What a notebook sends of a recording, and the recording's own numbers."""
    begun = (torch.full((1, 6), 0.5), torch.full((1, 6), -1.5)) if name == "grammar" else None
    recording = record(odd_models.model(name), text, initial_state=begun)
    layers = {
        layer: {signal: one[signal].to_numpy().ravel().tolist() for signal in signals_of(one)}
        for layer, one in recording.layers.items()
    }
    prediction = recording.prediction
    predicted = prediction["value" if "value" in prediction else "probability"].to_numpy()
    return {
        "facts": recorded_facts(recording, name),
        "sent": _as_lists(recorded(recording)),
        "layers": layers,
        "initial": {layer: _initial(one) for layer, one in recording.layers.items()},
        "predicted": predicted.tolist(),
        "surprise": surprise(prediction).to_numpy().tolist()[1:] if "next_class" in prediction else [],
        "came": np.nan_to_num(prediction["came"].to_numpy()).tolist() if "came" in prediction else [],
    }


def _initial(layer: xr.Dataset) -> dict[str, object]:
    cell = layer["initial_cell"].to_numpy() if "initial_cell" in layer else np.zeros(layer.sizes["unit"])
    return {"cell": cell.tolist(), "hidden": layer["initial_hidden"].to_numpy().tolist()}


def _as_lists(sent: Any) -> Any:
    if isinstance(sent, bytes):
        return {"bytes": list(sent)}
    return {key: _as_lists(value) for key, value in sent.items()} if isinstance(sent, dict) else sent


def _script() -> str:
    """Three modules in one script: `entry` uses the others in each way that our modules do."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, source in MODULES.items():
            (folder / f"{name}.js").write_text(source, encoding="utf-8")
        return script("entry", folder, exports=True)


def _scale(name: str, mode: str) -> dict[str, object]:
    """Every colour of a scale before it is rounded, interpolated by numpy, and the levels of some values."""
    low, high = limits(name)
    signal = described(name, ends=(low, high))
    stops: Any = signal["scale"]
    positions = [position for position, _colour in stops[mode]]
    parts = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for _position, colour in stops[mode]])
    at = np.arange(256) / 255
    colours = np.stack([np.interp(at, positions, part) for part in parts.T], axis=1)
    values = np.linspace(low, high, 100, dtype=np.float32)
    return {
        "signal": signal,
        "mode": mode,
        "colours": colours.tolist(),
        "values": values.tolist(),
        "levels": levels(values, low, high).tolist(),
    }


def _activation(activation: Activation) -> dict[str, object]:
    import torch

    sums = torch.linspace(-8, 8, 65, dtype=torch.float64)
    return {**asdict(activation), "sums": sums.tolist(), "values": activation(sums).tolist()}


def _reading(name: str, layer_name: str, window: tuple[int, int], exact: bool) -> dict[str, object]:
    """The parts of a reading as they are sent, and what is recorded there and adds up there, over (step, unit)."""
    model = odd_models.model(name)
    recording = record(model, TEXT)
    layer, wires = recording.layers[layer_name], wiring(model, model.encode(TEXT), recording, layer_name)
    cell = model.config.cell(layer_name)
    layout = model.config.stack[layer_number(layer_name)] if model.config.stack else None
    own = {"peephole": layout is not None and layout.peephole, "projection": layout.projection if layout else 0}
    gates = wires["gate"].to_numpy().tolist()
    terms = [preactivation_terms(layer, wires, unit, cell=cell) for unit in range(layer.sizes["unit"])]
    return {
        "name": f"{name}, {layer_name}, steps {window}, {'numbers' if exact else 'levels'}",
        "layer": {
            "number": layer_number(layer_name),
            "reverse": layer_name.endswith("_reverse"),
            "units": layer.sizes["unit"],
            "cell": {**asdict(cell), **own, "given_on": False},
        },
        "weights": sent(payload.weights_part(wires)),
        "recording": sent(payload.recording_part(recording, layer_name, wires, window, exact=exact)),
        "values": {gate: in_a_row(layer[gate].to_numpy()[slice(*window)]) for gate in gates},
        "terms": {
            gate: {
                str(term): in_a_row(
                    np.stack([one.sel(gate=gate, term=term).to_numpy() for one in terms], 1)[slice(*window)]
                )
                for term in terms[0]["term"].to_numpy()
            }
            for gate in gates
        },
    }
