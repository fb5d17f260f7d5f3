import json
import math

import numpy as np
import pytest

from lstm_core import NumberEncoder
from lstm_core.encoders import encoder_from_json

ONE = NumberEncoder(("temperature (°C)",), (10.0,), (2.0,))
TWO = NumberEncoder(("number", "mark"), (0.5, 0.0), (0.25, 1.0))
DAYS = NumberEncoder(("temperature (°C)",), (10.0,), (2.0,), period=12.0)


def test_numbers_are_standardised_and_keep_what_was_typed_as_labels():
    tokens = ONE.encode("10 12.0, 7\n-1e1,+4")
    assert tokens.values.tolist() == [[0.0], [1.0], [-1.5], [-10.0], [-3.0]]
    assert tokens.values.dtype == np.float32
    assert tokens.labels == ("10", "12.0", "7", "-1e1", "+4")
    assert tokens.ids.tolist() == [0] * 5
    assert tokens.groups.tolist() == [0, 1, 2, 3, 4]


def test_rows_of_numbers_are_written_with_colons():
    assert TWO.encode("1:0 0.25:1").values.tolist() == [[2.0, 0.0], [-1.0, 1.0]]
    assert TWO.features == 2


def test_the_place_in_a_period_is_read_as_sine_and_cosine():
    assert DAYS.features == 3
    tokens = DAYS.encode("10 10 10 @10 10 12")
    angle = 2 * math.pi * np.array([0, 1, 2, 9, 10]) / 12
    np.testing.assert_allclose(tokens.values[:, 1], np.sin(angle), atol=1e-6)
    np.testing.assert_allclose(tokens.values[:, 2], np.cos(angle), atol=1e-6)
    assert tokens.labels == ("10", "10", "10", "10", "12")


@pytest.mark.parametrize("period", [12.0, 365.25])
def test_a_period_goes_round_and_round(period):
    encoder = NumberEncoder(("x",), (0.0,), (1.0,), period=period)
    typed = encoder.encode("0 " * 800)
    np.testing.assert_allclose(typed.values, encoder.of(np.zeros((800, 1))).values, atol=1e-5)
    later = encoder.encode(f"@{int(period)} " + "0 " * 800)
    np.testing.assert_allclose(later.values, encoder.of(np.zeros((900 + int(period), 1))).values[int(period) - 1 :][:800], atol=1e-5)  # fmt: skip


def test_numbers_that_were_not_typed_are_labelled_shortly():
    assert TWO.of(np.array([[0.5, 1.0], [1e6, 0.0]])).labels == ("0.5:1", "1000000:0")


@pytest.mark.parametrize(
    ("encoder", "text", "message"),
    [
        (ONE, "1 warm", r"'warm' is not what this model reads: 1 number a step \(temperature \(°C\)\), such as 10"),
        (ONE, "1:2", "'1:2' is not what this model reads: 1 number a step"),
        (TWO, "1", r"'1' is not what this model reads: 2 numbers a step \(number, mark\), such as 0.5:0"),
        (TWO, "1:2:3", "'1:2:3' is not"),
        (TWO, "1:", "'1:' is not"),
        (ONE, "@3 1", "'@3' is not what this model reads"),  # it has no period
        (DAYS, "@ 1", "'@' should be @ and a place from 1 to 12, such as @1"),
        (DAYS, "@0 1", "'@0': the places of this model's period go from 1 to 12"),
        (DAYS, "@13 1", "'@13': the places"),
        (DAYS, "@nan 1", "nan is out of range"),
        (ONE, "nan", "nan is out of range: numbers go from -1e.100 to 1e.100"),
        (ONE, "-inf", "-inf is out of range"),
        (ONE, "1e400", "1e400 is out of range"),
        (ONE, "2e9 2000000011", r"2e\+09 is out of range: temperature \(°C\) goes from -2e.09 to 2e.09"),
    ],
)
def test_a_piece_that_is_no_number_is_quoted(encoder, text, message):
    with pytest.raises(ValueError, match=message):
        encoder.encode(text)


def test_nothing_is_read_as_nothing():
    assert ONE.encode(" ,\n").values.shape == (0, 1)
    assert DAYS.encode("").values.shape == (0, 3)


@pytest.mark.parametrize("encoder", [ONE, TWO, DAYS])
def test_it_survives_json(encoder):
    assert encoder_from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": []}, "each number needs a name, a mean and a spread, not 0, 1 and 1"),
        ({"mean": [1.0, 2.0]}, "not 1, 2 and 1"),
        ({"names": [""]}, "names of the numbers must be text"),
        ({"spread": [0.0]}, "spreads above 0"),
        ({"mean": [math.nan]}, "means must be finite"),
        ({"period": 1.0}, "the period must be 0"),
        ({"period": math.inf}, "the period must be 0"),
        ({"period": -12.0}, "the period must be 0"),
        ({"names": "x"}, "no encoder is described"),
    ],
)
def test_a_description_that_will_not_do_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        encoder_from_json(ONE.to_json() | change)
