import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, ModelConfig, SequenceModel, record, wiring
from lstm_core.analysis import preactivation_terms, previous

TEXT = "sums of three"


def models():
    yield SequenceModel(ModelConfig(ByteEncoder(), 5, 8), seed=3, device="cpu").eval()
    yield SequenceModel(ModelConfig(ByteEncoder(), 4, 6, layers=3), seed=1, device="cpu").eval()
    yield SequenceModel(ModelConfig(ByteEncoder(), 4, 6, layers=2, bidirectional=True), seed=2, device="cpu").eval()


@pytest.mark.parametrize("model", list(models()), ids=["one layer", "three layers", "both ways"])
def test_the_three_terms_sum_to_what_the_gate_squashes(model):
    recording = record(model, TEXT)
    squash = {
        name: (np.tanh if name == "candidate" else lambda a: 1 / (1 + np.exp(-a)))
        for name in ("input", "forget", "candidate", "output")
    }
    for name, layer in recording.layers.items():
        wires = wiring(model, model.encode(TEXT), recording, name)
        for unit in (0, 5):
            total = preactivation_terms(layer, wires, unit).sum("term")
            for gate, function in squash.items():
                np.testing.assert_allclose(
                    function(total.sel(gate=gate).to_numpy()),
                    layer[gate].sel(unit=unit),
                    atol=2e-6,
                    err_msg=f"{name} {gate}",
                )


def test_each_term_is_its_own_product():
    model = next(models())
    recording = record(model, "ab")
    terms = preactivation_terms(recording.layers["layer0"], wiring(model, model.encode("ab"), recording, "layer0"), 2)
    weight_ih, weight_hh = (getattr(model.lstm, f"weight_{kind}_l0").detach().double() for kind in ("ih", "hh"))
    x = model.embedding.weight[ord("b")].detach().double()
    before = torch.from_numpy(recording.layers["layer0"]["hidden"].to_numpy()[0]).double()
    row = 8 + 2  # forget is torch's second block of eight
    found = terms.sel(step=1, gate="forget")
    np.testing.assert_allclose(found.sel(term="from_input"), float(weight_ih[row] @ x), atol=1e-12)
    np.testing.assert_allclose(found.sel(term="recurrent"), float(weight_hh[row] @ before), atol=1e-12)
    bias = float((model.lstm.bias_ih_l0 + model.lstm.bias_hh_l0).detach()[row])
    np.testing.assert_allclose(found.sel(term="bias"), bias, atol=1e-12)
    assert terms.sel(step=0, term="recurrent").to_numpy().tolist() == [0.0] * 4  # there was no output before


def test_a_repeated_token_is_stored_once():
    model = next(models())
    wires = wiring(model, model.encode("aaba"), record(model, "aaba"), "layer0")
    assert wires["read"].shape == (2, 5)
    assert wires["row"].to_numpy().tolist() == [0, 0, 1, 0]


def test_a_backward_layer_comes_from_the_right():
    *_, model = models()
    layer = record(model, "abc").layers["layer0_reverse"]
    before = previous(layer, "cell").to_numpy()
    np.testing.assert_array_equal(before[:2], layer["cell"].to_numpy()[1:])
    np.testing.assert_array_equal(before[2], layer["initial_cell"].to_numpy())


def test_an_unknown_layer_is_named_with_those_there_are():
    model = next(models())
    with pytest.raises(KeyError, match="layer0"):
        wiring(model, model.encode("a"), record(model, "a"), "layer7")
