"""Recordings against torch.nn.LSTM, a double precision loop, and the stepper, on every device present."""

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from lstm_core import (
    SIGNALS,
    ByteEncoder,
    ModelConfig,
    SequenceModel,
    Stepper,
    available_devices,
    record,
    record_layer,
    record_layers,
)
from lstm_core.record import full_float32

TOLERANCE = 1e-6


def bytes_of_length(steps: int) -> str:
    pattern = "The quick brown fox; jumps over 12 lazy dogs!\n"
    return (pattern * (steps // len(pattern) + 1))[:steps]


def model_of(layers: int, bidirectional: bool, device: str, hidden: int = 16) -> SequenceModel:
    config = ModelConfig(ByteEncoder(), embedding=6, hidden=hidden, layers=layers, bidirectional=bidirectional)
    return SequenceModel(config, seed=layers, device=device).eval()


def double_reference(lstm: nn.LSTM, x: torch.Tensor) -> dict[str, dict[str, np.ndarray]]:
    """Every signal of every layer by a plain loop in float64, written out here once more on purpose."""
    found, units = {}, lstm.hidden_size
    layer_input = x.detach().double().cpu()
    for layer in range(lstm.num_layers):
        outputs = []
        for reverse in (False, True)[: 2 if lstm.bidirectional else 1]:
            end = f"l{layer}" + ("_reverse" if reverse else "")
            w, u, b, d = (
                getattr(lstm, f"{kind}_{end}").detach().double().cpu()
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            h, c = torch.zeros(units, dtype=torch.float64), torch.zeros(units, dtype=torch.float64)
            rows: list[dict[str, torch.Tensor] | None] = [None] * len(layer_input)
            for step in range(len(layer_input))[:: -1 if reverse else 1]:
                a = w @ layer_input[step] + u @ h + b + d
                i, f, o = (torch.sigmoid(a[k * units : (k + 1) * units]) for k in (0, 1, 3))
                g = torch.tanh(a[2 * units : 3 * units])
                c = f * c + i * g
                h = o * torch.tanh(c)
                rows[step] = {"input": i, "forget": f, "candidate": g, "output": o, "cell": c, "hidden": h}
            name = f"layer{layer}" + ("_reverse" if reverse else "")
            found[name] = {signal: torch.stack([row[signal] for row in rows]).numpy() for signal in SIGNALS}
            outputs.append(torch.from_numpy(found[name]["hidden"]))
        layer_input = torch.cat(outputs, dim=-1)
    return found


@pytest.mark.parametrize("device", available_devices())
@pytest.mark.parametrize(
    ("steps", "layers", "bidirectional"),
    [
        *product((1, 2, 37, 600), (1, 2, 3), (False, True)),
        *((5000, layers, both) for layers, both in ((1, False), (1, True), (3, False))),
    ],
)
def test_record_equals_torch_and_the_stepper_and_a_double_precision_loop(steps, layers, bidirectional, device):
    model = model_of(layers, bidirectional, device)
    text = bytes_of_length(steps)
    recording, stepped = record(model, text), Stepper(model).read(text)
    with torch.inference_mode(), full_float32():
        ids = torch.from_numpy(model.encode(text).ids).to(device)
        embedded = model.embedding(ids)
        hidden, (last_hidden, last_cell) = model.lstm(embedded)
    reference = double_reference(model.lstm, embedded)

    top = [name for name in recording.layers if name.startswith(f"layer{layers - 1}")]
    ours = np.concatenate([recording.layers[name]["hidden"] for name in top], axis=1)
    assert np.abs(ours - hidden.cpu().numpy()).max() <= TOLERANCE
    for row, (name, layer) in enumerate(recording.layers.items()):
        end = 0 if name.endswith("_reverse") else -1
        assert np.abs(layer["hidden"][end] - last_hidden[row].cpu().numpy()).max() <= TOLERANCE
        assert np.abs(layer["cell"][end] - last_cell[row].cpu().numpy()).max() <= TOLERANCE
        for signal in SIGNALS:
            assert layer[signal].dtype == np.float32
            assert np.abs(layer[signal] - stepped.layers[name][signal]).max() <= TOLERANCE, (name, signal)
            assert np.abs(layer[signal] - reference[name][signal]).max() <= TOLERANCE, (name, signal)
    assert np.abs(recording.prediction["probability"] - stepped.prediction["probability"]).max() <= TOLERANCE


@pytest.mark.parametrize("bidirectional", [False, True])
def test_any_initial_state_is_taken_up(bidirectional):
    model = model_of(2, bidirectional, "cpu")
    generator = torch.Generator().manual_seed(9)
    rows = 2 * model.config.directions
    state = (torch.rand(rows, 16, generator=generator) - 0.5, torch.randn(rows, 16, generator=generator))
    text = bytes_of_length(50)
    recording, stepped = record(model, text, initial_state=state), Stepper(model, initial_state=state).read(text)
    with torch.inference_mode():
        hidden, _ = model.lstm(model.embedding(torch.from_numpy(model.encode(text).ids)), state)
    top = [name for name in recording.layers if name.startswith("layer1")]
    assert (
        np.abs(np.concatenate([recording.layers[name]["hidden"] for name in top], axis=1) - hidden.numpy()).max()
        <= TOLERANCE
    )
    for row, (name, layer) in enumerate(recording.layers.items()):
        np.testing.assert_array_equal(layer["initial_hidden"], state[0][row])
        np.testing.assert_array_equal(layer["initial_cell"], state[1][row])
        for signal in SIGNALS:
            assert np.abs(layer[signal] - stepped.layers[name][signal]).max() <= TOLERANCE


def test_a_wide_layer_keeps_its_precision():
    model = model_of(1, False, "cpu", hidden=256)
    text = bytes_of_length(2000)
    recording, reference = (
        record(model, text),
        double_reference(model.lstm, model.embedding(torch.from_numpy(model.encode(text).ids))),
    )
    for signal in SIGNALS:
        assert np.abs(recording.layers["layer0"][signal] - reference["layer0"][signal]).max() <= TOLERANCE


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_bare_lstm_is_recorded_as_it_is(bias, batch_first):
    torch.manual_seed(1)
    lstm = nn.LSTM(3, 4, bias=bias, batch_first=batch_first)
    x = torch.randn(20, 3)
    layer = record_layer(lstm, x)
    hidden, (_, cell) = lstm(x)
    assert layer["hidden"].dims == ("step", "unit")
    assert np.abs(layer["hidden"] - hidden.detach().numpy()).max() <= TOLERANCE
    assert np.abs(layer["cell"][-1] - cell[0].detach().numpy()).max() <= TOLERANCE
    assert layer["token"].to_numpy().tolist()[:3] == ["0", "1", "2"]


def test_the_cell_equation_holds_between_what_was_recorded(small_model):
    layer = record(small_model, "Hello, world").layers["layer0"]
    before = np.concatenate([layer["initial_cell"].to_numpy()[None], layer["cell"].to_numpy()[:-1]])
    cell = layer["forget"] * before + layer["input"] * layer["candidate"]
    np.testing.assert_allclose(layer["cell"], cell, atol=1e-6)
    np.testing.assert_allclose(layer["hidden"], layer["output"] * np.tanh(layer["cell"]), atol=1e-6)


def test_every_layer_and_direction_of_a_bare_stack_is_recorded_by_name():
    found = record_layers(nn.LSTM(3, 4, num_layers=2, bidirectional=True), torch.randn(5, 3))
    assert list(found) == ["layer0", "layer0_reverse", "layer1", "layer1_reverse"]
    assert found["layer1_reverse"].attrs["direction"] == "reverse"


def test_double_precision_stays_double():
    lstm = nn.LSTM(3, 4).double()
    assert record_layer(lstm, torch.randn(5, 3, dtype=torch.float64))["cell"].dtype == np.float64


def test_dropout_between_layers_is_not_applied_and_the_model_is_left_as_it_was():
    lstm = nn.LSTM(3, 4, num_layers=2, dropout=0.9).train()
    x = torch.randn(30, 3)
    before = {name: tensor.clone() for name, tensor in lstm.state_dict().items()}
    once, twice = record_layers(lstm, x), record_layers(lstm, x)
    assert once["layer1"].identical(twice["layer1"])
    assert lstm.training
    assert all(parameter.requires_grad for parameter in lstm.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in lstm.state_dict().items())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: record_layer(nn.LSTM(3, 4, num_layers=2), torch.zeros(5, 3)),
            "2 layers and 1 directions: record_layers",
        ),
        (lambda: record_layer(nn.LSTM(3, 4), torch.zeros(5, 2)), r"\(step, 3\).*\(5, 2\)"),
        (lambda: record_layer(nn.LSTM(3, 4), torch.zeros(0, 3)), "at least one step"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_batch_is_refused_with_advice():
    from jaxtyping import TypeCheckError

    with pytest.raises((ValueError, TypeCheckError)):
        record_layer(nn.LSTM(3, 4), torch.zeros(2, 5, 3))


def test_an_empty_text_and_a_wrong_state_are_refused(small_model):
    with pytest.raises(ValueError, match="nothing to read"):
        record(small_model, "")
    with pytest.raises(ValueError, match=r"\(1, 8\).*\[\(1, 7\), \(1, 8\)\]"):
        record(small_model, "a", initial_state=(torch.zeros(1, 7), torch.zeros(1, 8)))
