"""No axis and no scale of colours is so short that next to nothing fills it."""

import numpy as np
import pytest
import xarray as xr

from lstm_core.analysis import ledger, remembered
from lstm_core.readouts import NextToken, Values
from lstm_core.runs import CurvePoint
from tests.viz.figures.test_figures import layer_of
from tests.viz.figures.test_gradient_figures import drawn_map, part_of
from tests.viz.figures.test_memory_figures import feature_of
from tests.viz.figures.test_memory_figures import layer_of as remembering
from tests.viz.figures.test_what_if_figures import changed, coords_of, effect_of
from tests.viz.film import test_film
from tests.viz.shared.test_prediction_text import chances
from viz import figures
from viz.film.payload import Film, Frame
from viz.shared.prediction_text import prediction_panels
from viz.theme import limits
from viz.train.curves import charts_of

NANOBIT = 1e-9 * np.log(2)


def axis_of(figure, title):
    return next(axis for axis in figure.select_yaxes() if (axis.title.text or "").startswith(title))


def test_the_surprise_of_a_model_that_is_sure_is_drawn_on_an_axis_of_one_bit():
    sure = chances("next", ["a", "b"], [[1 - 400 * NANOBIT, 400 * NANOBIT]] * 3, (0, 0, -1))
    figure = figures.heatmaps(
        layer_of("aaa"), signals=["forget"], order=[0, 1, 2], **prediction_panels(sure, slice(None))
    )
    assert 0 < max(figure.data[0].y) < 1e-6
    assert tuple(axis_of(figure, "Surprisal").range) == (0, 1)


def test_the_surprise_of_a_model_that_is_not_has_an_axis_that_holds_it():
    wrong = chances("next", ["a", "b"], [[0.25, 0.75]] * 3, (0, 0, -1))
    figure = figures.heatmaps(
        layer_of("aaa"), signals=["forget"], order=[0, 1, 2], **prediction_panels(wrong, slice(None))
    )
    low, high = axis_of(figure, "Surprisal").range
    assert low == 0
    assert 2 < high < 2.5  # two bits


def test_a_change_of_next_to_nothing_has_low_bars():
    figure = figures.what_if_change(changed([0, 1e-9, 2e-9], [1e-9, -2e-9, np.nan]))
    assert tuple(axis_of(figure, "Change").range) == pytest.approx((0, 0.01 / np.log(2)))
    assert tuple(axis_of(figure, "Cost").range) == pytest.approx((-0.01 / np.log(2), 0.01 / np.log(2)))


def test_a_change_in_own_units_is_measured_by_the_spread_that_the_model_was_taught():
    parts = {
        "absolute": (("step", "feature"), np.full((2, 1), 1e-5)),
        "cost": ("step", np.array([1e-5, np.nan])),
    }
    found = xr.Dataset(parts, coords_of(2) | {"feature": ["pressure (Pa)"]}, {"kind": "values"})
    assert tuple(axis_of(figures.what_if_change(found, least=[2.0]), "Change").range) == (0, 2)
    assert axis_of(figures.what_if_change(found), "Change").range[1] == pytest.approx(1.05e-5)  # no spread is known


@pytest.mark.parametrize(
    ("saved", "ends"), [([1e-8, 0.0], (0, 0.01)), ([0.5, -0.25], (-0.27, 0.54)), ([0.0, 0.0], (0, 0.01))]
)
def test_a_ranking_of_units_that_are_not_needed_has_low_bars(saved, ends):
    figure = figures.knocked_out(effect_of(saved, [0, 0]))
    assert tuple(figure.layout.yaxis.range) == pytest.approx(np.array(ends) / np.log(2))  # nats became bits


@pytest.mark.parametrize(("size", "reach"), [(1e-9, 0.01), (0.07, 0.08), (3.0, 3.0)])
def test_a_cell_that_holds_next_to_nothing_is_pale(size, reach):
    layer = layer_of("abc", value=size)
    assert limits("cell", layer["cell"]) == (-reach, reach)
    traced = axis_of(figures.traces(layer, units=[0], selected=(0, 0)), "<b>Cell state")
    assert traced.tickvals == (-reach, 0, reach)


