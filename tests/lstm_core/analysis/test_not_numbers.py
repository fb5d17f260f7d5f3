"""What is NaN or infinite in one unit, or at one step: every public analysis says so there, and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
import xarray as xr

from lstm_core import ByteEncoder, ModelConfig, Recording, SequenceModel, record, wiring
from lstm_core import analysis as analyses
from lstm_core.analysis import (
    Target,
    backward,
    best_followers,
    best_remembered,
    card_json,
    change,
    contextual_decomposition,
    corpus_following,
    corpus_timescale,
    decay,
    difference,
    divergence,
    excerpt,
    expected_change,
    feature_selectivity,
    furthest_reaching,
    gate_drivers,
    gates_over_training,
    gradients,
    half_life,
    importance,
    integrated_gradients,
    keep_gate,
    keepers,
    knock_out,
    learning,
    learnt_at,
    ledger,
    ledger_error,
    losses,
    marking,
    mean_difference,
    most_telling,
    most_varying,
    nearest_units,
    passage_spans,
    paths,
    preactivation_terms,
    prediction_change,
    previous,
    promoted,
    remembered,
    row_order,
    saturation,
    signal_gradients,
    surprise,
    text_features,
    timescale,
    token_shares,
    top_expected,
    unit_card,
    unit_cards,
    unit_costs,
    unit_histograms,
    unit_line,
    unit_passages,
    unit_saturation,
    unit_shares,
    weight_gradients,
)

STEPS, UNITS, BROKEN, FROM, LAST = 24, 6, 2, 7, 20
OTHERS = [unit for unit in range(UNITS) if unit != BROKEN]
GATES = ("input", "forget", "output")
STATES = ("candidate", "cell", "hidden")
TEXT = "Hark who goes there"
NAN = np.float32(np.nan)


def whole_layer() -> xr.Dataset:
    """Random gates, and the states that follow from them. The unit that is broken elsewhere never changes here."""
    numbers = np.random.default_rng(5)
    signals = {name: numbers.random((STEPS, UNITS)).astype(np.float32) for name in (*GATES, "candidate")}
    for values in signals.values():
        values[:, BROKEN] = 0.5
    cell, cells = np.zeros(UNITS, np.float32), []
    for i, f, g in zip(signals["input"], signals["forget"], signals["candidate"], strict=True):
        cell = f * cell + i * g
        cells.append(cell)
    signals["cell"] = np.array(cells)
    signals["cell"][:, BROKEN] = 0.5
    signals["hidden"] = signals["output"] * np.tanh(signals["cell"])
    return xr.Dataset(
        {name: (("step", "unit"), values) for name, values in signals.items()}
        | {f"initial_{name}": ("unit", np.zeros(UNITS, np.float32)) for name in ("cell", "hidden")},
        coords={
            "step": np.arange(STEPS),
            "token": ("step", np.array(list("the quick brown fox jumped")[:STEPS], dtype=object)),
            "group": ("step", np.arange(STEPS)),
            "unit": np.arange(UNITS),
        },
        attrs={"cell_type": "LSTM", "direction": "forward"},
    )


def spoiled(layer: xr.Dataset, start: int, value: float = np.nan, signals: tuple[str, ...] = GATES + STATES):
    copy = layer.copy(deep=True)
    for name in signals:
        copy[name].to_numpy()[start:, BROKEN] = value
    return copy


WHOLE = whole_layer()
LAYERS = {
    "NaN throughout": spoiled(WHOLE, 0),
    "NaN from a step on": spoiled(WHOLE, FROM),
    "states infinite from a step on": spoiled(WHOLE, FROM, np.inf, STATES),
    "states minus infinite, gates NaN": spoiled(spoiled(WHOLE, FROM, -np.inf, STATES), FROM, np.nan, GATES),
}
AT = {"NaN throughout": 0, "NaN from a step on": FROM}
FEATURES = xr.Dataset(
    {"odd": ("step", np.arange(STEPS) % 5 == 1), "place": ("step", np.arange(STEPS))}, coords={"step": np.arange(STEPS)}
).astype(float)


def corpus_of(layer: xr.Dataset) -> xr.Dataset:
    """The layer twenty times over, in four documents."""
    place = np.arange(20 * STEPS)
    names = {"step": place, "group": ("step", place), "document": ("step", place // (5 * STEPS))}
    return layer.isel(step=place % STEPS).assign_coords(names)


# By name: what is found of a layer, over units; and which of it is NaN at a unit of which all gates and states are.
BY_UNIT: dict[str, tuple[Callable[[xr.Dataset], xr.Dataset], tuple[str, ...]]] = {
    "corpus_following": (  # q is of all units together
        lambda layer: corpus_following(corpus_of(layer), shuffles=3).drop_vars("q").transpose("unit", ...),
        ("score", "low", "high", "p", "shuffled", "held_out"),
    ),
    "corpus_timescale": (lambda layer: corpus_timescale(corpus_of(layer)), ("half_life", "low", "high")),
    "excerpt": (lambda layer: excerpt(layer, 5, 20), GATES + STATES),
    "feature_selectivity": (
        lambda layer: feature_selectivity(layer, FEATURES, shuffles=3).transpose("unit", ...),
        ("correlation", "score"),
    ),
    "gates_over_training": (
        lambda layer: gates_over_training([(8, corpus_of(layer))]).transpose("unit", ...),
        GATES + STATES,
    ),
    "half_life": (lambda layer: half_life(layer["forget"]).to_dataset(name="half_life"), ("half_life",)),
    "learning": (
        lambda layer: learning([WHOLE["forget"], layer["forget"]], [0, 8]).sel(training_step=8),
        ("mean", "shut", "open"),
    ),
    "ledger": (lambda layer: ledger(layer, LAST), ("contribution",)),
    "nearest_units": (
        lambda layer: nearest_units(corpus_of(layer)).sel(other=OTHERS).to_dataset(name="correlation"),
        ("correlation",),
    ),
    "previous": (lambda layer: previous(layer, "cell").isel(step=slice(1, None)).to_dataset(name="c"), ("c",)),
    "remembered": (lambda layer: remembered(layer, 3), ()),
    "timescale": (
        lambda layer: timescale(layer).drop_vars("rank"),
        ("half_life", "measured", "censored", "quartiles"),
    ),
    "unit_histograms": (
        lambda layer: unit_histograms(corpus_of(layer)).transpose("unit", ...),
        ("mean", "deviation", "edge", "below", "above"),
    ),
    "unit_saturation": (unit_saturation, ("below", "above")),
}


@pytest.mark.parametrize("how", LAYERS)
@pytest.mark.parametrize("name", BY_UNIT)
def test_other_units_are_what_they_are_without_it_to_the_bit(name, how):
    find, _ = BY_UNIT[name]
    wanted, found = find(WHOLE).sel(unit=OTHERS), find(LAYERS[how]).sel(unit=OTHERS)
    xr.testing.assert_identical(found, wanted)


@pytest.mark.parametrize("how", AT)
@pytest.mark.parametrize("name", BY_UNIT)
def test_a_unit_that_is_nan_has_nan(name, how):
    find, nan = BY_UNIT[name]
    found = find(LAYERS[how]).sel(unit=BROKEN)
    for variable in nan:
        values = found[variable]
        if name in ("half_life", "previous", "excerpt"):  # a number for each step: NaN where the unit is
            values = values.where(values["step"] >= AT[how] + (name == "previous"), drop=True)
        assert values.size
        assert values.isnull().all(), variable


@pytest.mark.parametrize("how", LAYERS)
def test_other_cards_are_what_they_are_without_a_unit_that_is_no_number(how):
    """But for q and p of all units together, and for the unit among their nearest and what drives their gates."""
    whole, corpus, model = corpus_of(WHOLE), corpus_of(LAYERS[how]), model_of()
    draws = [corpus_of(layer) for layer in LAYERS.values()]
    course = [(0, draws[0]), (8, corpus)]
    wanted, found = (
        unit_cards(one, model, documents=[TEXT], checkpoints=course, shuffles=3) for one in (whole, corpus)
    )
    own = found[BROKEN]
    assert unit_card(corpus, model, BROKEN, documents=[TEXT], checkpoints=course, shuffles=3) == own
    assert card_json(own)
    states = [signal for signal in STATES if signal in own["passages"]]
    assert [own["passages"][signal] for signal in states] == [{}] * len(states)
    assert [own["histograms"][signal]["mean"] for signal in states] == [None] * len(states)
    assert own["nearest"] == []
    if "infinite" not in how or "minus" in how:  # the gates too
        assert own["line"]["nothing"]
        assert own["timescale"]["half_life"] is None
        assert own["following"]["follows"]["score"] is None
    for unit in OTHERS:
        for key in ("line", "histograms", "passages", "timescale", "output", "curve", "knock_out"):
            assert found[unit][key] == wanted[unit][key], key
        assert BROKEN not in [other for other, _ in found[unit]["nearest"]]
        drivers = [one for gate in found[unit]["gates"].values() for one, _ in gate["units_up"] + gate["units_down"]]
        assert BROKEN not in drivers
    unlike = corpus_following(whole, untrained=draws, shuffles=3)
    assert unlike["p_untrained"].sel(question="follows").notnull().all()


def test_units_of_untrained_models_that_are_no_numbers_are_not_among_those_that_a_unit_is_compared_with():
    whole = corpus_of(WHOLE)
    draws = [
        whole.copy(
            data={name: values.to_numpy()[::-1] for name, values in whole.items() if "step" in values.dims}
            | {name: values.to_numpy() for name, values in whole.items() if "step" not in values.dims}
        ),
        whole,
    ]
    broken = [one.isel(unit=[*range(UNITS), BROKEN]).copy(deep=True) for one in draws]
    for one in broken:
        for name in GATES + STATES:
            one[name].to_numpy()[5, -1] = np.nan
    wanted, found = (corpus_following(whole, untrained=one, shuffles=3) for one in (draws, broken))
    xr.testing.assert_identical(found, wanted)
    wanted, found = (corpus_timescale(whole, untrained=one) for one in (draws, broken))
    xr.testing.assert_identical(found, wanted)


def test_passages_of_a_unit_are_where_its_values_are_numbers_throughout():
    whole, found = (
        unit_passages(corpus_of(layer), "cell", window=9) for layer in (WHOLE, LAYERS["NaN from a step on"])
    )
    assert found["unit"].unique().tolist() == OTHERS
    assert found.equals(whole[whole["unit"] != BROKEN].reset_index(drop=True))
    start, stop = passage_spans(np.array([3]), np.array([0, 24]), window=9)
    assert start.dtype.kind == stop.dtype.kind == "i"


def test_a_line_says_nothing_of_what_is_nan():
    answer = {"feature": "", "signal": "", "sign": 0, "binary": False, "score": np.nan, "low": np.nan, "high": np.nan}
    answer |= {"q": np.nan, "shuffled": np.nan, "mean_with": np.nan, "untrained": np.nan}
    memory = {"half_life": np.nan, "low": np.nan, "at_least": False, "q": np.nan, "untrained": np.nan}
    assert unit_line(answer, answer, memory)["nothing"]
    assert unit_line(answer, answer, {**memory, "half_life": 9.0})["remembers"] is None
    good = {"score": 0.9, "low": 0.8, "q": 0.01}
    for nan in good:
        assert unit_line({**answer, **good, nan: np.nan}, None, None)["nothing"], nan


def test_a_unit_is_learnt_at_no_step_where_it_is_no_number():
    names = {"feature": "vowel", "signal": "cell", "sign": 1, "binary": True}
    claims = [{**names} for _ in range(UNITS)]
    layer = WHOLE.copy(deep=True)
    layer["cell"].to_numpy()[:] += 9 * np.isin(layer["token"], list("aeiou"))[:, None]
    whole = corpus_of(layer)
    broken = corpus_of(spoiled(layer, FROM))
    assert learnt_at(whole, [(8, whole)], claims) == [8] * UNITS
    assert learnt_at(broken, [(8, broken)], claims) == [None if unit == BROKEN else 8 for unit in range(UNITS)]


def test_weights_that_are_no_numbers_are_among_none_that_push():
    model, whole = model_of(), model_of()
    deviation = xr.DataArray(np.ones(UNITS), dims="unit")
    with torch.no_grad():
        model.readout.weight[7, 1] = np.nan
        model.embedding.weight[7] = np.inf
        model.lstm.weight_hh_l0[0, 3] = np.nan
    labels = model.config.class_encoder.class_labels
    wanted, found = (promoted(one, "layer0", count=999) for one in (whole, model))
    assert found[0] == wanted[0]
    for part in ("promoted", "suppressed"):
        assert found[1][part] == [one for one in wanted[1][part] if one[0] != labels[7]]
        assert len(promoted(model, "layer0", count=5)[1][part]) == 5
    drivers, all_drivers = (gate_drivers(one, "layer0", deviation, count=999) for one in (model, whole))
    for gate in GATES:
        own, other = drivers[0][gate], all_drivers[0][gate]
        tokens = [name for name, _ in own["tokens_up"] + own["tokens_down"]]
        assert len(tokens) == len(labels) - 1
        assert labels[7] not in tokens
        spoilt = gate == "input"
        assert len(own["units_up"] + own["units_down"]) == UNITS - spoilt
        for part in ("units_up", "units_down"):
            assert own[part] == [one for one in other[part] if not spoilt or one[0] != 3]
    at_nan = gate_drivers(
        model,
        "layer0",
        deviation.where(deviation["unit"] != BROKEN)
        if "unit" in deviation.coords
        else xr.DataArray(np.where(np.arange(UNITS) == BROKEN, np.nan, 1), dims="unit"),
        count=2,
    )
    assert all(len(gate["units_up"]) == 2 or len(gate["units_down"]) == 2 for gate in at_nan[0].values())


def test_a_unit_whose_silence_costs_nobody_knows_what():
    """From the "g" of "goes" on all is NaN."""
    assert unit_costs(model_of(), [TEXT], "layer0").notnull().all()
    with spoiled_letter(model_of(), "g") as model:
        found = unit_costs(model, [TEXT], "layer0")
    assert found["cost"].isnull().all()
    assert found["changed"].isnull().all()


def test_a_unit_that_is_infinite_follows_nothing():
    found = feature_selectivity(LAYERS["states infinite from a step on"], FEATURES, shuffles=3)
    assert found["score"].sel(unit=BROKEN, signal=list(STATES)).isnull().all()
    assert (found["sign"].sel(unit=BROKEN, signal=list(STATES)) == 0).all()
    assert found["score"].sel(unit=BROKEN, signal="forget").notnull().all()


@pytest.mark.parametrize("how", LAYERS)
def test_units_that_are_no_numbers_stand_last_and_the_others_as_without_them(how):
    """Last, also behind one that never changes: as unit 5 here."""
    still = [layer.copy(deep=True) for layer in (WHOLE, LAYERS[how])]
    for layer in still:
        layer["cell"].to_numpy()[:, 5] = 0.25
    whole, broken = still
    others = whole.sel(unit=OTHERS)
    for by in ("variability", "similarity", "timescale"):
        assert row_order(broken["cell"], by) == [*row_order(others["cell"], by), BROKEN]
    kept = row_order(others["cell"], "timescale", keep=keep_gate(others))
    assert row_order(broken["cell"], "timescale", keep=keep_gate(broken)) == [*kept, BROKEN]
    assert most_telling(broken) == [*most_telling(others), BROKEN]
    assert most_telling(broken, 3) == most_telling(others, 3)
    assert row_order(broken["cell"], "index") == list(range(UNITS))
    assert most_varying(broken["cell"], UNITS) == [*most_varying(others["cell"], UNITS), BROKEN]
    assert most_varying(broken["cell"], 3) == most_varying(others["cell"], 3)
    gradient = np.log(broken["cell"] + 2) if "minus" not in how else broken["cell"]
    assert furthest_reaching(gradient) == [*furthest_reaching(gradient.sel(unit=OTHERS)), BROKEN]
    assert timescale(LAYERS["NaN from a step on"])["rank"].sel(unit=BROKEN).item() == UNITS


@pytest.mark.parametrize("how", AT)
def test_who_keeps_and_who_follows_best_is_no_unit_of_nan(how):
    layer = LAYERS[how]
    found_keepers = keepers(remembered(layer, 9), UNITS)
    assert found_keepers == [*keepers(remembered(WHOLE.sel(unit=OTHERS), 9), UNITS), BROKEN]
    best = best_followers(feature_selectivity(layer, FEATURES, shuffles=0), count=999)
    assert BROKEN not in set(best["unit"])
    wanted = best_followers(feature_selectivity(WHOLE.sel(unit=OTHERS), FEATURES, shuffles=0), count=999)
    assert best[["signal", "unit"]].to_numpy().tolist() == wanted[["signal", "unit"]].to_numpy().tolist()
    assert best_remembered(layer, 0) == best_remembered(WHOLE, 0)
    assert best_remembered(spoiled(WHOLE, 0), BROKEN) == 0  # of nothing, the first


@pytest.mark.parametrize("how", LAYERS)
def test_means_of_two_readings_leave_out_a_unit_that_is_no_number_in_one(how):
    still, others = WHOLE.copy(deep=True), WHOLE.sel(unit=OTHERS)
    for name in GATES:
        still[name].to_numpy()[:] = 0.25
    wanted = mean_difference(others, still.sel(unit=OTHERS))
    gates = "states infinite" not in how  # there the gates are numbers, and their unit counts
    assert mean_difference(LAYERS[how], still) == (wanted if gates else mean_difference(WHOLE, still))
    assert mean_difference(LAYERS["NaN throughout"].sel(unit=[BROKEN]), still.sel(unit=[BROKEN])) is None


def test_a_ledger_of_nan_has_no_error_and_other_units_have_theirs():
    assert np.isnan(ledger_error(ledger(LAYERS["NaN from a step on"], LAST), LAYERS["NaN from a step on"]))
    infinite = LAYERS["states infinite from a step on"]
    assert np.isnan(ledger_error(ledger(infinite, LAST), infinite))
    part = infinite.sel(unit=OTHERS)
    assert ledger_error(ledger(part, LAST), part) < 1e-6


def test_a_share_of_all_values_is_of_those_that_are_numbers():
    """Half of 4 values NaN: of the other two, one is below 0.1."""
    gate = xr.DataArray(np.array([[0.05, NAN], [0.5, NAN]], np.float32), dims=("step", "unit"))
    assert saturation(gate) == {"below": 0.5, "above": 0.0}
    assert saturation(gate[:, :1]) == saturation(gate)
    assert np.isnan(list(saturation(gate[:, 1:]).values())).all()


def test_a_feature_that_is_nan_is_followed_by_no_unit():
    features = FEATURES.copy(deep=True)
    features["odd"].to_numpy()[4] = np.nan
    found, wanted = (feature_selectivity(WHOLE, one[["place", "odd"]], shuffles=3) for one in (features, FEATURES))
    assert found[["score", "correlation", "auc", "chance"]].sel(feature="odd").isnull().to_dataarray().all()
    xr.testing.assert_identical(found.sel(feature=["place"]), wanted.sel(feature=["place"]))
    nothing = WHOLE.sel(unit=[BROKEN]) * np.nan
    assert feature_selectivity(nothing.assign_attrs(WHOLE.attrs), FEATURES, shuffles=3)["chance"].isnull().all()


def prediction_of(kind: str, *, spoil: Callable[[np.ndarray], None] | None = None) -> xr.Dataset:
    """A prediction of 9 steps and 6 classes, or two values."""
    numbers = np.random.default_rng(1)
    coords = {name: WHOLE[name][:9] for name in ("step", "token", "group")}
    if kind == "values":
        value, came = numbers.random((2, 9, 2))
        came[-1] = np.nan
        if spoil:
            spoil(value)
        parts = {"value": (("step", "feature"), value), "came": (("step", "feature"), came)}
        return xr.Dataset(parts, coords | {"feature": ["one", "two"]}, {"kind": kind, "ahead": 1})
    logit = numbers.normal(size=(9, 6)).astype(np.float32)
    if spoil:
        spoil(logit)
    chances = torch.from_numpy(logit)
    chances = chances.sigmoid() if kind == "legal" else chances.softmax(1)
    came = np.append(numbers.integers(0, 6, 8), -1)
    return xr.Dataset(
        {
            "probability": (("step", "class"), chances.numpy()),
            "logit": (("step", "class"), logit),
            "next_class": ("step", came),
        },
        coords | {"class": np.array(list("abcdef"), dtype=object)},
        {"kind": kind},
    )


def from_step_4(predicted: np.ndarray) -> None:
    predicted[4:, 1] = np.nan


def overflown_from_step_4(predicted: np.ndarray) -> None:
    predicted[4:, 1] = np.inf


@pytest.mark.parametrize("spoil", [from_step_4, overflown_from_step_4])
@pytest.mark.parametrize("kind", ["next", "values"])
def test_predictions_are_compared_up_to_the_step_where_they_are_no_numbers(kind, spoil):
    whole, broken = prediction_of(kind), prediction_of(kind, spoil=spoil)
    infinite = kind == "values" and spoil is overflown_from_step_4  # a distance of infinity is one
    wrong = np.isinf if infinite else np.isnan
    np.testing.assert_array_equal(losses(broken)[:4], losses(whole)[:4])
    assert wrong(losses(broken)[4:8]).all()
    if kind == "next":
        np.testing.assert_array_equal(divergence(broken, prediction_of(kind))[:4], [0, 0, 0, 0])
        assert np.isnan(divergence(broken, whole)[4:]).all()
        assert np.isnan(surprise(broken)[5:]).all()
        np.testing.assert_array_equal(surprise(broken)[:5], surprise(whole)[:5])
    for name in ("now", "before"):
        at = 4 + (name == "before")
        np.testing.assert_array_equal(prediction_change(broken)[name][:at], prediction_change(whole)[name][:at])


def recording_of(prediction: xr.Dataset) -> Recording:
    return Recording(layers={"layer0": WHOLE.isel(step=slice(9))}, prediction=prediction)


@pytest.mark.parametrize("kind", ["next", "legal", "values"])
def test_a_mean_cost_of_which_a_part_is_nan_is_nan(kind):
    """Where it is not known what came, there is no cost; where the prediction is NaN, there is one that nobody knows."""
    whole = prediction_of(kind)
    found = change(
        recording_of(whole), recording_of(prediction_of(kind, spoil=lambda predicted: predicted.__setitem__(4, np.nan)))
    )
    assert np.isnan(found.attrs["mean_cost"])
    assert found.attrs["known_steps"] == 8
    assert (found["cost"].isnull().to_numpy() == [False] * 4 + [True] + [False] * 3 + [True]).all()
    same = change(recording_of(whole), recording_of(whole))
    assert (same.attrs["mean_cost"], same.attrs["known_steps"]) == (0, 8)


def test_a_class_that_is_nan_is_expected_by_nobody():
    broken, whole = prediction_of("legal", spoil=from_step_4), prediction_of("legal")
    expected = top_expected(broken, 6)
    assert expected["label"].to_numpy()[4:, -1].tolist() == [""] * 5
    assert not expected["came"].to_numpy()[4:, -1].any()
    assert "b" not in set(expected["label"].to_numpy()[4:].ravel())
    xr.testing.assert_identical(expected.isel(step=slice(4)), top_expected(whole, 6).isel(step=slice(4)))
    nothing = top_expected(prediction_of("next", spoil=from_step_4), 3).isel(step=5)
    assert nothing["label"].to_numpy().tolist() == ["", "", ""]
    assert not nothing["came"].any()
    moved = expected_change(broken, 4, 2)
    assert (
        moved["class_index"].to_numpy()[5:, :4].tolist()
        == expected_change(broken, 4, 0)["class_index"][5:].to_numpy().tolist()
    )
    assert not (moved["class_index"][4:, :4] == 1).any()


def model_of(*names: str, value: float = np.nan) -> SequenceModel:
    """A byte model; where weights are named, those that unit BROKEN's input gate hears with are no numbers."""
    model = SequenceModel(ModelConfig(ByteEncoder(), embedding=5, hidden=UNITS), seed=3, device="cpu").eval()
    with torch.no_grad():
        for name in names:
            dict(model.named_parameters())[name][BROKEN] = value
    return model


