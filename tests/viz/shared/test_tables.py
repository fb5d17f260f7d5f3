"""The tables behind the figures: what pandas reads back from their CSV is what the analyses found."""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import streamlit as st
import xarray as xr
from streamlit.testing.v1 import AppTest

import pretrained
from lstm_core import Intervention, record
from lstm_core.analysis import (
    Target,
    best_followers,
    best_remembered,
    change,
    decay,
    feature_selectivity,
    gradients,
    importance,
    knock_out,
    ledger,
    paths,
    remembered,
    text_features,
    timescale,
    unit_saturation,
)
from lstm_core.analysis.memory import state
from tests.support import odd_models
from tests.support.apps import begun, in_every_tab
from tests.viz.figures.test_gradient_figures import norm_of, part_of
from tests.viz.figures.test_memory_figures import feature_of, layer_of
from tests.viz.figures.test_what_if_figures import changed, coords_of, effect_of, predicted
from viz.shared import downloads, tables
from viz.shared.exports import as_csv, csv_table

AWKWARD = ["=1+1", '"', ",", "a\nb", "\r", "-1", "@x", "NA", "␣", "ü"]
Taken = dict[str, Callable[[], bytes]]


def read(file: bytes) -> pd.DataFrame:
    """As a researcher would: UTF-8, tokens such as NA as they are."""
    return pd.read_csv(io.BytesIO(file), keep_default_na=False, na_values=[""])


def again(table: pd.DataFrame) -> pd.DataFrame:
    return read(as_csv(table))


def equal(column: pd.Series, wanted: object) -> None:
    """To the last bit, in the precision in which it was found."""
    values = np.asarray(wanted)
    np.testing.assert_array_equal(column.to_numpy().astype(values.dtype), values.reshape(-1))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """The files behind the buttons of the page that is opened next, by label."""
    files: Taken = {}
    button = st.download_button

    def noting(label: str, data: Callable[[], bytes], **named: object) -> bool:
        files[label] = data
        return button(label, data, **named)

    monkeypatch.setattr(st, "download_button", noting)
    return files


def page(name: str, **query: str | list[str]):
    app = begun(name.replace("_", "-"), **query)
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("cell_type", ["LSTM", "GRU"])
def test_a_ledger_sums_to_the_memory_with_what_stood_there_before(direction, cell_type):
    layer = layer_of("abcd", direction=direction, cell_type=cell_type)
    found = ledger(layer, 1)
    table = again(tables.ledger_table(found))
    assert list(table) == ["step", "token", "unit", "written", "left", "contribution"]
    before, rows = table[table["step"].isna()], table[table["step"].notna()]
    equal(before["contribution"], found["initial"])
    assert before[["token", "written", "left"]].isna().all(axis=None)
    assert rows["step"].unique().tolist() == sorted(found["step"].to_numpy().tolist())
    assert rows["unit"].tolist() == [0, 1, 2] * found.sizes["step"]
    for name in ("written", "left", "contribution"):
        equal(rows[name], found.sortby("step")[name])
    assert rows["token"].tolist() == [layer["token"].item(int(step)) for step in rows["step"]]
    handmade = found["contribution"].sum("step") + found["initial"]
    np.testing.assert_allclose(table.groupby("unit")["contribution"].sum(), handmade, rtol=1e-12)


def test_the_memory_of_a_model_is_in_its_ledgers_table():
    layer = record(pretrained.load("anbn", device="cpu"), "SaabbT").layers["layer0"]
    table = again(tables.ledger_table(ledger(layer, 5)))
    np.testing.assert_allclose(table.groupby("unit")["contribution"].sum(), state(layer)[-1], atol=1e-5)


def test_awkward_tokens_come_back_as_they_are():
    layer = layer_of(AWKWARD)
    table = again(tables.remembered_table(remembered(layer, 0)))
    assert table["token"].tolist() == [token for token in AWKWARD for _ in range(3)]
    assert table["step"].tolist() == [step for step in range(len(AWKWARD)) for _ in range(3)]
    prediction = predicted([[0.1] * len(AWKWARD)], [3], AWKWARD)
    assert again(tables.before_after_table(prediction, prediction, 0))["class"].tolist() == AWKWARD


def test_the_recordings_csv_has_the_same_rules():
    recording = record(pretrained.load("shakespeare", device="cpu"), '=1"+,-@')
    table = read(csv_table(recording, "layer0", slice(0, 7)))
    assert table["token"].drop_duplicates().tolist() == list('=1"+,-@')
    equal(table["value"], recording.to_dataframe()["value"])


