"""The measured sentence of Compare, from numbers made by hand, and how high its rows are."""

import pytest

from lstm_core.analysis import MeanDifference
from viz.compare.room import HEIGHT, TOP, row_height
from viz.compare.wording import largest_difference
from viz.figures.comparison import BOTTOM
from viz.figures.stack import GAP

FOUND = MeanDifference("output", "spaces", False, 0.254, 0.496)


@pytest.mark.parametrize(
    ("found", "titles", "wanted"),
    [
        (FOUND, ("m", "m (untrained)"), "in training: at spaces the mean output gate went **from 0.50 to 0.25**."),
        (FOUND, ("m (untrained)", "m"), "in training: at spaces the mean output gate went **from 0.25 to 0.50**."),
        (FOUND, ("m", "n"), "difference: at spaces the mean output gate is **0.25** in “m”, **0.50** in “n”."),
        (
            MeanDifference("hidden", "*", True, 0.9, 0.1),
            ("m", "m (untrained)"),
            "at “\\*” the mean size of the hidden state went **from 0.10 to 0.90**.",
        ),
        (MeanDifference("update", "", False, 0.1, 0.2), ("m", "n"), "over the whole text the mean update gate is"),
        (MeanDifference("input", "", False, 0.5, 0.504), ("m", "n"), "**On average the two do not differ**"),
        (None, ("m", "n"), "No unit has numbers in both models"),
    ],
)
def test_the_largest_difference_is_said_with_both_numbers(found, titles, wanted):
    assert wanted in largest_difference(found, titles, "LSTM")


@pytest.mark.parametrize("signals", range(1, 7))
def test_all_signals_of_the_most_telling_units_fit_the_screen(signals):
    height = row_height(signals, 24)
    assert TOP + BOTTOM + signals * height + (signals - 1) * GAP <= HEIGHT
    assert row_height(signals, 256) >= height
