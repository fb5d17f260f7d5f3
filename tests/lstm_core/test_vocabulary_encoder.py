"""Vocabularies of other people's models."""

import numpy as np
import pytest

from lstm_core import VocabularyEncoder
from lstm_core.encoders import encoder_from_json

WORDS = VocabularyEncoder(("", "[UNK]", "the", "cat", "Sat", "n't", ".", "new-born"))
SIGNS = VocabularyEncoder(("<pad>", "a", "b", "\n", "<eos>"))


def test_words_are_found_as_they_are_then_in_lower_case_then_cut():
    found = WORDS.encode("The cat Sat. new-born dog didn't")
    assert found.labels == ("The", "cat", "Sat", ".", "new-born", "dog?", "did?", "n't")
    assert found.ids.tolist() == [2, 3, 4, 6, 7, 1, 1, 5]
    assert WORDS.pieces == "words"


def test_characters_and_marks_are_read_one_by_one():
    found = SIGNS.encode("ab<eos>\n")
    assert SIGNS.pieces == "characters"
    assert found.ids.tolist() == [1, 2, 4, 3]
    assert found.labels == ("a", "b", "<eos>", "⏎")
    assert SIGNS.decode([1, 2, 4]) == "ab<eos>"


def test_without_an_entry_for_the_unknown_it_is_refused():
    with pytest.raises(ValueError, match=r"2 of the text's characters .*vocabulary of 5 \(x y\)"):
        SIGNS.encode("axby")


def test_classes_without_a_name_are_numbered():
    assert WORDS.class_labels[0] == "#0"
    assert WORDS.tokens(np.array([0, 2])).labels == ("#0", "the")
    assert WORDS.decode([2, 3, 0]) == "the cat #0"


def test_it_comes_back_from_json():
    assert encoder_from_json(SIGNS.to_json()) == SIGNS


@pytest.mark.parametrize(
    ("entries", "message"), [((), "empty"), (("", ""), "empty"), (("a", "b", "a"), "more than once")]
)
def test_what_is_no_vocabulary_is_refused(entries, message):
    with pytest.raises(ValueError, match=message):
        VocabularyEncoder(entries)
