"""How units came about: means and deviations at checkpoints as numpy has them, and when a planted unit learnt its feature."""

import numpy as np
import pytest

from lstm_core.analysis import gates_over_training, learnt_at
from tests.lstm_core.analysis.test_unit_cards import LENGTHS, UNITS, corpus_of

BLANK = {"feature": "blank", "signal": "cell", "sign": -1, "binary": True}


def following(strength: float):
    """A corpus whose unit 1 has a cell state that is this much lower at blanks."""
    corpus = corpus_of().compute()
    corpus["cell"].values[:, 1] = np.random.default_rng(1).normal(size=corpus.sizes["step"])
    corpus["cell"].values[corpus["token"].to_numpy() == "␣", 1] -= strength
    return corpus


def test_gates_have_their_means_and_states_their_deviations():
    checkpoints = [(0, corpus_of(0)), (8, corpus_of(1, broken=True))]
    found = gates_over_training(checkpoints)
    assert found["training_step"].to_numpy().tolist() == [0, 8]
    for number, (_, corpus) in enumerate(checkpoints):
        np.testing.assert_allclose(found["forget"][number], corpus["forget"].mean("step"), rtol=1e-12)
        wanted = corpus["cell"].to_numpy().astype(np.float64).std(axis=0)
        np.testing.assert_allclose(found["cell"][number], wanted, rtol=1e-9)
    assert found["cell"].isnull().sum() == 1


@pytest.mark.parametrize(
    ("course", "answer"),
    [((0, 0.1, 3, 3), 4), ((3, 0.1, 3, 3), 4), ((0, 3, 3, 3), 2), ((0, 0, 0, 3), 8), ((3, 3, 3, 0), None)],
)
def test_a_unit_has_learnt_from_where_it_keeps_half_of_the_gain(course, answer):
    pairs = zip((0, 1, 2, 4, 8), (0, *course), strict=True)
    checkpoints = [(step, following(one).isel(step=slice(900))) for step, one in pairs]
    claims = [None, BLANK, None, None]
    found = learnt_at(following(3), checkpoints, claims)
    assert found == [None, answer, None, None]
    assert len(found) == UNITS


def test_half_is_of_what_was_gained_in_the_direction_of_the_end():
    claims = [None, BLANK, None, None]
    assert learnt_at(following(3), [(1, following(-3))], claims) == [None] * UNITS
    halfway = (1, following(0.8))  # 2 AUC - 1 of 0.43, with 0.97 at the end
    assert learnt_at(following(3), [(0, following(-3)), halfway], claims)[1] == 1
    assert learnt_at(following(3), [halfway], claims)[1] is None
    assert learnt_at(following(3), [(0, following(5)), halfway], claims)[1] is None
    assert learnt_at(following(3), [], claims) == [None] * UNITS


def test_checkpoints_have_read_the_corpus_from_its_beginning():
    with pytest.raises(ValueError, match="after 7 steps"):
        learnt_at(corpus_of(), [(7, corpus_of(1, lengths=(701, *LENGTHS[1:])))], [None, BLANK, None, None])
