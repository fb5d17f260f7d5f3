"""Features of texts that a reader can check by eye, a digit for each character."""

import numpy as np
import pytest
import xarray as xr

from lstm_core import ByteEncoder, NumberEncoder, Recording, VocabularyEncoder, WordEncoder
from lstm_core.analysis import marking, text_features
from lstm_core.analysis.features import original
from lstm_core.encoders import Tokens, visible


def recording_of(tokens: Tokens) -> Recording:
    """Only what was read."""
    coords = {
        "step": np.arange(len(tokens)),
        "token": ("step", np.array(tokens.labels, dtype=object)),
        "group": ("step", tokens.groups),
    }
    return Recording(layers={"layer0": xr.Dataset(coords=coords)}, prediction=xr.Dataset(coords=coords))


def read(text: str) -> xr.Dataset:
    return text_features(recording_of(ByteEncoder().encode(text)))


def digits(found: xr.DataArray) -> str:
    return "".join(f"{value:g}" for value in found.to_numpy())


def test_each_kind_of_character_is_told():
    text = "Oh, I\nsee 7"
    found = read(text)
    assert digits(found["upper case"]) == "10001000000"
    assert digits(found["vowel"]) == "10001001100"
    assert digits(found["blank"]) == "00010000010"
    assert digits(found["line end"]) == "00000100000"
    assert digits(found["digit"]) == "00000000001"
    assert digits(found["sign of punctuation"]) == "00100000000"
    assert digits(found["letter"]) == "11001011100"
    assert found["vowel"].attrs["binary"] == 1
    assert found["place in the line"].attrs["binary"] == 0


def test_words_and_lines_count_from_their_beginnings():
    found = read("ab c_d\n  ef g")
    assert digits(found["letters of the word so far"]) == "1201230001201"
    assert digits(found["beginning of a word"]) == "1001000001001"
    assert digits(found["place in the line"]) == "1234560123456"
    assert digits(found["indentation"]) == "0000000122222"
    assert digits(found["in the indentation"]) == "0000000110000"


QUOTED = [
    ('say "no" now', "000011100000"),
    ("say 'no' now", "000011100000"),
    ("don't 'do so' o'er", "000000111111000000"),
    ("'tis not so; nor 'twas", None),  # two apostrophes at the beginnings of words
    ("the dogs' and cats' own", None),
    ("\"it's 'so'\" or", "11111111110000"),
    ("a = 'x\\'y' + b", "00001111100000"),
    ("x = [\"\", '']", "000001000100"),
    ("one 'two\nthree' four", None),  # ends with its line
    ("he: “yes\nno” so", "0000111111100000"[:15]),
    ('5 " and no more', None),
]


@pytest.mark.parametrize(("text", "inside"), QUOTED)
def test_what_stands_inside_quotation_marks(text, inside):
    found = text_features(recording_of(VocabularyEncoder(tuple(sorted(set(text))), "characters").encode(text)))
    if inside is None:
        assert "inside quotation marks" not in found
    else:
        assert digits(found["inside quotation marks"]) == inside


def test_kinds_of_quotation_marks_are_told_apart_where_there_are_both():
    found = read("f('a', \"b'c\")")
    assert digits(found["inside quotation marks"]) == "0011000111100"
    assert digits(found["inside single quotation marks"]) == "0011000000000"
    assert digits(found["inside double quotation marks"]) == "0000000111100"
    assert not {"inside single quotation marks", "inside double quotation marks"} & set(read("f('a')"))


def test_a_comment_ends_with_its_line_and_a_sign_in_a_string_begins_none():
    text = "a = '# no'  # it's\nb = 1\n"
    assert digits(read(text)["inside a comment"]) == "0" * 12 + "1" * 6 + "0" * 7


def test_brackets_that_close_nothing_are_passed_over():
    found = read("a) (b [c] d) e")
    assert digits(found["bracket depth"]) == "00011122111000"
    assert digits(found["inside brackets"]) == "00011111111000"


def test_symbols_are_told_apart_and_counted_anew_at_each_beginning():
    found = read("SaaabbTSabbT")
    assert digits(found["a's so far"]) == "012333301111"
    assert [int(value) for value in found["a's minus b's"].to_numpy()] == [0, 1, 2, 3, 2, 1, 1, 0, 1, 0, -1, -1]
    assert digits(found["reads b"]) == "000011000110"
    assert not {"vowel", "upper case", "b's minus c's"} & set(found)
    assert digits(read("SabbcT")["b's minus c's"]) == "001211"
    assert "a's so far" not in read("XaYb")


def test_what_stays_the_same_is_left_out():
    assert set(read("aaaa")) == {"place in the text"}
    assert not read("a").data_vars


