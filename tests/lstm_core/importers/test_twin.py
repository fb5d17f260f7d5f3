"""Untrained twins have their framework's default initialisation."""

from math import sqrt

import numpy as np
import pytest
import torch

from lstm_core.cells import Cell
from lstm_core.importers import build_model, untrained_twin
from lstm_core.stack import Layout
from tests.support.chains import chain_of

LAYERS = (Layout(40, 50, reading="both"), Layout(100, 30, Cell("GRU")))
MODEL = build_model(chain_of(*LAYERS, classes=60, outputs=20))


def test_one_seed_gives_one_twin_and_another_another():
    first, again, other = (untrained_twin(MODEL, "PyTorch", seed=seed) for seed in (3, 3, 4))
    assert first.digest == again.digest != other.digest
    assert first.config == MODEL.config


def test_a_torch_twin_is_drawn_as_torch_draws():
    untrained = untrained_twin(MODEL, "PyTorch").state_dict()
    torch.manual_seed(0)
    own = {"lstm." + name: one for name, one in torch.nn.LSTM(40, 50, bidirectional=True).state_dict().items()}
    own |= {"readout." + name: one for name, one in torch.nn.Linear(30, 20).state_dict().items()}
    own["embedding.weight"] = torch.nn.Embedding(60, 40).weight.detach()
    for name, weights in own.items():
        drawn = untrained[name].numpy()
        assert drawn.shape == tuple(weights.shape)
        assert np.abs(drawn).max() <= max(float(weights.abs().max()) * 1.1, 0.0) or name == "embedding.weight"
        np.testing.assert_allclose(drawn.std(), float(weights.std()), rtol=0.35)
    bound = 1 / sqrt(50)
    assert 0.95 * bound < np.abs(untrained["lstm.weight_hh_l0"].numpy()).max() <= bound


def test_a_keras_twin_is_drawn_as_keras_draws():
    untrained = {name: one.numpy() for name, one in untrained_twin(MODEL, "Keras").state_dict().items()}
    assert 0.04 < np.abs(untrained["embedding.weight"]).max() <= 0.05
    for name, fans in (("lstm.weight_ih_l0", 40 + 200), ("lstm.weight_ih_l1", 100 + 90), ("readout.weight", 30 + 20)):
        assert 0.95 * sqrt(6 / fans) < np.abs(untrained[name]).max() <= sqrt(6 / fans)
    recurrent = untrained["lstm.weight_hh_l0_reverse"]
    np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(50), atol=1e-5)
    np.testing.assert_array_equal(untrained["lstm.bias_ih_l0"], np.repeat([0.0, 1.0, 0.0, 0.0], 50))
    for name in ("lstm.bias_hh_l0", "lstm.bias_ih_l1", "lstm.bias_hh_l1", "readout.bias"):
        assert not untrained[name].any()


@pytest.mark.parametrize("framework", ["PyTorch", "Keras", "ONNX"])
def test_every_weight_of_an_odd_stack_is_drawn(framework):
    odd = (Layout(3, 4, projection=2, peephole=True), Layout(2, 5, Cell("RNN"), reading="reverse"))
    model = build_model(chain_of(*odd, outputs=3))
    untrained = untrained_twin(model, framework)
    for name, weights in untrained.state_dict().items():
        assert bool(weights.isfinite().all())
        assert bool(weights.abs().max() <= 1), name


def test_a_state_that_was_given_is_the_twins_too_and_one_that_was_learnt_is_not():
    begun = build_model(chain_of(Layout(3, 2)), initial_state={"initial_hidden_l0": [1.0, 2.0]})
    for given, wanted in ((("initial_hidden_l0",), [1.0, 2.0]), ((), [0.0, 0.0])):
        twin = untrained_twin(begun, "PyTorch", given=given).state_dict()
        assert twin["lstm.initial_hidden_l0"].tolist() == wanted
        assert twin["lstm.initial_cell_l0"].tolist() == [0.0, 0.0]
