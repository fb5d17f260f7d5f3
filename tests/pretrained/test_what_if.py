"""On a model whose answer is known: without its memory it can no longer count."""

import numpy as np
import pytest

import pretrained
from lstm_core import Intervention, SequenceModel, record
from lstm_core.analysis import knock_out
from lstm_core.tasks.counting import AnBn

TASK = AnBn()
MOST = 8


@pytest.fixture(scope="module")
def model() -> SequenceModel:
    return pretrained.load("anbn", device="cpu")


def right_up_to(model: SequenceModel, interventions: list[Intervention]) -> int:
    """Up to which n, at most MOST, are exactly the legal symbols given more than 1/2 at every step?"""
    for n in range(1, MOST + 1):
        text, legal = TASK.string(n)
        predicted = record(model, text, interventions=interventions).prediction["probability"].to_numpy()
        if not np.array_equal(predicted > 0.5, legal > 0.5):
            return n - 1
    return MOST


def counters(model: SequenceModel) -> set[int]:
    """The units whose cell climbs by about one with every a, and is back where it began after as many b's."""
    cell = record(model, TASK.string(10)[0]).layers["layer0"]["cell"].to_numpy()
    return set(np.flatnonzero((np.abs(cell[10] - cell[0]) > 5) & (np.abs(cell[20] - cell[0]) < 2)).tolist())


def test_a_forget_gate_held_at_one_half_breaks_the_counting(model):
    assert right_up_to(model, []) == MOST
    assert right_up_to(model, [Intervention("layer0", "forget", 0.5)]) < MOST
    found = counters(model)
    assert 1 <= len(found) < 5
    for unit in range(5):
        reached = right_up_to(model, [Intervention("layer0", "forget", 0.5, (unit,))])
        assert reached < MOST if unit in found else reached == MOST


def test_among_units_that_forget_in_turn_the_counters_cost_most(model):
    *_, last = knock_out(model, TASK.string(10)[0], "layer0", signal="forget", value=0.5)
    saved, found = last.effect["saved"].to_numpy(), counters(model)
    assert set(np.argsort(-saved)[: len(found)].tolist()) == found
    assert min(saved[list(found)]) > 0.5
    assert max(np.delete(saved, list(found))) < 0.01
