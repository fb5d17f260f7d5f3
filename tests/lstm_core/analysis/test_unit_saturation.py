"""Each unit's shares of steps shut and open, on numbers whose answers are known."""

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from lstm_core import record_layer
from lstm_core.analysis import saturation, unit_saturation


def test_each_unit_has_the_shares_of_its_own_steps():
    gate = np.array([[0.05, 0.1, 0.5, 0.95], [0.9, 0.91, 0.99, 0.2]], dtype=np.float32).T
    signals = {"input": gate, "forget": 1 - gate, "output": gate * 0}
    layer = xr.Dataset({name: (("step", "unit"), values) for name, values in signals.items()}, coords={"unit": [4, 7]})
    found = unit_saturation(layer)
    assert found["below"].dims == ("gate", "unit")
    assert found["below"].sel(gate="input").to_numpy().tolist() == [0.25, 0]
    assert found["above"].sel(gate="input").to_numpy().tolist() == [0.25, 0.5]
    assert found["below"].sel(gate="output", unit=7).item() == 1


@pytest.mark.parametrize(("cells", "gates"), [(nn.LSTM, ["input", "forget", "output"]), (nn.GRU, ["reset", "update"])])
def test_the_mean_over_units_is_the_saturation_of_the_gate(cells, gates):
    layer = record_layer(cells(3, 5), 9 * torch.randn(40, 3, generator=torch.Generator().manual_seed(0)))
    found = unit_saturation(layer)
    assert found["gate"].to_numpy().tolist() == gates
    for gate in gates:
        whole = saturation(layer[gate])
        assert found["below"].sel(gate=gate).mean().item() == pytest.approx(whole["below"])
        assert found["above"].sel(gate=gate).mean().item() == pytest.approx(whole["above"])


def test_a_simple_layer_has_no_gates():
    with pytest.raises(ValueError, match="RNN cells has no gates"):
        unit_saturation(record_layer(nn.RNN(3, 4), torch.zeros(2, 3)))
