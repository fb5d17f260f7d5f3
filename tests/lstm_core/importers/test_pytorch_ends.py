"""Embedding, readout and vocabulary: what is found of them in a state dict, and what is left alone and why."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lstm_core import Nothing, VocabularyEncoder, record
from lstm_core.importers.build import build_model, usual_encoder
from lstm_core.importers.pytorch.read import read_pytorch, read_safetensors
from lstm_core.importers.pytorch.vocabulary import entries_of, vocabulary_in
from tests.support.saved import TOLERANCE, Inside, assert_same, read

LETTERS = "abcdefghij"


class CharacterModel(nn.Module):
    """Embedding, LSTM, linear readout, as everybody's first one."""

    def __init__(self, classes=10, features=3, units=5, tied=False):
        super().__init__()
        self.encoder = nn.Embedding(classes, features)
        self.drop = nn.Dropout(0.5)
        self.rnn = nn.LSTM(features, units, num_layers=2)
        self.decoder = nn.Linear(units, classes)
        if tied:
            self.decoder.weight = self.encoder.weight

    def forward(self, ids):
        return self.decoder(self.rnn(self.drop(self.encoder(ids)))[0])


@pytest.mark.parametrize("how", ["zip", "legacy", "safetensors"])
def test_text_is_read_and_answered_as_by_the_module(tmp_path, how):
    torch.manual_seed(1)
    module = CharacterModel().eval()
    chain = read(module.state_dict(), tmp_path, how).chains[0]
    assert (chain.classes, chain.head.name, chain.head.activation) == (10, "decoder", "unknown")
    recording = record(build_model(chain, encoder=VocabularyEncoder(tuple(LETTERS))), "badge")
    wanted = module(torch.tensor([LETTERS.index(letter) for letter in "badge"])).softmax(-1)
    assert_same(recording.prediction["probability"].values, wanted)


def test_tied_weights(tmp_path):
    module = CharacterModel(features=5, tied=True)
    chain = read(module.state_dict(), tmp_path).chains[0]
    assert_same(chain.embedding, module.encoder.weight)
    assert_same(chain.head.weight, module.encoder.weight)


@pytest.mark.parametrize("how", ["zip", "safetensors"])
@pytest.mark.parametrize("count", [4, 10, 40])
def test_as_many_outputs_as_inputs_are_no_vocabulary(tmp_path, how, count):
    torch.manual_seed(2)
    lstm, linear = nn.LSTM(count, 5), nn.Linear(5, count, bias=False)
    chain = read(Inside(lstm=lstm, fc=linear).state_dict(), tmp_path, how).chains[0]
    assert (chain.one_hot, chain.classes) == (False, 0)
    assert isinstance(build_model(chain).config.readout, Nothing)  # until it is known what stands between
    assert "what stands between lstm and fc" in chain.notes[-1]
    rows = torch.randn(3, count)
    text = " ".join(":".join(map(repr, row)) for row in rows.tolist())
    recording = record(build_model(chain, between="relu"), text)
    assert_same(recording.prediction["value"].values, linear(lstm(rows)[0].relu()))


def test_a_vocabulary_tells_that_vectors_are_one_hot(tmp_path):
    torch.manual_seed(2)
    lstm, linear = nn.LSTM(10, 5), nn.Linear(5, 10)
    saved = {"state_dict": Inside(lstm=lstm, fc=linear).state_dict(), "chars": list(LETTERS)}
    found = read(saved, tmp_path)
    chain = found.chains[0]
    assert chain.one_hot
    recording = record(build_model(chain, encoder=usual_encoder(chain, found.vocabulary)), "cab")
    wanted = linear(lstm(torch.eye(10)[[2, 0, 1]])[0]).softmax(-1)
    assert_same(recording.prediction["probability"].values, wanted)


def test_one_number_in_and_one_out_is_no_class(tmp_path):
    chain = read(Inside(lstm=nn.LSTM(1, 5), fc=nn.Linear(5, 1)).state_dict(), tmp_path).chains[0]
    assert (chain.one_hot, chain.classes, chain.head.name) == (False, 0, "fc")


def layers(**parts):
    return Inside(**parts).state_dict()


