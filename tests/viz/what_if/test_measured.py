"""The sentence on what a change does, from hand-made predictions."""

import numpy as np
import pytest
import xarray as xr

from tests.viz.figures.test_what_if_figures import changed, coords_of, predicted
from viz.figures.bits import in_bits
from viz.what_if.measured import measured

LABELS = ["a", "<i>", "c"]


def sentence(before, after, came: int, *, cost: float = np.log(2), known: int = 1, chosen: bool = False) -> str:
    found = changed([1.0], [cost]).assign_attrs(mean_cost=cost, known_steps=known)
    pair = [predicted([chances], [came], LABELS) for chances in (before, after)]
    pair = [one.assign_attrs(kind="next") for one in pair]
    return measured(in_bits(found), *pair, 0, "letter", chosen=chosen).replace("\\", "")


def test_the_loss_is_in_bits_and_the_token_that_came_is_named():
    assert sentence([0.5, 0.3, 0.2], [0.1, 0.6, 0.3], 1) == (
        "**The loss rises by 1.000 bits per letter**; largest change after step 0, “a”: “<i>”, which came, goes from 30% to 60%."
    )
    assert sentence([0.5, 0.3, 0.2], [0.1, 0.6, 0.3], 1, cost=-2 * np.log(2), chosen=True).startswith(
        "**The loss falls by 2.000 bits per letter**; after step 0, “a”: "
    )


@pytest.mark.parametrize(("came", "before"), [(-1, 0.0), (1, 1e-9)])
def test_where_what_came_is_unknown_or_stays_as_it_was_the_largest_change_is_named(came, before):
    told = sentence([0.9, before, 0.1], [0.1, before / 2, 0.8], came)
    assert told.endswith(": “a” goes from 90% to 10%.")
    assert "came" not in told


def test_without_a_right_answer_there_is_no_cost_and_no_number_is_none():
    assert sentence([1, 0, 0], [0, 0, 1], -1, cost=np.nan, known=0).startswith("**The right answer is not known here")
    assert sentence([np.nan] * 3, [np.nan] * 3, 1, cost=np.nan).startswith(
        "**At some steps the loss is NaN or infinite"
    )


def test_values_are_in_their_own_units():
    parts = {"absolute": (("step", "feature"), [[3.0]]), "cost": ("step", [3.0])}
    coords = coords_of(1) | {"feature": np.array(["°C"], dtype=object)}
    found = xr.Dataset(parts, coords, {"kind": "values", "mean_cost": 3.0, "known_steps": 1})
    pair = [
        xr.Dataset(
            {"value": (("step", "feature"), [[one]]), "came": (("step", "feature"), [[4.0]])},
            coords,
            {"kind": "values"},
        )
        for one in (5.0, 8.0)
    ]
    assert in_bits(found) is found
    assert measured(found, *pair, 0, "number").replace("\\", "") == (
        "**The error of °C rises by 3**; largest change after step 0, “a”: °C goes from 5 to 8, and 4 came."
    )


def test_numbers_are_converted_once():
    once = in_bits(changed([1.0], [2.0]).assign_attrs(mean_cost=2.0))
    np.testing.assert_allclose([once["divergence"].item(), once["cost"].item()], [1 / np.log(2), 2 / np.log(2)])
    assert once.attrs["mean_cost"] == pytest.approx(2 / np.log(2))
    assert in_bits(once) is once
