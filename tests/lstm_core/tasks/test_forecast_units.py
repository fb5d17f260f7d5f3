"""A forecast does not depend on the units of its series: a * x + b is learnt as x is."""

import numpy as np
import pytest

from lstm_core import Values, record
from lstm_core.numerals import significant
from lstm_core.settings import Settings
from lstm_core.tasks import Forecast, Size
from lstm_core.training import Initial, finish, initial_model, train

WAVE = np.sin(np.arange(300) / 5) + np.random.default_rng(5).normal(0, 0.3, 300)
SMALL = Settings(steps=20, batch=4, learning_rate=3e-2, warmup=2, score_every=20)
UNITS = {
    "millionths": (1e-6, 0.0),
    "millions": (1e6, 0.0),
    "1e12": (1e12, 5e12),
    "shifted": (1.0, 1e6),
    "1.08345 and 7e-7": (7e-7, 1.08345),
    "turned": (-3.0, 17.0),
}


def in_units(scale: float, shift: float) -> Forecast:
    return Forecast(tuple((scale * WAVE + shift).tolist()), window=10)


@pytest.mark.parametrize("units", UNITS)
def test_what_is_read_is_the_same_in_any_units(units):
    scale, shift = UNITS[units]
    plain, other = in_units(1.0, 0.0), in_units(scale, shift)
    learnt = WAVE[:210]
    exact = (WAVE - learnt.mean()) / learnt.std() * np.sign(scale)
    lost = np.finfo(np.float64).eps * (1 + abs(shift) / abs(scale)) * 8  # what the series itself lost in float64
    numbers = np.array(other.numbers)
    own = (numbers - other.encoder.mean[0]) / other.encoder.spread[0]
    np.testing.assert_allclose(own, exact, rtol=0, atol=lost * 8)
    np.testing.assert_allclose(other._standardised[:, 0], exact, rtol=0, atol=max(lost * 8, 3e-7))
    for name, forecast in other.rivals().items():
        wanted = plain.rivals()[name]
        np.testing.assert_allclose((forecast[8:] - shift) / scale, wanted[8:], atol=1e4 * lost + 1e-9, err_msg=name)


def relative(task: Forecast) -> float:
    """The score of a model after a short training, as a share of the naive forecast's."""
    model = initial_model(task.config(Size(hidden=6)), Initial.of(task, SMALL))
    for _ in train(model, task, SMALL):
        pass
    score = task.test(model)
    return score.value / score.others["last value"]


def test_what_is_learnt_is_the_same_in_any_units():
    plain = relative(in_units(1.0, 0.0))
    assert 0.1 < plain < 2
    for units in ("millionths", "1e12", "1.08345 and 7e-7"):
        assert relative(in_units(*UNITS[units])) == pytest.approx(plain, rel=1e-3), units


@pytest.mark.parametrize("constant", [0.123456, 1e-9, 1e12, -7.1])
def test_a_constant_is_refused(constant):
    with pytest.raises(ValueError, match="the series never changes in its first 70%"):
        Forecast((constant,) * 300)


def test_a_change_that_is_only_rounding_is_refused():
    up = np.nextafter(1.1, 2)
    with pytest.raises(
        ValueError, match=r"changes by less than 1 part in 2\*\*52 of its size \(1.1\), which is rounding"
    ):
        Forecast((1.1, 1.1, 1.1, up) * 75)
    Forecast((1.1, 1.1 + 1e-12) * 150)  # while this is a series


def test_an_example_is_the_series_itself_however_little_it_varies():
    for scale, shift in UNITS.values():
        task = in_units(scale, shift)
        read = task.encoder.encode(task.examples()["Start of the held-out series"])
        np.testing.assert_allclose(read.values, task._standardised[240 : 240 + len(read)], atol=1e-6)
        assert len(set(task.encoder.of(np.array(task.numbers)[:, None]).labels)) > 250  # each step has its own


def test_a_recording_tells_what_is_said_from_what_came_however_little_they_vary():
    task = in_units(7e-7, 1.08345)
    model = initial_model(task.config(Size(hidden=4)), Initial.of(task, SMALL))
    readout = model.config.readout
    assert isinstance(readout, Values)
    recording = record(model, task.examples()["Start of the held-out series"])
    came = recording.prediction["came"].to_numpy()[:-1, 0]
    np.testing.assert_allclose(came, task.numbers[241 : 241 + len(came)], rtol=0, atol=7e-13)
    value = recording.prediction["value"].to_numpy()[:, 0]
    assert np.ptp(value) > 0
    assert len(np.unique(value)) == len(value)


def test_scores_keep_their_digits_on_the_card(tmp_path):
    task = in_units(1e-7, 0.0)
    model = initial_model(task.config(Size(hidden=4)), Initial.of(task, SMALL))
    card = finish(model, task, SMALL, tmp_path, name="tiny", command="")
    score = task.test(model)
    assert card.evaluation["score"] == pytest.approx(score.value, rel=1e-6)
    assert 0 < card.evaluation["score"] < 1e-12
    assert card.evaluation["untrained"] == pytest.approx(score.value, rel=1e-6)
    assert min(card.evaluation["others"].values()) > 0
    assert significant(7.3123456789e-13) == 7.312346e-13
    assert np.isnan(significant(float("nan")))