@pytest.mark.parametrize("how", ["zip", "safetensors"])
@pytest.mark.parametrize(
    ("weights", "embedding"),
    [
        (lambda: layers(word_embeddings=nn.Embedding(9, 4), lstm=nn.LSTM(4, 5)), 9),
        (lambda: layers(embeddings=nn.ModuleList([nn.Embedding(9, 4)]), lstm=nn.LSTM(4, 5)), 9),
        (lambda: layers(embed=nn.Embedding(9, 3), lstm=nn.LSTM(4, 5)), None),  # another layer stands between
        (lambda: layers(lstm=nn.LSTM(4, 4), fc=nn.Linear(4, 9, bias=False)), None),
        (lambda: layers(attention=nn.Linear(4, 9, bias=False), lstm=nn.LSTM(4, 5)), None),
        (lambda: layers(emb=nn.Linear(4, 9), lstm=nn.LSTM(4, 5)), None),  # with a bias: a linear layer
        (lambda: {"embedding": torch.zeros(9, 4), **layers(lstm=nn.LSTM(4, 5))}, 9),
    ],
)
def test_what_is_taken_for_an_embedding(tmp_path, weights, embedding, how):
    chain = read(weights(), tmp_path, how).chains[0]
    assert (None if chain.embedding is None else len(chain.embedding)) == embedding


@pytest.mark.parametrize(("how", "embedding"), [("zip", 9), ("safetensors", None)])
def test_the_order_tells_an_embedding_that_is_not_called_one(tmp_path, how, embedding):
    weights = nn.Sequential(nn.Embedding(9, 4), nn.LSTM(4, 5)).state_dict()
    chain = read(weights, tmp_path, how).chains[0]
    assert (None if chain.embedding is None else len(chain.embedding)) == embedding


@pytest.mark.parametrize("how", ["zip", "safetensors"])
@pytest.mark.parametrize(
    ("weights", "head", "note"),
    [
        (lambda: layers(lstm=nn.LSTM(3, 5), fc=nn.Linear(5, 2)), "fc", None),
        (lambda: layers(lstm=nn.LSTM(3, 5, bidirectional=True), fc=nn.Linear(10, 2)), "fc", None),
        (lambda: layers(lstm=nn.LSTM(3, 5, proj_size=2), fc=nn.Linear(2, 4)), "fc", None),
        (
            lambda: layers(lstm=nn.LSTM(3, 5), fc=nn.Linear(6, 2)),
            None,
            "just the 5 numbers that lstm gives (fc reads 6)",
        ),
        (lambda: layers(lstm=nn.LSTM(3, 5), fc1=nn.Linear(5, 8), fc2=nn.Linear(8, 2)), None, "(fc1, fc2)"),
        (lambda: layers(lstm=nn.LSTM(3, 5), actor=nn.Linear(5, 2), critic=nn.Linear(5, 1)), None, "(actor, critic)"),
        (lambda: layers(lstm=nn.LSTM(3, 5), norm=nn.LayerNorm(5), fc=nn.Linear(5, 2)), None, "norm may stand between"),
        (lambda: layers(lstm1=nn.LSTM(3, 5), lstm2=nn.LSTM(5, 5), fc=nn.Linear(5, 2)), "fc", None),
        (lambda: layers(lstm=nn.LSTM(3, 5), act=nn.PReLU(), fc=nn.Linear(5, 2)), None, "act may stand between"),
        (
            lambda: layers(emb=nn.Embedding(9, 4), gru=nn.GRU(4, 5, 2), concat=nn.Linear(10, 5), out=nn.Linear(5, 9)),
            None,
            "concat gives as many numbers as out reads",
        ),
        (  # the linear layer of the LSTM's own size is an inner one
            lambda: layers(
                lstm=nn.LSTM(7, 8),
                lstm_fc=nn.Linear(8, 8),
                conv1=nn.Conv1d(7, 4, 3),
                fcn_fc=nn.Linear(40, 8),
                classifier=nn.Linear(16, 3),
            ),
            None,
            "no readout is shown",
        ),
        (
            lambda: layers(lstm=nn.LSTM(3, 5), conv=nn.Conv1d(3, 5, 3), fc=nn.Linear(5, 2)),
            None,
            "conv gives as many numbers as fc reads",
        ),
        (
            lambda: layers(lstm=nn.LSTM(3, 5), inner=nn.Linear(5, 6), other=nn.Linear(7, 4), last=nn.Linear(10, 2)),
            None,
            "last reads 10 numbers, so something is joined",
        ),
        (
            lambda: layers(lstm=nn.LSTM(4, 5), inward=nn.Linear(9, 4), fc=nn.Linear(5, 2)),  # another's, and before
            "fc",
            None,
        ),
    ],
)
def test_what_is_taken_for_a_readout(tmp_path, weights, head, note, how):
    chain = read(weights(), tmp_path, how).chains[0]
    assert (None if chain.head is None else chain.head.name) == head
    assert not note or any(note in one for one in chain.notes)


