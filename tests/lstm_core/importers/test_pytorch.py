"""Real modules, saved as people save them, read back and held against the modules' own outputs."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import prune

from lstm_core import record
from lstm_core.encoders.tokens import Tokens, groups_of
from lstm_core.importers import ImportedModel, UnreadableFile
from lstm_core.importers.opened import opened
from lstm_core.importers.pytorch import read_pytorch, read_safetensors

TOLERANCE = 1e-6
STEPS = 7
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")


def write(weights, path, how="zip"):
    if how == "safetensors":
        save_file({name: one.contiguous() for name, one in weights.items()}, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=how == "zip")
    return path


def read(weights, folder, how="zip") -> ImportedModel:
    reader = read_safetensors if how == "safetensors" else read_pytorch
    found = reader(write(weights, folder / "model.bin", how))
    return ImportedModel.from_bytes(found.to_bytes())  # as a child process hands it back


def given(x):
    """Numbers as a model of numbers reads them."""
    values, labels = x.float().numpy(), tuple(str(step) for step in range(len(x)))
    return Tokens(np.zeros(len(x), np.int64), labels, groups_of([1] * len(x)), values)


def recorded(chain, x):
    return record(opened(chain), given(x)).layers


def said(layer):
    return layer["projected" if "projected" in layer else "hidden"].values


def assert_same(found, wanted):
    np.testing.assert_allclose(found, wanted.detach().float().numpy(), rtol=0, atol=TOLERANCE)


def hold(chain, module, x=None):
    """Every state of the chain against `module`, at every step where the module tells it."""
    x = torch.randn(STEPS, module.input_size, generator=torch.Generator().manual_seed(1)) if x is None else x
    layers = recorded(chain, x)
    weight = next(module.parameters())
    outputs, end = module(x.to(weight.dtype))
    hidden, cell = end if isinstance(end, tuple) else (end, None)
    assert len(layers) == len(hidden)
    top = [said(layer) for name, layer in layers.items() if name.startswith(f"layer{module.num_layers - 1}")]
    assert_same(np.concatenate(top, axis=-1), outputs)
    for row, (name, layer) in enumerate(layers.items()):
        last = 0 if name.endswith("_reverse") else -1
        assert_same(said(layer)[last], hidden[row])
        if cell is not None:
            assert_same(layer.cell.values[last], cell[row])
    if cell is None or module.bidirectional:
        return
    for step in range(1, STEPS):
        _, (_, cell) = module(x[:step].to(weight.dtype))
        for row, layer in enumerate(layers.values()):
            assert_same(layer.cell.values[step - 1], cell[row])


class Inside(nn.Module):
    """Any module, with the layer that is looked at inside."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


KINDS = {
    "LSTM": lambda: nn.LSTM(3, 5),
    "layers": lambda: nn.LSTM(3, 5, num_layers=3),
    "bidirectional": lambda: nn.LSTM(3, 5, bidirectional=True),
    "bidirectional layers": lambda: nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True),
    "projection": lambda: nn.LSTM(3, 5, proj_size=2),
    "projected layers": lambda: nn.LSTM(3, 5, num_layers=2, proj_size=2, bidirectional=True),
    "no bias": lambda: nn.LSTM(3, 5, bias=False),
    "one unit": lambda: nn.LSTM(1, 1),
    "GRU": lambda: nn.GRU(3, 5),
    "GRU layers": lambda: nn.GRU(3, 5, num_layers=2, bidirectional=True),
    "GRU no bias": lambda: nn.GRU(3, 5, bias=False),
    "RNN": lambda: nn.RNN(3, 5),
    "RNN layers": lambda: nn.RNN(3, 5, num_layers=2, bidirectional=True),
}


