"""Models, and what Python computes of them, in files that the tests of the browser's engine read."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from safetensors.numpy import save_file

import pretrained
from lstm_core import Intervention, SequenceModel
from lstm_core.model_files import save
from lstm_core.readouts import Between
from lstm_core.record import layer_datasets, run_layers
from tests.support import odd_models

LENGTHS = (1, 2, 200, 2_000)
MANY = 200  # steps over which rounding adds up
FEWER_LENGTHS = {"1024 units": (1, 2, 200), "three wide layers both ways": (1, 2)}  # beyond what a browser is given
CLAMPED = {  # model: what is clamped on its 200 steps
    "three layers": (
        Intervention("layer1", "forget", 0.5, units=(1, 2), start=3, stop=40),
        Intervention("layer0", "cell", -1.5, units=(0,), start=10),
        Intervention("layer0", "cell", 2.0, units=(0, 3), start=20, stop=30),
        Intervention("layer2", "hidden", 0.0),
    ),
    "both ways": (
        Intervention("layer0_reverse", "input", 1.0, units=(4,), start=150),
        Intervention("layer1", "candidate", 0.25, stop=100),
        Intervention("layer1_reverse", "output", 0.0, units=(0, 1, 2), start=50, stop=51),
    ),
    "gru": (Intervention("layer0", "update", 1.0, units=(2, 3)), Intervention("layer0", "reset", 0.0, start=100)),
    "uneven": (
        Intervention("layer0_reverse", "hidden", 0.5, units=(1, 7)),
        Intervention("layer1", "candidate", -0.5, units=(0,)),
        Intervention("layer2", "hidden", 1.0, units=(3,), start=7),
    ),
    "peepholes": (
        Intervention("layer0", "cell", 1.0, units=(2,), start=4),
        Intervention("layer0", "output", 1.0, units=(5,)),
    ),
}


def models() -> Iterator[tuple[str, SequenceModel]]:
    for name in odd_models.LAYOUTS:
        yield name, odd_models.model(name)
    for name in pretrained.zoo():
        yield name, pretrained.load(name, device="cpu")
        yield f"{name} untrained", pretrained.untrained(name, device="cpu")
    for between in get_args(Between):
        yield f"{between} between", odd_models.with_between(between)


def write_engine_reference(folder: Path) -> None:
    """A folder for each model: its own files, and for each length what it reads (N.json) and all signals (N.safetensors).

    With the signals of many steps: `rounding`, how far they are from those in double precision.
    """
    for name, model in models():
        save(model, folder / name)
        for steps in FEWER_LENGTHS.get(name, LENGTHS):
            given = _read(model, steps)
            (folder / name / f"{steps}.json").write_text(json.dumps(given.tolist()), encoding="utf-8")
            found = _signals(model, given)
            if steps >= MANY:
                found["rounding"] = np.array([_rounding(found, _signals(deepcopy(model).double(), given))], np.float32)
            save_file(found, folder / name / f"{steps}.safetensors")
        if name in CLAMPED:
            given = _read(model, 200)
            (folder / name / "clamped.json").write_text(
                json.dumps([asdict(one) for one in CLAMPED[name]]), encoding="utf-8"
            )
            save_file(_signals(model, given, CLAMPED[name]), folder / name / "clamped.safetensors")


def _rounding(found: dict[str, np.ndarray], double: dict[str, np.ndarray]) -> float:
    """How far are these signals from those in double precision? Of what is above 1, in proportion to it."""
    differences = [np.abs(found[name] - one) / np.maximum(1, np.abs(one)) for name, one in double.items()]
    return max(float(np.nanmax(one, initial=0)) for one in differences)


def _read(model: SequenceModel, steps: int) -> torch.Tensor:
    """Class numbers, or standardised numbers: of an example as often as it takes, or else drawn."""
    numbers, examples = np.random.default_rng(steps), list(model.card.examples.values())
    if examples:
        tokens = model.encode(examples[0])
        whole = tokens.ids if tokens.values is None else tokens.values
        return torch.from_numpy(np.concatenate([whole] * (steps // len(whole) + 1))[:steps])
    if model.config.classes:
        return torch.from_numpy(numbers.integers(0, model.config.classes, steps))
    return torch.from_numpy(numbers.standard_normal((steps, model.config.embedding)).astype(np.float32))


def _signals(
    model: SequenceModel, given: torch.Tensor, interventions: tuple[Intervention, ...] = ()
) -> dict[str, np.ndarray]:
    with torch.inference_mode():
        given = given.to(model.readout.weight.dtype) if given.is_floating_point() else given
        steps, top = run_layers(model.lstm, model.embedding(given), None, interventions)
        found = {"output": model.predict(top).numpy()}
    labels = [""] * len(given)
    for name, layer in layer_datasets(steps, model.lstm, labels, np.arange(len(given)), None).items():
        signals = [signal for signal in layer if "step" in layer[signal].dims]
        found |= {f"{name} {signal}": np.ascontiguousarray(layer[signal]) for signal in signals}
    return found
