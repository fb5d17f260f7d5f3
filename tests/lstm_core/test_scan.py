"""The chunked recurrence against the plain loop in double precision."""

import pytest
import torch

from lstm_core.scan import linear_scan


def loop(decay, increment, initial):
    cell, found = initial.double(), []
    for f, z in zip(decay.double(), increment.double(), strict=True):
        cell = f * cell + z
        found.append(cell)
    return torch.stack(found)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 8, 9, 10, 99, 100, 101, 1000, 5003])
def test_equals_the_loop_for_any_number_of_steps(steps):
    generator = torch.Generator().manual_seed(steps)
    decay, increment = (torch.rand(steps, 7, generator=generator) for _ in range(2))
    initial = torch.randn(7, generator=generator)
    torch.testing.assert_close(
        linear_scan(decay, increment, initial).double(), loop(decay, increment, initial), atol=2e-6, rtol=1e-6
    )


def test_counts_when_nothing_is_forgotten():
    found = linear_scan(torch.ones(1000, 1), torch.ones(1000, 1), torch.tensor([5.0]))
    assert found[:, 0].tolist() == [5.0 + step for step in range(1, 1001)]


def test_a_shut_gate_cuts_every_chunk_off_from_its_past():
    decay = torch.ones(10, 1)
    decay[4] = 0
    found = linear_scan(decay, torch.ones(10, 1), torch.tensor([100.0]))
    assert found[:, 0].tolist() == [101, 102, 103, 104, 1, 2, 3, 4, 5, 6]


def test_leaves_its_arguments_alone():
    decay, increment, initial = torch.rand(50, 3), torch.rand(50, 3), torch.rand(3)
    before = [decay.clone(), increment.clone(), initial.clone()]
    linear_scan(decay, increment, initial)
    assert all(torch.equal(now, then) for now, then in zip((decay, increment, initial), before, strict=True))
