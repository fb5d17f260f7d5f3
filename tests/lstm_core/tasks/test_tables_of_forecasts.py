"""From a reader's table to the series that is learnt."""

import numpy as np
import pandas as pd
import pytest

from lstm_core.tasks import Forecast, make_task

SERIES = np.random.default_rng(4).normal(20, 5, 300).round(1)
DAYS = pd.date_range("1999-12-25", periods=300)


def written(folder, text, encoding="utf-8"):
    path = folder / "series.csv"
    path.write_bytes(text.encode(encoding))
    return path


def german(number):
    return f"{number:.1f}".replace(".", ",")


def test_a_separator_after_every_row_shifts_no_column(tmp_path):
    rows = "".join(f"{number},{50 + k},\n" for k, number in enumerate(SERIES))
    path = written(tmp_path, "temperature,humidity\n" + rows)
    assert Forecast.from_file(path, column="temperature").numbers == tuple(SERIES.tolist())
    assert Forecast.from_file(path).column == "humidity"
    assert Forecast.from_file(path).numbers[:3] == (50, 51, 52)


def test_newest_first_is_learnt_from_the_oldest_on(tmp_path):
    rows = [f"{day:%d.%m.%Y};{german(number)}" for day, number in zip(DAYS, SERIES, strict=True)]
    path = written(tmp_path, "Datum;Wert\n" + "\n".join(reversed(rows)), "utf-16")
    task = Forecast.from_file(path, period=365.25)
    assert task.numbers == tuple(SERIES.tolist())
    assert task.places[:8] == (359, 360, 361, 362, 363, 364, 365, 1)


def test_the_first_number_of_a_file_without_names_is_kept(tmp_path):
    task = Forecast.from_file(written(tmp_path, "\n".join(map(str, SERIES))))
    assert task.numbers == tuple(SERIES.tolist())
    assert task.column == "column 1"


@pytest.mark.parametrize("way", ["last", "interpolate", "drop"])
def test_gaps_become_what_was_chosen(tmp_path, way):
    rows = [f"{day:%Y-%m-%d},{number}" for day, number in zip(DAYS, SERIES, strict=True)]
    rows[10], rows[11] = f"{DAYS[10]:%Y-%m-%d},", f"{DAYS[11]:%Y-%m-%d},NA"
    path = written(tmp_path, "day,t\n" + "\n".join(rows))
    task = make_task("forecast", path, {"gaps": way, "period": 365.25, "column": "t"})
    wanted = SERIES.tolist()
    first, second = wanted[9], wanted[12]
    third = (second - first) / 3
    between = {"last": [first] * 2, "interpolate": [first + third, first + 2 * third], "drop": []}[way]
    np.testing.assert_allclose(task.numbers, wanted[:10] + between + wanted[12:], atol=1e-12)
    day = DAYS.day_of_year.tolist()
    assert list(task.places) == (day[:10] + day[12:] if way == "drop" else day)
    assert "2 gaps" in task.source


def test_the_same_file_and_choice_are_the_same_task(tmp_path):
    text = "t\n" + "\n".join(["1", "NA", *map(str, SERIES)])
    path = written(tmp_path, text)
    described = [make_task("forecast", path, {"gaps": way}).describe() for way in ("last", "last", "drop")]
    assert described[0] == described[1] != described[2]
