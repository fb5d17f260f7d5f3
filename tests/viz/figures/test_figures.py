"""Figures from hand-made arrays."""

import re
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from lstm_core import SIGNALS, SIGNALS_OF
from lstm_core.analysis import surprise, top_expected
from lstm_core.cells import Activation, Cell
from viz.explore.cell_equations import cell_arithmetic
from viz.figures import comparison, distributions, heatmaps, saturations, traces
from viz.figures.axes import token_axis
from viz.figures.blocks import blocks
from viz.figures.heatmaps import MAX_CELLS
from viz.figures.stack import LEAST_WIDTH


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
    beside = {"titles": ("one", "two"), "signals": ["cell"]}
    figure = comparison(layer, layer, order=range(400), **beside)
    assert figure.layout.title.text.startswith("Each column is the mean of")
    usual = comparison(layer_of("ab"), layer_of("ab"), order=[0], **beside)
    assert figure.layout.height == usual.layout.height
    assert (
        figure.layout.margin.t >= usual.layout.margin.t + figure.layout.title.font.size
    )  # above the titles, not on them


def test_the_selected_unit_is_coloured_and_its_step_marked_in_all_six():
    figure = traces(layer_of("abcd"), units=[0, 1], selected=(2, 1))
    solid = [trace for trace in figure.data if trace.mode == "lines" and trace.line.dash == "solid"]
    assert [trace.name for trace in solid] == ["unit 1 (selected)"] * 6
    assert [shape.x0 for shape in figure.layout.shapes] == [2]


def test_a_comparison_is_never_so_narrow_that_its_titles_or_letters_overlap():
    def least(text: str, title: str) -> int:
        found = comparison(layer_of(text), layer_of(text), titles=("a", title), signals=["cell"], order=[0, 1, 2])
        return found.layout.meta[LEAST_WIDTH] - 84 - 60

    assert least("ab", "b" * 40) * 0.29 > 40 * 6.5
    assert least("x" * 48, "b") * 0.29 > 48 * 6 * 0.97
    assert least("ab", "b") < 740  # what "difference (left minus middle)" needs


def test_equal_layers_differ_by_nothing_and_unequal_sizes_are_refused():
    figure = comparison(layer_of("ab"), layer_of("ab"), titles=("one", "two"), signals=["cell"], order=[0, 1, 2])
    assert not np.asarray(figure.data[2].z).any()
    with pytest.raises(ValueError, match=r"one size.*'step': 2.*'step': 3"):
        comparison(layer_of("ab"), layer_of("abc"), titles=("one", "two"), signals=["cell"], order=[0, 1, 2])


def test_differences_have_a_scale_of_their_own_that_is_written_beside_them():
    before = layer_of("abcd", value=0.5)
    after = before.assign(forget=before["forget"] + 0.13)
    figure = comparison(after, before, titles=("one", "two"), signals=["input", "forget"], order=[0, 1, 2])
    scales = [(trace.zmin, trace.zmax) for trace in figure.data]
    assert scales == [(0, 1), (0, 1), (-1, 1), (0, 1), (0, 1), (-0.2, 0.2)]  # of equal ones, and of 0.13
    assert figure.data[5].colorbar.ticktext == ("−0.2", "0", "+0.2")
    assert {axis.side for axis in (figure.layout.xaxis, figure.layout.xaxis2, figure.layout.xaxis3)} == {"top"}


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


def of_cell(cell_type, tokens="abcd", **options) -> xr.Dataset:
    """A layer with the signals of another type of cell."""
    layer = layer_of(tokens, **options)
    values = layer["hidden"]
    return (
        layer.drop_vars([*SIGNALS, "initial_cell"])
        .assign(dict.fromkeys(SIGNALS_OF[cell_type], values))
        .assign_attrs(cell_type=cell_type)
    )


def test_a_gru_has_its_own_panels_and_symbols():
    layer = of_cell("GRU")
    figure = heatmaps(layer, signals=SIGNALS_OF["GRU"], order=[0, 1, 2])
    titles = [axis.title.text for axis in figure.select_yaxes()]
    assert titles == ["<b>Reset gate</b> r", "<b>Update gate</b> z", "<b>Candidate</b> n", "<b>Hidden state</b> h"]
    assert [(trace.zmin, trace.zmax) for trace in figure.data] == [(0, 1), (0, 1), (-1, 1), (-1, 1)]
    drawn = traces(layer, units=[0], selected=(1, 2))
    assert [axis.title.text for axis in drawn.select_yaxes()] == titles
    compared = comparison(layer, layer, titles=("one", "two"), signals=["candidate"], order=[0, 1, 2])
    assert compared.layout.yaxis.title.text == "<b>Candidate</b> n"
    assert "n = " in compared.data[0].hovertemplate


