"""Several calls of one module: which are one sequence, and with which weights."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from lstm_core import capture
from tests.support.recurrence import KINDS, TOLERANCE, assert_layers, both, double_loop, state_of


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("detached", [False, True], ids=["as given back", "detached"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_decoder_of_one_step_a_call_reads_one_sequence(kind, detached):
    decoder, x = KINDS[kind](3, 5, 2), torch.randn(6, 2, 3)
    start = state = state_of(decoder, 2)
    with capture(decoder) as captured:
        for step in x.split(1):
            _, state = decoder(step, state)
            if detached:
                state = tuple(part.detach() for part in state) if kind == "LSTM" else state.detach()
    found = captured[""]
    assert (len(found.calls), len(found.readings), found.lengths) == (6, 1, (6, 6))
    assert_layers(found.select(sequence=1), double_loop(decoder, x[:, 1], *both(start, 1)))
    assert found.calls[2].select(sequence=1).layer0.sizes["step"] == 1
    np.testing.assert_array_equal(
        found.calls[2].select(sequence=1).layer1.hidden[0], found.select(sequence=1).layer1.hidden[2]
    )


def test_calls_from_states_of_their_own_are_apart():
    lstm, first, second = nn.LSTM(3, 4), torch.randn(5, 3), torch.randn(2, 3)
    with capture(lstm) as captured:
        lstm(first)
        lstm(second)
    found = captured[""]
    assert [reading.lengths for reading in found.readings] == [(5,), (2,)]
    assert_layers(found.readings[1], double_loop(lstm, second))
    with pytest.raises(
        ValueError, match=r"called 2 times, 2 of them from a new state.*\.readings\[0\] to \.readings\[1\]"
    ):
        _ = found.layer0
    assert found.parity <= TOLERANCE


def test_two_loops_that_take_turns_are_told_apart_by_the_states_they_hand_on():
    cell, one, other = nn.GRUCell(3, 4), torch.randn(4, 3), torch.randn(4, 3)
    left = right = None
    with capture(cell) as captured:
        for x, y in zip(one, other, strict=True):
            left, right = cell(x, left), cell(y, right)
    assert_layers(captured[""].readings[0], double_loop(cell, one))
    assert_layers(captured[""].readings[1], double_loop(cell, other))


def test_a_state_that_was_changed_begins_a_reading_of_its_own():
    cell = nn.LSTMCell(3, 4)
    with capture(cell) as captured, torch.no_grad():
        hidden, memory = cell(torch.randn(1, 3))
        hidden.mul_(0.5)
        cell(torch.randn(1, 3), (hidden, memory))
    assert [reading.lengths for reading in captured[""].readings] == [(1,), (1,)]
    np.testing.assert_array_equal(captured[""].calls[1].layer0["initial_hidden"], hidden[0])


def test_a_module_that_reads_both_ways_begins_anew_with_each_call():
    lstm, x = nn.LSTM(3, 4, bidirectional=True), torch.randn(4, 3)
    with capture(lstm) as captured:
        _, state = lstm(x[:2])
        lstm(x[2:], state)
    assert [reading.lengths for reading in captured[""].readings] == [(2,), (2,)]


def test_each_call_keeps_the_weights_that_it_was_made_with():
    lstm, x = nn.LSTM(3, 4), torch.randn(5, 3)
    optimizer = torch.optim.SGD(lstm.parameters(), lr=10.0)
    references = []
    with capture(lstm) as captured:
        for _ in range(3):
            references.append(double_loop(lstm, x))
            optimizer.zero_grad()
            lstm(x)[0].square().sum().backward()
            optimizer.step()
    assert (references[0]["layer0"]["cell"] - references[1]["layer0"]["cell"]).abs().max() > 0.1
    for call, reference in zip(captured[""].calls, references, strict=True):
        assert_layers(call, reference)


def test_a_state_carried_over_optimiser_steps_joins_windows_with_their_own_weights():
    lstm, x, state = nn.LSTM(3, 4), torch.randn(6, 3), None
    with capture(lstm) as captured:
        for window in x.split(2):
            _, (hidden, cell) = lstm(window, state)
            state = hidden.detach(), cell.detach()
            with torch.no_grad():
                lstm.weight_hh_l0.add_(0.5)
    assert captured[""].lengths == (6,)
    assert captured[""].parity <= TOLERANCE


def test_the_weights_are_those_that_the_kernel_is_given():
    lstm, cell, x = nn.LSTM(3, 4), nn.LSTMCell(3, 4), torch.randn(5, 3)
    prune.l1_unstructured(lstm, "weight_hh_l0", 0.5)
    prune.l1_unstructured(cell, "weight_hh", 0.5)
    with capture(nn.ModuleList([lstm, cell])) as captured:
        lstm(x)
        cell(x[0])
    assert_layers(captured["0"], double_loop(lstm, x))
    assert_layers(captured["1"], double_loop(cell, x[:1]))


def test_a_module_under_two_names_is_captured_once():
    lstm = nn.LSTM(4, 4)
    model = nn.ModuleDict({"encoder": lstm, "decoder": lstm})
    with capture(model) as captured:
        model["decoder"](torch.randn(3, 4))
    assert captured["encoder"] is captured["decoder"] is captured.only