def test_what_is_left_of_next_to_nothing_is_pale():
    layer = remembering("abcd")
    small = layer.assign({name: layer[name] * 1e-9 for name in ("input", "candidate", "cell", "initial_cell")})
    for trace in figures.ledger(ledger(small, 3), unit=1, order=[0, 1, 2]).data:
        assert (trace.zmin, trace.zmax) == (-0.01, 0.01)
    left = figures.remembered(remembered(small, 1), units=[0], chosen=0)
    assert axis_of(left, "<b>Amount").tickvals == (-0.01, 0, 0.01)
    followed = figures.followed(small["cell"].isel(unit=0), feature_of(small, [0, 1, 0, 1]))
    assert axis_of(followed, "<b>Cell").tickvals == (-0.01, 0, 0.01)


def test_a_model_differs_from_itself_by_nothing_and_that_is_pale():
    layer = layer_of("abc", value=1e-9)
    other = layer.assign(cell=layer["cell"] * 2)
    left, _, difference = figures.comparison(layer, other, titles=("a", "b"), signals=["cell"], order=[0, 1, 2]).data
    assert (left.zmin, left.zmax, difference.zmin, difference.zmax) == (-0.01, 0.01, -0.01, 0.01)


def test_gradients_too_small_to_change_anything_are_pale():
    tiny = [[1e-12, -1e-8], [3e-9, 0.0]]
    cells = drawn_map(part_of(tiny), order=[0, 1]).data[0]
    np.testing.assert_allclose(cells.z, np.abs(np.transpose(tiny)))
    assert (cells.zmin, cells.zmax) == (0, 1e-6)
    small_unit = drawn_map(part_of(tiny), order=[0, 1], least=1e-15).data[0]  # of a series in units as small
    assert (small_unit.zmin, small_unit.zmax) == (0, 1e-8)


def test_values_that_hardly_differ_are_drawn_so():
    numbers = np.array([[20.0], [20.0001], [20.0]], dtype=np.float32)
    prediction = xr.Dataset(
        {"value": (("step", "feature"), numbers), "came": (("step", "feature"), numbers)},
        coords_of(3) | {"feature": np.array(["°C"], dtype=object)},
        {"kind": "values", "ahead": 1},
    )
    readout = Values(("°C",), (11.0,), (4.0,), ahead=True)
    figure = figures.heatmaps(
        layer_of("abc"), signals=[], order=[0], **prediction_panels(prediction, slice(None), readout)
    )
    low, high = figure.layout.yaxis.range
    assert high - low == pytest.approx(1.24 * 0.04, rel=1e-3)
    assert low < 20 < high
    assert prediction_panels(chances("labels", ["a", "b"], [[0, 1]] * 3), slice(None), NextToken()).keys() == {
        "prediction"
    }


def test_a_curve_of_training_that_stands_still_does_not_fill_its_chart():
    points = [
        CurvePoint(step, 1e-9 * step, 0.9994 + 1e-5 * step, gradient_norm=0.0, tokens_per_second=1.0, seconds=1.0)
        for step in range(5)
    ]
    loss, score = charts_of(points, "bits", "share")
    assert np.diff(loss["ends"]) == pytest.approx(0.01 / np.log(2) * 1.12)
    assert np.diff(score["ends"]) == pytest.approx(0.01 * 0.99944 * 1.12, rel=1e-4)
    for chart in (loss, score):
        assert chart["ends"][0] < min(chart["line"]) < max(chart["line"]) < chart["ends"][1]
    for chart in charts_of([], "bits", "share"):
        assert np.diff(chart["ends"]) > 0


def test_a_film_of_a_training_that_stands_still_does_not_either():
    levels = {"forget": np.zeros((1, 1), dtype=np.uint8)}
    frames = tuple(Frame(step, 1e-9 * step, float("nan"), levels) for step in range(3))
    film = Film(frames, ("forget",), test_film.layer(1, 1), (0,))
    assert np.diff(test_film.header(film)["losses"]) == pytest.approx(0.01 / np.log(2))
