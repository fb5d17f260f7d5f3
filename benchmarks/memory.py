"""How long does a question about the memory take? Each compared with one pass of the naive loop over the same layer.

Medians over RUNS runs, all in turn in one process, two threads. The loop computes c = f * c + i * g step by step for
all units at once, in numpy: what anybody would write who has the gates and wants the cell.
"""

from collections.abc import Callable

import numpy as np
import torch
import xarray as xr
from torch import nn

from benchmarks.machine import machine
from benchmarks.recording import RUNS, medians
from lstm_core import ByteEncoder, ModelConfig, SequenceModel, record, record_layer
from lstm_core.analysis import feature_selectivity, ledger, remembered, text_features, timescale, unit_saturation

STEPS, UNITS = 2000, 512
MOST = 0.1  # seconds a query of the ledger may take
LINE = "    if count > 0:  # (as 'ever')\n        print(\"there are %d of them\" % count, names[3])\n"


def cells_by_loop(layer: xr.Dataset) -> list[np.ndarray]:
    forget, write, candidate = (layer[name].to_numpy() for name in ("forget", "input", "candidate"))
    cell, cells = layer["initial_cell"].to_numpy(), []
    for f, i, g in zip(forget, write, candidate, strict=True):
        cell = f * cell + i * g
        cells.append(cell)
    return cells


def queries() -> dict[str, Callable[[], object]]:
    numbers = torch.Generator().manual_seed(0)
    layer = record_layer(nn.LSTM(32, UNITS), 3 * torch.randn(STEPS, 32, generator=numbers))
    model = SequenceModel(ModelConfig(ByteEncoder(), 32, 256), device="cpu").eval()
    recording = record(model, (LINE * 20)[:1000])
    features = text_features(recording)
    ten = features[list(features.data_vars)[:10]]
    return {
        "the naive loop": lambda: cells_by_loop(layer),
        "ledger, of the last step": lambda: ledger(layer, STEPS - 1),
        "remembered, of the first step": lambda: remembered(layer, 0),
        "timescale": lambda: timescale(layer),
        "unit_saturation": lambda: unit_saturation(layer),
        "text_features, T=1,000": lambda: text_features(recording),
        "following, T=1,000, H=256, 10 features, 20 shuffles": lambda: feature_selectivity(
            recording.layers["layer0"], ten
        ),
    }


def main() -> None:
    torch.set_num_threads(2)
    calls = queries()
    times = medians(list(calls.values()))
    print(f"| T={STEPS:,}, H={UNITS} unless noted | ms | times the naive loop |")
    print("| --- | ---: | ---: |")
    for name, seconds in zip(calls, times, strict=True):
        print(f"| {name} | {seconds * 1e3:.1f} | {seconds / times[0]:.1f} |")
    met = "met" if max(times[1:3]) <= MOST else "missed"
    print(f"\nA query of the ledger in at most {MOST * 1e3:.0f} ms: {met}. Medians of {RUNS} runs.")
    print(machine("numpy", "scipy", "xarray"))


if __name__ == "__main__":
    main()
