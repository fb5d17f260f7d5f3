"""Figures of what is in memory, from hand-made arrays."""

import numpy as np
import pytest
import xarray as xr

from lstm_core.analysis import best_followers, feature_selectivity, ledger, remembered, timescale, unit_saturation
from viz import figures
from viz.figures.ledger import MAX_CELLS


def layer_of(tokens, units=3, *, direction="forward", forget=0.5, cell_type="LSTM") -> xr.Dataset:
    steps = len(tokens)
    numbers = np.random.default_rng(0)
    keep = np.full((steps, units), forget, dtype=np.float32)
    other = numbers.random((steps, units), dtype=np.float32)
    names = {"LSTM": ("input", "output", "candidate", "cell", "hidden"), "GRU": ("reset", "candidate", "hidden")}
    keeps = {"LSTM": "forget", "GRU": "update"}[cell_type]
    return xr.Dataset(
        dict.fromkeys(names[cell_type], (("step", "unit"), other))
        | {keeps: (("step", "unit"), keep)}
        | {name: ("unit", np.ones(units)) for name in ("initial_cell", "initial_hidden")},
        coords={
            "step": np.arange(steps),
            "unit": np.arange(units),
            "token": ("step", np.array(list(tokens), dtype=object)),
            "group": ("step", np.arange(steps)),
        },
        attrs={"direction": direction, "cell_type": cell_type},
    )


def feature_of(layer, values, name="inside") -> xr.DataArray:
    coords = {one: layer[one] for one in ("step", "token", "group")}
    return xr.DataArray(np.array(values, dtype=float), dims="step", coords=coords, name=name)


