"""What a model predicts, above the heatmaps: a panel of its own for each kind."""

import numpy as np
import pytest
import xarray as xr

from lstm_core import Recording
from tests.viz.figures.test_figures import layer_of
from viz.figures import heatmaps
from viz.shared.exports import csv_rows, csv_table, zarr_archive
from viz.shared.prediction_text import NOTHING, about_predictions, prediction_panels

TOKENS = ["<i>", "am", "glad"]


def coordinates() -> dict:
    return {"step": np.arange(3), "token": ("step", np.array(TOKENS, dtype=object)), "group": ("step", np.arange(3))}


def chances(kind, classes, rows, came=(-1, -1, -1)) -> xr.Dataset:
    return xr.Dataset(
        {
            "probability": (("step", "class"), np.array(rows, dtype=np.float32)),
            "next_class": ("step", np.array(came)),
        },
        coords=coordinates() | {"class": np.array(classes, dtype=object)},
        attrs={"kind": kind},
    )


def values(*, ahead: bool) -> xr.Dataset:
    came = [[21.0], [19.5], [np.nan]] if ahead else [[np.nan]] * 3
    return xr.Dataset(
        {
            "value": (("step", "feature"), np.array([[20.5], [20.25], [19.0]], dtype=np.float32)),
            "came": (("step", "feature"), np.array(came, dtype=np.float32)),
        },
        coords=coordinates() | {"feature": np.array(["sea <b> (°C)"], dtype=object)},
        attrs={"kind": "values", "ahead": int(ahead)},
    )


LABELS = chances("labels", ["<bad>", "good"], [[0.5, 0.5], [0.25, 0.75], [0.1, 0.9]])
LEGAL = chances("legal", ["a", "b", "&"], [[1, 0.5, 0], [0, 1, 1], [0, 0, 1]], (1, 2, -1))
KINDS = {"labels": LABELS, "legal": LEGAL, "forecast": values(ahead=True), "values": values(ahead=False)}


def drawn(prediction, steps=slice(None)):
    layer = layer_of(TOKENS).isel(step=steps)
    return heatmaps(layer, signals=["forget"], order=[0, 1, 2], **prediction_panels(prediction, steps))


def panels(figure) -> list[str]:
    return [axis.title.text for axis in figure.select_yaxes()]


def test_labels_have_a_row_each_and_no_surprise():
    figure = drawn(LABELS)
    cells = figure.data[0]
    np.testing.assert_allclose(np.array(cells.z), LABELS["probability"].to_numpy().T)
    assert (cells.zmin, cells.zmax) == (0, 1)
    assert list(cells.y) == ["&lt;bad&gt;", "good"]
    assert panels(figure)[0] == "Predicted<br>label"
    assert len(panels(figure)) == 2


def test_legal_tokens_have_a_row_each_a_dot_where_one_came_and_surprise():
    figure = drawn(LEGAL)
    bars, cells, dots = figure.data[:3]
    assert list(bars.y) == [0, 1, 0]  # "b" had one half, "&" all
    assert panels(figure)[:2] == ["Surprisal<br>(bits)", "May come<br>next"]
    np.testing.assert_allclose(np.array(cells.z), LEGAL["probability"].to_numpy().T)
    assert list(dots.y) == ["b", "&amp;"]
    assert list(dots.x) == ["0  &lt;i&gt;", "1  am"]


def test_of_many_legal_tokens_those_most_likely_are_shown_and_named_for_what_they_are():
    many = chances("legal", [chr(97 + one) for one in range(20)], np.eye(20)[:3], (1, 2, -1))
    figure = drawn(many)
    assert panels(figure)[1] == "May come<br>next"
    assert np.array(figure.data[1].z).shape == (5, 3)
    assert "may come next" in figure.data[1].hovertemplate


def test_a_forecast_is_a_line_in_its_units_and_what_came_stands_on_the_same_axis():
    figure = drawn(KINDS["forecast"])
    line, came = figure.data[:2]
    assert list(line.y) == [20.5, 20.25, 19.0]
    np.testing.assert_array_equal(np.array(came.y), [21, 19.5, np.nan])
    assert line.yaxis == came.yaxis
    low, high = figure.layout.yaxis.range
    assert low < 19
    assert high > 21
    assert "sea &lt;b&gt; (°C)" in line.hovertemplate
    assert figure.layout.annotations[0].text == "— forecast<br>○ came"


def test_a_value_that_is_no_forecast_is_a_line_alone():
    figure = drawn(KINDS["values"])
    assert [trace.type for trace in figure.data] == ["scatter", "heatmap"]
    assert np.isfinite(figure.layout.yaxis.range).all()


def test_without_a_readout_nothing_is_drawn_and_one_sentence_says_why():
    nothing = xr.Dataset(coords=coordinates(), attrs={"kind": "nothing"})
    assert panels(drawn(nothing)) == ["<b>Forget gate</b> f"]
    assert about_predictions(nothing, ("word", "words")) == NOTHING


def test_chances_and_values_that_are_no_numbers_are_gaps():
    broken = chances("legal", ["a", "b", "&"], [[1, 0.5, 0], [np.nan] * 3, [np.nan] * 3], (1, 2, -1))
    np.testing.assert_array_equal(drawn(broken).data[0].y, [0, 1, np.nan])
    numbers = values(ahead=False)
    numbers["value"] = numbers["value"] * np.nan
    assert list(drawn(numbers).layout.yaxis.range) == [-1, 1]


def test_a_window_shows_the_surprise_at_its_first_step_too():
    figure = drawn(LEGAL, slice(1, 3))
    assert list(figure.data[0].y) == [1, 0]


def test_words_too_wide_for_their_columns_stand_in_the_hover_label_alone():
    wide = chances("next", ["wonderful", "a", "terrible"], [[0.7, 0.2, 0.1]] * 3, (0, 1, -1))
    narrow = heatmaps(
        layer_of(TOKENS), signals=["forget"], order=[0, 1, 2], width=300, **prediction_panels(wide, slice(None))
    )
    cells = narrow.data[1]
    assert [row[0] for row in cells.text] == ["", "a", ""]
    assert [row[0] for row in cells.customdata] == ["<b>[wonderful]</b>", "a", "terrible"]
    roomy = drawn(wide)
    assert [row[0] for row in roomy.data[1].text] == ["<b>[wonderful]</b>", "a", "terrible"]


@pytest.mark.parametrize("kind", KINDS)
def test_user_text_is_escaped_in_every_panel(kind):
    written = drawn(KINDS[kind]).to_json().replace("\\u003c", "<").replace("\\u003e", ">")
    for raw in ("<i>", "<bad>", "sea <b>"):
        assert raw not in written


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_in_words(kind):
    assert about_predictions(KINDS[kind], ("word", "words")).endswith(".")
    assert ("Surprisal is" in about_predictions(KINDS[kind], ("word", "words"))) == (kind == "legal")


@pytest.mark.parametrize("kind", KINDS)
def test_recordings_of_every_kind_can_be_taken_home(kind, tmp_path):
    recording = Recording({"layer0": layer_of(TOKENS)}, KINDS[kind])
    assert csv_table(recording, "layer0", slice(0, 3)).count(b"\n") == csv_rows(recording, "layer0", 3) + 1
    assert zarr_archive(recording).startswith(b"PK")
    recording.save(tmp_path / "saved")
    again = Recording.load(tmp_path / "saved").prediction
    xr.testing.assert_equal(again, KINDS[kind])
    assert again.attrs == KINDS[kind].attrs
