import math

import pytest

from lstm_core.training import Settings


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("steps", (0, -1), (1,)),
        ("batch", (0,), (1,)),
        ("warmup", (-1,), (0,)),
        ("chrono", (-1, 1), (0, 2)),
        ("score_every", (-1,), (0,)),
        ("seed", (-1, 2**32), (0, 2**32 - 1)),
        ("optimizer", ("Adam", ""), ("SGD", "RMSprop", "AdamW")),
        ("schedule", ("linear",), ("constant", "cosine")),
        ("learning_rate", (0.0, -1.0, math.nan, math.inf), (1e-9,)),
        ("clip", (0.0, math.nan), (1e9,)),
        ("epsilon", (0.0, -1e-9), (1e-8,)),
        ("embedding_spread", (0.0, math.inf), (0.01,)),
        ("weight_decay", (-0.1, math.nan), (0.0,)),
        ("weight_noise", (-0.1, math.inf), (0.0,)),
        ("dropout", (-0.1, 1.0, math.nan), (0.0, 0.99)),
        ("input_dropout", (-0.1, 1.0), (0.0, 0.99)),
        ("forget_bias", (math.nan, math.inf), (-5.0,)),
    ],
)
def test_every_setting_has_its_bounds(name, wrong, right):
    for value in right:
        assert getattr(Settings(**{name: value}), name) == value
    for value in wrong:
        with pytest.raises(ValueError, match=rf"^{name} must be .*not "):
            Settings(**{name: value})


def test_the_rate_climbs_to_its_peak_and_comes_down_along_a_cosine():
    settings = Settings(steps=14, warmup=4, learning_rate=0.8)
    assert [settings.rate(step) for step in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8])
    assert settings.rate(9) == pytest.approx(0.4)  # half way
    assert settings.rate(6) == pytest.approx(0.8 * (1 + math.cos(math.pi / 5)) / 2)
    assert settings.rate(14) == pytest.approx(0)


def test_a_constant_rate_stays_and_a_warm_up_may_outlast_the_run():
    constant = Settings(steps=100, warmup=0, schedule="constant", learning_rate=0.3)
    assert {constant.rate(step) for step in range(100)} == {0.3}
    short = Settings(steps=2, warmup=10, learning_rate=1.0)
    assert [short.rate(step) for step in range(2)] == pytest.approx([0.1, 0.2])


def test_scores_are_taken_twenty_times_or_as_often_as_is_asked_for_and_at_the_end():
    def scored(settings: Settings) -> list[int]:
        return [step for step in range(settings.steps + 1) if settings.is_scored(step)]

    assert scored(Settings(steps=200)) == list(range(10, 201, 10))
    assert scored(Settings(steps=10, score_every=4)) == [4, 8, 10]
    assert scored(Settings(steps=3)) == [1, 2, 3]
