import numpy as np
import pytest

from lstm_core import NumberEncoder
from lstm_core.encoders.typed_numbers import about_commas, row_typed, typed

ONE = NumberEncoder(("temperature (°C)",), (0.0,), (1.0,))
TWO = NumberEncoder(("number", "mark"), (0.0, 0.0), (1.0, 1.0))
DAYS = NumberEncoder(("temperature (°C)",), (0.0,), (1.0,), period=365.25)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("20.7 17.9", [20.7, 17.9]),
        ("20,7 17,9", [20.7, 17.9]),
        ("20,7 18 17,9", [20.7, 18, 17.9]),
        ("20,7\n17,9\n", [20.7, 17.9]),
        ("20,7; 17,9;3", [20.7, 17.9, 3]),
        ("20,7, 17,9", [20.7, 17.9]),
        ("1,2,3", [1, 2, 3]),
        ("1, 2, 3", [1, 2, 3]),
        ("1,2,3\n4,5,6", [1, 2, 3, 4, 5, 6]),
        ("20.7,17.9 18.5", [20.7, 17.9, 18.5]),
        (",1,,2,", [1, 2]),
        ("-1e1,+4", [-10, 4]),
        ("1e5 2,5e1", [1e5, 25]),
        ("−5 –6,5", [-5, -6.5]),
        ("１２．５　７", [12.5, 7]),
        ("٢٠ ٢١", [20, 21]),
        ("1\u2009000 2\u202f345,5", [1000, 2345.5]),
        ("1'000.5 2", [1000.5, 2]),
        ("1,234 5,67", [1.234, 5.67]),
    ],
)
def test_numbers_are_read_as_people_write_them(text, numbers):
    tokens = ONE.encode(text)
    np.testing.assert_allclose(tokens.values[:, 0], numbers, rtol=1e-6)
    np.testing.assert_allclose([float(label) for label in tokens.labels], numbers)  # labels show how they were read


def test_decimal_commas_stand_between_colons_and_after_places():
    np.testing.assert_allclose(TWO.encode("0,53:0 0,21:1").values, [[0.53, 0], [0.21, 1]], rtol=1e-6)
    np.testing.assert_allclose(TWO.encode("1:0,2:1 3:0").values, [[1, 0], [2, 1], [3, 0]])
    with_place, comma = DAYS.encode("@182 20.7 17.9"), DAYS.encode("@182 20,7 17,9")
    np.testing.assert_array_equal(with_place.values, comma.values)
    assert comma.labels == ("20.7", "17.9")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("1,234 5,678", "'1,234' may have a decimal comma or a thousands mark: write 1.234 or 1234"),
        ("1,234,567 2,345,678", "'1,234,567' may be one number or several: write 1234567 for one, or blanks"),
        ("1 000", "'1 000' may be one number or two: write 1000 for one, 1 0 for two"),
        ("1, 2,3 4", "'2,3' may be one number or two: write 2.3 for one, or a blank between two"),
        ("1.000,5 2", "'1.000,5' may be one number or several: write 1000.5 for one, or blanks between several"),
        ("1,234,567.5", "'1,234,567.5' may be one number or several: write 1234567.5 for one"),
        ("NaN", "NaN is out of range"),
        ("1 -inf", "-inf is out of range"),
        ("1e400", "1e400 is out of range"),
    ],
)
def test_what_may_be_meant_two_ways_is_a_question(text, question):
    with pytest.raises(ValueError, match=question):
        ONE.encode(text)


def test_how_commas_are_read_is_said_where_it_may_be_doubted():
    assert about_commas("20,7 17,9", 1) == "Commas are read as decimal marks: 20,7 is 20.7."
    assert about_commas("20,7", 1) == "The comma is read as separating two steps. For one number write 20.7."
    for plain in ("20.7 17.9", "1,2,3", "1, 2, 3", "1,234 5,678", ""):
        assert about_commas(plain, 1) == ""


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("shift", [0.0, 1.08345, 1e6])
def test_a_typed_series_is_the_series(scale, shift):
    series = scale * (np.random.default_rng(1).normal(0, 1, (50, 2)) + shift)
    encoder = NumberEncoder(("a", "b"), tuple(series.mean(axis=0).tolist()), tuple(series.std(axis=0).tolist()))
    text = " ".join(row_typed(row, encoder.spread) for row in series.tolist())
    np.testing.assert_allclose(encoder.encode(text).values, encoder.of(series).values, atol=1e-6)


def test_no_digit_is_typed_that_tells_nothing():
    assert typed(20.7, 4.0) == "20.7"
    assert typed(112.0, 30.0) == "112"
    assert typed(0.0, 1.0) == "0"
    assert typed(-0.0, 1.0) == "0"
    assert typed(1 / 3, 1.0) == "0.33333333"
    assert typed(1.0834500001, 1e-10) == "1.0834500001"