@contextmanager
def spoiled_letter(model: SequenceModel, letter: str) -> Iterator[SequenceModel]:
    """From this letter on all that the model predicts is NaN, and nothing before it."""
    with torch.no_grad():
        model.embedding.weight[ord(letter)] = np.nan
    yield model


def test_a_unit_knocked_out_of_what_is_nan_saves_nobody_knows_what():
    """From the "g" of "goes" on all is NaN: the mean over the steps before it would be of another text."""
    *_, last = knock_out(model_of(), TEXT, "layer0")
    assert last.effect.notnull().to_dataarray().all()
    with spoiled_letter(model_of(), "g") as model:
        *_, last = knock_out(model, TEXT, "layer0")
    assert np.isnan(last.effect.attrs["loss"])
    assert last.effect.isnull().to_dataarray().all()


def test_gradients_of_what_is_nan_are_nan():
    model = model_of("lstm.weight_hh_l0")
    for find in (gradients, signal_gradients, weight_gradients):
        for part in find(model, TEXT, layer="layer0").data_vars.values():
            assert part.isnull().any(), (find.__name__, part.name)
    found = gradients(model, TEXT, layer="layer0", target=Target(10))
    assert decay(found).isnull().to_dataarray().any()
    split = paths(found, record(model, TEXT).layers["layer0"])
    assert split["total"].isnull().any()
    assert importance(found).isnull().any()


