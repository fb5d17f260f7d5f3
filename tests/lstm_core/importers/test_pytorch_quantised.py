"""Models that torch quantised dynamically: the weights turned back into real numbers, close to the model before."""

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.importers.pytorch.read import read_pytorch
from tests.fuzz.canary import watching
from tests.support.hostile import refused
from tests.support.saved import Inside, output_of, recorded

pytestmark = pytest.mark.filterwarnings(
    "ignore:torch.ao.quantization is deprecated", "ignore:torch.quantize_per_tensor", "ignore:.*quint8, torch.qint8"
)
X = torch.randn(9, 3, generator=torch.Generator().manual_seed(5))
KINDS = {
    "LSTM": lambda: nn.LSTM(3, 8),
    "two layers": lambda: nn.LSTM(3, 8, num_layers=2),
    "two directions": lambda: nn.LSTM(3, 8, bidirectional=True),
    "both": lambda: nn.LSTM(3, 8, num_layers=2, bidirectional=True),
    "GRU": lambda: nn.GRU(3, 8),
    "as wide as its input": lambda: nn.LSTM(3, 3, num_layers=2),
}


def quantised(model, dtype=torch.qint8):
    kinds = {nn.LSTM, nn.GRU, nn.Linear, nn.LSTMCell, nn.GRUCell, nn.RNNCell}
    return torch.ao.quantization.quantize_dynamic(model.eval(), kinds, dtype=dtype)


def written(value, path):
    torch.save(value, path)
    return path


@pytest.mark.parametrize("dtype", [torch.qint8, torch.float16])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_within_one_percent_of_the_model_before(tmp_path, kind, whole, dtype):
    torch.manual_seed(4)
    before = KINDS[kind]()
    wide = before.hidden_size * (2 if before.bidirectional else 1)
    model = Inside(lstm=before, fc=nn.Linear(wide, 2))
    changed = quantised(model, dtype)
    with watching() as canary:
        found = read_pytorch(written(changed if whole else changed.state_dict(), tmp_path / "model.pt"))
    assert canary.seen == []
    (chain,) = found.chains
    x = X[:, : before.input_size]
    layers = recorded(chain, x)
    top = [one for name, one in layers.items() if name.startswith(f"layer{before.num_layers - 1}")]
    ours = np.concatenate([output_of(layer) for layer in top], axis=-1)
    with torch.no_grad():
        wanted = before(x)[0]
        predicted = model.fc(wanted).numpy()
    assert np.abs(ours - wanted.numpy()).max() <= 0.01 * wanted.abs().max().item()
    values = ours @ chain.head.weight.T + chain.head.bias
    assert np.abs(values - predicted).max() <= 0.01 * np.abs(predicted).max()
    notes = " ".join(found.notes)
    assert ("saved as int8 numbers, which are turned back" in notes) == (dtype == torch.qint8)
    assert ("two layers are assumed" in notes) == (kind == "as wide as its input")
    assert (found.whole == "Inside") == whole


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell])
def test_cells(tmp_path, kind):
    torch.manual_seed(4)
    cell = kind(3, 8)
    found = read_pytorch(written(quantised(Inside(cell=cell)).state_dict(), tmp_path / "model.pt"))
    layer = recorded(found.chains[0], X)["layer0"]
    state = None
    for step, row in enumerate(X):
        state = cell(row, state)
        hidden = (state[0] if kind is nn.LSTMCell else state).detach().numpy()
        assert np.abs(layer.hidden.values[step] - hidden).max() < 0.01


def test_rows_that_have_scales_of_their_own(tmp_path):
    weights = nn.LSTM(3, 4).state_dict()
    scales, zeros = torch.linspace(0.01, 0.02, 16), torch.arange(16)
    whole = torch.quantize_per_channel(weights["weight_ih_l0"], scales, zeros, 0, torch.qint8)
    weights["weight_ih_l0"] = whole
    found = read_pytorch(written(weights, tmp_path / "model.pt"))
    np.testing.assert_allclose(found.chains[0].weights["weight_ih_l0"], whole.dequantize(), rtol=1e-6)


def changed(path, old, new, times=1):
    """The file with other bytes in its pickle; of the same length, since nothing else may move."""
    content = path.read_bytes()
    assert len(old) == len(new)
    assert old in content
    path.write_bytes(content.replace(old, new, times))


ATTACKS = {
    "a command": (b"torch\nScriptObject", b"posix\nsystem      ", "is no part of a model|damaged"),
    "a scheme that there is not": (b"per_tensor_affine", b"per_tensor_chance", "quantised in a way that is not known"),
    "storage of another kind": (b"QInt8Storage", b"QInt9Storage", "not a tensor's storage"),
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_what_was_packed_by_an_attacker_is_refused(tmp_path, kind):
    torch.manual_seed(4)
    path = written(quantised(Inside(lstm=nn.LSTM(3, 8))).state_dict(), tmp_path / "model.pt")
    old, new, message = ATTACKS[kind]
    changed(path, old, new)
    with watching() as canary:
        refused(path, message)
    assert canary.seen == []


@pytest.mark.parametrize("value", [3, (), (None, None, None), {"a": 1}])
def test_packed_parameters_that_are_none_are_refused(tmp_path, value):
    weights = nn.LSTM(3, 4).state_dict()
    weights["cell._packed_weight_ih"] = value
    found = read_pytorch(written(weights, tmp_path / "model.pt"))
    assert [chain.name for chain in found.chains] == ["LSTM"]  # what is no tensor is no weight
