import pytest
import torch

from lstm_core.tasks import AnBn, AnBnCn
from tests.support.oracle import reader


def expected(text: str, *, most: int = 1000, letters: str = "ab") -> str:
    """What may come next, by counting up to `most`."""
    counts = [min(text.count(letter), most) for letter in letters]
    at = max((k for k, count in enumerate(counts) if count), default=0)
    if at == 0:
        return "ab" if counts[0] else "a"
    if counts[at] < counts[0]:
        return letters[at]
    return letters[at + 1] if at + 1 < len(letters) else "T"


def test_two_of_each_by_hand():
    text, legal = AnBn().string(2)
    assert text == "Saabb"
    assert legal.tolist() == [  # S, a, b, T
        [0, 1, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1],
    ]  # fmt: skip
    text, legal = AnBnCn().string(2)
    assert text == "Saabbcc"
    assert legal.tolist() == [  # S, a, b, c, T
        [0, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
    ]  # fmt: skip


def test_a_batch_holds_every_n_and_counts_no_padding(numbers):
    batch = AnBn(longest=4).batch(0, 6, numbers)
    lengths = [2 * n + 1 for n in (1, 2, 3, 4, 1, 2)]
    assert batch.weights.sum(1).tolist() == lengths
    assert batch.tokens == sum(lengths)
    assert torch.equal(batch.targets[1, :5], torch.from_numpy(AnBn().string(2)[1]))


@pytest.mark.parametrize(("task", "letters"), [(AnBn(), "ab"), (AnBnCn(), "abc")])
def test_who_counts_to_seventeen_scores_seventeen(task, letters):
    counter = reader(task, lambda text: expected(text, most=17, letters=letters))
    assert task.test(counter).value == 17
    assert 17 <= task.validate(counter) < 18


def test_of_two_that_count_right_the_surer_one_validates_better():
    task = AnBn()
    sure, unsure = (task.validate(reader(task, expected, sure=logit)) for logit in (2.0, 1.0))
    assert sure == pytest.approx(50 + 2 / 3, abs=1e-5)  # the least log-odds m are 2: m / (1 + m)
    assert unsure == pytest.approx(50 + 1 / 2, abs=1e-5)


def test_who_cannot_tell_one_a_scores_nothing():
    assert AnBn().test(reader(AnBn(), lambda _: "ab")).value == 0


@pytest.mark.parametrize("longest", [0, 201])
def test_a_length_that_cannot_be_is_refused(longest):
    with pytest.raises(ValueError, match="longest must be from 1 to 200"):
        AnBn(longest=longest)
