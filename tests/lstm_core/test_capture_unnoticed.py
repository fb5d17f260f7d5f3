"""Capturing changes nothing, keeps nothing alive, and is changed by nothing that comes after."""

import gc
from weakref import ref

import pytest
import torch
from torch import nn

from lstm_core import capture
from tests.support.recurrence import TOLERANCE, assert_layers, double_loop


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


class Everything(nn.Module):
    """All six kinds in one forward, with dropout, tied to one loss."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.LSTM(3, 4, 2, dropout=0.3), nn.GRU(4, 4, 2, bidirectional=True), nn.RNN(8, 4)])
        self.cells = nn.ModuleList([nn.LSTMCell(4, 4), nn.GRUCell(4, 4), nn.RNNCell(4, 4)])

    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        hidden, memory = self.cells[0](x[0])
        for step in x:
            hidden, memory = self.cells[0](step, (hidden, memory))
            hidden = self.cells[2](self.cells[1](hidden, memory), hidden)
        return hidden + torch.rand_like(hidden)


def test_outputs_gradients_and_random_numbers_are_the_same_to_the_bit():
    model, x = Everything().train(), torch.randn(5, 2, 3)

    def run() -> list[torch.Tensor]:
        torch.manual_seed(4)
        model.zero_grad()
        own = x.clone().requires_grad_()
        output = model(own)
        output.square().sum().backward()
        return [output, own.grad, torch.get_rng_state(), *(one.grad.clone() for one in model.parameters())]

    plain = run()
    with capture(model) as captured:
        watched = run()
        assert captured["layers.0"].select(sequence=0).layer1.sizes["step"] == 5
        again = run()
    for found in (watched, again, run()):
        assert all(torch.equal(one, other) for one, other in zip(plain, found, strict=True))
    assert len(captured) == 6
    assert all(found.parity <= TOLERANCE for found in captured.values())


def hooks(model: nn.Module) -> int:
    return sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in model.modules())


def test_no_hooks_are_put_into_the_model():
    model = Everything()
    model.cells[0].register_forward_hook(lambda *_: None)
    with capture(model):
        assert hooks(model) == 1
        model(torch.randn(5, 2, 3))
    assert hooks(model) == 1


def test_what_is_run_after_the_block_is_not_captured():
    lstm = nn.LSTM(3, 4)
    with capture(lstm) as captured:
        lstm(torch.randn(5, 3))
    lstm(torch.randn(5, 3))
    assert len(captured[""].calls) == 1


def test_hooks_of_others_that_change_the_output_come_after_ours():
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    lstm.register_forward_hook(lambda *called: (called[2][0] * 0, called[2][1]))
    with capture(lstm) as captured:
        output, _ = lstm(x)
    assert not output.any()
    assert_layers(captured[""], double_loop(lstm, x))


class Marked(torch.autograd.Function):
    """Passes its input on, and leaves in the graph an object that can be watched."""

    @staticmethod
    def forward(ctx, x, mark):
        ctx.mark = mark
        return x.clone()

    @staticmethod
    def backward(_, gradient):
        return gradient, None


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.LSTMCell])
def test_no_graph_is_kept_alive(kind):
    class Mark:
        pass

    module, mark = kind(3, 4), Mark()
    watched = ref(mark)
    with capture(module) as captured:
        output = module(Marked.apply(torch.randn(5, 3, requires_grad=True), mark))
        del mark
        gc.collect()
        assert watched() is not None  # the graph does hold it
        del output
        gc.collect()
        assert watched() is None
    assert captured[""].calls[0].select(sequence=0).layer0.attrs["parity"] <= TOLERANCE


def test_the_model_is_not_kept_alive():
    lstm = nn.LSTM(3, 4)
    watched = ref(lstm)
    with capture(lstm) as captured:
        lstm(torch.randn(5, 3))
    del lstm
    assert watched() is None
    assert captured[""].layer0.sizes == {"step": 5, "unit": 4}


def test_what_is_changed_in_place_afterwards_was_captured_before():
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    reference = double_loop(lstm, x)
    with capture(lstm) as captured, torch.no_grad():
        output, (hidden, cell) = lstm(x)
        for one in (x, output, hidden, cell, *lstm.parameters()):
            one.zero_()
    assert_layers(captured[""], reference)


def test_writing_into_a_dataset_does_not_reach_what_was_captured():
    lstm = nn.LSTM(3, 4)
    with capture(lstm) as captured:
        lstm(torch.randn(5, 3))
    captured[""].layer0["hidden"][:] = 7
    captured[""].layer0["initial_cell"][:] = 7
    assert captured[""].calls[0].layer0.attrs["parity"] <= TOLERANCE
    assert float(captured[""].calls[0].layer0["hidden"].max()) < 1
    assert not captured[""].calls[0].layer0["initial_cell"].any()