def test_infinite_half_lives_and_quartiles_are_kept():
    found = timescale(layer_of("abcdefgh", forget=1.0))
    table = again(tables.timescale_table(found))
    assert list(table)[:5] == ["unit", "rank", "half_life", "measured", "censored"]
    assert table["rank"].tolist() == [1, 2, 3]
    assert np.isinf(table[["half_life", "measured", "lower_quartile", "median", "upper_quartile"]]).all(axis=None)
    found = timescale(record(pretrained.load("anbn", device="cpu"), "SaabbT").layers["layer0"])
    table = again(tables.timescale_table(found)).set_index("unit")
    for place, name in enumerate(tables.QUARTILES):
        equal(table.sort_index()[name], found["quartiles"][place])


def test_saturation_names_whose_units_they_are():
    shares = [unit_saturation(layer_of("abc", forget=one)) for one in (0.95, 0.05)]
    table = again(tables.saturation_table(shares, ["one, two", "one, two (untrained)"]))
    assert list(table) == ["model", "gate", "unit", "below", "above"]
    own = table[(table["gate"] == "forget") & (table["unit"] == 1)].set_index("model")
    assert own["above"].tolist() == [1, 0]
    assert own["below"].tolist() == [0, 1]
    assert len(table) == 2 * 3 * 3


def test_all_that_was_searched_is_ranked():
    layer = layer_of("abcdefghijkl")
    feature = feature_of(layer, [0, 1] * 6)
    found = feature_selectivity(layer, feature.to_dataset(), signals=["cell", "hidden"])
    table = again(tables.followers_table(found))
    assert len(table) == found["score"].size == 6
    assert table["score"].is_monotonic_decreasing
    for row in table.itertuples():
        assert row.score == found["score"].sel(signal=row.signal, unit=row.unit).item()
    trace = again(tables.trace_table(layer["cell"].sel(unit=2), feature))
    equal(trace["value"], layer["cell"].sel(unit=2))
    assert trace["feature_value"].tolist() == [0, 1] * 6
    assert set(trace["feature"]) == {"inside"}
    assert (trace["unit"] == 2).all()


@pytest.mark.parametrize("across", ["unit", "feature", "projection"])
def test_a_gradient_has_its_sign_and_its_gaps(across):
    part = part_of([[1e-30, -2.5], [np.nan, 0.0]], across=across).isel(step=slice(0, 2))
    table = again(tables.gradient_table(part.transpose(across, "step"), "a_f"))
    assert list(table) == ["step", "token", across, "with_respect_to", "gradient"]
    equal(table["gradient"], part)
    assert table[across].tolist() == [0, 1, 0, 1]
    assert set(table["with_respect_to"]) == {"a_f"}


def test_norms_stand_by_their_distance_and_the_rnn_beside_them():
    norm = norm_of([4.0, 2.0, 1.0])
    table = again(tables.decay_table(norm, "c"))
    assert table.iloc[0].tolist() == [0, 9, "<b>", "c", 4.0]
    split = xr.Dataset({name: norm * factor for name, factor in (("total", 1), ("belt", 0.5), ("rest", 0.25))})
    table = again(tables.ways_table(split, norm_of([8.0, 7.0], first=1)))
    assert list(table) == ["distance", "step", "token", "total", "belt", "rest", "rnn"]
    assert table["belt"].tolist() == [2, 1, 0.5]
    np.testing.assert_array_equal(table["rnn"], [np.nan, 8, 7])
    assert "rnn" not in tables.ways_table(split, None)


def test_a_change_of_chances_and_one_of_values():
    table = again(tables.change_table(changed([0, 0.5], [0.25, np.nan])))
    assert list(table) == ["step", "token", "divergence", "cost"]
    np.testing.assert_array_equal(table["cost"], [0.25, np.nan])
    parts = {"absolute": (("step", "feature"), [[1.0, 2.0], [3.0, 4.0]]), "cost": ("step", [0.5, -0.5])}
    coords = coords_of(2) | {"feature": np.array(["°C, mean", "rain"], dtype=object)}
    table = again(tables.change_table(xr.Dataset(parts, coords, {"kind": "values"})))
    assert list(table) == ["step", "token", "feature", "absolute", "cost"]
    assert table["feature"].tolist() == ["°C, mean", "rain"] * 2
    assert table["absolute"].tolist() == [1, 2, 3, 4]
    assert table["cost"].tolist() == [0.5, 0.5, -0.5, -0.5]


def test_before_and_after_have_every_class_and_which_came_where_that_is_known():
    before = predicted([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0]], [2, -1], ["x", "x", "y"])
    after = predicted([[0.3, 0.3, 0.4], [0.0, 0.0, 1.0]], [2, -1], ["x", "x", "y"])
    table = again(tables.before_after_table(before, after, 0))
    assert list(table) == ["step", "token", "class", "before", "after", "came"]
    assert table["before"].tolist() == [0.7, 0.2, 0.1]
    assert table["after"].tolist() == [0.3, 0.4, 0.3]
    assert table["came"].tolist() == [False, True, False]
    assert again(tables.before_after_table(before, after, 1))["came"].isna().all()


