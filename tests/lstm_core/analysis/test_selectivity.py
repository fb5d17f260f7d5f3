"""What units follow, on numbers whose answers are known and against pairs counted one by one."""

import numpy as np
import pytest
import xarray as xr

from lstm_core.analysis import best_followers, feature_selectivity
from lstm_core.analysis.selectivity import shuffled_runs


def layer_of(columns, **others) -> xr.Dataset:
    """A list of hidden states for each unit: an RNN's layer has no more."""
    values = np.array(columns, dtype=np.float32).T
    return xr.Dataset(
        {"hidden": (("step", "unit"), values)} | {name: (("step", "unit"), one) for name, one in others.items()},
        coords={"step": np.arange(len(values)), "unit": np.arange(10, 10 + values.shape[1])},
        attrs={"cell_type": "RNN"},
    )


def features_of(**columns) -> xr.Dataset:
    steps = len(next(iter(columns.values())))
    found = {name: ("step", np.array(column, dtype=float)) for name, column in columns.items()}
    return xr.Dataset(found, coords={"step": np.arange(steps)})


def test_who_is_above_wherever_the_feature_is_follows_it_wholly():
    found = feature_selectivity(
        layer_of([[0.1, 0.9, 0.8, 0.2], [0.9, 0.1, 0.2, 0.8], [0.5] * 4]), features_of(inside=[0, 1, 1, 0]), shuffles=0
    ).sel(signal="hidden", feature="inside")
    assert found["auc"].to_numpy().tolist() == [1, 1, 0.5]
    assert found["sign"].to_numpy().tolist() == [1, -1, 1]
    assert found["correlation"].to_numpy()[:2] == pytest.approx([0.98995, -0.98995], abs=1e-5)
    assert found["correlation"].to_numpy()[2] == 0
    assert found["chance"].item() == 0


def test_the_auc_is_that_of_all_pairs_ties_counting_half():
    numbers = np.random.default_rng(0)
    values = numbers.integers(0, 6, (5, 40)).astype(np.float32)
    marks = numbers.random((3, 40)) < [[0.5], [0.1], [0.9]]
    found = feature_selectivity(
        layer_of(values), features_of(**{str(one): mark for one, mark in enumerate(marks)}), shuffles=0
    )
    for unit, row in enumerate(values):
        for feature, mark in enumerate(marks):
            pairs = [(above > below) + 0.5 * (above == below) for above in row[mark] for below in row[~mark]]
            share = float(np.mean(pairs))
            one = found.isel(signal=0, unit=unit, feature=feature)
            assert one["auc"].item() == pytest.approx(max(share, 1 - share), abs=1e-12)
            assert one["sign"].item() == (-1 if share < 0.5 else 1)
            assert one["correlation"].item() == pytest.approx(np.corrcoef(row, mark)[0, 1], abs=1e-12)
            assert one["score"].item() == one["auc"].item()


def test_a_number_is_followed_by_correlation_alone():
    found = feature_selectivity(layer_of([[3, 2, 1, 0], [0, 1, 0, 1]]), features_of(place=[0, 1, 2, 3]), shuffles=0)
    assert np.isnan(found["auc"]).all()
    assert found["score"].to_numpy()[0, :, 0] == pytest.approx([1, 0.4472136])
    assert found["sign"].to_numpy()[0, :, 0].tolist() == [-1, 1]


def test_shuffled_runs_keep_their_lengths():
    def lengths(column, value):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], column == value, [0]]).astype(int)))
        return sorted((edges[1::2] - edges[::2]).tolist())

    numbers = np.random.default_rng(0)
    column = np.array([0] * 3 + [1] * 5 + [0] * 9 + [1] * 2 + [0] * 4 + [1] * 7, dtype=float)
    orders = set()
    for _ in range(50):
        shuffled = shuffled_runs(column, numbers)
        orders.add(tuple(shuffled))
        # Turned round, a run may be cut in two, at the end and the beginning: look at it as a ring.
        ring = np.roll(shuffled, -int(np.flatnonzero((shuffled == 0) & (np.roll(shuffled, 1) == 1))[0]))
        assert lengths(ring, 1) == [2, 5, 7]
        assert lengths(ring, 0) == [3, 4, 9]
    assert len(orders) > 20


