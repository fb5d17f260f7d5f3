"""Integrated gradients against captum's, and against the sum that they have to make."""

from importlib import import_module

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients

import pretrained
from lstm_core import Labels, Nothing, SequenceModel, Values, record
from lstm_core.analysis import integrated_gradients
from tests.support.models_of_cells import TEXT, made

OTHERS = ("two layers, both ways", "a projection below", "GRU", "RNN", "both ways, multiplied")


def by_captum(model: SequenceModel, text: str, step: int, row: int, baseline: torch.Tensor, points: int):
    """(step, feature), and captum's own completeness error."""
    x = model.embedding(model.inputs(model.encode(text))).detach()[None]

    def output(embedded: torch.Tensor) -> torch.Tensor:
        return model.predict(model.read_embedded(embedded)[0])[:, step]

    found, delta = IntegratedGradients(output).attribute(
        x,
        baseline.expand_as(x),
        target=row,
        n_steps=points,
        method="gausslegendre",
        return_convergence_delta=True,
        internal_batch_size=None,
    )
    return found[0].numpy(), float(delta)


@pytest.mark.parametrize("points", [8, 50])
@pytest.mark.parametrize(
    ("name", "text", "step", "label"),
    [
        ("sentiment", "this is not a good movie", 5, "positive"),
        ("shakespeare", "O Romeo, Romeo!", 9, "R"),
        ("anbn", "SaabbT", 3, "b"),
    ],
)
def test_they_are_captums(name, text, step, label, points):
    model = pretrained.load(name, device="cpu")
    found = integrated_gradients(model, text, step, label, points=points)
    names = record(model, text).prediction["class"].to_numpy().tolist()
    wanted, delta = by_captum(model, text, step, names.index(label), torch.zeros(1), points)
    np.testing.assert_allclose(found["attribution"], wanted, atol=1e-5)
    np.testing.assert_allclose(found["share"], wanted.sum(axis=1), atol=1e-5)
    assert found.attrs["error"] == pytest.approx(delta, abs=1e-4)
    assert (found["share"][step + 1 :] == 0).all()


@pytest.mark.parametrize("kind", OTHERS)
def test_other_cells_are_differentiated_too_and_with_enough_points_nothing_is_missing(kind):
    model = made(kind)
    recorded = record(model, TEXT).prediction["logit"]
    found = integrated_gradients(model, TEXT, 6, "c", points=300)
    wanted, _ = by_captum(model, TEXT, 6, 2, torch.zeros(1, dtype=torch.float64), 300)
    np.testing.assert_allclose(found["attribution"], wanted, atol=1e-9)
    assert found.attrs["value"] == pytest.approx(float(recorded.sel(step=6)[2]), abs=1e-12)
    difference = found.attrs["value"] - found.attrs["baseline_value"]
    assert float(found["share"].sum()) == pytest.approx(difference + found.attrs["error"], abs=1e-12)
    few = integrated_gradients(model, TEXT, 6, "c", points=2).attrs["error"]
    assert abs(found.attrs["error"]) < max(1e-3, abs(few) / 10)  # a relu's kink is where quadrature is slow


def test_a_baseline_may_be_a_token_or_an_array_and_parts_do_not_matter(monkeypatch):
    model = made("LSTM")
    one = model.embedding.weight[1].detach()
    wanted, _ = by_captum(model, TEXT, 4, 0, one, 20)
    for baseline in ("b", one.numpy(), one.expand(len(TEXT), -1).numpy()):
        found = integrated_gradients(model, TEXT, 4, "a", baseline=baseline, points=20)
        np.testing.assert_allclose(found["attribution"], wanted, atol=1e-12)
        assert found["share"].sel(step=1) == 0, "b is its own baseline"
    monkeypatch.setattr(import_module("lstm_core.analysis.integrated_gradients"), "CHUNK", 1)
    again = integrated_gradients(model, TEXT, 4, "a", baseline="b", points=20)
    np.testing.assert_allclose(again["attribution"], wanted, atol=1e-12)


def test_of_values_it_is_the_number_in_its_own_units():
    model = made("LSTM", readout=Values(("x", "y"), (5.0, -3.0), (2.0, 0.5)))
    found = integrated_gradients(model, TEXT, 6, points=100)
    assert found.attrs["label"] == "x"
    assert found.attrs["value"] == pytest.approx(float(record(model, TEXT).prediction["value"][6, 0]))
    assert abs(found.attrs["error"]) < 1e-9


def test_the_weights_are_left_without_gradients():
    model = made("LSTM", readout=Labels(("good", "bad")))
    integrated_gradients(model, TEXT, 6, points=3)
    assert all(one.grad is None for one in model.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": 10}, "no step 10: the text has 10 steps"),
        ({"step": 2, "label": "z"}, "no output 'z': it has a, b, c, d"),
        ({"step": 2, "points": 0}, "whole number from 1 to 1,000, not 0"),
        ({"step": 2, "baseline": "ab"}, "is 2 tokens"),
        ({"step": 2, "baseline": np.zeros(7)}, r"must fit \(10, 3\).*not \(7,\)"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(options, message):
    with pytest.raises(ValueError, match=message):
        integrated_gradients(made("LSTM"), TEXT, **options)


def test_without_a_readout_there_is_nothing_to_explain():
    with pytest.raises(ValueError, match="no readout"):
        integrated_gradients(made("LSTM", readout=Nothing()), TEXT, 2)
