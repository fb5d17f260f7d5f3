import json

import numpy as np
import pytest

from lstm_core import WordEncoder
from lstm_core.encoders import encoder_from_json
from lstm_core.encoders.word import split_words

ENCODER = WordEncoder(("film", "not", "good", "n't", "."))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Isn't it?", ["is", "n't", "it", "?"]),
        ("it\N{RIGHT SINGLE QUOTATION MARK}s John's, they'll can't", ["it", "'s", "john", "'s", ",", "they", "'ll", "ca", "n't"]),
        ("well-made -- but... 3.5 (yes)", ["well-made", "--", "but", "...", "3", ".", "5", "(", "yes", ")"]),
        ("Über 东京 été", ["über", "东京", "été"]),
        (" \n\t ", []),
        ("a_b", ["a", "_", "b"]),
    ],
)  # fmt: skip
def test_words_are_split_as_in_the_treebank(text, words):
    assert split_words(text) == words


def test_a_word_outside_the_vocabulary_is_read_as_unknown_and_marked():
    tokens = ENCODER.encode("Not a GOOD film.")
    assert tokens.ids.tolist() == [2, 0, 3, 1, 5]
    assert tokens.labels == ("not", "a?", "good", "film", ".")
    assert tokens.groups.tolist() == [0, 1, 2, 3, 4]
    assert ENCODER.decode(tokens.ids) == "not (unknown) good film ."
    assert ENCODER.tokens(tokens.ids).labels == ("not", "(unknown)", "good", "film", ".")
    assert ENCODER.class_labels[0] == "(unknown)"
    assert len(ENCODER.class_labels) == ENCODER.size == 6


def test_the_vocabulary_of_texts_is_their_words_by_frequency():
    encoder = WordEncoder.of(["b b b once", "a a c c"], least=2)
    assert encoder.vocabulary == ("b", "a", "c")
    assert "once" in WordEncoder.of(["once"], least=1).vocabulary


def test_no_word_can_be_invisible():
    assert ENCODER.encode("\u200b").labels == ("U+200B?",)


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [
        ((), "list of words in lower case, not empty"),
        (("Film",), r"lower case, not \['Film'\]"),
        (("a b",), "not"),
        (("",), "not"),
        (("a", "a"), r"more than once: \['a'\]"),
    ],
)
def test_a_vocabulary_that_is_none_is_refused(vocabulary, message):
    with pytest.raises(ValueError, match=message):
        WordEncoder(vocabulary)


def test_it_survives_json():
    assert encoder_from_json(json.loads(json.dumps(ENCODER.to_json()))) == ENCODER
    with pytest.raises(ValueError, match="no encoder is described"):
        encoder_from_json({"kind": "word", "vocabulary": [1]})


def test_what_was_split_reads_the_same_when_it_is_put_together_again(numbers):
    words = np.array(ENCODER.vocabulary)[numbers.integers(0, 5, 30)]
    assert ENCODER.encode(" ".join(words)).ids.tolist() == [ENCODER.vocabulary.index(word) + 1 for word in words]