@pytest.mark.parametrize("how", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_module_says_what_torch_says(tmp_path, kind, how):
    torch.manual_seed(3)
    module = KINDS[kind]()
    found = read(Inside(rnn=module).state_dict(), tmp_path, how)
    assert [chain.name for chain in found.chains] == ["rnn"]
    assert found.framework == "PyTorch"
    assert found.chains[0].layouts[0].cell.type == type(module).__name__
    hold(found.chains[0], module)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_cells_say_what_torch_says(tmp_path, kind, bias):
    torch.manual_seed(4)
    cell = kind(3, 5, bias=bias)
    chain = read(Inside(cell=cell).state_dict(), tmp_path).chains[0]
    x = torch.randn(STEPS, 3)
    layer = recorded(chain, x)["layer0"]
    state = None
    for step in range(STEPS):
        state = cell(x[step], state)
        assert_same(layer.hidden.values[step], state[0] if kind is nn.LSTMCell else state)
        if kind is nn.LSTMCell:
            assert_same(layer.cell.values[step], state[1])


@pytest.mark.parametrize("how", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_turned_into_single(tmp_path, dtype, how):
    torch.manual_seed(5)
    module = nn.LSTM(3, 5, dtype=dtype)
    chain = read(module.state_dict(), tmp_path, how).chains[0]
    hold(chain, module if dtype == torch.float64 else module.float())
    told = "double precision" if dtype == torch.float64 else "half precision"
    assert any(told in note for note in chain.notes)


def test_doubles_that_are_singles_lose_nothing(tmp_path):
    assert read(nn.LSTM(3, 5).double().state_dict(), tmp_path).chains[0].notes == ()


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


@pytest.mark.parametrize("how", ["zip", "safetensors"])
def test_layers_whose_sizes_fit_are_offered_as_one(tmp_path, how):
    torch.manual_seed(6)
    first, second = nn.LSTM(3, 4, num_layers=2, bidirectional=True), nn.GRU(8, 5)
    found = read(Inside(rnn1=first, rnn2=second).state_dict(), tmp_path, how)
    assert [chain.name for chain in found.chains] == ["rnn1 → rnn2", "rnn1", "rnn2"]
    both, *alone = found.chains
    assert both.sources == ("rnn1, layer 0", "rnn1, layer 1", "rnn2")
    assert "does not tell the order" in both.notes[0]
    x = torch.randn(STEPS, 3)
    layers = recorded(both, x)
    assert_same(layers["layer2"].hidden.values, second(first(x)[0])[0])
    hold(alone[0], first)
    hold(alone[1], second)


def test_a_list_of_ten_and_more_keeps_its_order(tmp_path):
    cells = nn.ModuleList([nn.LSTMCell(3, 4), *(nn.LSTMCell(4, 4) for _ in range(10))])
    weights = Inside(cells=cells).state_dict()
    found = read(weights, tmp_path, "safetensors")  # which has cells.10 before cells.2
    assert found.chains[0].name == " → ".join(f"cells.{number}" for number in range(11))
    x = torch.randn(2, 3)
    layers = recorded(found.chains[0], x)
    hidden = x[0]
    for cell in cells:
        hidden, _ = cell(hidden)
    assert_same(layers["layer10"].hidden.values[0], hidden)


def test_layers_whose_sizes_do_not_fit_stay_alone(tmp_path):
    found = read(Inside(lstm1=nn.LSTM(3, 4), lstm2=nn.LSTM(5, 4)).state_dict(), tmp_path)
    assert [chain.name for chain in found.chains] == ["lstm1", "lstm2"]


def test_an_encoder_and_a_decoder_are_no_stack(tmp_path):
    weights = Inside(encoder=nn.LSTM(4, 4), decoder=nn.LSTM(4, 4)).state_dict()
    assert [chain.name for chain in read(weights, tmp_path).chains] == ["encoder", "decoder"]


def test_weights_that_lie_transposed_or_in_another_tensor(tmp_path):
    module = nn.LSTM(3, 4)
    weights = module.state_dict()
    large = torch.zeros(100)
    large[7:55] = weights["weight_ih_l0"].T.flatten()
    weights["weight_ih_l0"] = large[7:55].view(3, 16).T
    for how in ("zip", "legacy"):
        hold(read(weights, tmp_path, how).chains[0], module)


def test_parameters_as_they_are(tmp_path):
    module = nn.LSTM(3, 4)
    hold(read(dict(module.named_parameters()), tmp_path).chains[0], module)


def test_weights_that_are_no_numbers_are_let_through(tmp_path):
    weights = nn.LSTM(3, 4).state_dict()
    weights["weight_ih_l0"][0, 0] = torch.nan
    assert not read(weights, tmp_path).chains[0].finite


def test_fastai_keeps_the_recurrent_weights_beside_the_module(tmp_path):
    module = nn.LSTM(3, 4)
    weights = {f"0.rnns.0.module.{name}": one for name, one in module.state_dict().items()}
    weights["0.rnns.0.weight_hh_l0_raw"] = weights["0.rnns.0.module.weight_hh_l0"]
    weights["0.rnns.0.module.weight_hh_l0"] = torch.zeros(16, 4)  # with dropout, as it happened to be when it was saved
    hold(read({"model": weights, "opt": {}}, tmp_path).chains[0], module)


def test_an_rnn_says_that_tanh_is_assumed(tmp_path):
    note = read(nn.RNN(3, 4).state_dict(), tmp_path).chains[0].notes[0]
    assert note == "A state dict does not tell whether the recurrent module has tanh or relu: tanh is assumed."


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


def test_computed_weights_are_asked_to_be_made_plain(tmp_path):
    normed = nn.utils.parametrizations.weight_norm(nn.LSTM(3, 4), "weight_hh_l0")
    pruned = nn.LSTM(3, 4)
    prune.l1_unstructured(pruned, "weight_ih_l0", 0.5)
    for module in (normed, pruned):
        for weights in (module.state_dict(), Inside(lstm=module).state_dict()):
            with pytest.raises(UnreadableFile, match="are computed from others"):
                read(weights, tmp_path)


@pytest.mark.parametrize("saved", [torch.zeros(3), [torch.zeros(3)], {"a": 1}, 3, {1: {2: torch.zeros(2)}}])
def test_what_is_no_state_dict_is_named(tmp_path, saved):
    with pytest.raises(UnreadableFile, match="holds no tensors by name"):
        read(saved, tmp_path)
