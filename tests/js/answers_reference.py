"""Why models predict what they predict, and what units follow, worked out in Python, in files that the tests of the answers read."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import xarray as xr

import pretrained
from lstm_core import ByteEncoder, ModelConfig, Recording, SequenceModel, layer_number, record
from lstm_core.analysis import feature_selectivity, text_features
from lstm_core.model_files import save
from lstm_core.readouts import NextToken
from lstm_core.stack import Layout
from tests.support import odd_models
from viz.live.description import described
from viz.shared.findings import FINDINGS

TEXT = "Who goes there?\nHark, é!"
TOPS = {  # what a readout may read of the layer below it
    "sum": Layout(5, 4, reading="both", merge="sum"),
    "ave": Layout(5, 4, reading="both", merge="ave", ends=True),
    "mul": Layout(5, 4, reading="both", merge="mul"),
    "ends": Layout(5, 14, reading="both", ends=True),
    "backwards": Layout(5, 4, reading="reverse", ends=True),
    "projected": Layout(5, 6, reading="both", projection=3),
}
TEXTS = {
    "opinions": "It is a wonderful film",
    "grammar": "SaaabbbT",
    "weather": "@100 6.7 5.9 8.1",
    "sum of numbers": "0.5:1 0.2:0",
}
FEATURES = {  # as viz/live/finding.js and unit_answer.js call them
    "blank": "spaces",
    "line end": "line ends",
    "upper case": "capital letters",
    "vowel": "vowels",
    "digit": "digits",
    "sign of punctuation": "punctuation marks",
    "inside quotation marks": "inside quotation marks",
    "place in the line": "line",
}
OBSTACLES = {"mul": "product", "no readout": "nothing", "relu of a sum": "merged"}
BETWEEN: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {  # what the readout reads after a step of all outputs
    "relu": lambda rows, step: np.maximum(rows[step], 0),
    "last": lambda rows, step: rows[step],
    "mean": lambda rows, step: rows[: step + 1].mean(axis=0),
    "max": lambda rows, step: rows[: step + 1].max(axis=0),
}
FOLLOWED = ("A unit that knows it is inside quotation marks", "A unit that measures the line")


def write_answers_reference(folder: Path) -> None:
    """For each model its own files, and in answers.json what is asked of it."""
    for name, layout in TOPS.items():
        config = ModelConfig.of_stack(ByteEncoder(), (Layout(3, 5), layout), readout=NextToken())
        _write(folder / name, SequenceModel(config, seed=3, device="cpu").eval(), TEXT)
    for name in ("both ways", "uneven", "gru", "rnn", "opinions", "grammar", "weather", "no readout"):
        _write(folder / name, odd_models.model(name), TEXTS.get(name, TEXT))
    for between in BETWEEN:
        _write(folder / f"{between} between", odd_models.with_between(between), TEXT)
    summed = ModelConfig.of_stack(
        ByteEncoder(), (replace(TOPS["sum"], features=3),), readout=NextToken(), between="relu"
    )
    _write(folder / "relu of a sum", SequenceModel(summed, seed=3, device="cpu").eval(), TEXT)
    _write(folder / "sum of numbers", odd_models.model("sum"), TEXTS["sum of numbers"])
    for title in FOLLOWED:
        finding = FINDINGS[title]
        model = pretrained.load(finding.model_name, device="cpu")
        _write(folder / title, model, model.card.examples.get(finding.text, finding.text), followed=True)


def _write(folder: Path, model: SequenceModel, text: str, *, followed: bool = False) -> None:
    save(model, folder)
    recording, outputs = record(model, text), _outputs(model, text)
    answers = {
        "facts": described(folder.name, model.config, model.card, weights=model.digest),
        "text": text,
        "obstacle": OBSTACLES.get(folder.name, ""),
        "sums": [_sum(model, recording, outputs, *place) for place in _places(outputs)],
        "followed": _followed(recording) if followed else {},
    }
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")


def _outputs(model: SequenceModel, text: str) -> np.ndarray:
    """What the readout outputs; numbers in their own units."""
    with torch.inference_mode():
        found: np.ndarray = model(model.inputs(model.encode(text)))[0].double().numpy()
    readout = model.config.readout.to_json()
    return found * readout["spread"] + readout["mean"] if readout["kind"] == "values" else found


def _places(outputs: np.ndarray) -> list[tuple[int, int]]:
    """Some steps and outputs: the first and the last of both, and the second step."""
    steps, rows = outputs.shape
    return [(step, row) for step in sorted({0, 1, steps - 1}) for row in sorted({0, rows - 1}) if rows]


def _sum(model: SequenceModel, recording: Recording, outputs: np.ndarray, step: int, row: int) -> dict[str, object]:
    """What each number that the readout reads adds to an output after a step, by layer and number: "layer1_reverse 3"."""
    weights = model.readout.weight.detach().double().numpy()[row]
    readout = model.config.readout.to_json()
    weights = weights * readout["spread"][row] if readout["kind"] == "values" else weights
    top = max(map(layer_number, recording.layers))
    layout = model.config.stack[top] if model.config.stack else None
    both = layout is not None and layout.reading == "both"
    terms: dict[str, float] = {}
    column = 0
    for name, layer in recording.layers.items():
        if layer_number(name) != top:
            continue
        at = 0 if layout is not None and layout.ends and name.endswith("_reverse") else step
        every = layer["projected" if "projected" in layer else "hidden"].to_numpy().astype(np.float64)
        said = BETWEEN.get(model.config.between, lambda rows, step: rows[step])(every, at)
        first = column if layout is None or layout.merge == "concat" else 0
        share = 0.5 if both and layout is not None and layout.merge == "ave" else 1.0
        terms |= {f"{name} {unit}": float(weights[first + unit] * one * share) for unit, one in enumerate(said)}
        column += len(said)
    return {"step": step, "row": row, "output": float(outputs[step, row]), "terms": terms}


def _followed(recording: Recording) -> dict[str, dict[str, list[float]]]:
    """For each feature and each unit's cell state: the AUC or |correlation|, and its sign."""
    features: xr.Dataset = text_features(recording)
    names = [name for name in FEATURES if name in features]
    found = feature_selectivity(recording.layers["layer0"], features[names], signals=["cell"], shuffles=0).sel(
        signal="cell"
    )
    return {
        FEATURES[name]: {part: found[part].sel(feature=name).to_numpy().tolist() for part in ("score", "sign")}
        for name in names
    }
