"""What is NaN or infinite in one unit is a gap in every figure, and each page says so in the same words."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest

from lstm_core import Recording, record, signals_of
from lstm_core.analysis import learning, ledger, remembered, timescale, unit_saturation
from tests.support.apps import begun, figures, in_every_tab, opened
from viz import figures as drawn
from viz.figures.before_after import before_after
from viz.figures.gaps import with_gaps
from viz.figures.half_lives import in_steps
from viz.gradients.reach_section import share
from viz.memory.sections import error_of_known, notable
from viz.shared import cached
from viz.shared.exports import as_csv
from viz.shared.tables import ledger_table, saturation_table
from viz.shared.wording import gaps_in_words, in_digits
from viz.what_if import cached as what_if_cached

BROKEN = 2
SENTENCE = "have values that are not numbers (NaN or infinite): they are left out, and shown as gaps."


def spoiled(recording: Recording, start: int, value: float = np.nan) -> Recording:
    layers = {name: layer.copy(deep=True) for name, layer in recording.layers.items()}
    for layer in layers.values():
        for name in signals_of(layer):
            layer[name].to_numpy()[start:, BROKEN] = value
    return replace(recording, layers=layers)


@pytest.fixture
def whole(small_model) -> xr.Dataset:
    return record(small_model, "Hark who goes there").layers["layer0"]


@pytest.fixture
def broken(small_model) -> xr.Dataset:
    return spoiled(record(small_model, "Hark who goes there"), 5).layers["layer0"]


@pytest.fixture
def infinite(broken) -> xr.Dataset:
    """Gates that are NaN, and states that are infinite."""
    signs = np.where(np.arange(broken.sizes["step"]) % 2, np.inf, -np.inf).astype(np.float32)
    copy = broken.copy(deep=True)
    for name in ("candidate", "cell", "hidden"):
        copy[name].to_numpy()[5:, BROKEN] = signs[5:]
    return copy


def values_of(trace, name: str) -> np.ndarray:
    return np.asarray(trace[name], dtype=float)


def ranges(figure) -> list[float]:
    axes = [axis for axis in figure.to_dict()["layout"].items() if re.match(r"[xy]axis", axis[0])]
    ends = [end for _, axis in axes for end in axis.get("range") or []]
    traces = [trace[name] for trace in figure.to_dict()["data"] for name in ("zmin", "zmax") if name in trace]
    return [*ends, *traces]


@pytest.mark.parametrize("kind", ["broken", "infinite"])
def test_heatmaps_have_gaps_and_axes_of_what_is_finite(kind, whole, request):
    layer, order = request.getfixturevalue(kind), list(range(8))
    names = ("cell", "forget")
    pairs = {
        "heatmaps": [drawn.heatmaps(one, signals=names, order=order) for one in (layer, whole)],
        "comparison": [
            drawn.comparison(one, whole, titles=("a", "b"), signals=names, order=order) for one in (layer, whole)
        ],
    }
    for name, (figure, wanted) in pairs.items():
        assert np.isfinite(ranges(figure)).all()
        for trace, without in zip(figure.data, wanted.data, strict=True):
            values, known = values_of(trace, "z"), values_of(without, "z")
            gaps = np.zeros(values.shape, bool)
            gaps[BROKEN, 5:] = name == "heatmaps" or not trace.name.endswith(" 2")
            np.testing.assert_array_equal(np.isnan(values), gaps)
            np.testing.assert_array_equal(values[~gaps], known[~gaps])


@pytest.mark.parametrize("kind", ["broken", "infinite"])
def test_blocks_of_steps_with_a_gap_are_gaps(kind, request, monkeypatch):
    monkeypatch.setattr(import_module("viz.figures.heatmaps"), "MAX_CELLS", 8 * 7)
    figure = drawn.heatmaps(request.getfixturevalue(kind), signals=["cell"], order=list(range(8)))
    values = values_of(figure.data[0], "z")
    assert "Each column is the mean of 3 steps" in figure.layout.title.text
    np.testing.assert_array_equal(np.isnan(values[BROKEN]), [False] + [True] * 6)
    assert np.isfinite(np.delete(values, BROKEN, axis=0)).all()


@pytest.mark.parametrize("kind", ["broken", "infinite"])
def test_what_is_left_is_a_gap_and_the_sum_of_it_is_no_number(kind, request, whole):
    layer = request.getfixturevalue(kind)
    found = ledger(layer, 15)
    figure = drawn.ledger(found, unit=BROKEN, order=list(range(8)))
    assert "not a number" in figure.layout.title.text
    assert "nan" not in figure.layout.title.text
    assert np.isfinite(ranges(figure)).all()
    assert np.isnan(values_of(figure.data[0], "z")).all()
    other = drawn.ledger(found, unit=0, order=list(range(8))).layout.title.text
    assert other == drawn.ledger(ledger(whole, 15), unit=0, order=list(range(8))).layout.title.text
    assert error_of_known(found, layer) < 1e-5
    later = remembered(layer, 3)
    chart = drawn.remembered(later, units=[0, 1], chosen=BROKEN)
    assert np.isfinite(ranges(chart)).all()
    band = next(trace for trace in chart.data if trace.name == "lower quartile")
    known = later["left"].drop_sel(unit=BROKEN).transpose("step", "unit").to_numpy()
    np.testing.assert_array_equal(values_of(band, "y"), np.quantile(known, 0.25, axis=1))
    assert BROKEN not in notable(later, [0, 1, BROKEN], 0)
    assert notable(later, [0, 1], 0) == notable(remembered(whole, 3), [0, 1], 0)


def test_of_no_numbers_at_all_there_is_a_picture_without_a_mark(whole):
    layer = whole.map(lambda part: part * np.nan if "step" in part.dims else part).assign_attrs(whole.attrs)
    later = remembered(layer, 3)
    drawn.remembered(later, units=[0], chosen=1)
    drawn.timescale(timescale(layer), chosen=0)
    assert np.isnan(error_of_known(ledger(layer, 9), layer))
    for trace in drawn.distributions(layer, layer, titles=("a", "b")).data:
        assert np.isnan(values_of(trace, "y")).all()
    for trace in drawn.saturations(layer, layer, titles=("a", "b")).data:
        assert np.isnan(values_of(trace, "x")).all()
    for figure in (drawn.heatmaps(layer, signals=["cell"], order=[0]), drawn.traces(layer, units=[0], selected=(2, 1))):
        assert np.isfinite([end for end in ranges(figure) if not isinstance(end, str)]).all()


def test_points_and_shares_of_a_unit_that_is_nan_are_not_drawn(broken, whole):
    figure = drawn.saturation_points([unit_saturation(broken)], titles=["a"])
    for trace in figure.data:
        if trace.mode == "markers":
            np.testing.assert_array_equal(np.flatnonzero(np.isnan(values_of(trace, "x"))), [BROKEN])
    found = learning([whole["forget"], broken["forget"]], [0, 8])
    for trace in drawn.learning(found, gate="forget", order=[1, BROKEN, 0]).data:
        np.testing.assert_array_equal(np.isnan(values_of(trace, "z")), [[False, False], [False, True], [False, False]])
        assert trace.hoverongaps is False


@pytest.mark.parametrize("kind", ["broken", "infinite"])
def test_a_trace_of_what_is_infinite_has_an_axis(kind, request):
    layer = request.getfixturevalue(kind)
    feature = xr.DataArray(np.arange(19) % 2.0, dims="step", coords={"step": layer["step"]}, name="odd")
    for signal in ("cell", "hidden", "forget"):
        assert np.isfinite(ranges(drawn.followed(layer[signal].sel(unit=BROKEN), feature))).all()


def said_of(*chances: list[float]) -> xr.Dataset:
    return xr.Dataset(
        {"probability": (("step", "class"), np.array(chances)), "next_class": ("step", [1] * len(chances))},
        coords={"step": np.arange(len(chances)), "class": ["a", "b", "c"]},
        attrs={"kind": "next"},
    )


def test_a_chance_that_is_nan_has_no_bar():
    before, after = said_of([0.2, 0.5, 0.3]), said_of([np.nan] * 3)
    figure = before_after(before, after, step=0)
    assert list(values_of(figure.data[0], "x")) == [0.5, 0.3, 0.2]
    assert np.isnan(values_of(figure.data[1], "x")).all()
    assert list(figure.data[1].text) == ["–"] * 3
    swapped = before_after(after, before, step=0)
    assert list(values_of(swapped.data[1], "x")) == [0.5, 0.3, 0.2]
    nothing = before_after(after, after, step=0)
    assert np.isnan(values_of(nothing.data[0], "x")).all()


def test_a_bar_of_several_steps_is_a_gap_where_one_of_them_is_nan_but_not_where_it_is_unknown_what_came(monkeypatch):
    monkeypatch.setattr(import_module("viz.figures.what_if_change"), "MOST_BARS", 3)
    change = xr.Dataset(
        {
            "divergence": ("step", [1.0, 3.0, np.nan, 5.0, 7.0, 9.0]),
            "cost": ("step", [2.0, 4.0, np.nan, 8.0, 6.0, np.nan]),
        },
        coords={"step": np.arange(6), "token": ("step", list("abcdef")), "group": ("step", np.arange(6))},
    )
    moved, cost = drawn.what_if_change(change).data
    np.testing.assert_allclose(moved.y * np.log(2), [2, np.nan, 8])
    np.testing.assert_allclose(cost.y * np.log(2), [3, np.nan, 6])


def test_numbers_in_words_are_never_nan():
    assert in_digits(np.nan, ".3f") == in_digits(np.inf, "+.3g") == "not a number"
    assert in_digits(-0.5, "+.3f") == "-0.500"
    assert in_steps(np.nan) == "not a number"
    assert share(np.nan) == "not a number"
    assert share(0.0) == "less than 1e-37"


def test_the_sentence_counts_what_is_broken():
    layer = xr.DataArray(np.zeros((4, 8)), dims=("step", "unit"))
    assert gaps_in_words(layer) == ""
    layer[1, 3] = np.nan
    assert gaps_in_words(layer) == f" 1 of 8 units {SENTENCE.replace('have', 'has', 1)}"
    assert gaps_in_words(layer, across="step", noun="word").startswith(" 1 of 4 words has values")
    other = layer * 0
    other[2, [4, 5]] = -np.inf
    assert gaps_in_words(layer, xr.Dataset({"a": other, "b": other[0, 0]})) == f" 3 of 8 units {SENTENCE}"
    assert gaps_in_words(layer * np.nan) == f" All 8 units {SENTENCE}"
    assert gaps_in_words(layer[:, 3:4]).startswith(" The unit has values")
    assert gaps_in_words(layer[:, :2] * np.nan).startswith(" Both units have values")


def test_what_is_infinite_is_a_gap_and_what_is_finite_stays_the_very_array():
    values = np.array([[1, np.inf], [np.nan, -np.inf]], np.float32)
    np.testing.assert_array_equal(with_gaps(values), [[1, np.nan], [np.nan, np.nan]])
    assert with_gaps(values).dtype == np.float32
    assert with_gaps(values[:1, :1]) is not None
    finite = np.ones((2, 2))
    assert with_gaps(finite) is finite


def test_in_a_csv_nan_is_an_empty_field(broken):
    rows = as_csv(saturation_table([unit_saturation(broken)], ["one"])).decode().splitlines()
    assert "one,forget,2,," in rows
    assert "nan" not in as_csv(ledger_table(ledger(broken, 15))).decode().lower()


@pytest.fixture(params=[0, 7])
def one_broken_unit(request, monkeypatch) -> str:
    """Unit 2 of every layer is NaN from that step on, in each recording that a page shows; the text for it."""
    request.getfixturevalue("with_odd_models")

    def spoiling(*arguments, **options):
        return spoiled(record(*arguments, **options), request.param)

    for module in (cached, what_if_cached):
        monkeypatch.setattr(module, "record", spoiling)
    return f"Hark, who went by {request.param}"  # of this test alone: recordings are cached


PAGES = {"explore": 1, "step": 1, "compare": 3, "memory": 5, "gradients": 0, "what_if": 1}  # how often each says it


def visited(page: str, **query: str) -> AppTest:
    app = begun(page.replace("_", "-"), **query)
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return "\n".join(in_every_tab(app, lambda opened: [one.value for one in opened.caption]))


def said(app: AppTest) -> list[str]:
    return [one.value for kind in (app.caption, app.markdown, app.metric, app.info, app.latex) for one in kind]


def all_finite(found: object) -> bool:
    """Are all numbers of a layout finite?"""
    if isinstance(found, dict):
        return all(map(all_finite, found.values()))
    if isinstance(found, list):
        return all(map(all_finite, found))
    return not isinstance(found, float) or bool(np.isfinite(found))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_how_many_units_are_gaps(page, one_broken_unit):
    app = visited(page, model="three layers", text=one_broken_unit, unit="2", step="9")
    sentences = captions(app)
    wanted = f"1 of 7 units {SENTENCE.replace('have', 'has', 1)}"
    assert sentences.count(wanted) == PAGES[page]
    assert "nan" not in re.sub(r"\(NaN or infinite\)", "", sentences).lower()
    for figure in in_every_tab(app, figures):
        assert all_finite(figure["layout"])
        assert "Infinity" not in json.dumps(figure["layout"])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("with_odd_models")
def test_a_model_of_which_nothing_is_a_number_has_pages_of_gaps(page):
    app = visited(page, model="no numbers", text="Hark who goes there", ranked="true")
    sentences = captions(app)
    assert f"All 6 units {SENTENCE}" in sentences
    words = in_every_tab(app, said)
    assert not re.search(
        r"(?<![a-z])nan(?![a-z])", re.sub(r"\(NaN or infinite\)|NaN or infinite", "", " ".join(words)), re.IGNORECASE
    )
    if page == "what_if":
        assert any("At some steps the loss is NaN or infinite" in one for one in words)
        assert any("the predictions move by not a number (KL divergence)" in one for one in words)


@pytest.mark.usefixtures("with_odd_models")
def test_letters_of_a_text_that_cannot_be_written_on_are_one_sentence():
    app = opened(model="no numbers", text="Hark who", written="5", writer="no numbers")
    assert not app.exception
    assert any("the model's logits are not numbers" in one.value for one in app.text)


def numbers(values: object) -> np.ndarray:
    if not isinstance(values, dict):
        return np.array(values, dtype=float)
    found = np.frombuffer(b64decode(values["bdata"]), dtype=values["dtype"])
    return found.reshape([int(one) for one in str(values.get("shape", len(found))).split(",")])


def test_memory_draws_no_point_for_the_unit_and_all_others(one_broken_unit):
    app = visited("memory", model="three layers", text=one_broken_unit, unit="2", tab="saturation")
    points = next(figure for figure in figures(app) if "steps saturated open" in json.dumps(figure["layout"]))
    for trace in points["data"]:
        if trace.get("mode") == "markers":
            gaps = np.isnan(numbers(trace["x"]))
            np.testing.assert_array_equal(np.flatnonzero(gaps), [BROKEN])