def test_the_gates_of_a_gru_are_two_and_an_rnn_has_none_to_draw():
    layer = of_cell("GRU", value=0.95)
    figure = distributions(layer, layer, titles=("one", "two"))
    assert [float(np.sum(trace.y)) for trace in figure.data] == pytest.approx([1] * 4)
    assert [list(trace.x) for trace in saturations(layer, layer, titles=("one", "two")).data[:3]] == [
        [0] * 2,
        [0] * 2,
        [1] * 2,
    ]
    rnn = of_cell("RNN")
    for draw in (distributions, saturations):
        with pytest.raises(ValueError, match="a layer without gates"):
            draw(rnn, rnn, titles=("one", "two"))


def test_values_that_are_no_numbers_are_gaps():
    layer = layer_of("abcd")
    broken = layer["cell"].to_numpy().copy()
    broken[1:, 2] = np.nan
    broken[0, 0] = 3.5
    layer = layer.assign(dict.fromkeys(("cell", "forget"), (("step", "unit"), broken)))
    figure = heatmaps(layer, signals=["cell", "forget"], order=[2, 1, 0])
    np.testing.assert_array_equal(np.isnan(np.array(figure.data[0].z)), np.isnan(broken.T[[2, 1, 0]]))
    assert figure.data[0].zmax == 5
    drawn = traces(layer, units=[0, 1, 2], selected=(3, 2))
    assert np.isfinite([bound for axis in drawn.select_yaxes() for bound in axis.range]).all()
    line = next(trace for trace in drawn.data if trace.name == "unit 2 (selected)" and trace.yaxis == "y5")
    np.testing.assert_array_equal(np.isnan(np.array(line.y)), [False, True, True, True])
    shares = distributions(layer, layer, titles=("one", "two")).data[2].y  # of the forget gate
    assert float(np.sum(shares)) == pytest.approx(1)
    nothing = layer_of("ab", value=np.nan)
    assert not np.isnan(traces(nothing, units=[0], selected=(0, 0)).layout.yaxis5.range).any()
    saturations(nothing, nothing, titles=("one", "two"))


def test_a_hidden_state_beyond_1_is_drawn_whole():
    layer = of_cell("RNN", value=2.5)
    assert heatmaps(layer, signals=["hidden"], order=[0, 1, 2]).data[0].zmax == 3
    low, high = traces(layer, units=[0], selected=(0, 0)).layout.yaxis.range
    assert low < -3
    assert high > 3


@pytest.mark.parametrize(("direction", "step", "before"), [("forward", 1, "t-1"), ("reverse", 0, "t+1")])
def test_the_arithmetic_of_a_gru_adds_up(direction, step, before):
    layer = of_cell("GRU", direction=direction)
    steps = {"reset": 0.9, "update": 0.25, "candidate": -0.4, "hidden": 0.1}
    layer = layer.assign({name: (("step", "unit"), np.full((4, 3), value)) for name, value in steps.items()})
    (line,) = cell_arithmetic(layer, 0, step)
    plain = re.sub(r"\\textcolor\{#\w+\}\{([-\d.]+)\}", r"\1", line)
    assert plain == (
        rf"h_t = (1 - z_t) \, n_t + z_t \, h_{{{before}}} = 0.750 \times (-0.400) + 0.250 \times 0.100 = 0.100"
    )
    assert r"\textcolor{#0072B2}{0.750}" in line


def test_the_arithmetic_of_an_rnn_is_the_sum_that_is_squashed():
    layer = of_cell("RNN", value=0.8)
    terms = xr.DataArray(
        np.tile([[1.5, -2.0, 0.25]], (4, 1, 1)), dims=("step", "gate", "term"), coords={"gate": ["hidden"]}
    )
    cell = Cell("RNN", candidate=Activation("relu"))
    (line,) = cell_arithmetic(layer, 0, 2, cell=cell, terms=terms)
    relu = r"\operatorname{relu}"
    assert line == (
        rf"h_t = {relu}(W x_t + U h_{{t-1}} + b) = {relu}(1.500 - 2.000 + 0.250) = {relu}(-0.250) = "
        r"\textcolor{#56B4E9}{0.800}"
    )
    (cut,) = cell_arithmetic(layer, 0, 2, cell=replace(cell, clip=0.1), terms=terms)
    assert rf"{relu}(-0.100)" in cut


def test_the_arithmetic_of_an_lstm_names_its_own_activation_and_shows_what_is_no_number():
    layer = layer_of("abcd", value=np.nan)
    (line,) = cell_arithmetic(layer, 0, 2, cell=Cell(shown=Activation("softsign")))
    assert r"o_t \operatorname{softsign}(c_t)" in line
    assert "nan" not in line
