"""Figures of what an intervention changed, from hand-made arrays."""

import numpy as np
import pytest
import xarray as xr

from viz import figures
from viz.figures.bits import in_bits
from viz.figures.knocked_out import ranked
from viz.figures.what_if_change import MOST_BARS


def coords_of(steps: int) -> dict[str, object]:
    return {
        "step": np.arange(steps),
        "token": ("step", np.array(["a"] * steps, dtype=object)),
        "group": ("step", np.arange(steps)),
    }


def changed(divergence, cost) -> xr.Dataset:
    parts = {"divergence": ("step", np.array(divergence, float)), "cost": ("step", np.array(cost, float))}
    return xr.Dataset(parts, coords_of(len(divergence)), {"kind": "next"})


def predicted(chances, came, labels) -> xr.Dataset:
    parts = {"probability": (("step", "class"), np.array(chances)), "next_class": ("step", np.array(came))}
    return xr.Dataset(parts, coords_of(len(came)) | {"class": np.array(labels, dtype=object)})


def effect_of(saved, changed) -> xr.Dataset:
    parts = {"saved": ("unit", np.array(saved, float)), "changed": ("unit", np.array(changed, float))}
    return xr.Dataset(parts, {"unit": np.arange(len(saved)) * 10})


@pytest.mark.parametrize("dark", [False, True])
def test_what_moved_stands_above_what_it_cost(dark):
    figure = figures.what_if_change(changed([0, 0.5, 2], [0.25, -1, np.nan]), marked=1, dark=dark)
    moved, cost = figure.data
    np.testing.assert_allclose(moved.y, np.array([0, 0.5, 2]) / np.log(2))  # bits; the analyses return nats
    np.testing.assert_allclose(cost.y, np.array([0.25, -1, np.nan]) / np.log(2))
    assert [title.text for title in (figure.layout.yaxis.title, figure.layout.yaxis2.title)] == [
        "Change<br>KL (bits)",
        "Cost<br>(bits)",
    ]
    assert cost.marker.color[0] == ("#F58A3C" if dark else "#D55E00") != cost.marker.color[1]
    assert list(moved.x) == ["0  a", "1  a", "2  a"]
    assert figure.layout.shapes[0].x0 == 1
    assert figure.layout.template.layout.paper_bgcolor == ("#11161D" if dark else "#FFFFFF")


def test_without_a_known_cost_there_is_no_panel_of_it():
    assert [trace.name for trace in figures.what_if_change(changed([0, 1], [np.nan, np.nan])).data] == ["change"]


def test_values_have_a_panel_each_and_their_names_are_text():
    parts = {"absolute": (("step", "feature"), [[1.0, 2.0], [3.0, 4.0]]), "cost": ("step", [0.0, 0.0])}
    coords = coords_of(2) | {"feature": np.array(["<b>°C</b>", "rain"], dtype=object)}
    figure = figures.what_if_change(xr.Dataset(parts, coords, {"kind": "values"}))
    assert [list(trace.y) for trace in figure.data] == [[1, 3], [2, 4], [0, 0]]
    assert "&lt;b&gt;" in figure.layout.yaxis.title.text
    assert "own units" in figure.layout.yaxis3.title.text


def test_a_long_text_is_drawn_in_means_of_what_is_known():
    steps = 2 * MOST_BARS + 1
    cost = np.full(steps, np.nan)
    cost[0], cost[3:6] = 4.0, (1.0, 2.0, 6.0)
    figure = figures.what_if_change(changed(np.arange(steps), cost), marked=steps - 1)
    moved, costs = figure.data
    assert len(moved.y) == -(-steps // 3)
    np.testing.assert_allclose(moved.y[:2], np.array([1, 4]) / np.log(2))
    np.testing.assert_allclose(costs.y[:3], np.array([4, 3, np.nan]) / np.log(2))
    assert "mean of 3 steps" in figure.layout.title.text
    assert figure.layout.shapes[0].x0 == len(moved.y) - 1


def test_a_change_that_is_no_number_is_a_gap():
    assert np.isnan(figures.what_if_change(changed([np.nan], [np.nan])).data[0].y).all()


def test_the_likeliest_of_both_stand_beside_each_other_and_what_came_is_marked():
    before = predicted([[0.1, 0.6, 0.3, 0.0]], [2], ["a", "<i>", "c", "d"])
    after = predicted([[0.05, 0.0, 0.05, 0.9]], [2], ["a", "<i>", "c", "d"])
    figure = figures.before_after(before, after, step=0, count=2)
    was, now = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["&lt;i&gt;", "<b>[c]</b>", "a", "d"]
    assert list(was.x) == [0.6, 0.3, 0.1, 0]
    assert list(now.x) == [0, 0.05, 0.05, 0.9]
    assert list(figure.layout.xaxis.range) == [0, 1]


def test_only_what_has_no_chance_is_said_to_have_none():
    one = predicted([[0.6, 0.0999, 0.0006, 0.0004, 1e-12, 0.0]], [-1], list("abcdef"))
    text = figures.before_after(one, one, step=0, count=6).data[0].text
    assert list(text) == ["60%", "10.0%", "0.1%", "&lt;0.1%", "&lt;0.1%", "0.0%"]


def test_nothing_is_in_brackets_where_nothing_came():
    one = predicted([[0.4, 0.6]], [-1], ["a", "b"])
    assert list(figures.before_after(one, one, step=0).layout.yaxis.ticktext) == ["b", "a"]


def test_units_stand_by_what_they_save_and_those_that_are_no_numbers_last():
    effect = effect_of([0.1, np.nan, -0.5, 2.0], [0, 0, 0, 0])
    assert ranked(effect) == [30, 0, 20, 10]
    figure = figures.knocked_out(effect, unit_of_loss="bits a word", chosen=(20,))
    bars = figure.data[0]
    np.testing.assert_allclose(bars.y, np.array([2, 0.1, -0.5, np.nan]) / np.log(2))
    assert in_bits(in_bits(effect)).equals(in_bits(effect))  # a page may have converted it already
    assert list(bars.x) == ["30", "0", "20", "10"]
    assert [colour == "#D55E00" for colour in bars.marker.color] == [False, False, True, False]
    assert [(note.x, note.text) for note in figure.layout.annotations] == [(2, "unit 20")]
    assert "loss saved (bits a word)" in figure.layout.yaxis.title.text


def test_where_no_loss_is_known_units_stand_by_what_they_move():
    effect = effect_of([np.nan, np.nan], [0.25, 0.5])
    assert ranked(effect) == [10, 0]
    np.testing.assert_allclose(figures.knocked_out(effect).data[0].y, np.array([0.5, 0.25]) / np.log(2))
    own = effect.assign_attrs(kind="values")
    assert list(figures.knocked_out(own).data[0].y) == [0.5, 0.25]
