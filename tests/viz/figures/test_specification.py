"""A figure that is only sent holds the same as the Plotly figure that a reader of the library gets."""

import json
from base64 import b64decode

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

import pretrained
from lstm_core import Recording, record
from lstm_core.analysis import (
    best_followers,
    feature_selectivity,
    ledger,
    remembered,
    text_features,
    timescale,
    unit_saturation,
)
from lstm_core.analysis import learning as learnt
from viz import figures
from viz.figures.enlarged import enlarged
from viz.figures.specification import only_sent

TITLES = ("mine", "<b>other</b>")


@pytest.fixture(scope="module")
def recordings() -> tuple[Recording, Recording]:
    text = "SaabbTSaaabbbT"
    return tuple(record(load("anbn", device="cpu"), text) for load in (pretrained.load, pretrained.untrained))


def heatmaps(first, _second):
    return figures.heatmaps(first.layers["layer0"], signals=["forget", "cell"], order=[4, 3, 2, 1, 0], dark=True)


def comparison(first, second):
    pair = first.layers["layer0"], second.layers["layer0"]
    return figures.comparison(*pair, titles=TITLES, signals=["input", "cell"], order=[4, 3, 2, 1, 0])


def with_gaps(first, second):
    layer = first.layers["layer0"].copy(deep=True)
    layer["cell"][3, 1] = np.nan
    layer["cell"][4, 2] = np.inf
    return figures.comparison(
        layer, second.layers["layer0"], titles=TITLES, signals=["cell"], order=[0, 1, 2, 3, 4], dark=True
    )


def contributions(first, _second):
    return figures.ledger(ledger(first.layers["layer0"], 9), unit=1, order=[0, 1, 2, 3, 4])


def lasting(first, _second):
    return figures.remembered(remembered(first.layers["layer0"], 2), units=[1, 2], chosen=0)


def one_unit(first, _second):
    layer = first.layers["layer0"]
    return figures.unit_memory(layer, ledger(layer, 9), remembered(layer, 2), unit=1, units=[0, 1])


def timescales(first, _second):
    return figures.timescale(timescale(first.layers["layer0"]), chosen=2)


def half_lives(first, _second):
    return figures.half_lives(first.layers["layer0"]["forget"].sel(unit=1), steps=14, selected=3)


def saturation_points(first, second):
    shares = [unit_saturation(one.layers["layer0"]) for one in (first, second)]
    return figures.saturation_points(shares, titles=list(TITLES), chosen=0)


def followers(first, _second):
    found = feature_selectivity(first.layers["layer0"], text_features(first), shuffles=3)
    return figures.following(best_followers(found, count=4), untrained=0.7)


def learning(first, second):
    layers = [one.layers["layer0"]["forget"] for one in (second, first)]
    return figures.learning(learnt(layers, [0, 10]), gate="forget", order=[0, 1, 2, 3, 4])


def decoded(value: object) -> object:
    """Plain lists for typed arrays, whatever the type of their numbers; nothing where a list or dict is empty."""
    if isinstance(value, dict) and "bdata" in value:
        array = np.frombuffer(b64decode(value["bdata"]), dtype=value["dtype"])
        shape = [int(one) for one in str(value.get("shape", len(array))).split(",")]
        return [repr(one) for one in array.reshape(shape).tolist()]
    if isinstance(value, dict):
        return {name: decoded(one) for name, one in value.items() if one not in ([], {})}
    return [decoded(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "draw",
    [heatmaps, comparison, with_gaps, contributions, lasting, one_unit, timescales, half_lives, saturation_points, followers, learning],
)  # fmt: skip
def test_what_is_sent_is_what_plotly_makes_of_the_figure(draw, recordings):
    whole = draw(*recordings)
    assert type(whole) is go.Figure
    with only_sent():
        sent = draw(*recordings)
    assert type(sent) is not go.Figure
    wanted, found = (json.loads(plotly.io.to_json(one.to_dict(), validate=False)) for one in (whole, sent))
    assert decoded(found) == decoded(wanted)


def test_for_a_projector_type_and_margins_are_larger_and_fewer_letters_stand_in_a_figure(recordings):
    def sent(width: int) -> dict:
        return figures.heatmaps(recordings[0].layers["layer0"], signals=["cell"], order=[1, 0], width=width).to_dict()

    with only_sent():
        usual, narrow = sent(320), sent(213)
        with enlarged(1.5):
            large = sent(320)
    one, other = usual["layout"], large["layout"]
    assert other["template"]["layout"]["font"]["size"] == 1.5 * one["template"]["layout"]["font"]["size"]
    assert other["yaxis"]["title"]["font"]["size"] == 1.5 * one["yaxis"]["title"]["font"]["size"]
    assert other["margin"] == {side: 1.5 * pixels for side, pixels in one["margin"].items()}
    assert large["data"][0]["colorbar"]["thickness"] == 1.5 * usual["data"][0]["colorbar"]["thickness"]
    assert large["data"][0]["z"] == usual["data"][0]["z"]
    assert len(one["xaxis"]["ticktext"]) == 14
    assert other["xaxis"]["ticktext"] == narrow["layout"]["xaxis"]["ticktext"] != one["xaxis"]["ticktext"]
    with only_sent():
        assert sent(320) == usual


def test_after_the_block_figures_are_plotlys_again(recordings):
    with pytest.raises(ZeroDivisionError), only_sent():
        _ = 1 / 0
    assert type(comparison(*recordings)) is go.Figure