def test_a_comparison_has_each_signal_before_and_after():
    layer = layer_of("abc")
    after = layer.assign(forget=layer["forget"] * 0 + 1)
    table = again(
        tables.comparison_table(layer.isel(step=slice(1, 3)), after.isel(step=slice(1, 3)), ["hidden", "forget"])
    )
    assert list(table) == ["signal", "step", "token", "unit", "before", "after"]
    assert table["signal"].tolist() == ["hidden"] * 6 + ["forget"] * 6
    assert table["step"].tolist() == [1, 1, 1, 2, 2, 2] * 2
    equal(table["before"][:6], layer["hidden"][1:])
    assert table["after"].tolist()[6:] == [1.0] * 6


def test_a_ranking_stands_in_its_order():
    effect = effect_of([0.5, -1.0, 2.0], [1, 2, 3]).assign(loss=("unit", [3.5, 2.0, 5.0]))
    table = again(tables.ranking_table(effect, [20, 0, 10]))
    assert table.to_numpy().tolist() == [[20, 5, 2, 3], [0, 3.5, 0.5, 1], [10, 2, -1, 2]]
    assert list(table) == ["unit", "loss", "saved", "changed"]


def test_the_memory_pages_tables(taken):
    text = "She said 'go' and ran, then 'stay' and slept, then 'no'. " * 3
    app = page("memory", text=text, window="120", unit="7")
    recording = record(pretrained.load("shakespeare", device="cpu"), text)
    layer = recording.layers["layer0"]
    titles = ("Ledger", "Remembered", "Half-lives", "Half-life at each step", "Open and shut", "Followers", "Trace")
    buttons = [f"{title} as {kind}" for title in titles for kind in ("HTML", "CSV")]
    assert in_every_tab(app, labels) == buttons
    own = read(taken["Ledger as CSV"]()).set_index("unit").loc[7]
    wanted = ledger(layer, len(text) - 1).sel(unit=7)
    first = len(text) - 120
    np.testing.assert_allclose(own["contribution"].iloc[1:], wanted["contribution"][first:], atol=1e-6)
    np.testing.assert_allclose(own["contribution"].sum(), layer["cell"][-1, 7].item(), atol=1e-5)
    later = remembered(layer, best_remembered(layer.isel(step=slice(first, None)), 7))
    table = read(taken["Remembered as CSV"]())
    np.testing.assert_allclose(table["contribution"], later["contribution"].to_numpy().reshape(-1), atol=1e-6)
    half_lives = read(taken["Half-lives as CSV"]())
    np.testing.assert_allclose(half_lives["half_life"], timescale(layer).sortby("rank")["half_life"], rtol=1e-4)
    own = read(taken["Half-life at each step as CSV"]())
    assert list(own) == ["step", "token", "unit", "forget", "half_life"]
    assert own["step"].tolist() == list(range(first, len(text)))
    np.testing.assert_allclose(
        own["half_life"], np.log(0.5) / np.log(layer["forget"][first:, 7].astype(float)), rtol=1e-4
    )
    assert set(read(taken["Open and shut as CSV"]())["model"]) == {"shakespeare", "shakespeare (untrained)"}
    feature = app.session_state["feature"]
    found = feature_selectivity(layer, text_features(recording)[[feature]])
    table = read(taken["Followers as CSV"]())
    assert len(table) == 6 * 256
    np.testing.assert_allclose(table["score"][:10], best_followers(found, count=10)["score"], atol=1e-6)
    assert len(read(taken["Trace as CSV"]())) == 120


