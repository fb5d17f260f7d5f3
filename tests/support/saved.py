"""Saving modules as people do, reading them back, and holding what was read against the modules themselves."""

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from lstm_core import record
from lstm_core.encoders.tokens import Tokens, groups_of
from lstm_core.importers import ImportedModel
from lstm_core.importers.build import build_model
from lstm_core.importers.pytorch.read import read_pytorch, read_safetensors

TOLERANCE = 1e-6
STEPS = 7


def write(weights, path, how="zip"):
    if how == "safetensors":
        save_file({name: one.contiguous() for name, one in weights.items()}, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=how == "zip")
    return path


def read(weights, folder, how="zip") -> ImportedModel:
    reader = read_safetensors if how == "safetensors" else read_pytorch
    found = reader(write(weights, folder / "model.bin", how))
    return ImportedModel.from_bytes(found.to_bytes())  # as a child process hands it back


def given(x):
    """Numbers as a model of numbers reads them."""
    values, labels = x.float().numpy(), tuple(str(step) for step in range(len(x)))
    return Tokens(np.zeros(len(x), np.int64), labels, groups_of([1] * len(x)), values)


def recorded(chain, x):
    return record(build_model(chain), given(x)).layers


def output_of(layer):
    return layer["projected" if "projected" in layer else "hidden"].values


def assert_same(found, wanted):
    np.testing.assert_allclose(found, wanted.detach().float().numpy(), rtol=0, atol=TOLERANCE)


def hold(chain, module, x=None):
    """Every state of the chain against `module`, at every step where the module tells it."""
    x = torch.randn(STEPS, module.input_size, generator=torch.Generator().manual_seed(1)) if x is None else x
    layers = recorded(chain, x)
    weight = next(module.parameters())
    outputs, end = module(x.to(weight.dtype))
    hidden, cell = end if isinstance(end, tuple) else (end, None)
    assert len(layers) == len(hidden)
    top = [output_of(layer) for name, layer in layers.items() if name.startswith(f"layer{module.num_layers - 1}")]
    assert_same(np.concatenate(top, axis=-1), outputs)
    for row, (name, layer) in enumerate(layers.items()):
        last = 0 if name.endswith("_reverse") else -1
        assert_same(output_of(layer)[last], hidden[row])
        if cell is not None:
            assert_same(layer.cell.values[last], cell[row])
    if cell is None or module.bidirectional:
        return
    for step in range(1, STEPS):
        _, (_, cell) = module(x[:step].to(weight.dtype))
        for row, layer in enumerate(layers.values()):
            assert_same(layer.cell.values[step - 1], cell[row])


class Inside(nn.Module):
    """Any module, with the layer that is looked at inside."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
