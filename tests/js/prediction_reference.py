"""What models of every kind predict, and what was expected of it, as plain JSON."""

import numpy as np
import torch
import xarray as xr

from lstm_core import Recording, record
from lstm_core.analysis import expected_change, surprise
from tests.support import odd_models

TEXTS = {
    "gru": "Hark, who goes there?",
    "grammar": "SaaabbbTSabT",
    "opinions": "It is a wonderful film, but the end was terrible.",
    "weather": "6.7 5.9 8.1 7.2 9.4",
    "sum": "0.53:0 0.21:1 0.94:0 0.07:1",
    "no readout": "Hark",
}


def prediction_reference() -> list[dict[str, object]]:
    return [_predictions(name, text) for name, text in TEXTS.items()]


def _predictions(name: str, text: str) -> dict[str, object]:
    model = odd_models.model(name)
    recording = record(model, text)
    with torch.inference_mode():
        output = model(model.inputs(model.encode(text)))[0].numpy()
    found = recording.prediction.get("probability", recording.prediction.get("value"))
    return {
        "name": name,
        "readout": model.config.readout.to_json(),
        "output": output.tolist(),
        "predicted": output.tolist() if found is None else found.to_numpy().tolist(),  # nothing without a readout
        **(_expected(recording) if name in ("gru", "grammar") else {}),
    }


def _expected(recording: Recording) -> dict[str, object]:
    found: xr.Dataset = expected_change(recording.prediction, count=3, fallen=1)
    before = found["before"].to_numpy()
    return {
        "came": recording.prediction["next_class"].to_numpy()[:-1].tolist(),
        "surprise": surprise(recording.prediction).to_numpy()[1:].tolist(),
        "classes": found["class_index"].to_numpy().tolist(),
        "before": np.where(np.isnan(before), -1, before).tolist(),
    }
