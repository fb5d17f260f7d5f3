"""Analyses on hand-made numbers whose answers are known."""

import numpy as np
import pytest
import xarray as xr

import pretrained
from lstm_core import record
from lstm_core.analysis import (
    expected_change,
    keep_gate,
    most_varying,
    prediction_change,
    row_order,
    saturation,
    surprise,
    timescale,
    top_expected,
)
from tests.support import odd_models


def signal(columns) -> xr.DataArray:
    return xr.DataArray(
        np.array(columns, dtype=np.float32).T, dims=("step", "unit"), coords={"unit": np.arange(len(columns))}
    )


def prediction(probability, next_class) -> xr.Dataset:
    steps = len(next_class)
    return xr.Dataset(
        {
            "probability": (("step", "class"), np.array(probability, dtype=np.float32)),
            "next_class": ("step", np.array(next_class)),
        },
        coords={
            "step": np.arange(steps),
            "token": ("step", list("xyz")[:steps]),
            "group": ("step", np.arange(steps)),
            "class": list("abcd"),
        },
    )


def test_surprise_is_the_bits_of_what_was_expected_one_step_before():
    bits = surprise(prediction([[0.5, 0.25, 0.125, 0.125], [0.0, 0.0, 0.0, 1.0], [0.25] * 4], [1, 3, -1]))
    assert np.isnan(bits.to_numpy()[0])
    assert bits.to_numpy()[1:].tolist() == [2.0, 0.0]


def test_surprise_of_the_impossible_is_finite():
    bits = surprise(prediction([[1.0, 0, 0, 0], [1.0, 0, 0, 0]], [1, -1]))
    assert bits.to_numpy()[1] == pytest.approx(126, abs=0.1)


def test_surprise_of_a_single_token_is_unknown():
    assert np.isnan(surprise(prediction([[0.25] * 4], [-1])).to_numpy()).all()


def test_the_most_expected_come_first_and_what_came_is_marked():
    top = top_expected(prediction([[0.1, 0.5, 0.15, 0.25], [0.7, 0.1, 0.1, 0.1]], [3, -1]), 3)
    assert top["label"].to_numpy().tolist()[0] == ["b", "d", "c"]
    assert top["probability"].to_numpy()[0] == pytest.approx([0.5, 0.25, 0.15])
    assert top["came"].to_numpy().tolist() == [[False, True, False], [False, False, False]]
    assert top["rank"].to_numpy().tolist() == [1, 2, 3]


def test_more_than_all_classes_cannot_be_expected():
    assert top_expected(prediction([[0.25] * 4], [-1]), 9).sizes["rank"] == 4


def test_units_that_vary_most_come_first_and_ties_keep_their_order():
    values = signal([[0, 0, 0], [0, 1, 0], [0, 9, 0], [5, 5, 5]])
    assert most_varying(values, 2) == [2, 1]
    assert row_order(values, "variability") == [2, 1, 0, 3]
    assert row_order(values, "index") == [0, 1, 2, 3]


def test_units_that_move_together_stand_together_and_still_ones_last():
    rising, falling = [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]
    values = signal([rising, falling, [7] * 5, [0, 2, 4, 6, 8.5], [8, 6, 4, 2.5, 0]])
    order = row_order(values, "similarity")
    assert order[-1] == 2
    assert {frozenset(order[:2]), frozenset(order[2:4])} == {frozenset({0, 3}), frozenset({1, 4})}


@pytest.mark.parametrize("steps", [1, 2])
def test_one_step_or_two_can_be_ordered(steps):
    values = signal(np.random.default_rng(0).random((4, steps)))
    assert sorted(row_order(values, "similarity")) == [0, 1, 2, 3]


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_units_that_are_no_numbers_come_last_whatever_the_order(nothing):
    values = signal([[0, nothing, 1, 0], [0, 1, 0, 2], [nothing] * 4, [0, 5, 0, 6], [1, 0, 1, 0.5]])
    assert row_order(values, "variability") == [3, 1, 4, 0, 2]
    assert row_order(values, "similarity")[3:] == [0, 2]
    assert row_order(values, "timescale") == [1, 3, 4, 0, 2]
    assert most_varying(signal([[nothing] * 3] * 2), 5) == [0, 1]


