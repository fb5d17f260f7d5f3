"""Words and numbers on the step axis: whole, apart, and as many as fit."""

from itertools import pairwise

import numpy as np
import pytest

from tests.viz.test_figures import layer_of
from viz.figures.axes import label_width, token_axis

REVIEW = [
    "it",
    "is",
    "a",
    "wonderful",
    "film",
    ",",
    "but",
    "the",
    "end",
    "was",
    "terrible",
    "and",
    "much?",
    "too",
    "long",
    ".",
]


def spans(axis, width: int, steps: int) -> list[tuple[float, float]]:
    """From where to where each label reaches, in pixels, in a figure as wide as was said."""
    found = []
    for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        centre, half = (at + 0.5) * width / steps, label_width(text, axis["size"]) / 2
        found.append((centre - half, centre + half))
    return found


def test_few_words_are_all_shown_each_under_its_column():
    axis = token_axis(layer_of(REVIEW), width=1000)
    assert axis["ticktext"] == REVIEW
    assert axis["tickvals"] == list(range(16))
    assert axis["ticklen"] == 0


@pytest.mark.parametrize("width", [900, 1000])
@pytest.mark.parametrize("tokens", [REVIEW * 8, [f"{20 + step / 7:.2f}" for step in range(150)], ["0.53:0"] * 99])
def test_many_words_or_numbers_never_overlap_and_none_is_cut(tokens, width):
    axis = token_axis(layer_of(tokens), width=1000)
    assert set(axis["ticktext"]) <= set(tokens)
    assert [tokens[int(at)] for at in axis["tickvals"]] == axis["ticktext"]
    edges = spans(axis, width, len(tokens))  # even where the page is narrower than was thought
    assert all(end < start for (_, end), (start, _) in pairwise(edges))
    assert edges[0][0] >= -30
    assert edges[-1][1] <= width + 30
    assert sum(end - start for start, end in edges) > 0.5 * width  # and the room is used


def test_words_come_before_signs_of_punctuation_which_fill_what_is_left():
    shown = token_axis(
        layer_of([",", "wonderful", ",", ".", ".", ",", "film", ".", ",", ".", ",", "."] * 8), width=1200
    )["ticktext"]
    assert shown.count("wonderful") == shown.count("film") == 8
    assert {",", "."} & set(shown)


def test_a_word_longer_than_the_axis_is_left_to_the_hover_label():
    axis = token_axis(layer_of(["w" * 400, "no"]), width=1000)
    assert axis["ticktext"] == ["no"]


def test_words_are_escaped_and_only_once():
    assert token_axis(layer_of(["<b>bold</b>", "&amp;"]), width=900)["ticktext"] == [
        "&lt;b&gt;bold&lt;/b&gt;",
        "&amp;amp;",
    ]


def test_names_of_bytes_and_of_what_has_no_glyph_are_still_characters():
    tokens = list("the") + ["␣", "U+200B", "0xC3", "◌́"] + list("king") * 60
    assert "thek" not in token_axis(layer_of(tokens), width=600)["ticktext"]
    assert token_axis(layer_of(tokens), width=600)["ticktext"][0] == "the"
    assert np.allclose(token_axis(layer_of(["x", "0xC3"]), width=600)["tickvals"], [0, 1])