@pytest.mark.parametrize("how", ["zip", "safetensors"])
def test_each_of_two_branches_says_why_it_has_no_readout(tmp_path, how):
    parts = layers(
        a_embedding=nn.Embedding(9, 5), b_embedding=nn.Embedding(9, 5), a_lstm=nn.LSTM(5, 12), b_lstm=nn.LSTM(5, 12),
        hidden_layer=nn.Linear(24, 12), output_layer=nn.Linear(12, 1),
    )  # fmt: skip
    found = read(parts, tmp_path, how)
    assert [chain.name for chain in found.chains] == ["a_lstm", "b_lstm"]
    for chain in found.chains:
        assert chain.head is None
        assert len([note for note in chain.notes if "output_layer" in note and "no readout is shown" in note]) == 1


def test_a_layer_before_is_no_readout(tmp_path):
    weights = layers(inward=nn.Linear(5, 4), lstm=nn.LSTM(4, 5), outward=nn.Linear(5, 3))
    found = read(weights, tmp_path)
    assert found.chains[0].head.name == "outward"
    assert "(inward)" in found.notes[0]


def seq2seq(nested):
    sizes = (
        {"embedding": nn.Embedding(11, 4), "lstm": nn.LSTM(4, 5)},
        {"embedding": nn.Embedding(12, 4), "lstm": nn.LSTM(4, 5)},
    )
    encoder, decoder = sizes
    decoder["out"] = nn.Linear(5, 12)
    if nested:
        return layers(encoder=Inside(**encoder), decoder=Inside(**decoder))
    flat = {"src_embedding": encoder["embedding"], "tgt_embedding": decoder["embedding"]}
    return layers(**flat, encoder=encoder["lstm"], decoder=decoder["lstm"], out=decoder["out"])


@pytest.mark.parametrize("how", ["zip", "safetensors"])
@pytest.mark.parametrize("nested", [True, False])
def test_each_half_of_a_translator_has_its_own(tmp_path, nested, how):
    found = {chain.name: chain for chain in read(seq2seq(nested), tmp_path, how).chains}
    end = ".lstm" if nested else ""
    encoder, decoder = found[f"encoder{end}"], found[f"decoder{end}"]
    assert (encoder.classes, encoder.head, decoder.classes) == (11, None, 12)
    assert decoder.head.name == ("decoder.out" if nested else "out")


def test_only_the_bottom_reads_and_only_the_top_is_read(tmp_path):
    weights = layers(emb=nn.Embedding(9, 5), lstm1=nn.LSTM(5, 5), lstm2=nn.LSTM(5, 5), fc=nn.Linear(5, 9))
    both, first, second = read(weights, tmp_path).chains
    assert (both.classes, first.classes, second.classes) == (9, 9, 0)
    assert (both.head.name, first.head, second.head.name) == ("fc", None, "fc")


def test_several_embeddings_that_fit_are_told(tmp_path):
    weights = layers(one_emb=nn.Embedding(9, 4), other_emb=nn.Embedding(8, 4), lstm=nn.LSTM(4, 5))
    chain = read(weights, tmp_path).chains[0]
    assert chain.classes == 9
    assert chain.notes == ("The file does not tell which embedding lstm reads: one_emb is taken, not other_emb.",)


def test_which_of_two_is_read_is_not_guessed_without_an_order(tmp_path):
    weights = layers(one=nn.LSTM(3, 5), other=nn.LSTM(3, 5), fc=nn.Linear(5, 2))
    for chain in read(weights, tmp_path, "safetensors").chains:
        assert chain.head is None
        assert "which of one, other is read by fc" in chain.notes[0]
    assert [chain.head is not None for chain in read(weights, tmp_path).chains] == [False, True]


