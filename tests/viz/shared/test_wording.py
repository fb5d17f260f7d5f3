"""Words for what a model reads, and which examples it has."""

import pytest

from lstm_core import ByteEncoder, Card, CharacterEncoder, ModelConfig, NumberEncoder, Values, WordEncoder
from lstm_core.encoders import known_part
from tests.support import odd_models
from viz.shared.examples import EXAMPLES, examples_for
from viz.shared.wording import (
    kind,
    layers_in_words,
    network_in_words,
    not_known,
    plain,
    step_noun,
    to_type,
    what_it_reads,
)


@pytest.mark.parametrize(
    ("name", "kinds", "noun", "sentence"),
    [
        ("one unit", "characters", "character", "reads any text, byte by byte"),
        ("grammar", "characters", "character", "reads only these characters: S  a  b  T"),
        ("opinions", "words", "word", "reads words. It knows 16"),
        ("weather", "numbers", "number", "reads one number per step: temperature \\(°C\\). Separate steps by spaces"),
        ("sum", "numbers", "step", "reads 2 numbers per step (value\\, marker), separated by colons, such as 0\\.5"),
    ],
)
def test_each_kind_of_model_says_what_it_reads(name, kinds, noun, sentence):
    config = odd_models.LAYOUTS[name]
    assert kind(config.encoder) == kinds
    assert step_noun(config.encoder) == noun
    assert sentence in what_it_reads(config)
    assert to_type(config.encoder).startswith("Type ")
    assert (to_type(config.encoder) == "Type anything") == (name == "one unit")


def test_a_large_vocabulary_is_not_spelled_out():
    config = ModelConfig(CharacterEncoder(tuple(map(chr, range(97, 197)))), 2, 2)
    assert what_it_reads(config).endswith("and 76 more")


def test_names_from_a_readers_file_are_shown_letter_by_letter():
    encoder = NumberEncoder(("*a* [x](http://y) $z$ <b>",), (0.0,), (1.0,))
    config = ModelConfig(encoder, 1, 2, readout=Values(("y",), (0.0,), (1.0,)))
    assert plain("*a* [x]") == r"\*a\* \[x\]"
    assert r"\*a\* \[x\]\(http\:\/\/y\) \$z\$ \<b\>" in what_it_reads(config)


def test_a_model_is_offered_its_own_examples_and_those_written_for_it():
    config = ModelConfig(ByteEncoder(), 2, 2)
    assert examples_for(config, Card(name="mine")) == EXAMPLES
    assert examples_for(config, Card(name="python", examples={"A loop": "for"})) == {"A loop": "for"}
    assert list(examples_for(config, Card(name="shakespeare", examples={"An end": "x"}))) == [*EXAMPLES, "An end"]
    assert examples_for(odd_models.LAYOUTS["sum"], Card(name="sum")) == {}


@pytest.mark.parametrize(
    ("name", "network", "layers"),
    [
        ("three layers", "an LSTM", "3 layers of 7 units"),
        ("gru", "a GRU", "1 GRU layer of 7 units"),
        ("rnn", "a simple RNN", "2 RNN layers of 5 units"),
        ("peepholes", "an LSTM", "1 LSTM layer of 6 units"),
        (
            "uneven",
            "a recurrent network",
            "3 layers (LSTM, 9 units, reading backwards; GRU, 4 units, bidirectional; RNN, 6 units)",
        ),
    ],
)
def test_networks_and_their_layers_are_named(name, network, layers):
    config = odd_models.LAYOUTS[name]
    assert network_in_words(config) == network
    assert layers_in_words(config) == layers


def test_one_sentence_says_what_of_a_text_a_model_does_not_know():
    letters, words = CharacterEncoder(tuple("ab ")), WordEncoder(("ab",))
    assert not_known(known_part(letters, "ab ba"), letters) == ""
    assert (
        not_known(known_part(letters, "a\nb\n\u202e"), letters)
        == "3 of 5 characters are not in this model's vocabulary, so they are not read: ⏎  U+202E"
    )
    assert (
        not_known(known_part(words, "ab cd"), words)
        == "1 of 2 words is not in this model's vocabulary, so it is read as unknown: cd"
    )
    many = not_known(known_part(letters, "cdefghijklmnop"), letters)
    assert many.endswith("c  d  e  f  g  h  i  j  k  l …")
