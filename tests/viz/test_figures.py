"""Figures from hand-made arrays."""

import numpy as np
import pytest
import xarray as xr

from lstm_core import SIGNALS
from lstm_core.analysis import surprise, top_expected
from viz.equations import cell_arithmetic
from viz.figures import comparison, distributions, heatmaps, saturations, traces
from viz.figures.axes import token_axis
from viz.figures.blocks import blocks
from viz.figures.heatmaps import MAX_CELLS


def layer_of(tokens, units=3, *, groups=None, value=None, direction="forward") -> xr.Dataset:
    steps = len(tokens)
    ramp = np.linspace(0, 1, steps * units, dtype=np.float32).reshape(steps, units)
    values = ramp if value is None else np.full((steps, units), value, dtype=np.float32)
    return xr.Dataset(
        dict.fromkeys(SIGNALS, (("step", "unit"), values))
        | {"initial_cell": ("unit", np.zeros(units)), "initial_hidden": ("unit", np.zeros(units))},
        coords={
            "step": np.arange(steps),
            "unit": np.arange(units),
            "token": ("step", np.array(list(tokens), dtype=object)),
            "group": ("step", np.arange(steps) if groups is None else np.array(groups)),
        },
        attrs={"direction": direction},
    )


def prediction_of(tokens) -> xr.Dataset:
    steps = len(tokens)
    return xr.Dataset(
        {
            "probability": (("step", "class"), np.tile(np.array([0.7, 0.2, 0.1], dtype=np.float32), (steps, 1))),
            "next_class": ("step", np.array([0] * (steps - 1) + [-1])),
        },
        coords={
            "step": np.arange(steps),
            "token": ("step", np.array(list(tokens), dtype=object)),
            "group": ("step", np.arange(steps)),
            "class": np.array(["<b>", "&", "x"], dtype=object),
        },
    )


@pytest.mark.parametrize("dark", [False, True])
def test_heatmap_rows_follow_the_order_and_columns_the_steps(dark):
    layer = layer_of("abcd")
    figure = heatmaps(layer, signals=["forget", "cell"], order=[2, 0, 1], dark=dark)
    forget = next(trace for trace in figure.data if trace.name == "forget")
    assert list(forget.y) == ["2", "0", "1"]
    np.testing.assert_array_equal(np.array(forget.z), layer["forget"].to_numpy().T[[2, 0, 1]])
    assert list(forget.x) == ["0  a", "1  b", "2  c", "3  d"]
    assert figure.layout.template.layout.paper_bgcolor == ("#11161D" if dark else "#FFFFFF")


def test_user_text_is_escaped_everywhere_in_a_figure():
    tokens = ["<b>", "&amp;", "<a href='x'>"]
    prediction = prediction_of(tokens)
    drawn = [
        heatmaps(
            layer_of(tokens),
            signals=SIGNALS,
            order=[0, 1, 2],
            surprise=surprise(prediction),
            expected=top_expected(prediction),
        ),
        traces(layer_of(tokens), units=[0], selected=(0, 1)),
        comparison(layer_of(tokens), layer_of(tokens), titles=("<i>", "<u>"), signals=["forget"], order=[0, 1, 2]),
        distributions(layer_of(tokens), layer_of(tokens), titles=("<i>", "<u>")),
        saturations(layer_of(tokens), layer_of(tokens), titles=("<i>", "<u>")),
    ]
    for figure in drawn:
        written = figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
        for raw in ("<a ", "<i>", "<u>", "&amp;amp;amp;"):
            assert raw not in written
    assert "&amp;amp;" in drawn[0].to_json().replace("\\u0026", "&")


def test_each_character_is_a_tick_and_one_of_several_bytes_stands_in_its_middle():
    axis = token_axis(layer_of(["a", "é", "é", "b"], groups=[0, 1, 1, 2]), width=400)
    assert axis["ticktext"] == ["a", "é", "b"]
    assert axis["tickvals"] == [0, 1.5, 3]


