"""Where two readings of a text differ most, by numbers worked out by hand."""

import numpy as np
import pytest
import xarray as xr

from lstm_core.analysis import mean_difference


def layer_of(tokens: str | list[str], **signals: float) -> xr.Dataset:
    """Three units with one value each for every signal of an LSTM."""
    shape = (len(tokens), 3)
    names = ("input", "forget", "output", "candidate", "cell", "hidden")
    return xr.Dataset(
        {name: (("step", "unit"), np.full(shape, signals.get(name, 0.5))) for name in names},
        {"step": range(len(tokens)), "unit": range(3), "token": ("step", list(tokens))},
    )


def test_the_gate_that_moves_most_is_named_with_both_means():
    found = mean_difference(
        layer_of("to be or", forget=0.75, output=0.25, cell=9), layer_of("to be or", forget=0.5, output=0.75)
    )
    assert (found.signal, found.kind, found.first, found.second) == ("output", "", 0.25, 0.75)


def test_a_kind_of_token_is_named_where_the_difference_is_largest_there():
    tokens = list("Who␣goes␣there,␣friend")
    before, after = layer_of(tokens), layer_of(tokens, input=0.6)
    spaces = [step for step, letter in enumerate(tokens) if letter == "␣"]
    after["forget"][spaces] = 0.1  # 0.4 less there, 0.4 * 3 / 22 on average
    found = mean_difference(after, before)
    assert (found.signal, found.kind, found.is_token) == ("forget", "spaces", False)
    assert (found.first, found.second) == (pytest.approx(0.1), 0.5)


def test_of_few_distinct_tokens_each_is_a_kind_if_it_comes_thrice():
    before, after = layer_of("SaaabbbT"), layer_of("SaaabbbT")
    after["output"][[4, 5, 6]] = 0.9
    after["input"][[0]] = 0.0  # the S comes once: 0.5 / 8 on average
    found = mean_difference(after, before)
    assert (found.signal, found.kind, found.is_token) == ("output", "b", True)
    assert found.size == pytest.approx(0.4)


def test_a_blank_is_no_punctuation_mark():
    tokens = list("ab␣cd␣ef␣gh.ij,kl;m")
    before, after = layer_of(tokens), layer_of(tokens)
    after["input"][[one for one, letter in enumerate(tokens) if letter in ".,;"]] = 0.8
    assert mean_difference(after, before).kind == "punctuation marks"


def test_without_gates_the_size_of_the_hidden_state_is_compared():
    first, second = (
        layer_of("abcdef", hidden=value)[["hidden"]].assign_attrs(cell_type="RNN") for value in (-0.9, 0.2)
    )
    found = mean_difference(first, second)
    assert (found.signal, found.first, found.second) == ("hidden", pytest.approx(0.9), pytest.approx(0.2))


def test_a_unit_that_is_not_a_number_is_left_out_of_both_means():
    before, after = layer_of("abcdef", forget=0.2), layer_of("abcdef", forget=0.6)
    after["forget"][2, 1] = np.nan
    before["forget"][:, 1] = 0.9
    found = mean_difference(after, before)
    assert (found.signal, found.first, found.second) == ("forget", pytest.approx(0.6), pytest.approx(0.2))
    nothing = after.assign({name: after[name] * np.nan for name in after.data_vars})
    assert mean_difference(nothing, before) is None