WORDS = ("<pad>", "the", "cat", "sat")


@pytest.mark.parametrize(
    ("beside", "where"),
    [
        ({"stoi": {word: number for number, word in enumerate(WORDS)}}, "'stoi'"),
        ({"itos": dict(enumerate(WORDS))}, "'itos'"),
        ({"vocab": list(WORDS)}, "'vocab'"),
        ({"idx2word": WORDS}, "'idx2word'"),
        ({"word_to_ix": {word: number for number, word in enumerate(WORDS)}}, "'word_to_ix'"),
        (
            {"config": {"vocabulary": {"token_to_id": {"the": 1, "cat": 2, "sat": 3, "<pad>": 0}}}},
            "'config.vocabulary.token_to_id'",
        ),
        ({"src_vocab": list(WORDS), "vocab_size": 4, "chars": 4}, "'src_vocab'"),
        ({"vocab": ["too", "short"], "itos": list(WORDS)}, "'itos'"),
    ],
)
def test_a_vocabulary_is_found_in_a_checkpoint(tmp_path, beside, where):
    model = CharacterModel(classes=4)
    found = read({"model": model.state_dict(), **beside}, tmp_path)
    assert (found.vocabulary, found.vocabulary_from) == (WORDS, f"{where} in the checkpoint")
    encoder = usual_encoder(found.chains[0], found.vocabulary)
    ids = torch.tensor([2, 1, 3])
    wanted = model.eval()(ids).softmax(-1)
    recording = record(build_model(found.chains[0], encoder=encoder), "cat the sat")
    np.testing.assert_allclose(recording.prediction["probability"].values, wanted.detach(), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize(
    "value",
    [
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"],  # more than classes
        ["a", "b"],  # far fewer
        ["a"] * 10,
        dict.fromkeys(LETTERS, 0),
        {letter: number * 5 for number, letter in enumerate(LETTERS)},
        {letter: -number for number, letter in enumerate(LETTERS)},
        {letter: float(number) for number, letter in enumerate(LETTERS)},
        [*LETTERS[:9], "\ud800"],
        [*LETTERS[:9], 3],
        {1: {2: 3}},
        10,
        None,
    ],
)
def test_what_does_not_fit_the_classes_is_no_vocabulary(tmp_path, value):
    found = read({"model": CharacterModel().state_dict(), "vocab": value}, tmp_path)
    assert (found.vocabulary, found.vocabulary_from) == ((), "")


def test_numbers_may_begin_at_one_and_be_texts():
    assert entries_of({"1": "a", "2": "b"}) == ("", "a", "b")
    assert entries_of("ab") == ("a", "b")
    assert vocabulary_in({"chars": "ab"}, 2) == (("a", "b"), "chars")
    assert vocabulary_in({"characters_of_a_play": "ab"}, 2) == ((), "")


@pytest.mark.parametrize("text", [json.dumps(list(LETTERS)), LETTERS])
def test_a_vocabulary_is_found_in_the_metadata_of_safetensors(tmp_path, text):
    path = tmp_path / "model.safetensors"
    save_file(CharacterModel().state_dict(), path, metadata={"chars": text, "format": "pt", "note": "{no JSON"})
    found = read_safetensors(path)
    assert (found.vocabulary, found.vocabulary_from) == (tuple(LETTERS), "'chars' in the file's metadata")


def test_a_vocabulary_tells_that_numbers_are_one_hot(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"net": nn.LSTM(10, 5).state_dict(), "chars": LETTERS}, path)
    found = read_pytorch(path)
    assert found.chains[0].one_hot
    assert found.vocabulary == tuple(LETTERS)
    torch.save({"net": nn.LSTM(20, 5).state_dict(), "chars": LETTERS}, path)
    found = read_pytorch(path)
    assert (found.chains[0].one_hot, found.vocabulary) == (False, ())


def test_a_thousand_dicts_within_one_another_are_walked_once(tmp_path):
    inner = {f"vocab{number}": number for number in range(1000)}
    for _ in range(6):
        inner = {f"vocab{number}": inner for number in range(1000)}
    found = read({"model": nn.LSTM(3, 4).state_dict(), "more": inner}, tmp_path)
    assert found.vocabulary == ()
