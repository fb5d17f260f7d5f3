"""The backward equations, on numbers worked out by hand and against autograd."""

import math

import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel, record, wiring
from lstm_core.analysis import Target, backward, difference, gradients, signal_gradients, weight_gradients
from tests.support.models_of_cells import TEXT, made

SIGNALS = ("input", "forget", "candidate", "output")


def equations(model: SequenceModel, text: str, layer_name: str, target: Target):
    recording, tokens = record(model, text), model.encode(text)
    found = gradients(model, text, layer=layer_name, target=target)
    wires = wiring(model, tokens, recording, layer_name)
    return backward(found, recording.layers[layer_name], wires), found


@pytest.mark.parametrize("target", [Target(6), Target()])
@pytest.mark.parametrize("kind", ["LSTM", "two layers", "two layers, both ways"])
def test_the_equations_give_what_autograd_gives(kind, target):
    model = made(kind)
    for layer in model.config.layer_names:
        ours, found = equations(model, TEXT, layer, target)
        kinds = ["hidden", "cell", "preactivation"] + ["read"] * ("both" not in kind)
        differences = difference(ours, found)
        assert max(differences[name] for name in kinds) < 1e-10
        signals = difference(ours, signal_gradients(model, TEXT, layer=layer, target=target))
        assert set(signals) == {*SIGNALS, "cell", "hidden"}
        assert max(signals.values()) < 1e-10
        weights = difference(ours, weight_gradients(model, TEXT, layer=layer, target=target))
        assert set(weights) == {"weight_ih", "weight_hh", "bias"}
        assert max(weights.values()) < 1e-10


def test_in_single_precision_they_differ_by_rounding():
    model = made("two layers").float()
    ours, found = equations(model, TEXT, "layer0", Target(6))
    assert 0 < max(difference(ours, found).values()) < 1e-5


def test_one_step_by_hand():
    """One unit, one step, p(a) = 1/2 of two logits: every gradient is a product of three or four numbers."""
    model = SequenceModel(ModelConfig(ByteEncoder(), 1, 1), seed=0, device="cpu").double().eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        model.embedding.weight[:] = 2.0
        model.lstm.bias_ih_l0[:] = torch.tensor([0.2, 0.4, 0.6, 0.8], dtype=torch.float64)
        model.readout.weight[97] = 3.0
        model.readout.bias[:] = -1e9
        model.readout.bias[97:99] = torch.tensor([0.0, 0.0])
    ours, found = equations(model, "a", "layer0", Target(0, "a"))
    i, f, o = (1 / (1 + math.exp(-a)) for a in (0.2, 0.4, 0.8))
    g = math.tanh(0.6)
    c = i * g
    h = o * math.tanh(c)
    dh = 3 * (1 - 1 / (1 + math.exp(-3 * h)))  # d ln p(a) / dh
    do, dc = dh * math.tanh(c), dh * o * (1 - math.tanh(c) ** 2)
    wanted = {"hidden": dh, "output": do, "cell": dc, "forget": 0.0, "input": dc * g, "candidate": dc * i}
    for name, value in wanted.items():
        assert ours[name].item() == pytest.approx(value, abs=1e-12)
    inside = [dc * g * i * (1 - i), 0.0, dc * i * (1 - g * g), do * o * (1 - o)]
    np.testing.assert_allclose(ours["preactivation"].to_numpy().ravel(), inside, atol=1e-12)
    np.testing.assert_allclose(ours["weight_ih"].to_numpy().ravel(), 2 * np.array(inside), atol=1e-12)
    np.testing.assert_allclose(ours["bias"].to_numpy().ravel(), inside, atol=1e-12)
    assert not ours["weight_hh"].any()
    assert f * 0 == found["preactivation"].sel(gate="forget").item()


def test_without_the_sigmoids_slope_the_difference_shows():
    ours, found = equations(made("LSTM"), TEXT, "layer0", Target(6))
    wrong = ours.assign(preactivation=ours["preactivation"] * 4)
    assert difference(wrong, found)["preactivation"] == pytest.approx(3, rel=1e-6)


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_gates_gradient_that_is_wrong_shows(signal):
    model = made("LSTM")
    ours, _ = equations(model, TEXT, "layer0", Target(6))
    wrong = ours.assign({signal: ours[signal] * 1.01})
    found = difference(wrong, signal_gradients(model, TEXT, layer="layer0", target=Target(6)))
    assert found[signal] == pytest.approx(0.01, rel=1e-6)
    assert max(value for name, value in found.items() if name != signal) < 1e-10


@pytest.mark.parametrize(
    ("kind", "layer", "message"),
    [
        ("GRU", "layer0", "this layer is a GRU"),
        ("RNN", "layer1", "this layer is a RNN"),
        ("peepholes", "layer0", "has peepholes"),
        ("a projection below", "layer0", "has a projection"),
        ("hard sigmoid", "layer0", r"differs by .* from the (sigmoid|tanh) of its inputs"),
    ],
)
def test_other_equations_are_refused(kind, layer, message):
    with pytest.raises(ValueError, match=message):
        equations(made(kind), TEXT, layer, Target(6))
