"""What a model knows of a text: counted by hand."""

import pytest

from lstm_core import ByteEncoder, CharacterEncoder, NumberEncoder, VocabularyEncoder, WordEncoder
from lstm_core.encoders import Known, known_part

LETTERS = CharacterEncoder(tuple("abc "))
MARKS = VocabularyEncoder(("<pad>", "a", "b", "<eos>"))
SURE = VocabularyEncoder(("the", "cat", "sat", "."))
UNSURE = VocabularyEncoder(("[UNK]", "the", "cat"))


@pytest.mark.parametrize(
    ("encoder", "text", "wanted"),
    [
        (LETTERS, "a cab", Known("a cab", (), 0, 5, left_out=True)),
        (LETTERS, "a dab, ad", Known("a ab a", ("d", ","), 3, 9, left_out=True)),
        (LETTERS, "xyx", Known("", ("x", "y"), 3, 3, left_out=True)),
        (MARKS, "ab<eos>\nA", Known("ab<eos>", ("\n", "A"), 2, 5, left_out=True)),
        (SURE, "The cat,  sat.", Known("The cat sat .", (",",), 1, 5, left_out=True)),
        (UNSURE, "the  dog the\ncat", Known("the  dog the\ncat", ("dog",), 1, 4, left_out=False)),
        (WordEncoder(("is", "n't")), "Isn't Ann Ann", Known("Isn't Ann Ann", ("ann",), 2, 4, left_out=False)),
        (ByteEncoder(), "e\u0301\x00", Known("e\u0301\x00")),
        (NumberEncoder(("x",), (0.0,), (1.0,)), "1 x", Known("1 x")),
    ],
)
def test_what_is_not_in_a_vocabulary_is_counted_and_left_out_or_read_as_unknown(encoder, text, wanted):
    found = known_part(encoder, text)
    assert found == wanted
    assert found.share == pytest.approx(1 - wanted.count / wanted.total if wanted.total else 1)
    if found.text and not isinstance(encoder, NumberEncoder):
        tokens = encoder.encode(found.text)  # which raises for what has no entry
        assert isinstance(encoder, ByteEncoder) or len(tokens) == found.total - found.count * found.left_out


def test_an_empty_text_is_known():
    assert known_part(LETTERS, "").share == 1
    assert not known_part(LETTERS, "").count
