"""The equations of one step, on numbers worked out by hand and in double precision."""

import math

import pytest
import torch
from torch import nn

from lstm_core.cells import lstm_step


def _step(x, hidden, cell, weight_ih, weight_hh, bias=None):
    return lstm_step(
        torch.tensor(x, dtype=torch.float64),
        torch.tensor(hidden, dtype=torch.float64),
        torch.tensor(cell, dtype=torch.float64),
        weight_ih=torch.tensor(weight_ih, dtype=torch.float64),
        weight_hh=torch.tensor(weight_hh, dtype=torch.float64),
        bias=None if bias is None else torch.tensor(bias, dtype=torch.float64),
    )


def sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def test_one_unit_by_hand():
    # Rows in torch's order i, f, g, o; one input of 2, h = 0.5, c = 3.
    step = _step(
        [2.0], [0.5], [3.0], [[0.1], [0.2], [0.3], [0.4]], [[1.0], [2.0], [3.0], [4.0]], [0.01, 0.02, 0.03, 0.04]
    )
    i, f = sigmoid(0.1 * 2 + 1 * 0.5 + 0.01), sigmoid(0.2 * 2 + 2 * 0.5 + 0.02)
    g, o = math.tanh(0.3 * 2 + 3 * 0.5 + 0.03), sigmoid(0.4 * 2 + 4 * 0.5 + 0.04)
    c = f * 3 + i * g
    expected = (i, f, g, o, c, o * math.tanh(c))
    assert [signal.item() for signal in step] == pytest.approx(expected, abs=1e-12)


def test_open_forget_gate_keeps_the_cell_and_shut_input_gate_writes_nothing():
    step = _step([1.0], [0.0], [7.0], [[-100.0], [100.0], [0.9], [0.0]], [[0.0]] * 4)
    assert step.forget.item() == pytest.approx(1)
    assert step.input.item() == pytest.approx(0)
    assert step.cell.item() == pytest.approx(7)
    assert step.hidden.item() == pytest.approx(0.5 * math.tanh(7))


def test_shut_forget_gate_erases_the_cell():
    step = _step([1.0], [0.0], [7.0], [[100.0], [-100.0], [0.3], [100.0]], [[0.0]] * 4)
    assert step.cell.item() == pytest.approx(math.tanh(0.3))


@pytest.mark.parametrize("bias", [True, False])
def test_a_batch_equals_torch_lstm_cell(bias):
    torch.manual_seed(0)
    cell = nn.LSTMCell(5, 4, bias=bias).double()
    x, h, c = (torch.randn(3, size, dtype=torch.float64) for size in (5, 4, 4))
    hidden, memory = cell(x, (h, c))
    both = cell.bias_ih + cell.bias_hh if bias else None
    step = lstm_step(x, h, c, weight_ih=cell.weight_ih, weight_hh=cell.weight_hh, bias=both)
    torch.testing.assert_close(step.hidden, hidden, atol=1e-12, rtol=0)
    torch.testing.assert_close(step.cell, memory, atol=1e-12, rtol=0)


def test_weights_of_another_size_are_refused_with_the_sizes():
    with pytest.raises(ValueError, match=r"3 units need weights of 12 rows.*\(8, 1\)"):
        lstm_step(
            torch.zeros(1), torch.zeros(3), torch.zeros(3), weight_ih=torch.zeros(8, 1), weight_hh=torch.zeros(8, 3)
        )
