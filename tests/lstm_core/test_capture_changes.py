"""Weights and states that change between two calls, in every way there is: each call has those it was made with."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from lstm_core import capture
from lstm_core.capture import tensors
from tests.support.recurrence import CELLS, KINDS, TOLERANCE, assert_layers, double_loop


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def through_data(module):
    for one in module.parameters():
        one.data.mul_(2)


def averaged(module):
    for one in module.parameters():
        one.data.copy_((one.data + 1) / 2)


def in_inference_mode(module):
    with torch.inference_mode():
        for one in module.parameters():
            one.mul_(2)


def set_elsewhere(module):
    with torch.no_grad():
        for one in module.parameters():
            one.set_(one * 2)


def exchanged(module):
    for one in module.parameters():
        one.data = one.detach() * 2


def one_number_through_numpy(module):
    next(module.parameters()).detach().numpy()[-1, -1] += 3


def foreach(module):
    torch._foreach_mul_([one.data for one in module.parameters()], 2)


def two_rows_swapped(module):
    weight = next(module.parameters()).data
    weight[[0, 1]] = weight[[1, 0]]


def transposed_in_place(module):
    weight = module.weight_hh_l0 if isinstance(module, nn.RNNBase) else module.weight_hh
    weight.data = weight.data.t()  # the same memory, read in another order


CHANGES = [
    through_data, averaged, in_inference_mode, set_elsewhere, exchanged, one_number_through_numpy, foreach, two_rows_swapped,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRUCell])
def test_a_change_that_torch_does_not_count_is_noticed(kind, change):
    module, x = kind(3, 4), torch.randn(1, 3)
    before = double_loop(module, x)
    with capture(module) as captured:
        module(x)
        change(module)
        module(x)
    after = double_loop(module, x)
    assert (before["layer0"]["hidden"] - after["layer0"]["hidden"]).abs().max() > 1e-3
    assert_layers(captured[""].calls[0], before)
    assert_layers(captured[""].calls[1], after)


@pytest.mark.filterwarnings("ignore:RNN module weights are not part of single contiguous")
def test_the_same_memory_in_another_order_is_another_weight():
    module, x = nn.RNN(3, 4), torch.randn(5, 3)
    with capture(module) as captured:
        module(x)
        transposed_in_place(module)
        module(x)
    assert_layers(captured[""].calls[1], double_loop(module, x))


def test_a_change_of_what_a_parametrization_is_made_from_is_noticed():
    class Doubled(nn.Module):
        def forward(self, weight):
            return 2 * weight

    cell, x = nn.LSTMCell(3, 4), torch.randn(1, 3)
    parametrize.register_parametrization(cell, "weight_hh", Doubled())
    state = torch.randn(1, 4), torch.randn(1, 4)
    with capture(cell) as captured:
        cell(x, state)
        cell.parametrizations.weight_hh.original.data.mul_(-1)
        cell(x, state)
    assert_layers(captured[""].calls[1], double_loop(cell, x, *state))


@pytest.mark.parametrize("kind", CELLS)
def test_a_state_changed_through_data_begins_a_reading_of_its_own(kind):
    cell, x = CELLS[kind](3, 4), torch.randn(2, 1, 3)
    with capture(cell) as captured:
        state = cell(x[0])
        hidden = state[0] if kind == "LSTM" else state
        hidden.data.mul_(0.5)
        cell(x[1], state)
    assert [reading.lengths for reading in captured[""].readings] == [(1,), (1,)]
    np.testing.assert_array_equal(captured[""].calls[1].layer0["initial_hidden"], hidden[0].detach())
    assert captured[""].parity <= TOLERANCE


@pytest.mark.parametrize("kind", [*KINDS.values(), *CELLS.values()])
def test_weights_that_do_not_change_are_copied_once(kind):
    module, x = kind(3, 4), torch.randn(2, 3)
    with capture(module) as captured:
        for _ in range(3):
            module(x)
    assert len({id(call._calls[0].used) for call in captured[""].calls}) == 1


def test_numbers_are_compared_on_a_device_without_memory_of_ours_too(monkeypatch):
    monkeypatch.setattr(tensors.Copies, "_on_cpu", property(lambda _: False, lambda *_: None), raising=False)
    monkeypatch.setattr(torch.Tensor, "is_cpu", False)
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    with capture(lstm) as captured:
        lstm(x)
        lstm(x)
        one_number_through_numpy(lstm)
        lstm(x)
    monkeypatch.undo()
    first, second, third = captured[""].calls
    assert first._calls[0].used is second._calls[0].used is not third._calls[0].used
    assert_layers(third, double_loop(lstm, x))
