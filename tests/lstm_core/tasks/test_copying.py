import pytest
import torch

from lstm_core.tasks import Copying
from tests.support.oracle import always, reader

TASK = Copying(letters=4, lag=6)


def test_the_letters_come_again_after_the_colon(numbers):
    batch = TASK.batch(0, 30, numbers)
    for ids, targets, weights in zip(batch.inputs, batch.targets, batch.weights, strict=True):
        text, following = ("".join("abcdefgh.:"[index] for index in row.tolist()) for row in (ids, targets))
        letters = text[:4]
        assert text == letters + "......:" + letters[:3]
        assert following == text[1:] + letters[3]
        assert weights.tolist() == [0.0] * 10 + [1.0] * 4


def test_who_holds_on_is_right_and_who_guesses_gets_an_eighth():
    def repeated(text: str) -> str:
        return text[len(text) - 11] if ":" in text else "."

    assert TASK.test(reader(TASK, repeated)).value == 1.0
    backwards = TASK.validate(reader(TASK, lambda text: text[14 - len(text)] if ":" in text else "."))
    assert backwards == pytest.approx(1 / 8, abs=0.03)  # of the letters of another place
    shares = [TASK.validate(always(TASK, torch.eye(10)[k].tolist())) for k in range(8)]
    assert sum(shares) == pytest.approx(1)


def test_examples_say_their_letters_twice():
    for text in Copying(letters=5, lag=3).examples().values():
        before, after = text.split("...:")
        assert before == after
        assert len(before) == 5


@pytest.mark.parametrize("options", [{"letters": 0}, {"letters": 51}, {"lag": 0}, {"lag": 1001}])
def test_sizes_that_cannot_be_are_refused(options):
    with pytest.raises(ValueError, match="letters must be from 1 to 50 and lag from 1 to 1000"):
        Copying(**options)
