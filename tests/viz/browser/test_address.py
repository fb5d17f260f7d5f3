"""What a link carries: each parameter is declared once, and says of a value whether it fits."""

from math import inf, nan

import pytest

from viz.browser import address
from viz.browser.address import Between
from viz.shared import state


@pytest.mark.parametrize("value", [0.0, 5, 5.0, 0.8])
def test_both_ends_are_between(value):
    assert value in Between(0, 5)


@pytest.mark.parametrize("value", [-0.1, 5.1, nan, inf, None, "1", [1]])
def test_what_is_no_number_or_beyond_is_not_between(value):
    assert value not in Between(0, 5)


def test_what_the_call_allows_counts_before_what_the_declaration_does():
    step = address.number(None, range(10))
    assert step.fits(9)
    assert not step.fits(10)
    assert step.fits(10, range(20))
    assert not step.fits(None, range(20))


def test_of_a_list_every_part_must_fit():
    signals = address.names(("forget",), ("forget", "input"))
    assert signals.fits(["input"])
    assert signals.fits([])
    assert not signals.fits(["input", "nonsense"])
    assert not signals.fits("input"), "a word is no list of words"
    assert not address.text("a").fits(["a"]), "a list is no word"


@pytest.mark.parametrize(
    ("parameter", "written", "wanted"),
    [
        (address.text("a"), ["b", "c"], "c"),
        (address.switch(), ["true"], True),
        (address.switch(), ["yes"], False),
        (address.number(), ["12"], 12),
        (address.decimal(None), ["0.5"], 0.5),
        (address.names(()), ["a", "", "b"], ["a", "b"]),
        (address.numbers(), ["3", "", "1"], [3, 1]),
    ],
)
def test_an_address_is_read_by_the_kind(parameter, written, wanted):
    assert parameter.read(written) == wanted


def test_no_value_is_kept_under_the_key_of_a_widget():
    assert not [key for key in state.PARAMETERS if key.startswith(state.WIDGET)]


@pytest.mark.parametrize("key", state.PARAMETERS)
def test_every_default_is_of_its_own_kind(key):
    parameter = state.PARAMETERS[key]
    assert parameter.several == isinstance(parameter.default, list)
    assert parameter.default is None or parameter.fits(parameter.default)
