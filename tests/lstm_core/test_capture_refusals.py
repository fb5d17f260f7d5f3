"""What cannot be captured, or is asked for in vain, is said in a sentence."""

import pytest
import torch
from torch import nn

from lstm_core import capture
from tests.lstm_core.recurrence import TOLERANCE


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


class OwnForward(nn.LSTM):
    def forward(self, x, state=None):
        return super().forward(2 * x, state)


class OwnName(nn.LSTM):
    pass


def test_a_subclass_with_torchs_forward_is_torchs():
    model = nn.Sequential(OwnName(3, 4), nn.Identity())
    with capture(model) as captured:
        model[0](torch.randn(2, 3))
    assert captured["0"].parity <= TOLERANCE


def test_a_subclass_with_a_forward_of_its_own_is_not_guessed_at():
    model = nn.ModuleList([OwnForward(3, 4), nn.GRU(3, 4)])
    with capture(model) as captured:
        model[1](torch.randn(2, 3))
    assert list(captured) == ["1"]
    with pytest.raises(KeyError, match=r"'0' has a forward of its own \(OwnForward, made of LSTM\)"):
        _ = captured["0"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Tanh()), "no LSTM, GRU.*in this Sequential.*2 Linear, 1 Tanh"),
        (lambda: nn.Sequential(OwnForward(3, 4)), "'0' has a forward of its own"),
        (lambda: torch.jit.script(nn.Sequential(nn.LSTM(3, 4))), "'0' was scripted by torch.jit"),
        (
            lambda: torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.LSTM(3, 4)), {nn.LSTM}),
            "'0' is quantized.*before it is quantized",
        ),
        (lambda: torch.compile(nn.LSTM(3, 4)), "the module itself was compiled with torch.compile"),
    ],
    ids=["nothing recurrent", "own forward", "scripted", "quantized", "compiled"],
)  # fmt: skip
def test_what_cannot_be_captured_is_refused_in_a_sentence(made, message):
    model = made()
    with pytest.raises(ValueError, match=message), capture(model):
        pass
    assert not any(one._forward_hooks for one in model.modules())


def test_what_is_not_there_is_said():
    model = nn.ModuleDict({"encoder": nn.LSTM(3, 4), "decoder": nn.GRU(3, 4)})
    with capture(model) as captured:
        with pytest.raises(ValueError, match="'encoder' was not called within the block"):
            _ = captured["encoder"].layer0
        model["encoder"](torch.randn(2, 5, 3))
    with pytest.raises(KeyError, match="no recurrent module 'lstm': there is 'encoder', 'decoder'"):
        _ = captured["lstm"]
    with pytest.raises(ValueError, match="2 recurrent modules were captured, choose one: encoder, decoder"):
        _ = captured.only
    with pytest.raises(ValueError, match=r"batch of 5 sequences.*sequence=4"):
        _ = captured["encoder"].layer0
    with pytest.raises(IndexError, match="no sequence 5: this batch has 5, from 0 to 4"):
        captured["encoder"].select(sequence=5)
    with pytest.raises(AttributeError, match="no layer 'layer1': there is layer0"):
        _ = captured["encoder"].select(sequence=0).layer1
    with pytest.raises(KeyError, match="no layer 'layer1': there is layer0"):
        captured["encoder"].select(sequence=0).layer("layer1")
    with pytest.raises(AttributeError, match="no attribute 'forget'"):
        _ = captured["encoder"].forget
    with pytest.raises(ValueError, match="'decoder' was not called"):
        _ = captured["decoder"].parity