def test_what_comes_once_is_moved_away_from_where_it_was():
    numbers = np.random.default_rng(0)
    ramp = np.arange(40.0)
    turns = {int(np.flatnonzero(shuffled_runs(ramp, numbers) == 0)[0]) for _ in range(300)}
    assert turns == set(range(5, 36))


def test_lines_stay_whole_when_shuffled():
    column = np.array([1, 2, 0, 1, 2, 3, 0, 1, 0], dtype=float)
    shuffled = shuffled_runs(column, np.random.default_rng(1))
    assert sorted(shuffled) == sorted(column)
    steps = np.diff(np.append(shuffled, shuffled[0]))
    assert (steps[steps > 0] == 1).all()  # it only ever climbs by one


def test_noise_does_not_exceed_chance_and_a_follower_does():
    numbers = np.random.default_rng(0)
    inside = np.repeat(np.tile([0, 1], 20), numbers.integers(5, 15, 40)).astype(float)
    slow = np.cumsum(numbers.normal(size=(60, len(inside))), axis=1)  # wanders, as cells do
    slow = slow - slow.mean(axis=1, keepdims=True)
    noise = feature_selectivity(layer_of(slow), features_of(inside=inside))
    assert noise["score"].max() <= noise["chance"].item() + 0.03
    assert noise["chance"].item() > 0.6
    mixed = np.concatenate([slow, [inside + 0.3 * numbers.normal(size=len(inside))]])
    found = feature_selectivity(layer_of(mixed), features_of(inside=inside))
    table = best_followers(found, count=3)
    assert table.iloc[0][["unit", "feature", "beyond_chance"]].tolist() == [70, "inside", True]
    assert not table["beyond_chance"].iloc[1:].any()


def test_a_search_is_repeated_by_its_seed():
    numbers = np.random.default_rng(0)
    layer, features = layer_of(numbers.random((4, 60))), features_of(one=numbers.random(60) < 0.4)
    assert feature_selectivity(layer, features).identical(feature_selectivity(layer, features))
    assert (
        feature_selectivity(layer, features, seed=1)["chance"].item()
        != feature_selectivity(layer, features)["chance"].item()
    )


def test_the_best_come_first_and_one_feature_can_be_asked_for():
    layer = layer_of([[0, 1, 1, 0, 1], [1, 0, 1, 0, 0], [4, 3, 2, 1, 0]])
    found = feature_selectivity(layer, features_of(inside=[0, 1, 1, 0, 1], place=[0, 1, 2, 3, 4]), shuffles=1)
    table = best_followers(found)
    assert len(table) == 6
    assert [tuple(row) for row in table[["feature", "unit"]].to_numpy()[:2]] == [("inside", 10), ("place", 12)]
    assert list(table) == [
        "feature",
        "signal",
        "unit",
        "score",
        "sign",
        "correlation",
        "auc",
        "chance",
        "beyond_chance",
    ]
    assert best_followers(found, feature="place")["unit"].tolist()[0] == 12
    assert set(best_followers(found, feature="place", count=9)["feature"]) == {"place"}
    with pytest.raises(KeyError, match="no feature 'verse': these were searched: inside, place"):
        best_followers(found, feature="verse")


def test_units_with_nan_are_never_among_the_best():
    found = feature_selectivity(layer_of([[np.nan, 1, 1, 0], [0, 1, 1, 0]]), features_of(inside=[0, 1, 1, 0]))
    assert best_followers(found)["unit"].tolist() == [11]
    assert np.isnan(found["score"].sel(unit=10)).all()
    assert not np.isnan(found["chance"]).any()


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError, match="features have 3 steps, the layer 2"):
        feature_selectivity(layer_of([[0, 1]]), features_of(inside=[0, 1, 1]))
    with pytest.raises(ValueError, match="no feature varies over this text"):
        feature_selectivity(layer_of([[0, 1]]), xr.Dataset(coords={"step": [0, 1]}))