def test_the_unit_that_remembers_longest_comes_first():
    gates = [[0.5, 0.5, 0.5], [0.9, 0.99, 0.9], [1, 1, 1], [1, 0, 1], [0.99, 0.9, 0.9]]
    values, keep = signal([[0, 1, 0]] * 5), signal(gates)
    assert row_order(values, "timescale", keep=keep) == [2, 1, 4, 0, 3]
    keep.to_numpy()[1, 2] = np.nan
    assert row_order(values, "timescale", keep=keep) == [1, 4, 0, 3, 2]
    values.to_numpy()[0, 1] = np.inf
    assert row_order(values, "timescale", keep=keep) == [4, 0, 3, 1, 2]


def test_it_is_the_one_with_the_longest_half_life():
    layer = record(pretrained.load("shakespeare", device="cpu"), "To be, or not to be").layers["layer0"]
    found = timescale(layer)["half_life"].to_numpy()[row_order(layer["hidden"], "timescale", keep=keep_gate(layer))]
    assert (np.diff(found) <= 0).all()


def test_without_a_gate_it_is_the_one_that_follows_itself_best_and_still_ones_come_last():
    values = signal([[0, 1, 0, 1, 0, 1], [2] * 6, [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0], [3] * 6])
    assert row_order(values, "timescale") == [2, 3, 0, 1, 4]
    assert row_order(signal([[1], [2]]), "timescale") == [0, 1]


@pytest.mark.parametrize(("kind", "gate"), [("gru", "update"), ("rnn", None), ("peepholes", "forget")])
def test_the_gate_that_keeps(kind, gate):
    model = odd_models.model(kind)
    layer = record(model, "To be, or not to be").layers["layer0"]
    found = keep_gate(layer)
    assert (None if found is None else found.name) == gate
    assert sorted(row_order(layer["hidden"], "timescale", keep=found)) == list(range(layer.sizes["unit"]))


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="index, variability, similarity, timescale, not by 'size'"):
        row_order(signal([[0]]), "size")


def test_saturation_counts_both_ends_strictly():
    gate = signal([[0.05, 0.1, 0.5, 0.95], [0.9, 0.91, 0.99, 0.2]])
    assert saturation(gate) == {"below": pytest.approx(1 / 8), "above": pytest.approx(3 / 8)}


def test_saturation_is_of_what_is_a_number():
    assert saturation(signal([[0.05, np.nan, 0.95, np.nan]])) == {"below": 0.5, "above": 0.5}
    assert np.isnan(list(saturation(signal([[np.nan] * 3])).values())).all()


def prediction_of(kind, probability, next_class) -> xr.Dataset:
    return prediction(probability, next_class).assign_attrs(kind=kind)


def test_what_was_allowed_is_no_surprise_though_it_was_not_alone():
    legal = prediction_of("legal", [[1.0, 1.0, 0.0, 0.5], [0.25, 0.0, 0.0, 0.0], [1.0] * 4], [1, 0, -1])
    assert surprise(legal).to_numpy()[1:].tolist() == [0.0, 2.0]
    assert top_expected(legal, 2)["label"].to_numpy().tolist()[0] == ["a", "b"]
    assert top_expected(legal).attrs["kind"] == "legal"


def values(value) -> xr.Dataset:
    steps = len(value)
    return xr.Dataset(
        {"value": (("step", "feature"), np.array(value, dtype=np.float32))},
        coords={"step": np.arange(steps), "token": ("step", list("xyz")[:steps]), "group": ("step", np.arange(steps))},
        attrs={"kind": "values", "ahead": 0},
    )


@pytest.mark.parametrize("question", [surprise, top_expected, expected_change])
@pytest.mark.parametrize("other", [prediction_of("labels", [[0.5, 0.5, 0, 0]] * 2, [-1, -1]), values([[1.0], [2.0]])])
def test_who_expects_no_token_is_not_asked_for_one(question, other):
    with pytest.raises(ValueError, match=f"this model predicts {other.attrs['kind']}, not the next token"):
        question(other)


def test_what_is_said_stands_beside_what_was_said_one_step_before():
    change = prediction_change(prediction_of("labels", [[0.5, 0.5, 0, 0], [0.25, 0.75, 0, 0]], [-1, -1]))
    assert np.isnan(change["before"].to_numpy()[0]).all()
    assert change["before"].to_numpy()[1].tolist() == [0.5, 0.5, 0, 0]
    assert change["now"].to_numpy()[1].tolist() == [0.25, 0.75, 0, 0]
    numbers = prediction_change(values([[20.5, 1.0], [21.5, 3.0]]))
    assert numbers["now"].dims == ("step", "feature")
    assert (numbers["now"] - numbers["before"]).to_numpy()[1].tolist() == [1.0, 2.0]
