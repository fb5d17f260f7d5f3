"""What the zoo's models keep in memory and follow: answers that are known."""

from functools import cache

import pytest
import xarray as xr

import pretrained
from lstm_core import record
from lstm_core.analysis import (
    best_followers,
    feature_selectivity,
    ledger,
    ledger_error,
    remembered,
    text_features,
    timescale,
)
from viz.shared.findings import FINDINGS

SONNET = f"""{FINDINGS["A unit that measures the line"].text}
HAMLET:
O, what a rogue and peasant slave am I!

HORATIO:
My lord, I came to see your father's funeral.

HAMLET:
I pray thee, do not mock me; I think it was to see my mother's wedding.
"""
CODE = """import os
import sys

NAMES = ['north', 'south by south west', 'east', 'the other way round']

def describe(place, *, width=80):
    if place not in NAMES:
        raise ValueError('there is no such place, nor was there ever one')
    title = place.replace('by', 'and').title()
    for line in range(len(NAMES)):
        if line % 2 == 0:
            print(title.center(width, '-'), file=sys.stderr)
        else:
            print('nothing to be seen here', file=sys.stderr)
    return title

class Walker:
    def __init__(self, name, steps):
        self.name = name
        self.steps = list(steps)
        self.path = os.path.join('where we came from', 'where we went')

    def walk(self, distance):
        if distance < 0:
            raise ValueError('nobody walks backwards for so long')
        while distance > 0:
            distance = distance - self.steps.pop()
            self.report('still on the way to the next house', distance)
        return self

    def report(self, message, distance):
        print('%s says: %s' % (self.name, message))
        if distance > 1000:
            print('it is a long way from here to the sea')
"""


@cache
def searched(name: str, text: str, *, trained: bool = True) -> xr.Dataset:
    model = (pretrained.load if trained else pretrained.untrained)(name, device="cpu")
    recording = record(model, text)
    return feature_selectivity(recording.layers["layer0"], text_features(recording))


def counting() -> tuple[xr.Dataset, list[int]]:
    """The layer of anbn that read sequences of many lengths, and the units whose cells count a's minus b's there."""
    text = "".join("S" + "a" * n + "b" * n + "T" for n in (8, 3, 12, 5, 20, 9, 15, 6))
    recording = record(pretrained.load("anbn", device="cpu"), text)
    layer = recording.layers["layer0"]
    found = feature_selectivity(layer, text_features(recording), signals=["cell"])
    table = best_followers(found, feature="a's minus b's")
    assert table["beyond_chance"].iloc[0]
    return layer, [int(unit) for unit in table["unit"][(table["score"] > 0.98) & (table["sign"] > 0)]]


@pytest.mark.parametrize("n", [10, 20, 30])
def test_the_ledger_and_the_timescale_each_find_the_counting_units(n):
    layer = record(pretrained.load("anbn", device="cpu"), "S" + "a" * n + "b" * n + "T").layers["layer0"]
    _, counters = counting()
    assert sorted(counters) == [0, 2]
    wrote = ledger(layer, 2 * n)["contribution"]
    a, b = wrote[1 : n + 1].sum("step"), wrote[n + 1 :].sum("step")
    assert wrote["unit"].to_numpy()[(abs(a) > n / 2) & (abs(a + b) < 0.01 * abs(a))].tolist() == [0, 2]
    found = timescale(layer)
    assert sorted(found["unit"].to_numpy()[found["rank"] <= 2].tolist()) == [0, 2]
    assert found["half_life"].sel(unit=[0, 2]).min() > 10 * layer.sizes["step"]


def test_counting_units_are_those_that_remember_longest():
    layer, counters = counting()
    found = timescale(layer).sel(unit=counters)
    assert counters
    assert (found["rank"] <= 3).all()
    assert (found["measured"] > layer.sizes["step"] / 4).all()
    others = timescale(layer).drop_sel(unit=counters)
    assert others["measured"].min() <= 3


def test_the_ledger_of_a_counter_has_the_same_for_every_a_and_takes_it_back_for_every_b():
    n = 20
    layer = record(pretrained.load("anbn", device="cpu"), "S" + "a" * n + "b" * n + "T").layers["layer0"]
    _, counters = counting()
    for unit in counters:
        half = ledger(layer, n).sel(unit=unit)
        each = half["contribution"].to_numpy()[1:]
        assert (half["left"].to_numpy()[1:] > 0.98).all()
        assert each.std() < 0.01 * abs(each.mean())
        assert each.sum() == pytest.approx(n * each.mean())
        whole = ledger(layer, 2 * n).sel(unit=unit)["contribution"].to_numpy()[1:]
        assert whole[:n].sum() == pytest.approx(-whole[n:].sum(), rel=0.05)
        assert (remembered(layer, 1)["left"].sel(unit=unit).to_numpy()[: 2 * n] > 0.9).all()
    assert ledger_error(ledger(layer, 2 * n), layer) < 1e-5


@pytest.mark.parametrize(
    ("name", "text", "feature"),
    [
        ("shakespeare", SONNET, "far into the line"),
        ("shakespeare", SONNET, "upper case"),
        ("shakespeare", SONNET, "beginning of a word"),
        ("python", CODE, "inside quotation marks"),
        ("python", CODE, "inside brackets"),
        ("python", CODE, "deep in the code"),
        ("python", CODE, "beginning of a word"),
    ],
)
def test_a_unit_follows_what_no_unit_did_before_training_and_nothing_shuffled(name, text, feature):
    trained, untrained = searched(name, text), searched(name, text, trained=False)
    best = best_followers(trained, feature=feature, count=1).iloc[0]
    before = best_followers(untrained, feature=feature, count=1).iloc[0]
    assert best["auc"] > 0.9
    assert best["auc"] > before["auc"] + 0.1
    assert best["chance"] < 0.8
    assert best["beyond_chance"]


@pytest.mark.parametrize(("name", "text"), [("shakespeare", SONNET), ("python", CODE)])
def test_no_unit_follows_the_place_in_the_text_which_chance_explains(name, text):
    assert not best_followers(searched(name, text), feature="place in the text")["beyond_chance"].any()


@pytest.mark.parametrize("name", pretrained.zoo())
def test_the_ledger_of_every_model_sums_to_its_memory(name):
    model = pretrained.load(name, device="cpu")
    for layer in record(model, next(iter(model.card.examples.values()))).layers.values():
        for step in (0, layer.sizes["step"] // 2, layer.sizes["step"] - 1):
            assert ledger_error(ledger(layer, step), layer) < 1e-5
