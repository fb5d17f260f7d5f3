import pytest
import torch

from lstm_core.tasks import Adding
from tests.support.oracle import Oracle, always


@pytest.mark.parametrize("length", [2, 7, 100])
def test_one_number_in_each_half_is_marked_and_their_sum_is_wanted_at_the_end(numbers, length):
    batch = Adding(length=length).batch(0, 50, numbers)
    for read, target, weight in zip(batch.inputs, batch.targets, batch.weights, strict=True):
        first, second = (int(step) for step in torch.nonzero(read[:, 1]))
        assert first < length // 2 <= second
        assert set(read[:, 1].tolist()) <= {0.0, 1.0}
        assert float(target[-1, 0]) == pytest.approx(float(read[first, 0] + read[second, 0]), abs=1e-6)
        assert weight.tolist() == [0.0] * (length - 1) + [1.0]
    assert float(batch.inputs.min()) >= 0
    assert float(batch.inputs.max()) <= 1


def test_who_adds_makes_no_error_and_who_says_one_makes_a_sixth():
    task = Adding(length=30)
    adds = Oracle(task, lambda read: (read[:, 0] * read[:, 1]).cumsum(0)[:, None])
    assert task.validate(adds) == pytest.approx(0, abs=1e-10)
    score = task.test(always(task, [1.0]))
    assert score.value == pytest.approx(1 / 6, abs=0.015)  # three standard deviations
    assert score.others["always 1"] == 1 / 6
    blind = Oracle(task, lambda read: (read[:, 0] * read[:, 1]).cumsum(0)[:, None] + 0.5)
    assert task.validate(blind) == pytest.approx(0.25, abs=1e-6)


def test_examples_mark_as_many_numbers_as_they_say():
    marks = [text.count(":1") for text in Adding().examples().values()]
    assert marks == [2, 2, 0]


@pytest.mark.parametrize("length", [1, 1001])
def test_a_length_that_cannot_be_is_refused(length):
    with pytest.raises(ValueError, match="length must be from 2 to 1000"):
        Adding(length=length)
