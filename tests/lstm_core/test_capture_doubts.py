"""Where gates do not lead to what the module returned, reading them warns; rounding alone never does."""

import warnings

import pytest
import torch
from torch import nn

from lstm_core import ParityWarning, capture
from lstm_core.capture.parts import part_of
from tests.support.recurrence import CELLS, KINDS

pytestmark = pytest.mark.filterwarnings("ignore:TF32 acceleration on top of oneDNN")  # by torch.backends.mkldnn.flags
MODULES = {
    **{f"nn.{kind}": one for kind, one in KINDS.items()},
    **{f"nn.{kind}Cell": one for kind, one in CELLS.items()},
}
PRECISIONS = [torch.float64, torch.float32, torch.bfloat16, torch.float16, "autocast"]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def read_by(module, x):
    state = None
    if isinstance(module, nn.RNNBase):
        return module(x)
    for step in x:
        state = module(step, state)
    return state


def native(precision) -> bool:
    """Half precision LSTMs need oneDNN instructions that not every processor has; without oneDNN all run everywhere."""
    return precision not in (torch.float64, torch.float32)


@pytest.mark.parametrize("precision", PRECISIONS, ids=str)
@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("scale", [1, 8])
def test_rounding_is_no_doubt(kind, precision, scale):
    dtype = torch.float32 if precision == "autocast" else precision
    options = {"num_layers": 2, "bidirectional": True} if "Cell" not in kind else {}
    module, x = MODULES[kind](6, 24, **options), scale * torch.randn(60, 1, 6)
    with torch.no_grad():
        for name, one in module.named_parameters():
            if "bias_ih" in name:
                one[24:48] += 2  # forget gates that keep
    module, x = module.to(dtype), x.to(dtype)
    halved = torch.autocast("cpu", torch.bfloat16, enabled=precision == "autocast")
    with (
        torch.backends.mkldnn.flags(enabled=not native(precision)),
        capture(module) as captured,
        torch.no_grad(),
        halved,
    ):
        read_by(module, x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers = captured.only.layers
    eps = torch.finfo(torch.bfloat16 if precision == "autocast" else dtype).eps
    assert 0 < max(layer.attrs["parity"] for layer in layers.values()) < 200 * scale * eps
    call = captured.only.calls[0]._calls[0]
    assert part_of([call], 0, 0).excess < 0.5


def test_numbers_far_beyond_one_have_rounding_far_beyond_one():
    rnn, x = nn.RNN(3, 4, nonlinearity="relu"), 1e6 * torch.rand(20, 3)
    with capture(rnn) as captured:
        rnn(x)
    assert captured.only.layer0.attrs["parity"] > 1e-3


def wrong(kind, change):
    """A forward with other equations than the kind's, as a library might put in its place."""
    forward = kind.forward
    return lambda self, *given: change(forward(self, *given))


@pytest.mark.parametrize("precision", PRECISIONS[:-1], ids=str)
@pytest.mark.parametrize("kind", MODULES)
def test_other_equations_are_doubted(monkeypatch, kind, precision):
    change = lambda given: (change(given[0]), given[1]) if isinstance(given, tuple) else given * 0.5  # noqa: E731
    monkeypatch.setattr(MODULES[kind], "forward", wrong(MODULES[kind], change))
    module, x = MODULES[kind](6, 24).to(precision), (3 * torch.randn(20, 1, 6)).to(precision)
    with torch.backends.mkldnn.flags(enabled=not native(precision)), capture(module) as captured:
        read_by(module, x)
    with pytest.warns(
        ParityWarning, match=r"the gates of layer0 of the module itself do not reproduce.*times what rounding explains"
    ):
        layer = captured.only.layer0
    assert layer.attrs["parity"] > 0.05


def test_a_doubt_is_told_once_for_each_layer(monkeypatch):
    monkeypatch.setattr(nn.LSTM, "forward", wrong(nn.LSTM, lambda output: (output[0] * 0.5, output[1])))
    lstm = nn.LSTM(3, 4)
    with capture(lstm) as captured:
        lstm(torch.randn(5, 2, 3))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert captured.only.parity > 0.01  # who asks for the number sees it
        assert not told
        one = captured.only.select(sequence=0)
        _ = one.layer0
        _ = one.layers
    assert [warning.category for warning in told] == [ParityWarning]


def test_numbers_that_only_we_have_not_are_doubted_but_not_those_that_nobody_has(monkeypatch):
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    x[2] = torch.nan
    with capture(lstm) as captured:
        lstm(x)
    assert captured.only.layer0["hidden"].isnull().any()
    monkeypatch.setattr(nn.LSTM, "forward", wrong(nn.LSTM, lambda output: (output[0].nan_to_num(), output[1])))
    with capture(lstm) as captured:
        lstm(x)
    with pytest.warns(ParityWarning, match="times what rounding explains"):
        _ = captured.only.layer0
