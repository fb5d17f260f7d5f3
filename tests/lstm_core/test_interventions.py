"""What is clamped stays clamped, all else follows by the equations, and what changes nothing changes no bit."""

import math

import numpy as np
import pytest
import torch

from lstm_core import ByteEncoder, Intervention, ModelConfig, SequenceModel, Stepper, record, signals_of, silence
from lstm_core.recording import Recording
from tests.support.models_of_cells import KINDS, TEXT, made

MODEL = SequenceModel(ModelConfig(ByteEncoder(), 5, 8, layers=2), seed=3, device="cpu").eval()


def same_bits(one: Recording, other: Recording) -> bool:
    parts = [(one.prediction, other.prediction), *((one.layers[name], other.layers[name]) for name in one.layers)]
    return all(a[name].to_numpy().tobytes() == b[name].to_numpy().tobytes() for a, b in parts for name in a.data_vars)


def furthest(one: Recording, other: Recording) -> float:
    parts = [(one.prediction, other.prediction), *((one.layers[name], other.layers[name]) for name in one.layers)]
    return float(
        np.max([np.abs(a[name].to_numpy() - b[name].to_numpy()).max() for a, b in parts for name in a.data_vars])
    )


def some(layer_name: str, signal: str) -> list[Intervention]:
    return [Intervention(layer_name, signal, 0.25, (0, 2), 3, 6), Intervention(layer_name, signal, 0.75, (1,), 7)]


@pytest.mark.parametrize("kind", KINDS)
def test_record_and_stepper_agree_whatever_is_held(kind):
    model = made(kind).float()
    plain = record(model, TEXT)
    for layer, found in plain.layers.items():
        for signal in signals_of(found):
            clamps = some(layer, signal)
            altered, stepped = (
                record(model, TEXT, interventions=clamps),
                Stepper(model, interventions=clamps).read(TEXT),
            )
            assert furthest(altered, stepped) <= 1e-6
            values = altered.layers[layer][signal].to_numpy()
            assert (values[3:6, [0, 2]] == 0.25).all()
            assert (values[7:, 1] == 0.75).all()
            assert not same_bits(altered, plain)


def test_stepping_token_by_token_holds_at_the_same_steps():
    for kind in ("two layers", "two layers, both ways", "GRU"):
        model = made(kind).float()
        clamps = some("layer0", "hidden")
        stepper, wanted = Stepper(model, interventions=clamps), record(model, TEXT, interventions=clamps)
        for letter in TEXT:
            found = stepper.step(letter)
        for name, layer in wanted.layers.items():
            np.testing.assert_allclose(found[name].hidden, layer["hidden"][-1], atol=1e-6)
        stepper.rewind(4)
        for letter in TEXT[4:]:
            found = stepper.step(letter)
        np.testing.assert_allclose(found["layer0"].hidden, wanted.layers["layer0"]["hidden"][-1], atol=1e-6)


def test_a_clamped_forget_gate_by_hand():
    """Never forget and always write: the cell is the sum of all candidates."""
    clamps = [
        Intervention("layer0", "forget", 1.0),
        Intervention("layer0", "input", 1.0),
        Intervention("layer0", "output", 1.0),
    ]
    layer = record(MODEL, "to be or", interventions=clamps).layers["layer0"]
    np.testing.assert_allclose(layer["cell"], np.cumsum(layer["candidate"].to_numpy(), axis=0), atol=1e-6)
    np.testing.assert_allclose(layer["hidden"], np.tanh(layer["cell"]), atol=1e-6)


def test_a_cell_that_is_set_is_shown_and_kept_on_from_there():
    layer = record(MODEL, "to be or", interventions=[Intervention("layer0", "cell", 3.0, (2,), 4, 5)]).layers["layer0"]
    at, after = layer.sel(step=4, unit=2), layer.sel(step=5, unit=2)
    assert at["hidden"].item() == pytest.approx(at["output"].item() * math.tanh(3), abs=1e-6)
    expected = after["forget"] * 3 + after["input"] * after["candidate"]
    assert after["cell"].item() == pytest.approx(expected.item(), abs=1e-6)


