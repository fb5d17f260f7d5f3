"""What an intervention changes in predictions: on numbers by hand, and all units at once against one by one."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr

from lstm_core import (  # fmt: skip
    CharacterEncoder,
    Intervention,
    Labels,
    ModelConfig,
    NumberEncoder,
    Recording,
    SequenceModel,
    Values,
    record,
    silence,
)
from lstm_core.analysis import change, divergence, knock_out, losses, surprise
from lstm_core.readouts import LegalTokens, Nothing
from tests.support.models_of_cells import KINDS, TEXT, made


def predicted(probability: list[list[float]], came: list[int], kind: str = "next") -> xr.Dataset:
    return xr.Dataset(
        {"probability": (("step", "class"), np.array(probability)), "next_class": (("step",), np.array(came))},
        attrs={"kind": kind},
    )


def test_divergence_and_losses_by_hand():
    before, after = predicted([[0.5, 0.5], [1.0, 0.0]], [0, -1]), predicted([[0.25, 0.75], [1.0, 0.0]], [0, -1])
    wanted = 0.5 * np.log(2) + 0.5 * np.log(0.5 / 0.75)
    np.testing.assert_allclose(divergence(before, after), [wanted, 0], atol=1e-15)
    np.testing.assert_allclose(losses(after), [np.log(4), np.nan])
    legal = [one.assign_attrs(kind="legal") for one in (before, after)]
    twice = wanted + 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(2)
    np.testing.assert_allclose(divergence(*legal), [twice, 0], atol=1e-15)
    # Without logits, a chance that has rounded to zero is finite.
    assert np.isfinite(divergence(predicted([[0.5, 0.5]], [0]), predicted([[1.0, 0.0]], [0]))).all()


def test_what_is_nearly_sure_is_exact():
    """With logits z, -ln p of a class at z = -300 beside 0 is 300, of a legal token at z = 50 its 1 - p is e^-50."""
    before, after = (
        predicted([[0.5, 0.5]], [1], kind).assign(logit=(("step", "class"), np.array([logits])))
        for kind, logits in (("next", [0.0, 0.0]), ("next", [0.0, -300.0]))
    )
    np.testing.assert_allclose(losses(after), [300])
    np.testing.assert_allclose(divergence(before, after), [0.5 * np.log(0.5) + 0.5 * (np.log(0.5) + 300)])
    legal = [
        predicted([[0.5, 0.5]], [0], "legal").assign(logit=(("step", "class"), np.array([logits], dtype=np.float32)))
        for logits in ([-50.0, 0.0], [50.0, 0.0])
    ]
    np.testing.assert_allclose(divergence(*legal), [50], rtol=1e-9)  # ln p = -50 against 0, ln(1 - p) 0 against -50
    np.testing.assert_allclose(divergence(legal[0], legal[0]), [0])


@pytest.mark.parametrize("kind", ["legal tokens", "LSTM"])
def test_a_change_that_breaks_a_model_is_measured_exactly(kind):
    model, text = MODELS[kind]()
    with torch.no_grad():
        model.readout.weight *= 300  # as sure of itself as the zoo's counters
    clamps = [Intervention("layer0", "hidden", 20.0)]
    original, altered = record(model, text), record(model, text, interventions=clamps)
    found = change(original, altered)
    rows = [
        torch.as_tensor(one.layers[model.config.layer_names[-1]]["hidden"].to_numpy()).double()
        for one in (original, altered)
    ]
    readout = copy.deepcopy(model.readout).double()
    before, after = (readout(row) for row in rows)
    if kind == "legal tokens":
        logsigmoid = torch.nn.functional.logsigmoid
        sides = [(logsigmoid(before), logsigmoid(after)), (logsigmoid(-before), logsigmoid(-after))]
    else:
        sides = [(torch.log_softmax(before, dim=-1), torch.log_softmax(after, dim=-1))]
    wanted = sum((p.exp() * (p - q)).sum(dim=-1) for p, q in sides)
    assert wanted.max() > 18  # beyond what 1 - p can say in float32
    np.testing.assert_allclose(found["divergence"], wanted.detach(), rtol=1e-4, atol=1e-4)
    with_all = knock_out(model, text, "layer0", units=[0], value=20.0)
    alone = change(original, record(model, text, interventions=[Intervention("layer0", "hidden", 20.0, (0,))]))
    *_, last = with_all
    assert last.effect["changed"].item() == pytest.approx(alone["divergence"].mean().item(), rel=1e-4)


def test_the_change_of_next_tokens():
    model = made("LSTM").float()
    original, altered = record(model, TEXT), record(model, TEXT, interventions=[silence("layer0", (0, 1))])
    found = change(original, altered, count=3)
    bits = surprise(altered.prediction) - surprise(original.prediction)
    np.testing.assert_allclose(found["cost"][:-1], bits[1:] * np.log(2), atol=1e-6)
    assert np.isnan(found["cost"][-1])
    assert found.attrs["mean_cost"] == pytest.approx(found["cost"][:-1].mean().item())
    assert found["label_before"].shape == (len(TEXT), 3)
    best = altered.prediction["probability"].to_numpy().argmax(axis=1)
    assert found["label_after"].to_numpy()[:, 0].tolist() == [original.prediction["class"].item(one) for one in best]
    np.testing.assert_allclose(found["probability_before"][:, 0], original.prediction["probability"].max("class"))
    nothing = change(original, original)
    assert not nothing["divergence"].any()
    assert nothing.attrs["mean_cost"] == 0


def other_kinds(readout) -> tuple[SequenceModel, str]:
    rain = NumberEncoder(("°C", "rain"), (10.0, 1.0), (4.0, 2.0))
    return SequenceModel(ModelConfig(rain, 2, 5, readout=readout), seed=1, device="cpu").eval(), "12:0 8.5:3 14:0 9:1"


def test_the_change_of_labels_and_values():
    model, text = other_kinds(Labels(("dry", "wet")))
    found = change(record(model, text), record(model, text, interventions=[silence("layer0", (0,))]))
    assert set(found) == {"divergence", "cost"}
    assert found["cost"].isnull().all()
    assert np.isnan(found.attrs["mean_cost"])
    model, text = other_kinds(Values(("next °C",), (10.0,), (4.0,), ahead=True))
    before, after = record(model, text), record(model, text, interventions=[silence("layer0", (0,))])
    found = change(before, after)
    now, was, came = (
        one.to_numpy()[:, 0]
        for one in (after.prediction["value"], before.prediction["value"], before.prediction["came"])
    )
    np.testing.assert_allclose(found["absolute"][:, 0], np.abs(now - was), atol=1e-6)
    np.testing.assert_allclose(found["cost"][:-1], (np.abs(now - came) - np.abs(was - came))[:-1], atol=1e-5)


MODELS = {kind: lambda kind=kind: (made(kind).float(), TEXT) for kind in KINDS}
MODELS["legal tokens"] = lambda: (made("two layers", readout=LegalTokens()).float(), TEXT)
MODELS["labels"] = lambda: other_kinds(Labels(("dry", "wet")))
MODELS["a forecast"] = lambda: other_kinds(Values(("next °C",), (10.0,), (4.0,), ahead=True))


@pytest.mark.parametrize("name", MODELS)
def test_knocking_out_all_at_once_is_knocking_out_one_by_one(name):
    model, text = MODELS[name]()
    original = record(model, text)
    for layer, found in original.layers.items():
        *_, last = knock_out(model, text, layer, batch=3)
        assert last.done == last.units == found.sizes["unit"]
        for unit in range(last.units):
            altered = record(model, text, interventions=[silence(layer, (unit,))])
            one, effect = change(original, altered), last.effect.sel(unit=unit)
            assert effect["saved"].item() == pytest.approx(one.attrs["mean_cost"], abs=1e-5, nan_ok=True)
            moved = one["absolute" if "absolute" in one else "divergence"].mean().item()
            assert effect["changed"].item() == pytest.approx(moved, abs=1e-5)
        assert last.effect["changed"].max() > 1e-6


def test_any_signal_of_some_units_can_be_held_and_progress_is_told():
    model = made("LSTM").float()
    told = list(knock_out(model, TEXT, "layer0", units=(3, 0, 1), signal="forget", value=0.0, batch=2))
    assert [(one.done, one.units) for one in told] == [(2, 3), (3, 3)]
    assert told[-1].effect["unit"].to_numpy().tolist() == [3, 0, 1]
    altered = record(model, TEXT, interventions=[Intervention("layer0", "forget", 0.0, (3,))])
    wanted = change(record(model, TEXT), altered).attrs["mean_cost"]
    assert told[0].effect["saved"].sel(unit=3).item() == pytest.approx(wanted, abs=1e-5)


def test_what_cannot_be_compared_is_said():
    model = made("LSTM").float()
    one = record(model, TEXT)
    with pytest.raises(ValueError, match="different texts, of 10 and 9 steps"):
        change(one, record(model, TEXT[:-1]))
    with pytest.raises(ValueError, match="different outputs"):
        change(one, record(made("LSTM", readout=LegalTokens()).float(), TEXT))
    mute = made("LSTM", readout=Nothing()).float()
    with pytest.raises(ValueError, match="no readout"):
        change(record(mute, TEXT), record(mute, TEXT))
    with pytest.raises(ValueError, match="no readout"):
        next(knock_out(mute, TEXT, "layer0"))
    with pytest.raises(ValueError, match="no layer 'layer4'"):
        knock_out(model, TEXT, "layer4")


def test_chances_that_are_not_numbers_pass_through():
    recording = record(made("LSTM").float(), TEXT)
    broken = recording.prediction.assign(probability=recording.prediction["probability"] * np.nan)
    broken = broken.assign(logit=broken["logit"] * np.nan)
    found = change(recording, replace(recording, prediction=broken))
    assert found["divergence"].isnull().all()


def test_recordings_of_models_that_say_other_things_are_not_compared():
    """Of as many classes, but other ones: the chances of "d" and "e" have nothing to do with each other."""
    one, other = (
        record(SequenceModel(ModelConfig(CharacterEncoder(tuple(letters)), 5, 8), seed=3, device="cpu").eval(), "ab")
        for letters in ("abcd", "abce")
    )
    with pytest.raises(ValueError, match="different outputs: their class 3 is 'd' and 'e'"):
        change(one, other)
    legal = Recording(one.layers, one.prediction.assign_attrs(kind="legal"))
    with pytest.raises(ValueError, match=r"different outputs: \('next', .*'class': 4.*\('legal', "):
        change(one, legal)
    untold = Recording(one.layers, one.prediction.assign_attrs(kind=None))  # no text to take letter by letter
    with pytest.raises(ValueError, match="different outputs"):
        change(one, untold)
