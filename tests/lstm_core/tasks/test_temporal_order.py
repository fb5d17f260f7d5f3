import pytest
import torch

from lstm_core.tasks import TemporalOrder
from tests.support.oracle import Oracle, always

ORDERS = ["XX", "XY", "YX", "YY"]


def letters(ids: torch.Tensor) -> str:
    return "".join("BEXYabcd"[index] for index in ids.tolist())


@pytest.mark.parametrize("length", [20, 50])
def test_two_symbols_stand_where_they_should_and_the_label_is_their_order(numbers, length):
    batch = TemporalOrder(length=length).batch(0, 100, numbers)
    met = set()
    for ids, targets in zip(batch.inputs, batch.targets, strict=True):
        text = letters(ids)
        assert (text[0], text[-1], len(text)) == ("B", "E", length)
        first, second = (step for step, letter in enumerate(text) if letter in "XY")
        assert 0.1 * length <= first <= 0.2 * length < 0.5 * length <= second <= 0.6 * length
        assert ORDERS[int(targets[-1])] == text[first] + text[second]
        met.add(text[first] + text[second])
    assert met == set(ORDERS)
    assert batch.weights.sum(0).tolist() == [0.0] * (length - 1) + [100.0]


def test_who_reads_the_order_is_right_and_who_always_says_one_gets_its_share():
    task = TemporalOrder(length=20)

    def ordered(ids: torch.Tensor) -> torch.Tensor:
        order = "".join(letter for letter in letters(ids) if letter in "XY")
        return torch.eye(4)[[ORDERS.index(order)] * len(ids)]

    assert task.test(Oracle(task, ordered)).value == 1.0
    shares = [task.validate(always(task, torch.eye(4)[k].tolist())) for k in range(4)]
    assert sum(shares) == pytest.approx(1)
    assert all(share == pytest.approx(0.25, abs=0.06) for share in shares)


def test_examples_hold_the_symbols_they_say():
    for title, text in TemporalOrder().examples().items():
        order = "".join(letter for letter in text if letter in "XY")
        assert order == {"X, later Y": "XY", "Y, later X": "YX", "Y twice": "YY"}[title]


@pytest.mark.parametrize("length", [19, 1001])
def test_a_length_that_cannot_be_is_refused(length):
    with pytest.raises(ValueError, match="length must be from 20 to 1000"):
        TemporalOrder(length=length)