def test_shares_of_a_unit_that_is_nan_are_nan_and_other_units_have_theirs():
    model = model_of()
    recording = record(model, TEXT)
    broken = Recording({"layer0": spoiled(recording.layers["layer0"], FROM)}, recording.prediction)
    for shares in (unit_shares, token_shares):
        found, wanted = (shares(model, one, 15, "e") for one in (broken, recording))
        xr.testing.assert_identical(found.sel(unit=OTHERS), wanted.sel(unit=OTHERS))
        nan = found["share"].sel(unit=BROKEN).isnull()
        assert nan.all() if shares is unit_shares else nan[:, :FROM].all()


def test_a_phrase_whose_letter_is_nan_gives_nan_and_so_does_its_integrated_gradient():
    with spoiled_letter(model_of(), "g") as model:
        at = TEXT.index("g")
        own = contextual_decomposition(model, TEXT, at, at + 2).layers["layer0"]["beta"]
        assert (own[:at] == 0).all()
        assert own[at:].isnull().all()
        assert integrated_gradients(model, TEXT, 15, "e")["share"].isnull().any()
        assert integrated_gradients(model, TEXT, at - 1, "e")["share"][:at].notnull().all()


def test_a_gradient_along_the_belt_is_nan_before_the_unit_is_and_other_units_have_theirs():
    found = gradients(model_of(), TEXT, layer="layer0", target=Target(15))
    layer = record(model_of(), TEXT).layers["layer0"]
    broken = layer.copy(deep=True)
    broken["forget"].to_numpy()[FROM, BROKEN] = np.nan
    wanted, split = paths(found, layer), paths(found, broken)
    xr.testing.assert_identical(split.sel(unit=OTHERS), wanted.sel(unit=OTHERS))
    assert split["belt"].sel(unit=BROKEN)[:FROM].isnull().all()
    assert split["belt"].sel(unit=BROKEN)[FROM:].notnull().all()
    norm = decay(split)
    assert norm["belt"].sel(distance=[15 - FROM + 1, 15]).isnull().all()
    xr.testing.assert_identical(
        norm["belt"].sel(distance=[0, 15 - FROM]), decay(wanted)["belt"].sel(distance=[0, 15 - FROM])
    )


