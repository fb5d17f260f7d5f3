"""The equations of one step, on numbers worked out by hand and in double precision."""

import math

import pytest
import torch
from torch import nn

from lstm_core.cells import RELU, Activation, Cell, GRUStep, gru_step, lstm_step, rnn_step


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


@pytest.mark.parametrize("bias", [True, False])
def test_a_gru_step_equals_torch_gru_cell(bias):
    torch.manual_seed(0)
    cell = nn.GRUCell(5, 4, bias=bias).double()
    x, h = torch.randn(3, 5, dtype=torch.float64), torch.randn(3, 4, dtype=torch.float64)
    biases = {"bias_ih": cell.bias_ih, "bias_hh": cell.bias_hh} if bias else {}
    step = gru_step(x, h, weight_ih=cell.weight_ih, weight_hh=cell.weight_hh, **biases)
    torch.testing.assert_close(step.hidden, cell(x, h), atol=1e-12, rtol=0)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_a_simple_step_equals_torch_rnn_cell(nonlinearity):
    torch.manual_seed(0)
    cell = nn.RNNCell(5, 4, nonlinearity=nonlinearity).double()
    x, h = torch.randn(3, 5, dtype=torch.float64), torch.randn(3, 4, dtype=torch.float64)
    step = rnn_step(
        x,
        h,
        weight_ih=cell.weight_ih,
        weight_hh=cell.weight_hh,
        bias=cell.bias_ih + cell.bias_hh,
        variant=Cell("RNN", candidate=Activation(nonlinearity)),
    )
    torch.testing.assert_close(step.hidden, cell(x, h), atol=1e-12, rtol=0)


def _gru(reset_after: bool) -> GRUStep:
    """Rows r, z, n; one input of 2, h = 0.5."""
    one = [[0.1], [0.2], [0.3]], [[1.0], [2.0], [3.0]], [0.01, 0.02, 0.03], [0.04, 0.05, 0.06]
    weight_ih, weight_hh, bias_ih, bias_hh = (torch.tensor(part, dtype=torch.float64) for part in one)
    x, h = torch.tensor([2.0], dtype=torch.float64), torch.tensor([0.5], dtype=torch.float64)
    weights = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh}
    return gru_step(x, h, **weights, variant=Cell("GRU", reset_after=reset_after))


@pytest.mark.parametrize("reset_after", [True, False])
def test_one_gru_unit_by_hand_with_its_reset_gate_on_either_side_of_the_weights(reset_after):
    step = _gru(reset_after)
    r, z = sigmoid(0.1 * 2 + 0.01 + 1 * 0.5 + 0.04), sigmoid(0.2 * 2 + 0.02 + 2 * 0.5 + 0.05)
    heard = r * (3 * 0.5 + 0.06) if reset_after else 3 * (r * 0.5) + 0.06
    n = math.tanh(0.3 * 2 + 0.03 + heard)
    assert [signal.item() for signal in step] == pytest.approx((r, z, n, (1 - z) * n + z * 0.5), abs=1e-12)


def test_an_open_update_gate_keeps_the_state_of_a_gru():
    step = gru_step(
        torch.ones(1), torch.tensor([0.7]), weight_ih=torch.tensor([[0.0], [100.0], [9.0]]), weight_hh=torch.zeros(3, 1)
    )
    assert step.hidden.item() == pytest.approx(0.7)


def test_peepholes_show_the_cell_to_the_gates_by_hand():
    step = lstm_step(
        *(torch.tensor([value], dtype=torch.float64) for value in (2.0, 0.5, 3.0)),
        weight_ih=torch.tensor([[0.1], [0.2], [0.3], [0.4]], dtype=torch.float64),
        weight_hh=torch.tensor([[1.0], [2.0], [3.0], [4.0]], dtype=torch.float64),
        peephole=torch.tensor([[0.1], [-0.2], [0.3]], dtype=torch.float64),
    )
    i, f = sigmoid(0.1 * 2 + 0.5 + 0.1 * 3), sigmoid(0.2 * 2 + 1.0 - 0.2 * 3)
    g = math.tanh(0.3 * 2 + 1.5)
    c = f * 3 + i * g
    o = sigmoid(0.4 * 2 + 2.0 + 0.3 * c)  # of the new cell, not of the old one
    assert [signal.item() for signal in step] == pytest.approx((i, f, g, o, c, o * math.tanh(c)), abs=1e-12)


def test_a_clip_cuts_what_the_gates_squash():
    variant = Cell("LSTM", clip=0.5)
    step = lstm_step(
        *(torch.tensor([value], dtype=torch.float64) for value in (1.0, 0.0, 1.0)),
        weight_ih=torch.tensor([[3.0], [-3.0], [9.0], [0.2]], dtype=torch.float64),
        weight_hh=torch.zeros(4, 1, dtype=torch.float64),
        variant=variant,
    )
    i, f, g, o = sigmoid(0.5), sigmoid(-0.5), math.tanh(0.5), sigmoid(0.2)
    c = f + i * g
    assert [signal.item() for signal in step] == pytest.approx((i, f, g, o, c, o * math.tanh(c)), abs=1e-12)


def test_other_activations_are_applied_where_they_belong():
    variant = Cell("LSTM", Activation("hard_sigmoid", 0.2, 0.5), Activation("softsign"), Activation("linear"))
    step = lstm_step(
        *(torch.tensor([value], dtype=torch.float64) for value in (1.0, 0.0, 2.0)),
        weight_ih=torch.tensor([[1.0], [-5.0], [3.0], [4.0]], dtype=torch.float64),
        weight_hh=torch.zeros(4, 1, dtype=torch.float64),
        variant=variant,
    )
    c = 0.0 * 2 + 0.7 * 0.75  # 0.2 x + 0.5 is 0.7, and -0.5, which is cut to 0; softsign(3) = 3 / 4
    assert [signal.item() for signal in step] == pytest.approx((0.7, 0.0, 0.75, 1.0, c, c), abs=1e-12)


@pytest.mark.parametrize(
    ("cell", "textbook"),
    [
        (Cell("LSTM"), True),
        (Cell("GRU"), True),
        (Cell("RNN", candidate=RELU), True),
        (Cell("LSTM", candidate=RELU), False),
        (Cell("LSTM", clip=3.0), False),
        (Cell("LSTM", gate=Activation("hard_sigmoid", 0.2, 0.5)), False),
        (Cell("LSTM", shown=Activation("linear")), False),
        (Cell("GRU", reset_after=False), False),
    ],
)
def test_only_the_textbooks_cells_are_left_to_torchs_kernels(cell, textbook):
    assert cell.textbook == textbook


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Activation("swish"), "no activation is called 'swish': there are sigmoid, tanh"),
        (lambda: Cell("LSTM", gate=Activation("tanh")), "gates go from 0 to 1.*not tanh"),
        (lambda: Cell("LSTM", clip=float("inf")), "a clip is a finite number above 0"),
        (lambda: Cell("LSTM", clip=float("nan")), "a clip is a finite number above 0"),
        (
            lambda: gru_step(torch.zeros(1), torch.zeros(3), weight_ih=torch.zeros(8, 1), weight_hh=torch.zeros(8, 3)),
            r"GRU: 3 units need weights of 9 rows \(reset, update, candidate\).*\(8, 3\)",
        ),
    ],
)
def test_what_no_cell_can_be_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
