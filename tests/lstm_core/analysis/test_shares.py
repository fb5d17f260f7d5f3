"""Shares of an output by unit and by token, against loops written out and against the recorded logit."""

import numpy as np
import pytest

import pretrained
from lstm_core import Intervention, Labels, ModelConfig, NextToken, Nothing, SequenceModel, Values, record
from lstm_core.analysis import token_shares, unit_shares
from lstm_core.stack import Layout
from tests.support.models_of_cells import LETTERS, STACKS, TEXT, made

SUMMED = (
    "LSTM",
    "two layers",
    "two layers, both ways",
    "GRU",
    "both ways, summed",
    "a projection below",
    "hard sigmoid",
)
ZOO = {
    "shakespeare": "O Romeo, Romeo!",
    "anbn": "SaabbT",
    "sentiment": "not a good movie",
    "temperature": "11.2 10 9.5",
}


def total(found) -> float:
    names = [name for name in ("share", "initial", "remainder", "bias") if name in found]
    return sum(float(found[name].sum()) for name in names)


@pytest.mark.parametrize("shares", [unit_shares, token_shares])
@pytest.mark.parametrize("readout", [None, Labels(("good", "bad")), Values(("x", "y"), (5.0, -3.0), (2.0, 0.5))])
@pytest.mark.parametrize("kind", SUMMED)
def test_with_the_bias_all_shares_sum_to_the_recorded_output(kind, readout, shares):
    model = made(kind, readout=readout)
    recording = record(model, TEXT)
    values = isinstance(readout, Values)
    for step in (0, 4, 9):
        outputs = recording.prediction["value" if values else "logit"].sel(step=step)
        for label in outputs[outputs.dims[0]].to_numpy():
            found = shares(model, recording, step, label)
            assert found.attrs == {"label": label, "of_step": step}
            assert total(found) == pytest.approx(float(outputs.sel({outputs.dims[0]: label})), abs=1e-12)
            assert float(found["value"]) == pytest.approx(total(found), abs=1e-12)


@pytest.mark.parametrize("merge", ["concat", "ave"])
def test_of_a_direction_whose_end_alone_is_given_on_that_end_is_explained(merge):
    layouts = (Layout(3, 4, reading="both", merge=merge, ends=True),)
    model = SequenceModel(ModelConfig.of_stack(LETTERS, layouts, readout=NextToken()), device="cpu").double().eval()
    recording = record(model, TEXT)
    for shares in (unit_shares, token_shares):
        found = shares(model, recording, 4, "b")
        assert total(found) == pytest.approx(float(recording.prediction["logit"][4, 1]), abs=1e-12)
    assert (found["share"].sel(layer="layer0_reverse").sum("unit") != 0).all()  # it has read all of the text


@pytest.mark.parametrize("name", ZOO)
def test_models_of_the_zoo_have_sums_too_in_their_own_precision(name):
    model = pretrained.load(name, device="cpu")
    recording = record(model, ZOO[name])
    for step in range(recording.prediction.sizes["step"]):
        for found in (unit_shares(model, recording, step), token_shares(model, recording, step)):
            assert total(found) == pytest.approx(float(found["value"]), rel=2e-6, abs=2e-5)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_token_has_what_it_wrote_times_what_was_kept_and_the_tanh_has_the_rest(kind):
    model, step = made(kind), 6
    recording = record(model, TEXT)
    found = token_shares(model, recording, step, "c")
    layer = recording.layers[found["layer"].item()].transpose("step", "unit")
    signals = {name: layer[name].to_numpy() for name in layer.data_vars if layer[name].ndim == 2}
    keep = signals["forget" if kind == "LSTM" else "update"]
    written = signals["input"] * signals["candidate"] if kind == "LSTM" else (1 - keep) * signals["candidate"]
    weight = model.readout.weight[2].detach().numpy()
    shown = weight * signals["output"][step] if kind == "LSTM" else weight
    for k in range(len(TEXT)):
        wanted = shown * written[k] * np.prod(keep[k + 1 : step + 1], axis=0) if k <= step else np.zeros(len(weight))
        np.testing.assert_allclose(found["share"].sel(step=k).squeeze(), wanted, atol=1e-14)
    gone = shown * (np.tanh(signals["cell"][step]) - signals["cell"][step]) if kind == "LSTM" else 0 * weight
    np.testing.assert_allclose(found["remainder"].squeeze(), gone, atol=1e-13)
    assert (abs(gone).max() > 0.01) == (kind == "LSTM")


def test_the_likeliest_output_is_explained_where_none_is_named(small_model):
    recording = record(small_model, "gates")
    likeliest = recording.prediction["logit"].sel(step=2)
    assert unit_shares(small_model, recording, 2).attrs["label"] == str(
        likeliest["class"][likeliest.argmax("class")].item()
    )
    forecast = made("LSTM", readout=Values(("x", "y"), (0.0, 9.0), (1.0, 1.0)))
    assert unit_shares(forecast, record(forecast, TEXT), 2).attrs["label"] == "x"


def test_what_an_intervention_sets_belongs_to_no_token():
    model = made("LSTM")
    recording = record(model, TEXT, interventions=[Intervention("layer0", "hidden", 0.5, units=(1,))])
    found = token_shares(model, recording, 5, "a").sel(unit=1)
    assert float(found["share"].sum() + found["remainder"].sum()) == pytest.approx(
        0.5 * float(model.readout.weight[0, 1].detach())
    )
    assert abs(float(found["remainder"].sum())) > 0.01


@pytest.mark.parametrize(
    ("kind", "readout", "step", "label", "message"),
    [
        ("LSTM", None, 10, None, "no step 10: this recording has steps 0 to 9"),
        ("LSTM", None, 3, "z", "no output 'z': it has a, b, c, d"),
        ("LSTM", Nothing(), 3, None, "no sum over units: the model has no readout"),
    ],
)
@pytest.mark.parametrize("shares", [unit_shares, token_shares])
def test_what_is_not_there_is_refused_in_a_sentence(shares, kind, readout, step, label, message):
    model = made(kind, readout=readout)
    with pytest.raises(ValueError, match=message):
        shares(model, record(model, TEXT), step, label)


def test_a_simple_layer_has_units_but_no_ledger():
    assert "RNN" in STACKS
    model = made("RNN")
    recording = record(model, TEXT)
    assert total(unit_shares(model, recording, 3)) == pytest.approx(float(recording.prediction["logit"][3].max()))
    with pytest.raises(ValueError, match="no forget or update gate"):
        token_shares(model, recording, 3)