def test_bytes_of_one_character_are_alike():
    found = read("É a")
    assert digits(found["upper case"]) == "1100"
    assert digits(found["place in the text"]) == "0012"


def test_words_have_features_of_words():
    encoder = WordEncoder(("it", "is", "not", "good", ".", "bad"))
    found = text_features(recording_of(encoder.encode('It is "bad" . Not ugly .')))
    assert found["token"].to_numpy().tolist() == ["it", "is", '"?', "bad", '"?', ".", "not", "ugly?", "."]
    assert digits(found["unknown word"]) == "001010010"
    assert digits(found["inside quotation marks"]) == "001100000"
    assert digits(found["place in the sentence"]) == "012345012"
    assert digits(found["letters of the word"]) == "220300340"
    assert digits(found["sign of punctuation"]) == "001011001"


def test_numbers_are_followed_themselves_and_their_place_in_the_period():
    encoder = NumberEncoder(("temperature",), (10.0,), (4.0,), period=365.25)
    tokens = encoder.encode("@364 3 4.5 6 7.25")
    places = encoder.places(tokens)
    np.testing.assert_allclose(places, [364, 365, 366, 1.75], atol=2e-3)
    found = text_features(recording_of(tokens), places=places, period=encoder.period)
    assert found["number 1"].to_numpy().tolist() == [3, 4.5, 6, 7.25]
    np.testing.assert_allclose(found["day of the year"], places)
    np.testing.assert_allclose(found["sine of the day of the year"], tokens.values[:, 1], atol=1e-4)
    np.testing.assert_allclose(found["cosine of the day of the year"], tokens.values[:, 2], atol=1e-4)


def test_lone_digits_are_numbers_where_they_have_places():
    encoder = NumberEncoder(("sales",), (10.0,), (4.0,), period=12.0)
    tokens = encoder.encode("3 4 6")
    found = text_features(recording_of(tokens), places=encoder.places(tokens), period=12.0)
    assert found["number 1"].to_numpy().tolist() == [3, 4, 6]
    np.testing.assert_allclose(found["place in the period of 12"], [1, 2, 3])
    with pytest.raises(ValueError, match="2 places in a period of 12 but 3 steps"):
        text_features(recording_of(tokens), places=np.array([1.0, 2.0]), period=12.0)


def test_a_marker_among_the_numbers_says_yes_or_no():
    encoder = NumberEncoder(("number", "marked"), (0.0, 0.0), (1.0, 1.0))
    tokens = encoder.encode("0.5:0 0.25:1 0.75:0")
    assert encoder.places(tokens) is None
    found = text_features(recording_of(tokens))
    assert digits(found["number 2"]) == "010"
    assert (found["number 1"].attrs["binary"], found["number 2"].attrs["binary"]) == (0, 1)
    named = text_features(recording_of(tokens), numbers=encoder.names)
    assert set(named) == {"number", "marked", "place in the text"}
    assert digits(named["marked"]) == "010"
    with pytest.raises(ValueError, match="each step has 2 numbers, but there are 1 names"):
        text_features(recording_of(tokens), numbers=("one",))


def test_labels_are_read_back_as_the_characters_they_were():
    for character in [*map(chr, range(0x250)), "◌", "é", "\u0301", "\u200b", "\ufe0f", "🎭", "中"]:
        assert original(visible(character)) == character
    assert original("0xC3") == "\ufffd"
    assert original("word") == "word"


def test_marks_of_a_reader_are_one_for_each_character():
    recording = recording_of(ByteEncoder().encode("é ab"))
    assert digits(marking(recording, "10 \n01")) == "11001"
    for marks, message in (("10", "2 marks but 4 tokens"), ("10x1", "not 'x'"), ("1111", "all 4 marks are 1")):
        with pytest.raises(ValueError, match=message):
            marking(recording, marks)


def test_any_text_has_features():
    numbers = np.random.default_rng(0)
    signs = np.array(list("\"'`\\#[](){} \n\tab1“”‘’é_"))
    for length in (1, 2, 3, 50):
        for _ in range(20):
            found = read("".join(numbers.choice(signs, length)))
            assert all(np.isfinite(one).all() for one in found.data_vars.values())


def test_a_docstring_is_no_quotation_and_lines_and_blocks_have_a_far_end():
    text = 'if x:\n    """It\'s "so"."""\n        y = 1 + 2 + 3 + 4\n'
    found = read(text)
    assert digits(found["inside a docstring"]) == "0" * 10 + "1" * 13 + "0" * (len(text) - 23)
    assert "inside quotation marks" not in found
    assert digits(found["deep in the code"]) == "0" * 31 + "1" * 21 + "0"
    place = found["place in the line"].to_numpy()
    assert found["far into the line"].to_numpy().tolist() == (place > 20).tolist()
    assert place.max() == 25