def drawn(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_a_ledger_stands_in_the_order_of_the_text_and_symmetrically_around_nothing(direction, dark):
    found = ledger(layer_of("abcd", direction=direction), 2)
    figure = figures.ledger(found, unit=1, order=[2, 0, 1], dark=dark)
    rows, strip = drawn(figure, "units"), drawn(figure, "strip")
    tokens = ["0  a", "1  b", "2  c"] if direction == "forward" else ["2  c", "3  d"]
    assert list(rows.x) == list(strip.x) == tokens
    assert list(rows.y) == ["2", "0", "1"]
    parts = found.sortby("step")["contribution"].to_numpy()
    np.testing.assert_allclose(rows.z, parts.T[[2, 0, 1]], rtol=1e-6)
    np.testing.assert_allclose(strip.z, parts.T[[1]], rtol=1e-6)
    for trace in (rows, strip):
        assert trace.zmin == -trace.zmax < 0
    total = parts[:, 1].sum() + found["initial"].to_numpy()[1]
    assert f"{total:+.4f} =" in figure.layout.title.text
    assert figure.layout.template.layout.paper_bgcolor == ("#11161D" if dark else "#FFFFFF")


def test_a_long_ledger_is_drawn_in_sums_that_lose_nothing():
    found = ledger(layer_of(["x"] * 2500, units=400, forget=1.0), 2499)
    figure = figures.ledger(found, unit=3, order=range(400))
    rows = np.asarray(drawn(figure, "units").z)
    assert rows.size <= MAX_CELLS
    np.testing.assert_allclose(rows.sum(axis=1), found["contribution"].sum("step"), rtol=1e-4)
    assert "sum of 2 steps" in figure.layout.title.text


def test_what_is_remembered_begins_whole_at_its_token():
    found = remembered(layer_of("abcde"), 2)
    figure = figures.remembered(found, units=[0, 2], chosen=1)
    shares = drawn(figure, "unit 1 (selected)")
    assert list(shares.x) == ["2  c", "3  d", "4  e"]
    assert list(shares.y) == [1, 0.5, 0.25]
    assert [shape.x0 for shape in figure.layout.shapes] == [0]
    assert drawn(figure, "middle 50 % of units (interquartile range)").y[0] == 1
    backwards = figures.remembered(remembered(layer_of("abcde", direction="reverse"), 2), units=[0], chosen=0)
    assert list(backwards.data[-1].x) == ["0  a", "1  b", "2  c"]
    assert [shape.x0 for shape in backwards.layout.shapes] == [2]


def test_half_lives_stand_by_rank_and_the_endless_at_the_upper_end():
    layer = layer_of("abcdefgh", units=3)
    layer["forget"].to_numpy()[:, 1] = 1.0
    layer["forget"].to_numpy()[:, 2] = 0.0
    figure = figures.timescale(timescale(layer), chosen=1)
    by_gate, measured = (drawn(figure, name) for name in ("by the gate", "measured"))
    assert list(by_gate.customdata[:, 0]) == [1, 0, 2]
    np.testing.assert_allclose(by_gate.y, [80, 1, 0.05])
    np.testing.assert_allclose(measured.y, [80, 1, 1])
    counted = [trace for trace in figure.data if trace.xaxis == "x2"]
    assert [int(np.sum(trace.x[:-1])) for trace in counted] == [3, 3]
    assert "longer" in figure.layout.yaxis.ticktext


@pytest.mark.parametrize(("units", "dtick"), [(5, 1), (10, 1), (64, None)])
def test_ranks_and_numbers_of_units_are_whole(units, dtick):
    layer = layer_of("abcdefgh", units=units)
    figure = figures.timescale(timescale(layer))
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        assert (axis.tick0, axis.dtick) == ((0, 1) if dtick else (None, None))


@pytest.mark.parametrize("dark", [False, True])
def test_the_name_of_the_chosen_unit_stands_on_paper_beside_its_point(dark):
    layer = layer_of("abcdefgh")
    layer["forget"].to_numpy()[:, 1] = 1.0
    layer["forget"].to_numpy()[:, 2] = 0.0
    for chosen, rank, height in ((1, 1, 80), (0, 2, 1), (2, 3, 0.05)):
        figure = figures.timescale(timescale(layer), chosen=chosen, dark=dark)
        note = next(one for one in figure.layout.annotations if one.text == f"unit {chosen}")
        assert (note.x, note.y) == (rank, np.log10(height))
        assert note.bgcolor == figure.layout.template.layout.paper_bgcolor
        assert (note.ay > 0) == (chosen == 1)  # that at the upper end has its name below
        assert (note.ax < 0) == (rank == 3)  # that at the right end has it to its left
    nan = layer.assign(forget=layer["forget"] * np.nan)
    assert not [one for one in figures.timescale(timescale(nan), chosen=0).layout.annotations if "unit" in one.text]


@pytest.mark.parametrize("cell_type", ["LSTM", "GRU"])
def test_the_half_life_at_each_step_is_that_of_its_gate(cell_type):
    layer = layer_of("<bcdef", cell_type=cell_type)
    name = {"LSTM": "forget", "GRU": "update"}[cell_type]
    layer[name].to_numpy()[:, 1] = [0.5, 0.25, 1.0, 0.0, np.nan, np.sqrt(0.5)]
    figure = figures.half_lives(layer[name].sel(unit=1), steps=6, selected=3)
    (line,) = figure.data
    assert list(line.x) == ["0  &lt;", "1  b", "2  c", "3  d", "4  e", "5  f"]
    np.testing.assert_allclose(line.y, [1, 0.5, 60, 0.05, np.nan, 2], rtol=1e-6)
    assert [list(one) for one in line.customdata[:4]] == [
        ["0.5", "1 step"],
        ["0.25", "0.5 steps"],
        ["1", "infinite"],
        ["0", "0 steps"],
    ]
    assert line.hovertemplate.startswith(f"{'f' if cell_type == 'LSTM' else 'z'} = %{{customdata[0]}}<br>")
    assert not line.connectgaps
    assert [shape.x0 for shape in figure.layout.shapes] == [3]
    assert list(figure.layout.xaxis.ticktext) == ["&lt;", *"bcdef"]
    above = figures.timescale(timescale(layer)).layout.yaxis
    assert (figure.layout.yaxis.range, figure.layout.yaxis.ticktext) == (above.range, above.ticktext)


def test_each_unit_is_a_point_in_every_gate_and_models_share_the_axes():
    layer = layer_of("abcdefgh", forget=0.95)
    shares = unit_saturation(layer)
    figure = figures.saturation_points([shares, shares], titles=("trained", "untrained"), chosen=2)
    points = [trace for trace in figure.data if trace.mode == "markers"]
    assert [trace.name for trace in points] == ["trained", "untrained"] * 3
    assert list(points[2].x) == [1, 1, 1]  # forget gates, always open
    assert list(points[2].y) == [0, 0, 0]
    np.testing.assert_allclose(points[0].x, shares["above"].sel(gate="input"))
    with pytest.raises(ValueError, match="1 titles but 2 models"):
        figures.saturation_points([shares, shares], titles=["one"])


def test_bars_are_the_scores_and_those_that_chance_reaches_are_pale():
    layer = layer_of("abcdefgh")
    inside = feature_of(layer, [0, 1, 1, 0, 0, 1, 0, 1])
    found = feature_selectivity(layer, inside.to_dataset(), signals=["hidden"])
    best = best_followers(found)
    figure = figures.following(best, untrained=0.6)
    bars = figure.data[0]
    np.testing.assert_allclose(np.array(bars.x) + bars.base, best["score"])
    assert list(bars.marker.opacity) == [1.0 if beyond else 0.35 for beyond in best["beyond_chance"]]
    assert [shape.x0 for shape in figure.layout.shapes] == [best["chance"].iloc[0], 0.6]
    assert list(figure.layout.xaxis.range) == [0.5, 1]
    place = feature_selectivity(layer, feature_of(layer, np.arange(8)).to_dataset(), signals=["hidden"])
    assert list(figures.following(best_followers(place)).layout.xaxis.range) == [0, 1]


def test_an_auc_and_a_correlation_have_no_axis_in_common():
    layer = layer_of("abcd")
    both = feature_of(layer, [0, 1, 1, 0]).to_dataset().assign(place=feature_of(layer, [0, 1, 2, 3], "place"))
    best = best_followers(feature_selectivity(layer, both, signals=["hidden"]))
    with pytest.raises(ValueError, match="draw one feature at a time"):
        figures.following(best)
    with pytest.raises(ValueError, match="no unit was found"):
        figures.following(best.iloc[:0])


def test_the_steps_that_have_the_feature_are_shaded_and_a_number_stands_above():
    layer = layer_of("abcd")
    signal = layer["hidden"].sel(unit=2)
    figure = figures.followed(signal, feature_of(layer, [0, 1, 1, 0]), selected=3)
    shade = drawn(figure, "inside")
    assert list(shade.x) == list(figure.data[-1].x) == ["0  a", "1  b", "2  c", "3  d"]
    assert (np.array(shade.y) > 0).tolist() == [False, True, True, False]
    low, high = figure.layout.yaxis.range
    assert (shade.base, shade.base + max(shade.y)) == (low, high)
    np.testing.assert_array_equal(figure.data[-1].y, signal.to_numpy())
    assert [shape.x0 for shape in figure.layout.shapes] == [3]
    numeric = figures.followed(signal, feature_of(layer, [0, 1, 2, 3], "place in the line"))
    assert list(drawn(numeric, "place in the line").y) == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="4 steps, the feature 3"):
        figures.followed(signal, feature_of(layer_of("abc"), [0, 1, 1]))


