"""Weights that are computed from others in each forward: what is read is what torch itself computes in evaluation."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

from lstm_core.importers import UnreadableFile
from lstm_core.importers.pytorch.plain import made_plain
from tests.support.saved import Inside, assert_same, hold, read

pytestmark = pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
STEPS = torch.randn(7, 3, generator=torch.Generator().manual_seed(2))


def old_weight_norm(module, dim=0):
    return nn.utils.weight_norm(module, "weight_hh_l0", dim)


WAYS = {
    "weight norm": (parametrizations.weight_norm, "as weight norm does"),
    "weight norm of columns": (lambda one, name: parametrizations.weight_norm(one, name, 1), "as weight norm does"),
    "weight norm of the whole": (
        lambda one, name: parametrizations.weight_norm(one, name, None),
        "as weight norm does",
    ),
    "old weight norm": (nn.utils.weight_norm, "as weight norm does"),
    "spectral norm": (parametrizations.spectral_norm, "as spectral norm does"),
    "old spectral norm": (nn.utils.spectral_norm, "as spectral norm does"),
    "pruning": (lambda one, name: prune.l1_unstructured(one, name, 0.5), "as pruning does"),
}


@pytest.mark.parametrize("how", ["zip", "safetensors"])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_computed_is_what_torch_computes(tmp_path, way, how):
    torch.manual_seed(3)
    apply, told = WAYS[way]
    model = Inside(lstm=nn.LSTM(3, 4), fc=nn.Linear(4, 2))
    for module, name in ((model.lstm, "weight_hh_l0"), (model.lstm, "weight_ih_l0"), (model.fc, "weight")):
        apply(module, name)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the weights do not lie in one piece
        model.lstm(STEPS)  # spectral norm's vectors move in training
        model.eval()
        outputs, _ = model.lstm(STEPS)
        predicted = model.fc(outputs)
    found = read(model.state_dict(), tmp_path, how)
    (chain,) = found.chains
    (note,) = found.notes
    assert told in note
    assert "lstm.weight_hh_l0" in note
    plain = nn.LSTM(3, 4)
    plain.load_state_dict({name: torch.from_numpy(one) for name, one in chain.weights.items()})
    assert_same(plain(STEPS)[0].detach(), outputs)
    hold(chain, plain)
    assert_same(outputs.detach() @ torch.from_numpy(chain.head.weight).T + torch.from_numpy(chain.head.bias), predicted)


LAYOUTS = {  # how implementations of weight drop name the weight proper
    "beside the module": ("rnn.", "rnn.module.weight_hh_l0_raw"),
    "within it": ("rnns.0.module.", "rnns.0.module.weight_hh_l0_raw"),
    "around it": ("rnns.0.module.", "rnns.0.weight_hh_l0_raw"),
}


@pytest.mark.parametrize("copy", [True, False])
@pytest.mark.parametrize("kind", LAYOUTS)
def test_weight_drop_is_off(tmp_path, kind, copy):
    module = nn.LSTM(3, 4)
    start, raw = LAYOUTS[kind]
    weights = {start + name: one for name, one in module.state_dict().items()}
    weights[raw] = weights.pop(f"{start}weight_hh_l0")
    if copy:  # with dropout, as it happened to be when it was saved
        weights[f"{start}weight_hh_l0"] = torch.zeros(16, 4)
    found = read(weights, tmp_path)
    hold(found.chains[0], module)
    assert found.notes == (
        f"{start}weight_hh_l0: read without the dropout of weights that the model was trained with.",
    )


ATTACKS = {
    "lengths of another size": lambda w: w.update({"lstm.weight_hh_l0_g": torch.ones(7, 1)}),
    "lengths of another kind": lambda w: w.update({"lstm.weight_hh_l0_g": torch.ones(16, 1, dtype=torch.int32)}),
    "no direction": lambda w: w.pop("lstm.weight_hh_l0_v"),
    "another precision": lambda w: w.update({"lstm.weight_hh_l0_g": torch.ones(7, 1, dtype=torch.float64)}),
    "three axes": lambda w: w.update({"lstm.weight_hh_l0_g": torch.ones(16, 1, 1)}),
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_parts_that_do_not_fit_are_refused(tmp_path, kind):
    model = Inside(lstm=nn.LSTM(3, 4))
    old_weight_norm(model.lstm)
    weights = dict(model.state_dict())
    ATTACKS[kind](weights)
    with pytest.raises(UnreadableFile, match="are computed from others in a way that is not known here"):
        read(weights, tmp_path)


def test_one_way_upon_another_is_refused(tmp_path):
    model = Inside(lstm=nn.LSTM(3, 4))
    parametrizations.spectral_norm(model.lstm, "weight_hh_l0")
    parametrizations.spectral_norm(model.lstm, "weight_hh_l0")
    with pytest.raises(UnreadableFile, match="are computed from others in a way that is not known here"):
        read(model.state_dict(), tmp_path)


def test_many_parts_take_no_time():
    """Each of 20,000 is looked at once, not once for each other."""
    parts = {f"x{n}.weight_{end}": torch.ones(1, 1) for n in range(10_000) for end in "gv"}
    found, (note,) = made_plain(parts)
    assert len(found) == 10_000
    assert len(note) < 200


def test_masks_and_vectors_that_do_not_fit_are_refused(tmp_path):
    weights = dict(Inside(lstm=nn.LSTM(3, 4)).state_dict())
    weights["lstm.weight_hh_l0_orig"] = weights.pop("lstm.weight_hh_l0")
    for more in (
        {"lstm.weight_hh_l0_mask": torch.ones(3)},
        {"lstm.weight_hh_l0_u": torch.ones(16), "lstm.weight_hh_l0_v": torch.ones(5)},
        {"lstm.weight_hh_l0_u": torch.ones(4), "lstm.weight_hh_l0_v": torch.ones(16)},
    ):
        with pytest.raises(UnreadableFile, match="are computed from others in a way that is not known here"):
            read(weights | more, tmp_path)


def test_vectors_of_another_precision(tmp_path):
    weights = dict(Inside(lstm=nn.LSTM(3, 4)).state_dict())
    whole = weights.pop("lstm.weight_hh_l0")
    left, sizes, right = torch.linalg.svd(whole.double(), full_matrices=False)
    weights |= {
        "lstm.weight_hh_l0_orig": whole,
        "lstm.weight_hh_l0_u": left[:, 0],
        "lstm.weight_hh_l0_v": right[0].half(),
    }
    found = read(weights, tmp_path).chains[0].weights["weight_hh_l0"]
    assert torch.linalg.matrix_norm(torch.from_numpy(found), 2) == pytest.approx(1, abs=1e-2)
    assert sizes[0] > 0
