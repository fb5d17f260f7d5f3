import numpy as np
import pytest

from lstm_core import ByteEncoder, CharacterEncoder, NumberEncoder, Tokens
from lstm_core.encoders import encoder_from_json, visible


def test_a_character_of_several_bytes_is_one_group_under_one_label():
    tokens = ByteEncoder().encode("aé🎭b")
    assert tokens.labels == ("a", "é", "é", "🎭", "🎭", "🎭", "🎭", "b")
    assert tokens.groups.tolist() == [0, 1, 1, 2, 2, 2, 2, 3]
    assert bytes(tokens.ids.tolist()) == "aé🎭b".encode()


@pytest.mark.parametrize(
    ("character", "label"),
    [
        (" ", "␣"), ("\n", "⏎"), ("\t", "⇥"), ("\r", "␍"), ("\0", "␀"), ("\x1b", "␛"), ("\x7f", "␡"),
        ("\x85", "U+0085"), ("\u200b", "U+200B"), ("\u202e", "U+202E"), ("\u2028", "U+2028"), ("\ud800", "U+D800"),
        ("\u0301", "◌\u0301"), ("\ufe0f", "U+FE0F"), ("a", "a"), ("你", "你"), ("ש", "ש"), ("🎭", "🎭"), ("<", "<"),
    ],
)  # fmt: skip
def test_every_character_can_be_seen(character, label):
    assert visible(character) == label


def test_any_text_can_be_read_by_bytes_and_comes_back():
    text = "".join(chr(code) for code in (*range(0, 0x800, 7), 0x4F60, 0x1F3AD, 0xFEFF))
    encoder = ByteEncoder()
    assert encoder.decode(encoder.encode(text).ids) == text
    assert all(encoder.encode(text).labels)


def test_a_lone_surrogate_is_read_and_named():
    tokens = ByteEncoder().encode("\ud83d")
    assert tokens.labels == ("U+D83D",) * 3


def test_byte_classes_are_named_by_character_or_number():
    labels = ByteEncoder().class_labels
    assert (labels[65], labels[32], labels[10], labels[0], labels[0xC3]) == ("A", "␣", "⏎", "␀", "0xC3")
    assert len(set(labels)) == 256


def test_a_fixed_vocabulary_reads_its_characters_only():
    encoder = CharacterEncoder.of("hello")
    assert encoder.vocabulary == ("e", "h", "l", "o")
    assert encoder.encode("hole").ids.tolist() == [1, 3, 2, 0]
    assert encoder.decode(np.array([1, 3, 2, 0])) == "hole"
    with pytest.raises(ValueError, match=r"2 of the text's characters.*vocabulary of 4 \(␣ x\)"):
        encoder.encode("h x x")


@pytest.mark.parametrize("vocabulary", [(), ("ab",), ("a", "a")])
def test_a_vocabulary_that_is_none_is_refused(vocabulary):
    with pytest.raises(ValueError, match="vocabulary"):
        CharacterEncoder(vocabulary)


@pytest.mark.parametrize("encoder", [ByteEncoder(), CharacterEncoder(("a", "<", "\n"))])
def test_encoders_survive_json(encoder):
    assert encoder_from_json(encoder.to_json()) == encoder


@pytest.mark.parametrize("described", [None, {}, {"kind": "word"}, {"kind": "character", "vocabulary": "abc"}])
def test_an_unknown_encoder_is_refused(described):
    with pytest.raises(ValueError, match="no encoder"):
        encoder_from_json(described)


def test_the_first_steps_of_a_sequence_are_a_sequence():
    whole = ByteEncoder().encode("aé!")
    first = whole.until(3)
    assert first.labels == whole.labels[:3]
    assert first.ids.tolist() == list("aé".encode())
    assert first.groups.tolist() == [0, 1, 1]
    numbers = NumberEncoder(("x", "y"), (0.0, 0.0), (1.0, 1.0)).encode("1:2 3:4 5:6").until(2)
    assert numbers.values is not None
    assert numbers.values.tolist() == [[1, 2], [3, 4]]
    assert len(whole.until(99)) == 4


def test_equal_tokens_have_one_digest_and_all_others_another():
    def made(ids=(1, 2), labels=("a", "b"), groups=(0, 1), values=((0.5,), (1.0,)), *, kind=np.float32) -> Tokens:
        numbers = None if values is None else np.array(values, kind)
        return Tokens(np.array(ids), tuple(labels), np.array(groups), numbers)

    others = (
        made(ids=(1, 3)),
        made(ids=np.array((1, 2), np.int32)),
        made(labels=("ab", "")),
        made(labels=("a', 'b",)),
        made(groups=(0, 0)),
        made(values=None),
        made(values=((0.5, 1.0),)),
        made(values=((0.5,), (2.0,))),
        made(kind=np.float64),
        made().until(1),
        made().followed_by(made()),
    )
    assert made().digest == made().digest == made(values=np.array([[0.5, 9], [1, 9]])[:, :1]).digest
    assert len({made().digest, *(one.digest for one in others)}) == len(others) + 1
    tokens = made()
    assert tokens.digest is tokens.digest  # computed once
