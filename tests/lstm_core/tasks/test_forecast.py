import numpy as np
import pandas as pd
import pytest
import torch

from lstm_core.tasks import Forecast
from tests.support.oracle import Oracle, always

SERIES = tuple(np.random.default_rng(4).normal(20, 5, 300).round(1).tolist())


def written(folder, text, name="series.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_windows_come_from_what_is_learnt_from_and_the_target_is_the_next_number(numbers):
    task = Forecast(SERIES, window=10)
    learnt = np.array(SERIES[:210])
    batch = task.batch(0, 200, numbers)
    assert batch.inputs.shape == (200, 10, 1)
    standardised = ((learnt - learnt.mean()) / learnt.std()).round(3)
    starts = set()
    for read, target in zip(batch.inputs[..., 0], batch.targets[..., 0], strict=True):
        np.testing.assert_array_equal(target[:-1], read[1:])
        fits = [start for start in range(200) if np.abs(standardised[start : start + 10] - read.numpy()).max() < 2e-3]
        assert len(fits) == 1
        starts.add(fits[0])
        assert float(target[-1]) == pytest.approx(standardised[fits[0] + 10], abs=2e-3)
    assert min(starts) < 20
    assert max(starts) > 180


def test_the_widest_window_fits(numbers):
    assert Forecast(SERIES, window=209).batch(0, 2, numbers).targets.shape == (2, 209, 1)
    with pytest.raises(ValueError, match="window must be from 2 to 209 steps, not 210"):
        Forecast(SERIES, window=210)


@pytest.mark.parametrize("count", [20, 21, 87, 144, 199])
def test_a_short_series_has_all_its_parts_and_windows_of_half_of_what_is_learnt_from(numbers, count):
    task = Forecast(SERIES[:count], period=12.0)
    learnt = int(count * 0.7)
    window = min(60, learnt // 2)
    batch = task.batch(0, 400, numbers)
    assert batch.inputs.shape == (400, window, 3)
    assert batch.tokens == 400 * window
    # The last number of a window's targets is one that is learnt from, never one that validates.
    read = task._standardised[:learnt, 0]
    for inputs, targets in zip(batch.inputs[..., 0], batch.targets[..., 0], strict=True):
        piece = np.append(inputs.numpy(), targets[-1])
        assert any(np.array_equal(read[start : start + window + 1], piece) for start in range(learnt - window))
    score = task.test(always(task, [0.0]))
    assert np.isfinite([score.value, task.validate(always(task, [0.0])), *score.others.values()]).all()
    caution = task.caution(32)
    assert f"only {count} numbers, fewer than 200: the model will learn it by heart" in caution
    assert f"a score on the {count - int(count * 0.8)} held out means little" in caution
    assert (f"Each sequence has {window} steps instead of 60." in caution) == (window < 60)


def test_a_series_that_is_just_long_enough_is_cut_as_ever():
    task = Forecast(SERIES[:200])
    assert task.batch(0, 2, np.random.default_rng(0)).inputs.shape == (2, 60, 1)
    assert task.caution(32) == ""
    with pytest.raises(ValueError, match="window must be from 2 to 139 steps, not 140"):
        Forecast(SERIES[:200], window=140)


def test_errors_are_in_the_series_own_units():
    task = Forecast(SERIES)
    numbers = np.array(SERIES)
    mean = task.encoder.mean[0]
    score = task.test(always(task, [0.0]))  # always the mean
    assert score.value == pytest.approx(np.mean((numbers[240:] - mean) ** 2), rel=1e-6)
    assert task.validate(always(task, [0.0])) == pytest.approx(np.mean((numbers[210:240] - mean) ** 2), rel=1e-6)
    last = Oracle(task, lambda read: read[:, :1])  # what it has just read
    assert task.test(last).value == pytest.approx(score.others["last value"], rel=1e-5)


def test_rivals_by_hand():
    task = Forecast(SERIES, period=12.0)
    forecasts, numbers = task.rivals(), np.array(SERIES)
    assert list(forecasts) == [
        "last value",
        "mean of the last 7",
        "one period ago",
        "linear, from the last 7 and the season",
    ]
    assert forecasts["last value"][250] == numbers[249]
    assert forecasts["mean of the last 7"][250] == pytest.approx(numbers[243:250].mean())
    assert forecasts["one period ago"][250] == numbers[238]
    others = task.test(always(task, [0.0])).others
    assert others["one period ago"] == pytest.approx(np.mean((numbers[240:] - numbers[228:288]) ** 2))


def test_the_linear_rival_is_exact_on_a_linear_series_and_sees_nothing_of_what_it_forecasts():
    numbers = [1.0, 2.0]
    for _ in range(298):
        numbers.append(1.6 * numbers[-1] - 0.9 * numbers[-2] + 0.5)  # a damped wave
    numbers = (np.array(numbers) + 0.3 * np.sin(np.arange(300))).tolist()  # and one that stays, linear too
    forecasts = Forecast(tuple(numbers)).rivals()["linear, from the last 7"]
    np.testing.assert_allclose(forecasts[7:], numbers[7:], atol=1e-6)
    changed = [*numbers[:270], numbers[270] + 100, *numbers[271:]]
    again = Forecast(tuple(changed)).rivals()
    before = Forecast(tuple(numbers)).rivals()
    for name, forecast in again.items():
        np.testing.assert_allclose(forecast[8:271], before[name][8:271], rtol=0, atol=1e-9, err_msg=name)
        assert not np.array_equal(forecast[271:278], before[name][271:278])


def test_a_period_longer_than_the_past_has_no_rival():
    score = Forecast(SERIES, period=365.25).test(always(Forecast(SERIES, period=365.25), [0.0]))
    assert "one period ago" not in score.others
    assert np.isfinite(list(score.others.values())).all()


def test_no_forecast_sees_the_number_it_is_of():
    task = Forecast(SERIES)
    model = Oracle(task, lambda read: read[:, :1].cumsum(0))
    told = task.forecasts(model)
    changed = Forecast((*SERIES[:100], 90.0, *SERIES[101:]))
    object.__setattr__(changed, "encoder", task.encoder)
    again = changed.forecasts(model)
    assert np.isnan(told[0])
    np.testing.assert_array_equal(told[1:101], again[1:101])
    assert told[101] != again[101]


def test_places_come_from_dates(tmp_path):
    dates = pd.date_range("1999-12-25", periods=300)
    table = pd.DataFrame({"day": dates, "note": "x", "temperature": SERIES})
    path = written(tmp_path, table.to_csv(index=False))
    daily = Forecast.from_file(path, period=365.25)
    assert daily.column == "temperature"
    assert daily.places[:9] == (359.0, 360.0, 361.0, 362.0, 363.0, 364.0, 365.0, 1.0, 2.0)
    table["day"] = pd.date_range("1949-11", periods=300, freq="MS").strftime("%Y-%m")
    monthly = Forecast.from_file(written(tmp_path, table.to_csv(index=False)), period=12.0)
    assert monthly.places[:4] == (11.0, 12.0, 1.0, 2.0)
    assert Forecast.from_file(path).places == ()
    assert Forecast.from_file(path, period=7.0).places[:9] == (1, 2, 3, 4, 5, 6, 7, 1, 2)


@pytest.mark.parametrize(
    "task",
    [
        Forecast.made_up(count=1000),
        Forecast(SERIES),
        Forecast(tuple(1_000_000 + number for number in SERIES), places=tuple(k % 12 + 1.0 for k in range(300)), period=12.0),
        Forecast(SERIES[:200], window=100),
    ],
    ids=["made up", "no period", "large numbers", "window longer than what is held out"],
)  # fmt: skip
def test_what_an_example_says_is_what_is_learnt_from(task):
    first = task.cuts[1]
    for title, start in {"Start of the held-out series": first, "Middle of the held-out series": None}.items():
        tokens = task.encoder.encode(task.examples()[title])
        if start is None:
            start = (first + len(task.numbers)) // 2
        np.testing.assert_allclose(tokens.values, task._standardised[start : start + len(tokens)], atol=1e-6)
        assert len(tokens) == min(task.window, len(task.numbers) - start)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n", {}, "series.csv: there are no numbers, only one line of names: a table has a line of column names"),
        ("day,temperature\n" + "1,warm\n" * 300, {"column": "temperature"}, "'temperature' holds 'warm' in line 2"),
        ("day,t\n" + "1,2\n" * 250 + "3,x\n", {"column": "t"}, r"'t' holds 'x' in line 252, which is no number.*1 in all"),
        ("day,t\n" + "1,2\n" * 250 + "3,?\n", {}, r"'t' has 1 gap \(the first in line 252\): choose how gaps are filled or dropped"),
        ("day,t\n" + "1,2\n3,\n" * 250, {}, r"'t' has 250 gaps \(the first in line 3\)"),
        ("t\n" + "1\n2\n" * 300, {"gaps": "zero"}, "gaps can be last, interpolate or drop, not 'zero'"),
        ("day,t\n" + "x,y\n" * 300, {}, r"none of the columns holds only numbers \(day, t\)"),
        ("day,t\n" + "1,2\n" * 300, {"column": "rain"}, "there is no column 'rain': choose one of day, t"),
        ("t\n" + "1\n" * 19, {}, "the series has 19 numbers: give at least 20"),
        ("t\n" + "5\n" * 300, {}, "never changes"),
        ("t\n" + "1\n5e109\n" * 300, {}, "larger units"),
        ("t\n" + "1\n1e999\n" * 300, {}, "holds '1e999' in line 3"),
        ("t\n" + "1e-120\n2e-120\n" * 300, {}, "changes by about 5e-121 only: give it in smaller units"),
        ("t\n" + "1\n2\n" * 300, {"period": 1.5}, "the period must be 0"),
        ("t\n" + "1\n2\n" * 300, {"window": 1}, "window must be from 2 to 419"),
        ('a,b\n1,2\n3,4,5\n', {}, "line 3 has 3 columns, but line 1 names 2"),
    ],
)  # fmt: skip
def test_a_file_that_will_not_do_is_refused_in_a_sentence(tmp_path, text, options, message):
    with pytest.raises(ValueError, match=message):
        Forecast.from_file(written(tmp_path, text), **options)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_of_any_usual_separator_are_read(tmp_path, separator):
    text = "\n".join(f"{k}{separator}{number}" for k, number in enumerate(SERIES))
    task = Forecast.from_file(written(tmp_path, f"step{separator}value\r\n{text}"))
    assert task.numbers == SERIES
    assert Forecast.from_file(written(tmp_path, f"step{separator}value\n{text}"), column="step").numbers[5] == 5


def test_the_made_up_climate_has_a_season():
    task = Forecast.made_up(count=2000, seed=1)
    numbers = np.array(task.numbers)
    assert numbers[:30].mean() > numbers[168:198].mean() + 8
    assert torch.equal(
        task.batch(0, 2, np.random.default_rng(0)).inputs, task.batch(0, 2, np.random.default_rng(0)).inputs
    )