def wired(model: SequenceModel) -> tuple[xr.Dataset, xr.Dataset, xr.Dataset]:
    recording = record(model, TEXT)
    found = gradients(model, TEXT, layer="layer0", target=Target(10))
    return found, recording.layers["layer0"], wiring(model, model.encode(TEXT), recording, "layer0")


def test_equations_are_checked_wherever_their_gates_are_numbers():
    """One NaN gate must not let another unit's wrong gate through."""
    found, layer, wires = wired(model_of())
    broken = layer.copy(deep=True)
    broken["forget"].to_numpy()[FROM, BROKEN] = np.nan
    assert np.isnan(difference(backward(found, broken, wires), found)["cell"])
    later = slice(FROM + 1, None)
    for name in ("hidden", "cell"):
        ours, wanted = backward(found, broken, wires)[name], backward(found, layer, wires)[name]
        np.testing.assert_array_equal(ours[later], wanted[later])
        assert ours[:FROM].isnull().any(axis=1).all()
    broken["forget"].to_numpy()[3, 0] = 0.9
    with pytest.raises(ValueError, match="this layer's forget differs by"):
        backward(found, broken, wires)


def test_terms_are_nan_where_a_weight_or_a_state_that_they_are_made_of_is():
    _, layer, wires = wired(model_of())
    broken = wires.copy(deep=True)
    broken["weight_ih"].to_numpy()[0, BROKEN] = np.nan
    for unit in (0, BROKEN):
        wanted, terms = (preactivation_terms(layer, one, unit) for one in (wires, broken))
        nan = terms.isnull()
        assert nan.any() == (unit == BROKEN)
        assert not nan.sel(gate=["forget", "candidate", "output"]).any()
        xr.testing.assert_identical(terms.where(~nan), wanted.where(~nan))
    state = layer.copy(deep=True)
    state["hidden"].to_numpy()[FROM, BROKEN] = np.nan
    terms = preactivation_terms(state, wires, 0)
    assert terms.sel(term="recurrent", step=FROM + 1).isnull().all()
    wanted = preactivation_terms(layer, wires, 0)
    xr.testing.assert_identical(terms.drop_isel(step=FROM + 1), wanted.drop_isel(step=FROM + 1))