def test_the_gradients_pages_tables(taken):
    text, target = "BPBPTTTTVPXTTTVPSEPE" * 7, Target(17, "P")
    query = {"model": "embedded_reber", "text": text, "target_step": "17", "target_of": "P", "gradient": "forget"}
    app = page("gradients", **query, window="120", first="5", unit="3", step="12")
    model = pretrained.load("embedded_reber", device="cpu")
    found = gradients(model, text, layer="layer0", target=target)
    assert in_every_tab(app, labels) == [
        *(f"Importance as {kind}" for kind in ("HTML", "CSV")),
        "Paths as CSV",
        *(f"{title} as {kind}" for title in ("Gradients", "Decay") for kind in ("HTML", "CSV")),
        "Weights as CSV",
    ]
    table = read(taken["Importance as CSV"]())
    for network, model_of in (("LSTM", pretrained.load), ("tanh RNN", pretrained.rnn_baseline)):
        one = importance(gradients(model_of("embedded_reber", device="cpu"), text, layer="layer0", target=target))
        rows = table[table["network"] == network]
        np.testing.assert_allclose(rows["importance"], one, rtol=1e-4, atol=1e-12 * float(one.max()))
    table = read(taken["Gradients as CSV"]())
    shown = found["preactivation"].sel(gate="forget")[5:125]
    np.testing.assert_allclose(table["gradient"], shown.to_numpy().reshape(-1), rtol=1e-4, atol=1e-9)
    assert set(table["with_respect_to"]) == {"a_f"}
    assert table["step"].unique().tolist() == list(range(5, 125))
    norms = decay(found["preactivation"].sel(gate="forget").to_dataset(name="norm").assign_attrs(found.attrs))
    np.testing.assert_allclose(read(taken["Decay as CSV"]())["norm"], norms["norm"], rtol=1e-4)
    split = decay(paths(found, record(model, text).layers["layer0"]))
    baseline = decay(
        gradients(pretrained.rnn_baseline("embedded_reber", device="cpu"), text, layer="layer0", target=target)
    )
    table = read(taken["Paths as CSV"]())
    for name, wanted in (*split.data_vars.items(), ("rnn", baseline["hidden"])):
        np.testing.assert_allclose(table[name], wanted, rtol=1e-4)
    table = read(taken["Weights as CSV"]())
    units, inputs = found.sizes["unit"], found.sizes["feature"]
    assert len(table) == 4 * (units + inputs + 1)
    assert table["gradient"].abs().is_monotonic_decreasing


def test_the_what_if_pages_tables(taken):
    app = page(
        "what_if",
        model="anbn",
        text="SaabbT",
        held="forget_0.5_u0",
        step="3",
        ranked="true",
        altered=["forget", "cell", "hidden"],
    )
    model = pretrained.load("anbn", device="cpu")
    original = record(model, "SaabbT")
    altered = record(model, "SaabbT", interventions=[Intervention("layer0", "forget", 0.5, (0,))])
    titles = ("Comparison", "Ranking", "Change", "Before and after")
    assert in_every_tab(app, labels) == [f"{title} as {kind}" for title in titles for kind in ("HTML", "CSV")]
    found, table = change(original, altered), read(taken["Change as CSV"]())
    for name in ("divergence", "cost"):
        np.testing.assert_allclose(table[name], found[name] / np.log(2), atol=1e-6)  # in bits
    table = read(taken["Before and after as CSV"]()).set_index("class")
    wanted = altered.prediction["probability"].sel(step=3, **{"class": list(table.index)})
    np.testing.assert_allclose(table["after"], wanted, atol=1e-6)
    table = read(taken["Comparison as CSV"]())
    for name, rows in table.groupby("signal"):
        for side, one in (("before", original), ("after", altered)):
            np.testing.assert_allclose(rows[side], one.layers["layer0"][name].to_numpy().reshape(-1), atol=1e-6)
    assert set(table["signal"]) == {"forget", "cell", "hidden"}
    *_, last = knock_out(model, "SaabbT", "layer0", signal="hidden", value=0.0)
    table = read(taken["Ranking as CSV"]())
    assert table["saved"].is_monotonic_decreasing
    np.testing.assert_allclose(
        table["saved"], last.effect["saved"].sel(unit=table["unit"].tolist()) / np.log(2), atol=1e-6
    )


@pytest.mark.usefixtures("with_odd_models")
@pytest.mark.parametrize("name", ["weather", "opinions", "uneven", "gru", "no numbers"])
@pytest.mark.parametrize("where", ["memory", "gradients", "what_if"])
def test_every_kind_of_model_has_tables_that_can_be_read(name, where, taken):
    texts = list(odd_models.CARDS[name].examples.values()) if name in odd_models.CARDS else ["Hark, who"]
    in_every_tab(page(where, model=name, text=texts[0], ranked="true"), labels)
    files = [data for label, data in taken.items() if label.endswith("CSV")]
    assert files
    for data in files:
        table = read(data())
        assert len(table) or name == "no numbers"
        assert not {"group", "index", "level_0"} & set(table)


def test_a_table_of_too_many_rows_is_not_offered(monkeypatch):
    monkeypatch.setattr(downloads, "MAX_ROWS", 256 * 8 - 1)
    app = page("gradients", text="Hark who")
    tables = {one.label: one.proto for one in app.get("download_button") if one.label.endswith("CSV")}
    gradient = tables.pop("Gradients as CSV")
    others = tables.values()
    assert gradient.disabled
    assert "2,048 rows are more than 2,047: show fewer steps" in gradient.help
    assert others
    assert not any(one.disabled for one in others)
