"""Figures of gradients and the backward equations in numbers, from hand-made arrays and from small models."""

import re

import numpy as np
import pytest
import xarray as xr

from lstm_core import record, wiring
from lstm_core.analysis import Target, backward, decay, gradients
from tests.support.models_of_cells import TEXT, made
from viz import figures
from viz.figures.decays import Curve
from viz.figures.gradient_map import MAX_CELLS
from viz.gradients.backward_equations import DROPPED, TOP, aligned, backward_lines, number, weight_table
from viz.theme import palette


def part_of(values, tokens=None, across="unit") -> xr.DataArray:
    values = np.array(values, dtype=np.float64)
    steps = np.arange(len(values))
    labels = np.array(list(tokens or "abcdefgh"[: len(values)]), dtype=object)
    coords = {"step": steps, "token": ("step", labels), "group": ("step", steps)}
    return xr.DataArray(values, dims=("step", across), coords=coords)


def norm_of(values, first=0) -> xr.DataArray:
    distance = np.arange(first, first + len(values))
    coords = {
        "distance": distance,
        "step": ("distance", 9 - distance),
        "token": ("distance", np.array(["<b>"] * len(values), dtype=object)),
    }
    return xr.DataArray(np.array(values, dtype=float), dims="distance", coords=coords)


def drawn_map(part, **options):
    return figures.gradient_map(part, signal="cell", symbol="c", **options)


@pytest.mark.parametrize("dark", [False, True])
def test_what_spans_decades_is_coloured_by_its_logarithm_and_named_by_its_number(dark):
    figure = drawn_map(part_of([[1e-4, -1e-1], [-1e-3, 1.0], [0.0, np.nan]]), order=[1, 0], target=1, dark=dark)
    cells = figure.data[0]
    np.testing.assert_allclose(cells.z, [[-1, 0, np.nan], [-4, -3, -4]], atol=1e-6)  # nothing: the palest colour
    assert (cells.zmin, cells.zmax) == (-4, 0)
    assert list(cells.y) == ["1", "0"]
    np.testing.assert_allclose(cells.customdata, np.array([[-1e-1, 1.0, np.nan], [1e-4, -1e-3, 0]]), rtol=1e-6)
    assert cells.colorbar.ticktext[0] == "10<sup>-4</sup>"
    assert [(shape.x0, shape.line.dash) for shape in figure.layout.shapes] == [(1, "solid")]
    assert figure.layout.annotations[0].text == "target"
    assert figure.layout.template.layout.paper_bgcolor == ("#11161D" if dark else "#FFFFFF")


def test_what_does_not_is_coloured_by_its_size():
    figure = drawn_map(part_of([[0.2, -0.3], [0.1, 0.0]]), selected=(0, 1), target=5)
    cells = figure.data[0]
    np.testing.assert_allclose(cells.z, [[0.2, 0.1], [0.3, 0.0]], rtol=1e-6)
    assert (cells.zmin, cells.zmax) == (0, 0.3)
    assert [(shape.x0, shape.line.dash) for shape in figure.layout.shapes] == [(0, "dot")]  # the target is not in sight


def test_colours_reach_eight_powers_of_ten_down():
    cells = drawn_map(part_of([[1e-30], [1e-12], [1e-3]])).data[0]
    np.testing.assert_allclose(cells.z[0], [-11, -11, -3], atol=1e-5)
    assert (cells.zmin, cells.zmax) == (-11, -3)


def test_a_long_text_is_drawn_by_the_largest_of_several_steps():
    values = np.full((2500, 400), 0.1)
    values[7, 3] = -5.0
    figure = drawn_map(part_of(values, tokens=["x"] * 2500), target=2400, selected=(7, 3))
    cells = figure.data[0]
    assert np.asarray(cells.z).size <= MAX_CELLS
    assert np.asarray(cells.customdata)[3, 3] == -5
    assert "the largest of 2 steps" in figure.layout.title.text
    assert [shape.x0 for shape in figure.layout.shapes] == [1200, 3]


