"""Signals of layers, and the orders in which Python shows their units, in files that the tests of the browser's orders read."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr
from safetensors.numpy import save_file

import pretrained
from lstm_core import SequenceModel, record
from lstm_core.analysis import ORDERS, keep_gate, most_telling, row_order
from tests.support import odd_models
from viz.shared.findings import FINDINGS
from viz.shared.model_facts import UNTRAINED

TEXT = "Hark, who goes there? Who goes, é?"
ODD = ("gru", "rnn", "both ways", "uneven", "no numbers", "one unit", "peepholes", "opinions", "weather", "sum")


def cases() -> Iterator[tuple[str, SequenceModel, str]]:
    for name in pretrained.zoo():
        model = pretrained.load(name, device="cpu")
        for title, text in model.card.examples.items():
            yield f"{name}, {title}", model, text
    for finding in FINDINGS.values():
        name = finding.model_name.removesuffix(UNTRAINED)
        model = (pretrained.load if name == finding.model_name else pretrained.untrained)(name, device="cpu")
        yield f"{finding.model_name}, {finding.title}", model, model.card.examples.get(finding.text, finding.text)
    for text in ("T", "To", "To be, or not to be: that is the question.\n" * 25):
        yield f"shakespeare, {len(text)} steps", pretrained.load("shakespeare", device="cpu"), text
    yield "shakespeare untrained", pretrained.untrained("shakespeare", device="cpu"), TEXT
    for name in ODD:
        model = odd_models.model(name)
        yield name, model, next(iter(model.card.examples.values()), TEXT)


def write_ordering_reference(folder: Path) -> None:
    """For each layer of each case: N.safetensors, with its hidden state and the gate that keeps, and N.json."""
    folder.mkdir()
    layers = [
        (f"{title}, {name}", layer)
        for title, model, text in cases()
        for name, layer in record(model, text).layers.items()
    ]
    for number, (title, layer) in enumerate(layers):
        signals = {"hidden": layer["hidden"]}
        if (gate := keep_gate(layer)) is not None:
            signals["keep"] = gate
        found = {name: np.ascontiguousarray(one.transpose("step", "unit")) for name, one in signals.items()}
        save_file(found, folder / f"{number}.safetensors")
        (folder / f"{number}.json").write_text(json.dumps(_orders(title, layer)), encoding="utf-8")


def _orders(title: str, layer: xr.Dataset) -> dict[str, object]:
    return {
        "title": title,
        "units": layer.sizes["unit"],
        "steps": layer.sizes["step"],
        "tokens": layer["token"].to_numpy().tolist(),
        "orders": {by: row_order(layer["hidden"], by, keep=keep_gate(layer)) for by in ORDERS},
        "alone": row_order(layer["hidden"], "timescale"),
        "telling": most_telling(layer, layer.sizes["unit"]),
    }
