"""The parity badge tells the truth, also where something is wrong."""

import numpy as np
import pytest

from lstm_core import Tokens, layers
from lstm_core.cells import RELU, Activation, Cell
from lstm_core.importers import build_model, parity
from lstm_core.stack import Layout
from tests.support.chains import chain_of

TEXT = " ".join(map(str, np.random.default_rng(1).integers(0, 9, 200)))


@pytest.mark.parametrize(
    "layouts",
    [
        (Layout(4, 6), Layout(6, 5)),
        (Layout(4, 6, reading="both"), Layout(12, 5, reading="both")),
        (Layout(4, 6, Cell("GRU"), reading="both"), Layout(12, 3)),
        (Layout(4, 6, Cell("RNN")), Layout(6, 6, Cell("RNN", candidate=RELU))),
        (Layout(4, 6, projection=3, reading="both"), Layout(6, 5)),
    ],
)
def test_what_torch_can_run_is_held_against_it(layouts):
    model = build_model(chain_of(*layouts, classes=9))
    found = parity(model, model.encode(TEXT), "PyTorch")
    assert found.steps == 200
    assert found.difference is not None
    assert 0 < found.difference < 1e-5 or layouts[0].cell.type == "RNN"
    assert f"from torch's own {layouts[0].cell.type}" in found.line


@pytest.mark.parametrize("signal", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_wrong_gate_is_found(kind, signal, monkeypatch):
    """Spoil one recorded signal by a thousandth: the badge must show it."""
    right = layers.Direction.gates_from_outputs

    def wrong(*arguments):
        step = right(*arguments)
        spoiled = list(step)
        spoiled[signal % len(step)] = spoiled[signal % len(step)] + 1e-3
        return type(step)(*spoiled)

    model = build_model(chain_of(Layout(4, 6, Cell(kind)), classes=9))
    honest = parity(model, model.encode(TEXT), "PyTorch").difference
    monkeypatch.setattr(layers.Direction, "gates_from_outputs", wrong)
    spoilt = parity(model, model.encode(TEXT), "PyTorch").difference
    assert spoilt > 100 * honest


@pytest.mark.parametrize(
    ("layout", "framework", "reason"),
    [
        (Layout(4, 6), "Keras", "Keras is not part"),
        (Layout(4, 6), "ONNX", "never runs an uploaded graph"),
        (Layout(4, 6, peephole=True), "PyTorch", "torch has no layer"),
        (Layout(4, 6, Cell(gate=Activation("hard_sigmoid", 0.2, 0.5))), "PyTorch", "torch has no layer"),
    ],
)
def test_without_a_reference_it_says_so(layout, framework, reason):
    model = build_model(chain_of(layout, classes=9))
    found = parity(model, model.encode(TEXT), framework)
    assert found.difference is None
    assert reason in found.line


def test_weights_that_are_no_numbers_cannot_be_verified():
    chain = chain_of(Layout(4, 6), classes=9)
    chain.weights["bias_ih_l0"][0] = np.inf
    model = build_model(chain)
    tokens: Tokens = model.encode(TEXT)
    found = parity(model, tokens, "PyTorch")
    assert found.difference is None
    assert "not numbers" in found.note


def test_states_that_become_infinite_cannot_be_verified():
    """A simple RNN with relu and large weights: after a few steps its states are beyond float32, their difference NaN."""
    chain = chain_of(Layout(4, 6, Cell("RNN", candidate=RELU)), classes=9)
    chain.weights["weight_hh_l0"][:] = 1e20
    chain.weights["bias_ih_l0"][:] = 1
    model = build_model(chain)
    found = parity(model, model.encode(TEXT), "PyTorch")
    assert found.difference is None
    assert "become NaN or infinite" in found.line
