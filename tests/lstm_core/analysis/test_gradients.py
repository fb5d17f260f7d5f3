"""Gradients through time, against finite differences and against autograd through a plain loop, in double precision."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr
from torch import Tensor

from lstm_core import ByteEncoder, Labels, ModelConfig, NumberEncoder, SequenceModel, Values, record
from lstm_core.analysis import Target, decay, furthest_reaching, gradients, paths, weight_gradients
from lstm_core.cells import LSTMStep
from lstm_core.readouts import LegalTokens, Nothing
from lstm_core.stack import stacked_layers
from tests.support.models_of_cells import KINDS, LETTERS, TEXT, made

STEP = 6
Bump = Callable[[str, int, str, Tensor], Tensor]


def read_by_loop(model: SequenceModel, bump: Bump) -> Tensor:
    """The readout's output, by the equations, each number changed by `bump` (layer, step, name, number) on its way."""
    x = model.embedding(torch.from_numpy(LETTERS.encode(TEXT).ids))
    for number, stacked in enumerate(stacked_layers(model.lstm)):
        x = torch.stack([bump(f"layer{number}", step, "read", row) for step, row in enumerate(x)])
        output = []
        for one in stacked.directions:
            hidden, cell = x.new_zeros(one.output_size), x.new_zeros(one.units)
            own: dict[int, Tensor] = {}
            for step in reversed(range(len(x))) if one.reverse else range(len(x)):
                bias = bump(one.name, step, "preactivation", one.weights.bias_ih)
                now = replace(one, weights=one.weights._replace(bias_ih=bias))
                found = now.step(
                    x[step], hidden, cell, edit=lambda name, v, one=one, step=step: bump(one.name, step, name, v)
                )
                hidden = bump(one.name, step, "projected", one.output_of(found))
                cell = found.cell if isinstance(found, LSTMStep) else cell
                own[step] = hidden
            output.append(torch.stack([own[step] for step in range(len(x))]))
        x = stacked.merged(output)
    return model.readout(x)


def slope(model: SequenceModel, layer_name: str, name: str, way: np.ndarray, goal) -> float:
    """How fast does goal change when all numbers called `name` move along `way`, (step, ...)? By finite differences."""
    where = layer_name.removesuffix("_reverse") if name == "read" else layer_name
    ends = []
    for size in (1e-5, -1e-5):

        def bump(own, step, called, value, size=size):
            hit = own == where and called == name
            return value + size * torch.from_numpy(way[step]).reshape(value.shape) if hit else value

        with torch.no_grad():
            ends.append(goal(read_by_loop(model, bump)).item())
    return (ends[0] - ends[1]) / 2e-5


def log_p_at_the_step(output: Tensor) -> Tensor:
    came = int(LETTERS.encode(TEXT).ids[STEP + 1])
    return output[STEP].log_softmax(-1)[came]