def test_a_gru_has_all_of_them_too():
    layer = layer_of("abcd", cell_type="GRU")
    assert figures.ledger(ledger(layer, 3), unit=0, order=[0, 1, 2]).data
    assert figures.timescale(timescale(layer)).data
    assert figures.half_lives(layer["update"].sel(unit=0), steps=4).data
    assert len(figures.saturation_points([unit_saturation(layer)], titles=["one"]).data) == 4
    assert figures.followed(layer["update"].sel(unit=0), feature_of(layer, [0, 1, 1, 0])).layout.yaxis.range[0] < 0.0
    best = best_followers(feature_selectivity(layer, feature_of(layer, [0, 1, 1, 0]).to_dataset()))
    assert figures.following(best).data


def test_one_token_and_nan_can_be_drawn():
    for layer in (layer_of("a"), layer_of("abc").where(False)):
        layer.attrs |= {"direction": "forward", "cell_type": "LSTM"}
        assert figures.ledger(ledger(layer, 0), unit=0, order=[0]).data
        assert figures.remembered(remembered(layer, 0), units=[0], chosen=0).data
        assert figures.timescale(timescale(layer), chosen=0).data
        assert figures.saturation_points([unit_saturation(layer)], titles=["one"]).data
        steps = layer.sizes["step"]
        assert figures.half_lives(layer["forget"].sel(unit=0), steps=steps, selected=0).data
        assert figures.followed(layer["cell"].sel(unit=0), feature_of(layer, [1] * steps)).data


def test_user_text_is_escaped_in_all_of_them():
    layer = layer_of(["<b>", "<a href='x'>", "&amp;"])
    feature = feature_of(layer, [0, 1, 0], "<u>mark")
    best = best_followers(feature_selectivity(layer, feature.to_dataset(), signals=["hidden"]))
    shares = unit_saturation(layer)
    for figure in (
        figures.ledger(ledger(layer, 2), unit=0, order=[0, 1, 2]),
        figures.remembered(remembered(layer, 0), units=[0], chosen=1),
        figures.saturation_points([shares], titles=["<i>"]),
        figures.following(best),
        figures.half_lives(layer["forget"].sel(unit=0), steps=3),
        figures.followed(layer["hidden"].sel(unit=0), feature),
        figures.followed(layer["hidden"].sel(unit=0), feature_of(layer, [0, 1, 2], "<u>number")),
    ):
        written = figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
        for raw in ("<a ", "<i>", "<u>"):
            assert raw not in written


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_one_units_strip_and_curve_stand_over_the_whole_text(direction):
    layer = layer_of("abcdef", direction=direction)
    step, token = (3, 1) if direction == "forward" else (2, 4)
    written, kept = ledger(layer, step), remembered(layer, token)
    figure = figures.unit_memory(layer, written, kept, unit=1, units=[0, 1])
    strip, *_band, other, own = figure.data
    assert list(strip.x) == [f"{at}  {letter}" for at, letter in enumerate("abcdef")]
    known = written["step"].to_numpy()
    np.testing.assert_allclose(strip.z[0][known], written["contribution"].sel(unit=1), rtol=1e-6)
    assert np.isnan(np.delete(strip.z[0], known)).all()
    assert (other.name, own.name) == ("unit 0", "unit 1 (selected)")
    np.testing.assert_allclose(own.y[kept["step"].to_numpy()], kept["left"].sel(unit=1))
    line, frame = figure.layout.shapes
    assert (line.x0, frame.x0, frame.x1) == (step, token - 0.5, token + 0.5)