def test_curves_are_shares_of_what_reached_the_target():
    curves = [
        Curve("all", norm_of([2.0, 1.0, 0.0]), "#D55E00"),
        Curve("belt", norm_of([0.0, 0.5, 4.0]), "#0072B2", unity=2.0),
    ]
    figure = figures.decays(curves, shares=True)
    np.testing.assert_allclose(figure.data[0].y, [1, 0.5, np.nan])
    np.testing.assert_allclose(figure.data[1].y, [np.nan, 0.25, 2])
    assert [one[1] for one in figure.data[1].customdata] == [0, 0.5, 4]
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert low <= np.log10(0.25)
    assert high >= np.log10(2)
    assert figure.data[0].customdata[0][0] == "step 9  &lt;b&gt;"


def test_one_curve_is_its_norm_and_the_axis_ends_where_numbers_mean_nothing():
    figure = figures.decays([Curve("one", norm_of([1.0, 1e-3, 1e-40]))])
    np.testing.assert_allclose(figure.data[0].y, [1, 1e-3, 1e-40])
    assert figure.layout.yaxis.range[0] == pytest.approx(-16.15)
    assert not figure.layout.showlegend


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_what_is_nothing_or_no_number_can_be_drawn(value):
    assert drawn_map(part_of([[value]] * 3)).data
    assert figures.decays([Curve("one", norm_of([value] * 3))], shares=True).data
    assert figures.decays([Curve("one", norm_of([value]))]).data


def test_user_text_is_escaped():
    figure = drawn_map(part_of([[1.0], [2.0]], tokens=["<b>", "&amp;"]))
    assert list(figure.data[0].x) == ["0  &lt;b&gt;", "1  &amp;amp;"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.0, "0"), (-0.5, "-0.5"), (2.74e-11, r"2.74 \times 10^{-11}"), (1e5, r"1 \times 10^{5}"), (np.nan, r"\text{–}")],
)
def test_numbers_have_three_digits_that_count(value, wanted):
    assert number(value) == wanted


def equations_of(kind, layer):
    model = made(kind)
    recording, found = record(model, TEXT), gradients(model, TEXT, layer=layer, target=Target(6))
    equations = backward(found, recording.layers[layer], wiring(model, model.encode(TEXT), recording, layer))
    return equations, found, recording.layers[layer]


def computed(line: str) -> tuple[float, float]:
    """What the numbers on a line come to, and what the line says they do."""
    plain = re.sub(r"\\textcolor\{#[0-9A-F]{6}\}\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}", r"\1", line)
    plain = re.sub(r" \\times 10\^\{(-?\d+)\}", r"e\1", plain).replace(r"\cdot", "*")
    *_, arithmetic, result = plain.split(" = ")
    assert re.fullmatch(r"[-+*() .e0-9]+", arithmetic)
    return eval(arithmetic), float(result)  # noqa: S307 (digits and signs, as asserted)


@pytest.mark.parametrize(("kind", "layer"), [("LSTM", "layer0"), ("two layers, both ways", "layer1_reverse")])
def test_the_arithmetic_on_every_line_comes_out(kind, layer):
    equations, found, signals = equations_of(kind, layer)
    wanted = ["hidden", "output", "cell", "forget", "input", "candidate"]
    inside = ["output", "forget", "input", "candidate"]
    for unit in range(4):
        for step in range(len(TEXT)):
            lines = backward_lines(equations, found, signals, unit, step)
            here = equations.isel(step=step).sel(unit=unit)
            values = [here[name].item() for name in wanted] + [here["preactivation"].sel(gate=g).item() for g in inside]
            for line, value in zip(lines, values, strict=True):
                arithmetic, result = computed(line)
                assert result == pytest.approx(value, rel=6e-3)
                assert arithmetic == pytest.approx(result, rel=0.03, abs=2e-3)
    later = "t-1" if layer.endswith("reverse") else "t+1"
    assert f"f_{{{later}}}" in lines[2]
    assert DROPPED in lines[6]
    assert aligned(lines).count("&=") == 10


