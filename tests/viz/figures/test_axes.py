"""Words and numbers on the step axis: whole, apart, and as many as fit."""

from itertools import pairwise

import numpy as np
import pytest

from tests.viz.figures.test_figures import layer_of
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
    """From where to where each label reaches, in pixels, in a figure of the given width."""
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
    tokens = list("the") + ["␣", "U+200B", "0xC3", "◌́"] + list("king␣") * 60
    assert "thek" not in token_axis(layer_of(tokens), width=600)["ticktext"]
    assert token_axis(layer_of(tokens), width=600)["ticktext"][0] == "the"
    assert np.allclose(token_axis(layer_of(["x", "0xC3"]), width=600)["tickvals"], [0, 1])


SETS = "".join(f"S{'a' * n}{'b' * n}T" for n in (8, 3, 12, 5, 20, 9, 15, 6))  # without a blank


@pytest.mark.parametrize(("width", "every"), [(1022, 10), (660, 20), (313, 30), (180, 50)])
def test_a_text_without_blanks_has_numbered_characters_from_the_first_on(width, every):
    axis = token_axis(layer_of(SETS), width=width)
    assert axis["tickvals"] == list(range(0, len(SETS), every))
    assert axis["ticktext"] == [f"{step} {SETS[step]}" for step in range(0, len(SETS), every)]
    assert axis["ticklen"] > 0
    edges = spans(axis, int(width * 0.9), len(SETS))
    assert all(end < start for (_, end), (start, _) in pairwise(edges))


def test_numbers_are_those_of_the_steps_and_characters_are_escaped():
    layer = layer_of("<" * 300).isel(step=slice(120, None))
    assert token_axis(layer, width=600)["ticktext"][:2] == ["120 &lt;", "140 &lt;"]
    assert token_axis(layer, width=600)["tickvals"][:2] == [0, 20]


def test_the_bytes_of_one_character_have_one_number_at_their_middle():
    groups = np.repeat(np.arange(100), 3)
    axis = token_axis(layer_of(np.repeat(list("你好"), 150), groups=groups), width=500)
    assert axis["ticktext"][:3] == ["0 你", "60 你", "120 你"]
    assert axis["tickvals"][:3] == [1, 61, 121]


def test_letters_beside_characters_of_several_bytes_do_not_overlap():
    apart = layer_of([*"😀😀😀😀a"] * 30, groups=np.repeat(np.arange(60), [4, 1] * 30))
    close = layer_of([*"😀" * 80, *"abcdefghij"], groups=[*np.repeat(np.arange(20), 4), *range(20, 30)])
    assert token_axis(apart, width=700)["ticktext"] == ["😀", "a"] * 30
    assert token_axis(close, width=350)["ticktext"] != ["😀"] * 20 + [*"abcdefghij"]  # four pixels a letter


def test_a_single_blank_does_not_leave_the_rest_without_names():
    text = token_axis(layer_of("ab␣" + "x" * 400), width=800)["ticktext"]
    assert text[0] == "0 a"
    assert len(text) >= 10


def test_few_words_that_fill_a_narrow_axis_stay_words():
    tokens = list("wonderful␣terrible␣everything␣was␣so")
    assert token_axis(layer_of(tokens), width=150)["ticktext"][0] == "wonderful"


@pytest.mark.parametrize(
    "tokens", ["To be, or not to be: that is", "x" * 150, REVIEW * 3, [f"{one}.5" for one in range(40)]]
)
def test_as_narrow_as_the_axis_says_its_ticks_still_do_not_overlap(tokens):
    axis = token_axis(layer_of(tokens), width=1000)
    least = axis["least"]
    wide = 0.6 * axis["size"] if isinstance(tokens, str) else None  # a character of a font of equal widths
    places = [
        ((at + 0.5) * least / len(tokens), (wide or label_width(text, axis["size"])) / 2)
        for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True)
    ]
    gaps = [other - next_half - one - half for (one, half), (other, next_half) in pairwise(places)]
    assert -1e-6 <= min(gaps) <= 7 or least == 1000