def test_where_characters_do_not_fit_words_stand_at_their_beginnings():
    tokens = list("the␣king␣speaks") * 20
    axis = token_axis(layer_of(tokens), width=600)
    assert len(axis["ticktext"]) < 60
    assert axis["ticktext"][0] == "the"
    assert set(axis["ticktext"]) <= {"the", "king", "speaksthe"}


def test_a_name_without_a_glyph_is_spelled_out_only_where_it_fits():
    tokens = ["a", "U+200B", "b"]
    assert token_axis(layer_of(tokens), width=600)["ticktext"] == tokens
    assert token_axis(layer_of(tokens), width=60)["ticktext"] == ["a", "▯", "b"]


def test_block_means_are_means():
    layer = layer_of(list("abcdefg"))
    block = blocks(layer, 3)
    values = layer["cell"].to_numpy()
    np.testing.assert_allclose(block["cell"], [values[:3].mean(0), values[3:6].mean(0), values[6]], atol=1e-6)
    assert block["token"].to_numpy().tolist() == ["a", "d", "g"]


def test_a_huge_layer_stays_drawable_and_says_what_it_did():
    layer = layer_of(["x"] * 3000, units=400)
    figure = heatmaps(layer, signals=SIGNALS, order=range(400))
    assert sum(np.asarray(trace.z).size for trace in figure.data) <= MAX_CELLS
    assert figure.layout.title.text.startswith("Each column is the mean of")


def test_the_selected_unit_is_coloured_and_its_step_marked_in_all_six():
    figure = traces(layer_of("abcd"), units=[0, 1], selected=(2, 1))
    solid = [trace for trace in figure.data if trace.mode == "lines" and trace.line.dash == "solid"]
    assert [trace.name for trace in solid] == ["unit 1 (selected)"] * 6
    assert [shape.x0 for shape in figure.layout.shapes] == [2]


def test_equal_layers_differ_by_nothing_and_unequal_sizes_are_refused():
    figure = comparison(layer_of("ab"), layer_of("ab"), titles=("one", "two"), signals=["cell"], order=[0, 1, 2])
    assert not np.asarray(figure.data[2].z).any()
    with pytest.raises(ValueError, match=r"one size.*'step': 2.*'step': 3"):
        comparison(layer_of("ab"), layer_of("abc"), titles=("one", "two"), signals=["cell"], order=[0, 1, 2])


def test_a_distribution_counts_every_value_once():
    figure = distributions(layer_of("abcd", value=0.5), layer_of("abcd", value=1.0), titles=("one", "two"))
    assert [float(np.sum(trace.y)) for trace in figure.data] == pytest.approx([1] * 6)
    assert figure.data[1].y[-1] == 1


def test_saturation_bars_are_the_shares():
    figure = saturations(layer_of("ab", value=0.95), layer_of("ab", value=0.5), titles=("one", "two"))
    assert [list(trace.x) for trace in figure.data[:3]] == [[0, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(("direction", "step", "previous"), [("forward", 1, "0.111"), ("reverse", 0, "0.444")])
def test_the_arithmetic_uses_the_cell_of_the_step_read_before(direction, step, previous):
    layer = layer_of("abcd", units=3, direction=direction)
    layer["cell"] = (("step", "unit"), np.array([[0.111] * 3, [0.444] * 3, [0.5] * 3, [0.6] * 3], dtype=np.float32))
    (line,) = cell_arithmetic(layer, 0, step)
    assert rf"\textcolor{{#D55E00}}{{{previous}}}" in line


def test_the_arithmetic_begins_with_the_initial_cell():
    layer = layer_of("abcd")
    layer["initial_cell"] = ("unit", np.full(3, -2.5))
    assert r"(\textcolor{#D55E00}{-2.500})" in cell_arithmetic(layer, 0, 0)[0]
