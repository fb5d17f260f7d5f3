"""States before the first step that a model has learnt: they are used, in everything that is computed."""

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core import Intervention, Stepper, record
from lstm_core.analysis import knock_out
from lstm_core.importers import build_model, number_readout, parity, untrained_twin
from lstm_core.importers.pytorch.state_dict import initial_part
from lstm_core.model_files import load, save
from tests.support.hostile import refused
from tests.support.pickles import saved, with_command
from tests.support.saved import STEPS, Inside, assert_same, given, output_of, read, recorded

X = torch.randn(STEPS, 3, generator=torch.Generator().manual_seed(6))
KINDS = {
    "LSTM": lambda: nn.LSTM(3, 5),
    "layers": lambda: nn.LSTM(3, 5, num_layers=2, bidirectional=True),
    "GRU": lambda: nn.GRU(3, 5),
    "RNN": lambda: nn.RNN(3, 5),
}
SHAPES = {"as torch takes it": (-1, 1, 5), "without a batch": (-1, 5)}


def with_states(kind, shape, *names):
    torch.manual_seed(7)
    module = KINDS[kind]()
    rows = module.num_layers * (2 if module.bidirectional else 1)
    model = Inside(lstm=module, fc=nn.Linear(rows // module.num_layers * 5, 2))
    for name in names:
        model.register_parameter(name, nn.Parameter(torch.randn(rows, 5).reshape(SHAPES[shape])))
    return model, rows


@pytest.mark.parametrize("how", ["zip", "safetensors"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_they_are_what_the_model_begins_with(tmp_path, kind, shape, how):
    names = ("h0", "c0") if kind in ("LSTM", "layers") else ("h0",)
    model, rows = with_states(kind, shape, *names)
    found = read(model.state_dict(), tmp_path, how)
    (chain,) = found.chains
    assert found.notes == (f"lstm begins with a state from the file: {' and '.join(names)}.",)
    states = tuple(getattr(model, name).reshape(rows, 5) for name in names)
    outputs, _ = model.lstm(X, states if len(states) == 2 else states[0])
    layers = recorded(chain, X)
    top = [one for name, one in layers.items() if name.startswith(f"layer{model.lstm.num_layers - 1}")]
    assert_same(np.concatenate([output_of(one) for one in top], axis=-1), outputs)
    for row, layer in enumerate(layers.values()):
        assert_same(layer.initial_hidden.values, states[0][row])
    assert parity(build_model(chain), given(X), "PyTorch").difference < 1e-6


def test_without_a_cell_state_the_cell_begins_at_zeros(tmp_path):
    model, _ = with_states("LSTM", "as torch takes it", "h0")
    (chain,) = read(model.state_dict(), tmp_path).chains
    hidden = model.h0[:, 0]
    assert_same(output_of(recorded(chain, X)["layer0"]), model.lstm(X, (hidden, torch.zeros(1, 5)))[0])


def test_everything_that_is_computed_begins_there(tmp_path):
    """Steps one by one, units silenced side by side, a saved model, its twin before training."""
    model, _ = with_states("layers", "as torch takes it", "h0", "c0")
    (chain,) = read(model.state_dict(), tmp_path).chains
    ours = build_model(chain, readout=number_readout(2))
    tokens = given(X)
    whole = record(ours, tokens)
    *_, effect = knock_out(ours, tokens, "layer0", signal="hidden")
    for unit in (0, 3):
        changed = record(ours, tokens, interventions=[Intervention("layer0", "hidden", 0.0, units=(unit,))])
        moved = np.abs(changed.prediction["value"].values - whole.prediction["value"].values).mean()
        assert effect.effect["changed"].sel(unit=unit) == pytest.approx(moved, abs=1e-6)
    save(ours, tmp_path / "saved")
    again = load(tmp_path / "saved", device="cpu")
    assert again.digest == ours.digest
    assert_same(
        record(again, tokens).layers["layer1"].hidden.values, torch.from_numpy(whole.layers["layer1"].hidden.values)
    )
    twin = untrained_twin(ours, "PyTorch").state_dict()
    assert not any(one.any() for name, one in twin.items() if "initial_" in name)
    forward = build_model(read(with_states("GRU", "without a batch", "h0")[0].state_dict(), tmp_path).chains[0])
    stepper = Stepper(forward)
    assert_same(
        stepper.read(tokens).layers["layer0"].hidden.values,
        torch.from_numpy(record(forward, tokens).layers["layer0"].hidden.values),
    )


def test_saved_stacks_without_them_keep_their_digests(tmp_path):
    """Models that were saved before there were such states are still read."""
    (chain,) = read(nn.LSTM(3, 5).state_dict(), tmp_path).chains
    assert "starts" not in repr(chain.layouts)


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (
            ("h0", "h_0", "enc.h0", "lstm_h0", "learned_h0", "hx", "init_hidden", "initial_hidden_state", "h_init"),
            "hidden",
        ),
        (("c0", "c_0", "lstm.c0", "init_cell", "cell0", "c0_param", "cx"), "cell"),
        (("h", "hidden", "fc.weight", "c", "cell", "hc", "bias", "h1", "lstm.weight_hh_l0", "state", "cls"), ""),
    ],
)
def test_what_is_called_one(names, part):
    assert {name: initial_part(name) for name in names} == dict.fromkeys(names, part)


def test_a_layer_has_its_own_and_is_still_torchs(tmp_path):
    module = nn.LSTM(3, 5)
    weights = {f"lstm.{name}": one for name, one in module.state_dict().items()} | {"lstm.h0": torch.ones(1, 5)}
    (chain,) = read(weights, tmp_path).chains
    np.testing.assert_array_equal(chain.weights["initial_hidden_l0"], np.ones(5))


OTHERS = {
    "of a batch": (
        lambda: {"h0": torch.zeros(1, 32, 5)},
        "h0 (1x32x5) is called like a state before the first step but fits none",
    ),
    "of another size": (lambda: {"h0": torch.zeros(1, 1, 6)}, "h0 (1x1x6) is called like a state"),
    "a cell's alone": (lambda: {"c0": torch.zeros(1, 1, 5)}, "left out"),
    "huge": (lambda: {"h0": torch.zeros(1).expand(1, 1)}, "h0 (1x1) is called like a state"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_does_not_fit_is_told_and_not_used(tmp_path, kind):
    make, note = OTHERS[kind]
    found = read({f"lstm.{name}": one for name, one in nn.LSTM(3, 5).state_dict().items()} | make(), tmp_path)
    assert not found.chains[0].layouts[0].starts
    assert any(note in one for one in found.notes)


def test_two_that_may_have_it_begin_at_zeros(tmp_path):
    weights = {**Inside(one=nn.LSTM(3, 5), other=nn.LSTM(3, 5)).state_dict(), "h0": torch.ones(1, 1, 5)}
    found = read(weights, tmp_path)
    assert not any(chain.layouts[0].starts for chain in found.chains)
    assert (
        "The file does not tell whose state before the first step h0 is: one and other begin at zeros." in found.notes
    )


def test_an_attack_in_its_place_is_refused(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(with_command(tmp_path / "marker", lambda evil: {"h0": evil, **nn.LSTM(3, 5).state_dict()}))
    refused(path, "is no part of a model")
    path.write_bytes(saved({"h0": torch.ones(1).as_strided((1, 1, 1 << 40), (0, 0, 0)), **nn.LSTM(3, 5).state_dict()}))
    refused(path, "reaches for 1,099,511,627,776 numbers")
