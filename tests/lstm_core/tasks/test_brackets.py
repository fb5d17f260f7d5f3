import re

import numpy as np
import pytest

from lstm_core.tasks import Brackets
from lstm_core.tasks.brackets import nested
from tests.support.oracle import reader


def still_open(text: str) -> str:
    """The opening brackets that are not closed, by deleting closed pairs until there are none."""
    while (shorter := re.sub(r"\(\)|\[\]", "", text)) != text:
        text = shorter
    return text


def depth(text: str) -> int:
    return int(np.cumsum([1 if bracket in "([" else -1 for bracket in text]).max())


def closing(text: str) -> str:
    due = still_open(text.replace("S", ""))
    return {"(": ")", "[": "]", "": "T"}[due[-1:]]


@pytest.mark.parametrize("reach", [False, True])
def test_strings_are_balanced_and_within_their_limits(numbers, reach):
    strings = [nested(numbers, 3, 20, reach=reach) for _ in range(200)]
    assert all(still_open(text) == "" for text in strings)
    assert max(map(len, strings)) == 20
    assert min(map(len, strings)) >= 2
    assert {depth(text) for text in strings} == ({3} if reach else {1, 2, 3})
    assert {bracket for text in strings for bracket in text} == set("()[]")


def test_chances_by_hand():
    chances = Brackets().chances("S([])")
    assert chances.tolist() == [  # S ( ) [ ] T
        [0, 0.25, 0, 0.25, 0, 0.5],
        [0, 0.25, 0.5, 0.25, 0, 0],
        [0, 0.25, 0, 0.25, 0.5, 0],
        [0, 0.25, 0.5, 0.25, 0, 0],
        [0, 0.25, 0, 0.25, 0, 0.5],
    ]


def test_who_has_a_stack_is_right_and_who_always_says_round_gets_the_round_ones():
    task = Brackets()
    scores = {
        name: task.right(reader(task, expected), depth=3, count=30, seed=1)
        for name, expected in {"stack": closing, "round": lambda _: ")", "square": lambda _: "]"}.items()
    }
    assert scores["stack"] == 1.0
    assert scores["round"] == pytest.approx(0.5, abs=0.12)
    assert scores["round"] + scores["square"] == pytest.approx(1)


def test_who_remembers_one_bracket_only_is_wrong_where_two_kinds_are_nested():
    task = Brackets()

    def latest(text: str) -> str:
        return ")" if max(text.rfind("("), -1) > text.rfind("[") else "]"

    random = np.random.default_rng([10_000_079, 1])
    hits = []
    for _ in range(30):
        text = "S" + nested(random, 3, 100, reach=True)
        hits += [latest(text[:k]) == text[k] for k in range(1, len(text)) if text[k] in ")]"]
    found = task.right(reader(task, latest), depth=3, count=30, seed=1)
    assert found == pytest.approx(np.mean(hits))
    assert 0.5 < found < 0.95


@pytest.mark.parametrize("options", [{"depth": 0}, {"depth": 13}, {"longest": 7}, {"longest": 401}])
def test_sizes_that_cannot_be_are_refused(options):
    with pytest.raises(ValueError, match="depth must be from 1 to 12 and longest from twice the depth to 400"):
        Brackets(**options)