def mean_loss(output: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(output[:-1], torch.from_numpy(LETTERS.encode(TEXT).ids[1:]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_gradient_of_every_layer_is_the_finite_difference(kind, numbers):
    model = made(kind)
    for layer in model.config.layer_names:
        found = gradients(model, TEXT, layer=layer, target=Target(STEP))
        assert found.attrs["value"] == pytest.approx(log_p_at_the_step(read_by_loop(model, lambda *a: a[-1])).item())
        for name in ("hidden", "cell", "projected", "read", "preactivation"):
            if name not in found:
                continue
            ours = found[name].transpose("step", ...).to_numpy()
            assert np.abs(ours).max() > 1e-4
            for only in (slice(None), 0, STEP - 1, STEP, STEP + 1):
                way = np.zeros_like(ours)
                way[only] = numbers.normal(size=way[only].shape)
                assert (ours * way).sum() == pytest.approx(slope(model, layer, name, way, log_p_at_the_step), abs=2e-9)


def plain_loop(model: SequenceModel) -> tuple[dict[str, Tensor], Tensor]:
    """One layer of torch's LSTM written out, every signal kept in the graph."""
    lstm = model.lstm
    signals: dict[str, list[Tensor]] = {"read": [], "hidden": [], "cell": [], "preactivation": []}
    hidden, cell = torch.zeros(2, 4, dtype=torch.float64)
    for row in model.embedding(torch.from_numpy(LETTERS.encode(TEXT).ids)).detach().requires_grad_():
        inside = lstm.weight_ih_l0 @ row + lstm.weight_hh_l0 @ hidden + lstm.bias_ih_l0 + lstm.bias_hh_l0
        i, f, g, o = inside.chunk(4)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        hidden = o.sigmoid() * cell.tanh()
        for name, value in zip(signals, (row, hidden, cell, inside), strict=True):
            signals[name].append(value)
    return signals, model.readout(torch.stack(signals["hidden"]))


@pytest.mark.parametrize(("target", "goal"), [(Target(STEP), log_p_at_the_step), (Target(), mean_loss)])
def test_gradients_are_those_of_autograd_through_a_plain_loop(target, goal):
    model = made("LSTM")
    signals, output = plain_loop(model)
    value = goal(output)
    found = gradients(model, TEXT, layer="layer0", target=target)
    assert found.attrs["value"] == pytest.approx(value.item(), abs=1e-12)
    for name, numbers in signals.items():
        wanted = torch.autograd.grad(value, numbers, retain_graph=True, allow_unused=True, materialize_grads=True)
        ours = found[name]
        if name == "preactivation":
            ours = ours.transpose("step", "gate", "unit").stack(row=("gate", "unit"))
        np.testing.assert_allclose(ours, torch.stack(wanted), atol=1e-12)
    weights = weight_gradients(model, TEXT, layer="layer0", target=target)
    for name, label in (("weight_ih_l0", "weight_ih"), ("weight_hh_l0", "weight_hh"), ("bias_ih_l0", "bias")):
        (wanted,) = torch.autograd.grad(value, getattr(model.lstm, name), retain_graph=True)
        np.testing.assert_allclose(weights[label].to_numpy().reshape(wanted.shape), wanted, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_weight_gradients_of_every_cell_are_finite_differences(kind):
    model = made(kind)
    layer = model.config.layer_names[-1]
    found = weight_gradients(model, TEXT, layer=layer, target=Target(STEP))
    parameter = getattr(model.lstm, "weight_hh_l" + layer.removeprefix("layer"))
    for row, column in ((0, 0), (len(parameter) - 1, 1)):
        ends = []
        for change in (1e-5, -2e-5):
            with torch.no_grad():
                parameter[row, column] += change
                ends.append(log_p_at_the_step(read_by_loop(model, lambda *a: a[-1])).item())
        with torch.no_grad():
            parameter[row, column] += 1e-5
        ours = found["weight_hh"].to_numpy().reshape(parameter.shape)[row, column]
        assert ours == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=2e-9)


def test_in_single_precision_it_is_the_same_to_six_digits():
    model = made("two layers, both ways")
    precise = gradients(model, TEXT, layer="layer0_reverse", target=Target(STEP))
    single = gradients(model.float(), TEXT, layer="layer0_reverse", target=Target(STEP))
    for name in precise:
        assert single[name].dtype == np.float32
        np.testing.assert_allclose(single[name], precise[name], atol=1e-6)


def test_after_the_target_nothing_matters_to_a_layer_that_reads_forwards_and_before_it_nothing_to_one_that_does_not():
    forwards = gradients(made("two layers"), TEXT, layer="layer1", target=Target(STEP))
    assert not forwards["cell"][STEP + 1 :].any()
    assert forwards["cell"][: STEP + 1].any("unit").all()
    backwards = gradients(made("two layers, both ways"), TEXT, layer="layer1_reverse", target=Target(STEP))
    assert not backwards["cell"][:STEP].any()
    assert backwards["cell"][STEP:].any("unit").all()


def test_one_unit_by_hand():
    """One unit, no recurrence: f is 1/2, i and o are 1, so that the cell forgets half a step."""
    model = SequenceModel(ModelConfig(ByteEncoder(), 1, 1), seed=0, device="cpu").double().eval()
    with torch.no_grad():
        for weights in model.lstm.parameters():
            weights.zero_()
        model.lstm.bias_ih_l0[:] = torch.tensor([50.0, 0.0, 0.1, 50.0])
    found = gradients(model, "abcd", layer="layer0", target=Target(3, "a"))
    at_once = found["cell"][3].item()
    np.testing.assert_allclose(found["cell"][:, 0], at_once * np.array([1 / 8, 1 / 4, 1 / 2, 1]), rtol=1e-12)
    np.testing.assert_allclose(
        found["preactivation"].sel(gate="candidate")[:, 0], found["cell"][:, 0] * (1 - np.tanh(0.1) ** 2), rtol=1e-9
    )
    fallen = decay(found)
    assert fallen["distance"].to_numpy().tolist() == [0, 1, 2, 3]
    assert fallen["token"].to_numpy().tolist() == ["d", "c", "b", "a"]
    np.testing.assert_allclose(fallen["cell"] / fallen["cell"][0], [1, 1 / 2, 1 / 4, 1 / 8], rtol=1e-12)
    split = paths(found, record(model, "abcd").layers["layer0"])
    np.testing.assert_allclose(split["belt"], split["total"], rtol=1e-12)
    np.testing.assert_allclose(split["rest"], 0, atol=1e-15)


def belt_by_detaching(model: SequenceModel, layer_name: str) -> np.ndarray:
    """dL/dc with every hidden state cut off before it reaches the next step of this layer, by autograd."""
    x = model.embedding(torch.from_numpy(LETTERS.encode(TEXT).ids)).detach().requires_grad_()
    cells: dict[int, Tensor] = {}
    for stacked in stacked_layers(model.lstm):
        output = []
        for one in stacked.directions:
            hidden, cell, own = x.new_zeros(one.output_size), x.new_zeros(one.units), {}
            for step in reversed(range(len(x))) if one.reverse else range(len(x)):
                found = one.step(x[step], hidden.detach() if one.name == layer_name else hidden, cell)
                own[step] = hidden = one.output_of(found)
                cell = found.cell
                if one.name == layer_name:
                    cells[step] = cell
            output.append(torch.stack([own[step] for step in range(len(x))]))
        x = stacked.merged(output)
    value = log_p_at_the_step(model.readout(x))
    each = [cells[step] for step in range(len(x))]
    found = torch.autograd.grad(value, each, allow_unused=True, materialize_grads=True)
    return torch.stack(found).numpy()


@pytest.mark.parametrize("kind", ["LSTM", "two layers", "two layers, both ways", "a projection below", "hard sigmoid"])
def test_the_belt_is_what_is_left_when_hidden_states_are_cut_off(kind):
    model = made(kind)
    recording = record(model, TEXT)
    for layer in model.config.layer_names:
        if "peephole_l" + layer.removeprefix("layer") in dict(model.lstm.named_parameters()):
            continue  # a peephole leads from the cell to the next gates: neither belt nor hidden state
        found = gradients(model, TEXT, layer=layer, target=Target(STEP))
        split = paths(found, recording.layers[layer])
        np.testing.assert_allclose(split["belt"], belt_by_detaching(model, layer), atol=1e-12)
        np.testing.assert_allclose(split["belt"] + split["rest"], found["cell"], atol=1e-15)
        assert np.abs(split["rest"]).max() > 1e-6


def test_with_one_layer_the_belt_is_the_product_of_forget_gates():
    model = made("LSTM")
    layer = record(model, TEXT).layers["layer0"]
    found = gradients(model, TEXT, layer="layer0", target=Target(STEP))
    signals = np.prod(layer["forget"].to_numpy()[3 : STEP + 1], axis=0)  # of c_2
    np.testing.assert_allclose(paths(found, layer)["belt"][2], signals * found["cell"][STEP], rtol=1e-12)


def test_decay_follows_the_order_of_reading():
    model = made("two layers, both ways")
    back = decay(gradients(model, TEXT, layer="layer1_reverse", target=Target(STEP)))
    assert back["distance"].to_numpy().tolist() == list(range(len(TEXT) - STEP))
    assert back["step"].to_numpy().tolist() == list(range(STEP, len(TEXT)))
    # Below, the other direction of the layer above brings gradient from steps that this one reads later.
    both = decay(gradients(model, TEXT, layer="layer0", target=Target(STEP)))
    assert both["distance"].to_numpy().tolist() == list(range(STEP + 1 - len(TEXT), STEP + 1))


def numbers_model(readout) -> SequenceModel:
    rain = NumberEncoder(("°C", "rain"), (10.0, 1.0), (4.0, 2.0))
    return SequenceModel(ModelConfig(rain, 2, 5, readout=readout), seed=1, device="cpu").eval()


def test_every_kind_of_readout_has_a_target():
    forecast = numbers_model(Values(("next °C",), (10.0,), (4.0,), ahead=True))
    text = "12:0 8.5:3 14:0 9:1"
    prediction = record(forecast, text).prediction
    one = gradients(forecast, text, layer="layer0", target=Target(2))
    assert one.attrs["value"] == pytest.approx(prediction["value"].item(2), abs=1e-5)
    came = (prediction["value"] - prediction["came"])[:-1].to_numpy() / 4
    loss = gradients(forecast, text, layer="layer0")
    assert (loss.attrs["unit"], loss.attrs["target_step"]) == ("squared spread", -1)
    assert loss.attrs["value"] == pytest.approx(np.square(came).mean(), rel=1e-5)
    labels = numbers_model(Labels(("dry", "wet")))
    output = record(labels, text).prediction["probability"].to_numpy()
    wet = gradients(labels, text, layer="layer0", target=Target(3, "wet"))
    assert wet.attrs["value"] == pytest.approx(np.log(output[3, 1]), abs=1e-6)
    legal = made("LSTM", readout=LegalTokens())
    output = record(legal, TEXT).prediction["probability"].to_numpy()
    assert gradients(legal, TEXT, layer="layer0", target=Target(2, "d")).attrs["value"] == pytest.approx(
        np.log(output[2, 3])
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Target(10), "no step 10: the text has 10 steps"),
        (Target(-1), "no step -1"),
        (Target(9), "no token came after step 9"),
        (Target(2, "z"), "no output 'z': it has a, b, c, d"),
    ],
)
def test_what_cannot_be_differentiated_is_said(target, message):
    with pytest.raises(ValueError, match=message):
        gradients(made("LSTM"), TEXT, layer="layer0", target=target)


def test_what_there_is_no_gradient_of_is_said():
    model = made("LSTM")
    with pytest.raises(KeyError, match="no layer 'layer7': this model has layer0"):
        gradients(model, TEXT, layer="layer7")
    with pytest.raises(ValueError, match="give a step too"):
        Target(of="a")
    with pytest.raises(ValueError, match="at least two tokens"):
        gradients(model, "a", layer="layer0")
    with pytest.raises(ValueError, match="the text does not tell"):
        gradients(numbers_model(Labels(("dry", "wet"))), "12:0 8:3", layer="layer0")
    with pytest.raises(ValueError, match="no output None"):
        gradients(numbers_model(Labels(("dry", "wet"))), "12:0 8:3", layer="layer0", target=Target(1))
    with pytest.raises(ValueError, match="no readout"):
        gradients(made("LSTM", readout=Nothing()), TEXT, layer="layer0")
    with pytest.raises(ValueError, match="choose a target step"):
        decay(gradients(model, TEXT, layer="layer0"))
    recording = record(model, TEXT)
    with pytest.raises(ValueError, match="a GRU has no cell"):
        paths(gradients(made("GRU"), TEXT, layer="layer0"), recording.layers["layer0"])
    with pytest.raises(ValueError, match="9 steps and 4 units do not belong to a recording of 10 and 4"):
        paths(gradients(model, TEXT[:-1], layer="layer0"), recording.layers["layer0"])


def test_weights_that_are_not_numbers_give_gradients_that_are_not_numbers():
    model = made("LSTM")
    with torch.no_grad():
        model.lstm.bias_ih_l0[0] = float("nan")
    found = gradients(model, TEXT, layer="layer0", target=Target(STEP))
    assert np.isnan(found["cell"]).any()
    assert np.isnan(decay(found)["cell"]).any()
    paths(found, record(model, TEXT).layers["layer0"])


def test_what_reaches_furthest_stands_on_top():
    belt, late, nothing, broken = [1e-3] * 4, [0, 0, 0, 5.0], [0] * 4, [np.nan, 1e-4, np.inf, 1e-2]
    part = xr.DataArray(np.array([nothing, late, belt, broken]), dims=("unit", "step"), coords={"unit": [4, 5, 6, 7]})
    assert furthest_reaching(part) == [6, 5, 4, 7]
    assert furthest_reaching(part * 0) == [4, 5, 6, 7]
    assert furthest_reaching(part * -1e-30) == [6, 5, 4, 7]