def test_the_weights_with_the_largest_gradients_are_listed():
    equations, _, _ = equations_of("LSTM", "layer0")
    table = weight_table(equations, 2)
    own = equations.sel(unit=2)
    every = np.concatenate([own[name].to_numpy().ravel() for name in ("weight_ih", "weight_hh", "bias")])
    np.testing.assert_allclose(np.abs(table["gradient"]), np.sort(np.abs(every))[::-1][:TOP], rtol=1e-12)
    symbols = {"Input gate": "i", "Forget gate": "f", "Candidate": "g", "Output gate": "o"}
    for row in table.itertuples():
        assert row.weight.split("_")[1].startswith(symbols[row.of] + "[2")
        kind = {"W": "weight_ih", "U": "weight_hh", "b": "bias"}[row.weight[0]]
        gate = next(
            name
            for name, symbol in {"input": "i", "forget": "f", "candidate": "g", "output": "o"}.items()
            if symbol == row.weight[2]
        )
        at = [int(one) for one in re.findall(r"\d+", row.weight)][1:]
        assert own[kind].sel(gate=gate).to_numpy()[*at] == row.gradient


def test_the_decay_of_a_model_can_be_drawn_as_it_is():
    found = gradients(made("LSTM"), TEXT, layer="layer0", target=Target(6))
    norm = decay(found)["cell"]
    figure = figures.decays([Curve("cell", norm)])
    np.testing.assert_array_equal(figure.data[0].x, np.arange(7))
    np.testing.assert_allclose(figure.data[0].y, norm)


def test_the_axis_of_a_long_text_ends_where_nothing_is_left():
    fading = [10.0 ** -(step / 2) for step in range(200)]
    axis = figures.decays([Curve("one", norm_of(fading)), Curve("other", norm_of(fading))], shares=True).layout.xaxis
    assert axis.range[1] == pytest.approx(32 * 1.01, abs=0.5)
    assert axis.title.text == "timesteps before the target; beyond 32, up to 199, less than 10<sup>-16</sup>"
    staying = figures.decays([Curve("one", norm_of(fading)), Curve("other", norm_of([1.0] * 200))]).layout.xaxis
    assert staying.range[1] > 199
    assert staying.title.text == "timesteps before the target"


def test_letters_have_the_colour_of_their_share_and_stand_above_the_curves_at_their_steps():
    weights = part_of([[2.0], [0.5], [np.nan], [1.0]], tokens=["<", "b", ">", "c"])[:, 0]
    weaker = part_of([[1e-9], [0.0], [0.0], [5e-10]], tokens=["<", "b", ">", "c"])[:, 0]
    norm = norm_of([4.0, 2.0, 0.4]).assign_coords(step=("distance", [3, 2, 1]))
    figure = figures.weighed({"LSTM": weights, "RNN": weaker}, [Curve("all", norm)], least=1e-6, target=3)
    cells, line = figure.data
    np.testing.assert_allclose(cells.z, [[1, 0.25, np.nan, 0.5], [1e-3, 0, 0, 5e-4]], rtol=1e-6)
    np.testing.assert_array_equal(cells.customdata[0], [2, 0.5, np.nan, 1])
    assert (cells.zmin, cells.zmax, list(cells.y)) == (0, 1, ["LSTM", "RNN"])
    assert [re.sub(r"</?span[^>]*>", "", letter) for letter in cells.text[0]] == ["&lt;", "b", "&gt;", "c"]
    base = palette(dark=False)
    assert [re.findall("#[0-9A-F]{6}", letter) for letter in cells.text[0]] == [
        [base.paper],
        [base.ink],
        [],
        [base.ink],
    ]
    assert list(line.x) == ["1  b", "2  &gt;", "3  c"]
    np.testing.assert_allclose(line.y, [0.1, 0.5, 1])
    assert [(shape.x0, shape.y0) for shape in figure.layout.shapes] == [(3, 0)]
    assert figure.layout.yaxis2.type == "log"


def test_of_a_long_text_a_column_has_the_largest_weight():
    values = np.full((4001, 1), 0.1)
    values[7] = 5.0
    norm = norm_of(np.ones(4001)).assign_coords(step=("distance", np.arange(4001)[::-1]))
    figure = figures.weighed({"LSTM": part_of(values, tokens=["x"] * 4001)[:, 0]}, [Curve("all", norm)], target=4000)
    cells, line = figure.data
    assert np.asarray(cells.z).shape == (1, 1334)
    assert np.asarray(cells.customdata)[0, 2] == 5
    assert len(line.x) == 1334
    assert "the largest of 3 steps" in figure.layout.title.text
    assert figure.layout.shapes[0].x0 == 1333