def test_a_silenced_unit_is_as_if_its_weights_to_others_were_zero():
    altered = record(MODEL, "to be or", interventions=[silence("layer0", (1, 6))])
    cut = SequenceModel(MODEL.config, seed=3, device="cpu").eval()
    with torch.no_grad():
        cut.lstm.weight_hh_l0[:, [1, 6]] = 0
        cut.lstm.weight_ih_l1[:, [1, 6]] = 0
    wanted = record(cut, "to be or")
    assert not altered.layers["layer0"]["hidden"].sel(unit=[1, 6]).any()
    np.testing.assert_allclose(altered.layers["layer0"]["cell"], wanted.layers["layer0"]["cell"], atol=1e-6)
    np.testing.assert_allclose(altered.prediction["probability"], wanted.prediction["probability"], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_nothing_gives_the_recording_back_to_the_bit(kind):
    model = made(kind).float()
    plain = record(model, TEXT)
    assert same_bits(record(model, TEXT, interventions=[]), plain)
    for layer, found in plain.layers.items():
        assert same_bits(record(model, TEXT, interventions=[Intervention(layer, "hidden", 0.5, start=10)]), plain)
        for signal in signals_of(found):
            there = [
                Intervention(layer, signal, found[signal].to_numpy()[step, unit].item(), (unit,), step, step + 1)
                for step in range(len(TEXT))
                for unit in (0, 2)
            ]
            assert same_bits(record(model, TEXT, interventions=there), plain)


def test_before_the_first_change_nothing_changes_to_the_bit():
    plain = record(MODEL, "to be or not").layers["layer0"]
    altered = record(MODEL, "to be or not", interventions=[Intervention("layer0", "forget", 1.0, start=5)]).layers[
        "layer0"
    ]
    for signal in signals_of(plain):
        assert (altered[signal][:5].to_numpy() == plain[signal][:5].to_numpy()).all()
    assert (altered["cell"][5:] != plain["cell"][5:]).any("unit").all()
    both = made("two layers, both ways").float()
    before, after = (
        record(both, TEXT, interventions=clamps).layers["layer0_reverse"]
        for clamps in ((), (Intervention("layer0_reverse", "forget", 1.0, None, 2, 4),))
    )
    assert (before["cell"][4:].to_numpy() == after["cell"][4:].to_numpy()).all()
    assert (before["cell"][:4] != after["cell"][:4]).any("unit").all()


def test_of_two_on_the_same_the_later_counts():
    clamps = [Intervention("layer0", "input", 0.1), Intervention("layer0", "input", 0.9, (3,))]
    layer = record(MODEL, "abc", interventions=clamps).layers["layer0"]
    assert (layer["input"].sel(unit=3) == np.float32(0.9)).all()
    assert (layer["input"].sel(unit=2) == np.float32(0.1)).all()


def test_a_model_whose_numbers_are_not_numbers_is_still_recorded():
    broken = SequenceModel(MODEL.config, seed=3, device="cpu").eval()
    with torch.no_grad():
        broken.lstm.bias_ih_l0[0] = float("nan")
    clamps = Intervention("layer0", "input", 0.5)
    assert not record(broken, "abc", interventions=[clamps]).layers["layer0"]["cell"].isnull().any()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("layer0", "forget", 1.5), "value of forget must be from 0 to 1, not 1.5"),
        (("layer0", "cell", math.inf), "value of cell must be finite"),
        (("layer0", "memory", 1.0), "clamps one of input, forget"),
        (("layer0", "cell", 1.0, ()), "at least one"),
        (("layer0", "cell", 1.0, (1, 1)), "different from one another"),
        (("layer0", "cell", 1.0, None, 3, 3), "not from 3 to 3"),
        (("layer0", "cell", 1.0, None, -1), "not from -1 to None"),
    ],
)
def test_what_makes_no_sense_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Intervention(*fields)


@pytest.mark.parametrize(
    ("clamps", "message"),
    [
        (Intervention("layer2", "cell", 1.0), "no layer 'layer2': this model has layer0, layer1"),
        (Intervention("layer1", "reset", 1.0), "of LSTM cells and has no reset: it has input, forget"),
        (Intervention("layer1", "cell", 1.0, (3, 8)), "units 0 to 7, and no unit 8"),
        (Intervention("layer1", "cell", 1.0, (-1,)), "no unit -1"),
    ],
)
def test_what_the_model_does_not_have_is_refused(clamps, message):
    for use in (lambda: record(MODEL, "abc", interventions=[clamps]), lambda: Stepper(MODEL, interventions=[clamps])):
        with pytest.raises(ValueError, match=message):
            use()
