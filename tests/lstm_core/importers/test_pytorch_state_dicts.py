"""Where state dicts lie in what people save, what their names begin with, and what is no state dict of torch's modules."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from lstm_core.importers import UnreadableFile
from tests.support.saved import Inside, hold, read


def test_the_state_dict_of_the_layer_itself(tmp_path):
    module = nn.GRU(3, 4)
    found = read(module.state_dict(), tmp_path)
    assert found.chains[0].name == "GRU"
    hold(found.chains[0], module)


@pytest.mark.parametrize(
    ("nested", "name"),
    [
        (lambda weights: {"state_dict": weights}, "encoder.lstm"),
        (lambda weights: {"model": weights, "optimizer": {"state": {0: torch.zeros(2)}}, "epoch": 3}, "encoder.lstm"),
        (lambda weights: {"model_state_dict": weights, "loss": 0.5, "args": {"lr": 1e-3}}, "encoder.lstm"),
        (lambda weights: {"epoch": 1, "checkpoint": {"net": weights}}, "encoder.lstm"),
        (lambda weights: {"generator": weights, "step": torch.tensor(3)}, "generator.encoder.lstm"),
        (lambda weights: {f"module.{name}": one for name, one in weights.items()}, "encoder.lstm"),
        (lambda weights: {f"_orig_mod.module.{name}": one for name, one in weights.items()}, "encoder.lstm"),
        (lambda weights: {f"model.{name}": one for name, one in weights.items()}, "encoder.lstm"),
        (lambda weights: {f"model.{name}": one for name, one in weights.items()} | {"steps": torch.zeros(1)}, None),
    ],
)
def test_where_a_state_dict_lies_and_what_its_names_begin_with(tmp_path, nested, name):
    module = nn.LSTM(3, 4)
    found = read(nested(Inside(encoder=Inside(lstm=module)).state_dict()), tmp_path)
    assert [chain.name for chain in found.chains] == [name or "model.encoder.lstm"]
    hold(found.chains[0], module)


def test_data_parallel_and_counters(tmp_path):
    module = nn.LSTM(3, 4)
    whole = nn.DataParallel(Inside(lstm=module, norm=nn.BatchNorm1d(9)))
    found = read(whole.state_dict(), tmp_path)
    assert found.chains[0].name == "lstm"
    hold(found.chains[0], module)
    assert any("norm" in note and "left out" in note for note in found.notes)


def test_a_lightning_checkpoint(tmp_path):
    module = Inside(net=Inside(lstm=nn.LSTM(3, 4)))
    moments = {number: {"exp_avg": torch.zeros_like(one)} for number, one in enumerate(module.parameters())}
    checkpoint = {
        "epoch": 4,
        "global_step": 100,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": module.state_dict(),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 5}}}},
        "callbacks": {
            "ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.25), "best_k_models": {}}
        },
        "optimizer_states": [{"state": moments, "param_groups": [{"lr": 1e-3, "params": list(moments)}]}],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {"lr": 1e-3, "hidden": 4},
    }
    found = read(checkpoint, tmp_path)
    assert [chain.name for chain in found.chains] == ["lstm"]
    hold(found.chains[0], module.net.lstm)


def test_parts_saved_beside_one_another(tmp_path):
    encoder, decoder = nn.LSTM(3, 4), nn.GRU(3, 4)
    found = read({"encoder": encoder.state_dict(), "decoder": decoder.state_dict()}, tmp_path)
    assert [chain.name for chain in found.chains] == ["encoder", "decoder"]
    hold(found.chains[0], encoder)
    hold(found.chains[1], decoder)


def test_parameters_as_they_are(tmp_path):
    module = nn.LSTM(3, 4)
    hold(read(dict(module.named_parameters()), tmp_path).chains[0], module)


def test_fastai_keeps_the_recurrent_weights_beside_the_module(tmp_path):
    module = nn.LSTM(3, 4)
    weights = {f"0.rnns.0.module.{name}": one for name, one in module.state_dict().items()}
    weights["0.rnns.0.weight_hh_l0_raw"] = weights["0.rnns.0.module.weight_hh_l0"]
    weights["0.rnns.0.module.weight_hh_l0"] = torch.zeros(16, 4)  # with dropout, as it happened to be when it was saved
    hold(read({"model": weights, "opt": {}}, tmp_path).chains[0], module)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("lstm.weight_hh_l0"), "lstm: weight_hh_l0 is missing from the file"),
        (lambda w: w.pop("lstm.bias_hh_l1"), "lstm: bias_hh_l1 is missing"),
        (lambda w: [w.pop(name) for name in list(w) if "l0" in name], "lstm: layer 0 is missing, or half of it"),
        (lambda w: w.update({"lstm.weight_ih_l0": torch.zeros(15, 3)}), r"shapes \(15, 3\), \(16, 4\) are no LSTM's"),
        (lambda w: w.update({"lstm.weight_ih_l0": torch.zeros(16)}), r"shapes \(16,\), \(16, 4\) are no LSTM's"),
        (lambda w: w.update({"lstm.weight_ih_l0": torch.zeros(16, 0)}), "are no LSTM's"),
        (lambda w: w.update({"lstm.weight_ih_l1": torch.zeros(16, 5)}), "a layer that reads 5 numbers does not fit"),
        (lambda w: w.update({"lstm.bias_ih_l0": torch.zeros(3)}), r"bias_ih_l0 is \(3,\), not \(16,\)"),
        (lambda w: w.update({"lstm.weight_hr_l0": torch.zeros(2, 5)}), "are no LSTM's|projection"),
        (
            lambda w: w.update({"lstm.layernorm.weight": torch.zeros(4)}),
            "lstm is not torch's own: it has lstm.layernorm",
        ),
        (lambda w: w.update({"lstm.weight_ih_l0": torch.zeros(16, 3, dtype=torch.int8)}), "holds int8 numbers"),
        (lambda w: w.update({"lstm.weight_ih_l0": torch.zeros(16, 3, dtype=torch.cfloat)}), "holds complex64 numbers"),
        (lambda w: w.clear(), "holds no tensors by name"),
        (
            lambda w: [w.pop(name) for name in list(w) if "lstm" in name] and w.update(a=torch.zeros(2)),
            "holds 1 tensors",
        ),
    ],
)
def test_what_is_no_module_of_torchs_is_named(tmp_path, change, message):
    weights = OrderedDict(Inside(lstm=nn.LSTM(3, 4, num_layers=2)).state_dict())
    change(weights)
    with pytest.raises(UnreadableFile, match=message):
        read(weights, tmp_path)


def test_what_cannot_be_read_of_several_is_said_of_the_rest(tmp_path):
    weights = Inside(lstm=nn.LSTM(3, 4), gru=nn.GRU(3, 4)).state_dict()
    weights["gru.norm.weight"] = torch.zeros(4)
    found = read(weights, tmp_path)
    assert [chain.name for chain in found.chains] == ["lstm"]
    assert "gru is not torch's own" in found.notes[0]


@pytest.mark.parametrize("saved", [torch.zeros(3), [torch.zeros(3)], {"a": 1}, 3, {1: {2: torch.zeros(2)}}])
def test_what_is_no_state_dict_is_named(tmp_path, saved):
    with pytest.raises(UnreadableFile, match="holds no tensors by name"):
        read(saved, tmp_path)
