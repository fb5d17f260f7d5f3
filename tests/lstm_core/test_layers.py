"""One direction of one layer, of every cell: the kernel's way, the loop's way, torch's modules and a float64 loop."""

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core.cells import GRU, LSTM, RNN
from lstm_core.layers import directions_of, fused, layer_number
from lstm_core.stack import Stack
from tests.support.variants import LAYOUTS, filled, stack_loop

TOLERANCE = 1e-6


def states(stack: Stack, *batch: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(2)
    layout = stack.layouts[0]
    return tuple(
        [torch.rand(*batch, width, generator=generator) - 0.5 for _ in layout.suffixes]
        for width in (layout.output_size, layout.units)
    )


@pytest.mark.parametrize("steps", [1, 2, 30])
@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_signal_equals_a_float64_loop(kind, steps):
    stack = filled(Stack((LAYOUTS[kind],)))
    x, (hiddens, cells) = torch.randn(steps, 5, generator=torch.Generator().manual_seed(1)), states(stack)
    expected, _ = stack_loop(stack, x.numpy(), [one.numpy() for one in hiddens], [one.numpy() for one in cells])
    for row, direction in enumerate(stack.stacked_layers[0].directions):
        with torch.inference_mode():
            signals, layer_output = direction.signals(x, hiddens[row], cells[row])
        reference = expected[direction.name]
        np.testing.assert_allclose(layer_output, reference["layer_output"], atol=TOLERANCE)
        for name, signal in signals._asdict().items():
            np.testing.assert_allclose(signal, reference[name], atol=TOLERANCE, err_msg=f"{direction.name} {name}")


@pytest.mark.parametrize("steps", [1, 9])
@pytest.mark.parametrize("kind", LAYOUTS)
def test_what_is_said_to_a_batch_is_what_is_said_to_each(kind, steps):
    stack = filled(Stack((LAYOUTS[kind],)))
    x, (hiddens, cells) = torch.randn(steps, 3, 5), states(stack, 3)
    with torch.inference_mode():
        for row, direction in enumerate(stack.stacked_layers[0].directions):
            layer_output, hidden, cell = direction.outputs(x, hiddens[row], cells[row])
            for one in range(3):
                signals, alone = direction.signals(x[:, one], hiddens[row][one], cells[row][one])
                last = 0 if direction.reverse else -1
                torch.testing.assert_close(layer_output[:, one], alone, atol=TOLERANCE, rtol=0)
                torch.testing.assert_close(hidden[one], alone[last], atol=TOLERANCE, rtol=0)
                if direction.cell.type == "LSTM":
                    torch.testing.assert_close(cell[one], signals.cell[last], atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("made", "cell"), [(nn.LSTM, LSTM), (nn.GRU, GRU), (nn.RNN, RNN)])
def test_signals_say_what_torchs_module_says(made, cell, bias):
    module = made(3, 4, bidirectional=True, bias=bias)
    x, zero = torch.randn(40, 3), torch.zeros(4)
    with torch.inference_mode():
        expected, _ = module(x)
        found = torch.cat([one.signals(x, zero, zero)[1] for one in directions_of(module)[0]], dim=1)
    assert {one.cell for one in directions_of(module)[0]} == {cell}
    torch.testing.assert_close(found, expected, atol=TOLERANCE, rtol=0)


def test_relu_is_taken_from_the_module():
    module, x = nn.RNN(3, 4, nonlinearity="relu"), torch.randn(10, 3)
    with torch.inference_mode():
        _, layer_output = directions_of(module)[0][0].signals(x, torch.zeros(4), torch.zeros(4))
        torch.testing.assert_close(layer_output, module(x)[0], atol=TOLERANCE, rtol=0)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(
    ("made", "options"),
    [
        *((made, one) for made in (nn.LSTM, nn.GRU, nn.RNN) for one in ({}, {"bidirectional": True}, {"bias": False})),
        (nn.LSTM, {"proj_size": 2}),
        (nn.RNN, {"nonlinearity": "relu"}),
    ],
    ids=str,
)
def test_a_fused_layer_is_torchs_own_and_leaves_the_weights_where_they_are(made, options):
    module = made(3, 4, 1, **options)
    places = [one.data_ptr() for one in module.parameters()]
    x = torch.randn(6, 2, 3)
    with torch.inference_mode():
        again = fused(directions_of(module)[0])
        torch.testing.assert_close(again(x)[0], module(x)[0], atol=0, rtol=0)
    assert [one.data_ptr() for one in module.parameters()] == places


@pytest.mark.parametrize(("name", "number"), [("layer0", 0), ("layer2", 2), ("layer11_reverse", 11)])
def test_a_layers_number_is_in_its_name(name, number):
    assert layer_number(name) == number