def features_of_words(*words: str) -> xr.Dataset:
    steps = np.arange(len(words))
    tokens = {"token": ("step", np.array(words, dtype=object)), "group": ("step", steps)}
    prediction = xr.Dataset(coords={"step": steps, **tokens}, attrs={"kind": "nothing"})
    return text_features(Recording(layers={"layer0": WHOLE.isel(step=steps)}, prediction=prediction))


def test_words_that_spell_nan_are_words():
    found = features_of_words("nan", "inf", "NaN", "infinity", "nan")
    assert not found.to_dataarray().isnull().any()
    assert "letters of the word" in found
    assert "number 1" in features_of_words("0.5", "12", "3", "4", "5")


def test_a_mark_says_0_or_1():
    recording = Recording(layers={"layer0": WHOLE.isel(step=slice(9))}, prediction=prediction_of("next"))
    with pytest.raises(ValueError, match="marks are 0 or 1"):
        marking(recording, "01nan1110")


ELSEWHERE = {  # of which tests above ask what is particular
    *("backward", "best_followers", "best_remembered", "change", "decay", "difference", "divergence"),
    *(
        "expected_change",
        "furthest_reaching",
        "gradients",
        "importance",
        "keep_gate",
        "keepers",
        "knock_out",
        "ledger_error",
        "losses",
    ),
    *(
        "marking",
        "mean_difference",
        "most_telling",
        "most_varying",
        "paths",
        "preactivation_terms",
        "row_order",
        "prediction_change",
        "saturation",
    ),
    *("signal_gradients", "surprise", "text_features", "top_expected", "weight_gradients"),
    *("contextual_decomposition", "integrated_gradients", "token_shares", "unit_shares"),
    *("card_json", "gate_drivers", "learnt_at", "passage_spans", "promoted", "unit_card", "unit_cards", "unit_costs"),
    *("unit_line", "unit_passages"),
}
NO_ANALYSES = {"ContextualDecomposition", "KnockedOut", "LOSS", "MeanDifference", "ORDERS", "TERMS", "Target"}


def test_every_public_analysis_is_asked_here():
    """A new one: add it to BY_UNIT, or ask it above and name it in ELSEWHERE."""
    assert set(analyses.__all__) == set(BY_UNIT) | ELSEWHERE | NO_ANALYSES
