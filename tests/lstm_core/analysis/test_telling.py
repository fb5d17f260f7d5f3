"""The units that tell most about a text: those that are known to, and what is so on hand-made numbers."""

import numpy as np
import pytest
import xarray as xr

import pretrained
from benchmarks.telling import COUNTS, QUOTES, SONNET
from lstm_core import record
from lstm_core.analysis import most_telling, most_varying
from pretrained.measures import VERSE
from tests.support import odd_models

KNOWN = {  # model and text: unit, and the rank that it reaches at least
    ("anbn", COUNTS): {2: 1, 0: 3},
    ("anbn", "Eight of each"): {2: 1, 0: 2},
    ("anbn", "Longer than any in training"): {2: 1, 0: 2},
    ("anbncn", "Eight of each"): {14: 1, 8: 11},
    ("anbncn", "Longer than any in training"): {14: 1, 8: 11},
    ("brackets", "Three deep"): {9: 1, 18: 24},
    ("brackets", "Deeper than any in training"): {9: 3, 18: 16},
    ("brackets", "Out and back"): {9: 2, 18: 16},
    ("python", QUOTES): {132: 8, 23: 3, 52: 20},
    ("python", "Blocks within blocks"): {23: 2, 52: 14},
    ("python", "Strings and a comment"): {132: 3},
    ("shakespeare", SONNET): {108: 1, 118: 24},
    ("shakespeare", VERSE): {118: 20},
    ("temperature", "Start of the held-out series"): {15: 4},
    ("adding", "Two marked of a hundred"): {40: 1},
}


def layer_of(columns, tokens: str | None = None) -> xr.Dataset:
    values = np.array(columns, dtype=np.float32).T
    coords = {} if tokens is None else {"token": ("step", list(tokens))}
    return xr.Dataset({"hidden": (("step", "unit"), values)}, coords={"unit": np.arange(values.shape[1]), **coords})


@pytest.mark.parametrize(("model_name", "text"), KNOWN)
def test_units_known_to_count_to_follow_quotes_and_the_line_are_among_the_first(model_name, text):
    model = pretrained.load(model_name, device="cpu")
    layer = record(model, model.card.examples.get(text, text)).layers["layer0"]
    found = most_telling(layer)
    assert len(found) == min(24, layer.sizes["unit"])
    for unit, at_least in KNOWN[model_name, text].items():
        assert unit in found
        assert found.index(unit) < at_least


def test_it_finds_what_the_standard_deviation_misses():
    model = pretrained.load("python", device="cpu")
    layer = record(model, QUOTES).layers["layer0"]
    assert 52 in most_telling(layer)
    assert 52 not in most_varying(layer["hidden"], 24)


def test_what_the_token_alone_explains_does_not_count():
    follows_token, follows_place = [1, -1, 1, -1, 1, -1, 1, -1], [0, 0, 0, 0, 0.1, 0.1, 0.1, 0.1]
    layer = layer_of([follows_token, follows_place], "abababab")
    assert most_telling(layer) == [1, 0]
    assert most_varying(layer["hidden"], 2) == [0, 1]


def test_what_lasts_counts_more_than_what_flickers():
    flickers, lasts = [1, -1, 1, -1, 1, -1, 1, -1], [0.9, 0.9, 0.9, 0.9, -0.9, -0.9, -0.9, -0.9]
    for tokens in ("aaaaaaaa", "abcdefgh", None):
        assert most_telling(layer_of([flickers, lasts], tokens)) == [1, 0]


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_ties_stand_by_index_and_units_that_are_no_numbers_last(nothing):
    layer = layer_of([[0, nothing, 0], [0.1] * 3, [0.7] * 3, [0, 1, 1], [0.3, 0.3, 0.3], [0, 1, 1]], "abc")
    assert most_telling(layer) == [3, 5, 1, 2, 4, 0]
    assert most_telling(layer, 1) == [3]
    assert most_telling(layer, 0) == []


def test_one_step_or_one_unit_has_an_order():
    assert most_telling(layer_of([[0.3], [0.9], [0.1]], "a")) == [0, 1, 2]
    assert most_telling(layer_of([[0.3, 0.3], [0.1, 0.9]], "ab")) == [1, 0]
    assert most_telling(layer_of([[0.3, 0.5, 0.1]], "aba")) == [0]


@pytest.mark.parametrize("name", ["gru", "rnn", "both ways", "no numbers", "one unit", "weather", "opinions", "uneven"])
def test_every_kind_of_layer_has_units_that_tell(name):
    model = odd_models.model(name)
    text = next(iter(model.card.examples.values()), "Hark, who goes there? Who goes?")
    for layer in record(model, text).layers.values():
        assert sorted(most_telling(layer, 99)) == list(range(layer.sizes["unit"]))
