"""Real modules of every kind, read back and compared with the modules' own outputs."""

import pytest
import torch
from torch import nn

from tests.support.saved import STEPS, Inside, assert_same, hold, read, recorded

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")

KINDS = {
    "LSTM": lambda: nn.LSTM(3, 5),
    "layers": lambda: nn.LSTM(3, 5, num_layers=3),
    "bidirectional": lambda: nn.LSTM(3, 5, bidirectional=True),
    "bidirectional layers": lambda: nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True),
    "projection": lambda: nn.LSTM(3, 5, proj_size=2),
    "projected layers": lambda: nn.LSTM(3, 5, num_layers=2, proj_size=2, bidirectional=True),
    "no bias": lambda: nn.LSTM(3, 5, bias=False),
    "one unit": lambda: nn.LSTM(1, 1),
    "GRU": lambda: nn.GRU(3, 5),
    "GRU layers": lambda: nn.GRU(3, 5, num_layers=2, bidirectional=True),
    "GRU no bias": lambda: nn.GRU(3, 5, bias=False),
    "RNN": lambda: nn.RNN(3, 5),
    "RNN layers": lambda: nn.RNN(3, 5, num_layers=2, bidirectional=True),
}


@pytest.mark.parametrize("how", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_module_says_what_torch_says(tmp_path, kind, how):
    torch.manual_seed(3)
    module = KINDS[kind]()
    found = read(Inside(rnn=module).state_dict(), tmp_path, how)
    assert [chain.name for chain in found.chains] == ["rnn"]
    assert found.framework == "PyTorch"
    assert found.chains[0].layouts[0].cell.type == type(module).__name__
    hold(found.chains[0], module)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_cells_say_what_torch_says(tmp_path, kind, bias):
    torch.manual_seed(4)
    cell = kind(3, 5, bias=bias)
    chain = read(Inside(cell=cell).state_dict(), tmp_path).chains[0]
    x = torch.randn(STEPS, 3)
    layer = recorded(chain, x)["layer0"]
    state = None
    for step in range(STEPS):
        state = cell(x[step], state)
        assert_same(layer.hidden.values[step], state[0] if kind is nn.LSTMCell else state)
        if kind is nn.LSTMCell:
            assert_same(layer.cell.values[step], state[1])


@pytest.mark.parametrize("how", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_turned_into_single(tmp_path, dtype, how):
    torch.manual_seed(5)
    module = nn.LSTM(3, 5, dtype=dtype)
    chain = read(module.state_dict(), tmp_path, how).chains[0]
    hold(chain, module if dtype == torch.float64 else module.float())
    told = "double precision" if dtype == torch.float64 else "half precision"
    assert any(told in note for note in chain.notes)


def test_doubles_that_are_singles_lose_nothing(tmp_path):
    assert read(nn.LSTM(3, 5).double().state_dict(), tmp_path).chains[0].notes == ()


@pytest.mark.parametrize("how", ["zip", "safetensors"])
def test_layers_whose_sizes_fit_are_offered_as_one(tmp_path, how):
    torch.manual_seed(6)
    first, second = nn.LSTM(3, 4, num_layers=2, bidirectional=True), nn.GRU(8, 5)
    found = read(Inside(rnn1=first, rnn2=second).state_dict(), tmp_path, how)
    assert [chain.name for chain in found.chains] == ["rnn1 → rnn2", "rnn1", "rnn2"]
    both, *alone = found.chains
    assert both.sources == ("rnn1, layer 0", "rnn1, layer 1", "rnn2")
    assert "does not tell the order" in both.notes[0]
    x = torch.randn(STEPS, 3)
    layers = recorded(both, x)
    assert_same(layers["layer2"].hidden.values, second(first(x)[0])[0])
    hold(alone[0], first)
    hold(alone[1], second)


def test_a_list_of_ten_and_more_keeps_its_order(tmp_path):
    cells = nn.ModuleList([nn.LSTMCell(3, 4), *(nn.LSTMCell(4, 4) for _ in range(10))])
    weights = Inside(cells=cells).state_dict()
    found = read(weights, tmp_path, "safetensors")  # which has cells.10 before cells.2
    assert found.chains[0].name == " → ".join(f"cells.{number}" for number in range(11))
    x = torch.randn(2, 3)
    layers = recorded(found.chains[0], x)
    hidden = x[0]
    for cell in cells:
        hidden, _ = cell(hidden)
    assert_same(layers["layer10"].hidden.values[0], hidden)


def test_layers_whose_sizes_do_not_fit_stay_alone(tmp_path):
    found = read(Inside(lstm1=nn.LSTM(3, 4), lstm2=nn.LSTM(5, 4)).state_dict(), tmp_path)
    assert [chain.name for chain in found.chains] == ["lstm1", "lstm2"]


def test_an_encoder_and_a_decoder_are_no_stack(tmp_path):
    weights = Inside(encoder=nn.LSTM(4, 4), decoder=nn.LSTM(4, 4)).state_dict()
    assert [chain.name for chain in read(weights, tmp_path).chains] == ["encoder", "decoder"]


def test_weights_that_lie_transposed_or_in_another_tensor(tmp_path):
    module = nn.LSTM(3, 4)
    weights = module.state_dict()
    large = torch.zeros(100)
    large[7:55] = weights["weight_ih_l0"].T.flatten()
    weights["weight_ih_l0"] = large[7:55].view(3, 16).T
    for how in ("zip", "legacy"):
        hold(read(weights, tmp_path, how).chains[0], module)


def test_weights_that_are_no_numbers_are_let_through(tmp_path):
    weights = nn.LSTM(3, 4).state_dict()
    weights["weight_ih_l0"][0, 0] = torch.nan
    assert not read(weights, tmp_path).chains[0].finite


def test_an_rnn_says_that_tanh_is_assumed(tmp_path):
    note = read(nn.RNN(3, 4).state_dict(), tmp_path).chains[0].notes[0]
    assert note == "A state dict does not tell whether the recurrent module has tanh or relu: tanh is assumed."
