"""Captured layers and cells, given in every way that torch takes them, against plain loops in float64."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

from lstm_core import capture
from lstm_core.analysis import previous
from tests.support.recurrence import CELLS, KINDS, assert_layers, both, double_loop, state_of

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


class Tagger(nn.Module):
    """A model as people write them: the recurrent layers lie inside, and something is made of what they say."""

    def __init__(self, recurrent: nn.Module, outputs: int) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.lstm = recurrent
        self.readout = nn.Linear(outputs, 2)

    def forward(self, x, state=None):
        output, _ = self.encoder.lstm(x, state)
        return self.readout(output)


@pytest.mark.parametrize("given", [False, True], ids=["from zero", "from a given state"])
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {}) for kind in KINDS),
        *((kind, {"num_layers": 3}) for kind in KINDS),
        *((kind, {"num_layers": 2, "bidirectional": True, "batch_first": True}) for kind in KINDS),
        *((kind, {"num_layers": 2, "bias": False}) for kind in KINDS),
        ("RNN", {"nonlinearity": "relu", "num_layers": 2}),
        ("LSTM", {"proj_size": 2}),
        ("LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True, "batch_first": True}),
    ],
    ids=str,
)
def test_every_gate_equals_a_double_precision_loop(kind, options, training, given):
    recurrent = KINDS[kind](3, 5, **options).train(training)
    model = Tagger(recurrent, (options.get("proj_size") or 5) * (1 + recurrent.bidirectional))
    x = torch.randn(9, 4, 3)
    state = state_of(recurrent, 4) if given else None
    with capture(model) as captured:
        model(x.transpose(0, 1) if recurrent.batch_first else x, state)
    found = captured["encoder.lstm"]
    assert list(captured) == ["encoder.lstm"]
    assert (found.sequences, found.lengths) == (4, (9, 9, 9, 9))
    for sequence in (0, 3):
        hidden, cell = both(state, sequence) if given else (None, None)
        one = found.select(sequence=sequence)
        assert_layers(one, double_loop(recurrent, x[:, sequence], hidden, cell))
        for row, layer in enumerate(one.layers.values()):
            np.testing.assert_array_equal(layer["initial_hidden"], hidden[row] if given else 0)
            if kind == "LSTM":
                np.testing.assert_array_equal(layer["initial_cell"], cell[row] if given else 0)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_without_a_batch_needs_no_choice(kind):
    recurrent = KINDS[kind](3, 5, 2, bidirectional=True, batch_first=True)
    x, state = torch.randn(7, 3), state_of(recurrent)
    with capture(recurrent) as captured:
        output, _ = recurrent(x, state)
    hidden, cell = state if kind == "LSTM" else (state, None)
    assert_layers(captured[""], double_loop(recurrent, x, hidden, cell))
    top = [captured[""].layer1.hidden, captured[""].layer1_reverse.hidden]
    np.testing.assert_array_equal(np.concatenate(top, axis=1), output.detach())  # to the bit


@pytest.mark.parametrize("given", [False, True], ids=["from zero", "from a given state"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [(6, 4, 4, 1), (4, 1, 6, 4)], ids=["sorted", "unsorted"])
def test_packed_sequences_have_their_own_lengths(kind, lengths, given):
    recurrent = KINDS[kind](3, 5, 2, bidirectional=True, batch_first=True)
    sequences = [torch.randn(length, 3) for length in lengths]
    packed = pack_sequence(sequences, enforce_sorted=list(lengths) == sorted(lengths, reverse=True))
    state = state_of(recurrent, 4) if given else None
    with capture(recurrent) as captured:
        recurrent(packed, state)
    assert captured[""].lengths == lengths
    for number, x in enumerate(sequences):
        hidden, cell = both(state, number) if given else (None, None)
        assert_layers(captured[""].select(sequence=number), double_loop(recurrent, x, hidden, cell))


def test_padding_is_not_reported():
    lstm = nn.LSTM(3, 4)
    padded = torch.full((5, 2, 3), 1e6)
    padded[:, 0], padded[:2, 1] = torch.randn(5, 3), torch.randn(2, 3)
    with capture(lstm) as captured:
        lstm(pack_padded_sequence(padded, [5, 2]))
    assert captured[""].select(sequence=1).layer0.sizes["step"] == 2
    assert_layers(captured[""].select(sequence=1), double_loop(lstm, padded[:2, 1]))


@pytest.mark.parametrize("batch", [(), (2,)], ids=["unbatched", "batch"])
@pytest.mark.parametrize("options", [{}, {"bias": False}], ids=str)
@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_called_in_a_loop_reads_one_sequence(kind, options, batch):
    cell, x, state = CELLS[kind](3, 5, **options), torch.randn(6, *batch, 3), None
    with capture(cell) as captured:
        for step in x:
            state = cell(step, state)
    found = captured[""]
    assert (len(found.calls), len(found.readings), found.sequences) == (6, 1, 2 if batch else 1)
    last = found.sequences - 1
    assert_layers(found.select(sequence=last), double_loop(cell, x.reshape(6, -1, 3)[:, last]))


@pytest.mark.parametrize("kind", CELLS)
def test_one_call_of_a_cell_begins_with_the_state_before_it(kind):
    cell, x, state, before = CELLS[kind](3, 5), torch.randn(4, 3), None, None
    with capture(cell) as captured:
        for step in x:
            before, state = state, cell(step, state)
    hidden, memory = before if kind == "LSTM" else (before, None)
    reference = double_loop(cell, x[3:], hidden[None], None if memory is None else memory[None])
    assert_layers(captured[""].calls[3], reference)


def test_a_relu_cell_is_a_relu_cell():
    cell, x = nn.RNNCell(3, 5, nonlinearity="relu"), torch.randn(2, 3)
    with capture(cell) as captured:
        cell(x)
    assert_layers(captured[""].select(sequence=1), double_loop(cell, x[1:]))


def test_arguments_by_name_are_understood():
    gru, x, hidden = nn.GRU(3, 4), torch.randn(5, 1, 3), torch.randn(1, 1, 4)
    with capture(gru) as captured:
        gru(hx=hidden, input=x)
    assert_layers(captured[""], double_loop(gru, x[:, 0], hidden[:, 0]))


def test_a_projection_is_what_the_layer_says():
    lstm, x = nn.LSTM(3, 5, proj_size=2), torch.randn(4, 3)
    with capture(lstm) as captured:
        output, _ = lstm(x)
    assert captured[""].layer0["projected"].dims == ("step", "projection")
    np.testing.assert_array_equal(captured[""].layer0["projected"], output.detach())
    assert captured[""].layer0["hidden"].sizes["unit"] == 5


def test_captured_layers_are_for_the_analyses_as_recorded_ones_are():
    lstm = nn.LSTM(3, 4)
    with capture(lstm) as captured:
        lstm(torch.randn(5, 3))
    layer = captured[""].layer0
    cell = layer["forget"] * previous(layer, "cell") + layer["input"] * layer["candidate"]
    np.testing.assert_allclose(layer["cell"], cell, atol=1e-6)
    assert layer["token"].to_numpy().tolist() == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
@pytest.mark.parametrize("cells", [False, True], ids=["layers", "cells"])
def test_it_works_in_every_mode_of_autograd(mode, cells):
    module = nn.LSTMCell(3, 4) if cells else nn.LSTM(3, 4, 2)
    x = torch.randn(5, 1, 3)
    with mode(), capture(module) as captured:
        state = None
        for step in x if cells else x.split(2):
            state = module(step, state) if cells else module(step, state)[1]
        assert_layers(captured[""], double_loop(module, x[:, 0]))
    assert_layers(captured[""], double_loop(module, x[:, 0]))
