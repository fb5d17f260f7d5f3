"""Beside an LSTM, a tanh RNN of the same size that was taught the same: what it cannot do, and where its gradient goes."""

import numpy as np
import pytest

import pretrained
from lstm_core.analysis import Target, decay, gradients
from lstm_core.model import weights_digest
from lstm_core.tasks import TASKS
from lstm_core.training import Initial, initial_model
from pretrained.recipes import RECIPES

LEVEL = {"sentiment"}  # what an RNN says as well: two standard errors of a share of 1,821 sentences are 0.019


def better(name: str, one: float, other: float) -> bool:
    """Is score `one` better than `other`, as the model's task has it?"""
    return one > other if TASKS[RECIPES[name].task].higher_is_better else one < other


@pytest.mark.parametrize("name", pretrained.rnn_baselines())
def test_it_is_as_large_was_taught_the_same_and_scores_what_its_card_says(name):
    baseline, model = pretrained.rnn_baseline(name, device="cpu"), pretrained.load(name, device="cpu")
    assert {layout.cell.type for layout in baseline.config.stack} == {"RNN"}
    assert (baseline.config.hidden, baseline.config.layers) == (model.config.hidden, model.config.layers)
    ours, theirs = (dict(one.card.training["settings"]) for one in (baseline, model))
    assert {**ours, "seed": 0} == {**theirs, "seed": 0}  # of a pool another net may be the best
    assert baseline.card.evaluation["held_out"] == model.card.evaluation["held_out"]
    scores = [float(one.card.evaluation["score"]) for one in (model, baseline)]
    if name in LEVEL:
        assert abs(scores[0] - scores[1]) < 0.019
    else:
        assert better(name, *scores)
    before = initial_model(baseline.config, Initial.from_json(baseline.card.training["initial"]))
    assert weights_digest(before) == baseline.card.training["untrained_digest"]


def test_the_gradient_of_the_rnn_vanishes_where_the_lstm_keeps_it():
    text = "BPBPTTTTVPXTTTVPSEPE"  # the P before the last E must be the P of the second step
    reached = {}
    for name, model in (
        ("LSTM", pretrained.load("embedded_reber", device="cpu")),
        ("RNN", pretrained.rnn_baseline("embedded_reber", device="cpu")),
    ):
        found = gradients(model, text, layer="layer0", target=Target(len(text) - 3, "P"))
        norm = decay(found)["hidden" if name == "RNN" else "cell"].to_numpy()
        reached[name] = norm[len(text) - 4] / norm[0]  # at the second step
    assert reached["RNN"] < 0.01
    assert reached["LSTM"] > 100 * reached["RNN"]
    assert all(np.isfinite(one) for one in reached.values())


def test_every_model_has_one_and_for_others_that_is_said():
    assert pretrained.rnn_baselines() == pretrained.zoo()
    with pytest.raises(KeyError, match=f"'nobody' has no RNN baseline; these have: {', '.join(pretrained.zoo())}"):
        pretrained.rnn_baseline("nobody")
