"""From a file's layers and a vocabulary to a model that reads, and the parcel in which a child hands them over."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lstm_core import (
    ByteEncoder,
    Labels,
    LegalTokens,
    NextToken,
    Nothing,
    NumberEncoder,
    Stepper,
    Values,
    VocabularyEncoder,
    generate,
    record,
)
from lstm_core.cells import Activation, Cell
from lstm_core.importers import (
    LIMITS,
    Chain,
    Head,
    ImportedModel,
    UnreadableFile,
    build_model,
    byte_encoder,
    number_readout,
    usual_encoder,
    usual_readout,
)
from lstm_core.stack import Layout
from tests.support.chains import chain_of

PEEPHOLES = Layout(
    6, 5, Cell(gate=Activation("hard_sigmoid", 0.2, 0.5), clip=3.0), reading="reverse", peephole=True, ends=True
)
UNEVEN = (Layout(3, 4, reading="both"), Layout(8, 6, Cell("GRU", reset_after=False)), PEEPHOLES)


def test_a_parcel_brings_everything_back():
    chain = replace(chain_of(*UNEVEN, classes=7, outputs=2), notes=("assumed",))
    sent = ImportedModel("Keras", "archive", (chain, chain_of(Layout(2, 3))), ("a", "b"), "the layer 'text'", "PyTorch")
    came = ImportedModel.from_bytes(sent.to_bytes())
    assert (came.framework, came.format, came.vocabulary) == ("Keras", "archive", ("a", "b"))
    assert (came.vocabulary_from, came.initialised_by) == ("the layer 'text'", "PyTorch")
    first, second = came.chains
    assert (first.layouts, first.sources, first.notes) == (chain.layouts, chain.sources, ("assumed",))
    assert first.head.activation == "softmax"
    assert second.head is None
    assert second.embedding is None
    for name, weights in chain.weights.items():
        np.testing.assert_array_equal(first.weights[name], weights)
    np.testing.assert_array_equal(first.embedding, chain.embedding)
    np.testing.assert_array_equal(first.head.weight, chain.head.weight)


@pytest.mark.parametrize("spoil", [slice(-5), slice(0), slice(5, None)])
def test_a_damaged_parcel_is_refused(spoil):
    parcel = ImportedModel("ONNX", "graph", (chain_of(Layout(2, 3)),)).to_bytes()
    with pytest.raises(UnreadableFile, match="came back damaged"):
        ImportedModel.from_bytes(parcel[spoil])


def test_an_opened_stack_reads_as_the_stepper_does():
    model = build_model(chain_of(*UNEVEN, classes=7, outputs=2))
    recording, stepped = record(model, "0 3 6 1 1 5"), Stepper(model).read("0 3 6 1 1 5")
    assert list(recording.layers) == ["layer0", "layer0_reverse", "layer1", "layer2_reverse"]
    for name, layer in recording.layers.items():
        for signal in layer:
            np.testing.assert_allclose(layer[signal], stepped.layers[name][signal], atol=1e-6)
    np.testing.assert_allclose(recording.prediction["probability"], stepped.prediction["probability"], atol=1e-6)


def test_of_a_backward_layer_the_readout_reads_the_end_of_its_reading_where_only_that_is_given_on():
    model = build_model(chain_of(*UNEVEN, classes=7, outputs=2))
    recording = record(model, "0 3 6")
    end = torch.from_numpy(recording.layers["layer2_reverse"]["hidden"].to_numpy()[0])
    wanted = torch.softmax(model.readout(end), dim=-1)
    for row in recording.prediction["probability"].to_numpy():
        np.testing.assert_allclose(row, wanted, atol=1e-6)


def test_one_hot_vectors_are_read_as_an_embedding_that_is_the_identity():
    plain = chain_of(Layout(4, 5), outputs=4)
    one_hot = build_model(replace(plain, one_hot=True), encoder=VocabularyEncoder(tuple("abcd")))
    embedded = build_model(
        replace(plain, embedding=np.eye(4, dtype=np.float32)), encoder=VocabularyEncoder(tuple("abcd"))
    )
    first, second = (record(model, "abcdda") for model in (one_hot, embedded))
    np.testing.assert_array_equal(first.layers["layer0"]["cell"], second.layers["layer0"]["cell"])
    assert first.prediction.attrs["kind"] == "next"
    assert one_hot.digest != embedded.digest
    assert len(generate(one_hot, "abc", 5, seed=1)) == 8


def test_a_single_sigmoid_becomes_two_labels():
    chain = chain_of(Layout(1, 3), outputs=1, activation="sigmoid")
    recording = record(build_model(chain), "0.5 -1")
    hidden = recording.layers["layer0"]["hidden"].to_numpy()
    yes = 1 / (1 + np.exp(-(hidden @ chain.head.weight[0] + chain.head.bias[0])))
    np.testing.assert_allclose(recording.prediction["probability"], np.stack([1 - yes, yes], axis=1), atol=1e-6)
    assert recording.prediction["class"].to_numpy().tolist() == ["no", "yes"]


@pytest.mark.parametrize(
    ("chain", "readout"),
    [
        (chain_of(Layout(2, 3)), Nothing()),
        (chain_of(Layout(2, 3), classes=5, outputs=5), NextToken()),
        (chain_of(Layout(2, 3), classes=5, outputs=5, activation="unknown"), NextToken()),
        (chain_of(Layout(2, 3), classes=5, outputs=5, activation="sigmoid"), LegalTokens()),
        (chain_of(Layout(2, 3), classes=5, outputs=5, activation="linear"), NextToken()),  # logits
        (chain_of(Layout(2, 3), classes=5, outputs=2), Labels(("class 0", "class 1"))),
        (chain_of(Layout(2, 3), outputs=2, activation="unknown"), Nothing()),  # until it is known what stands between
        (
            chain_of(Layout(2, 3), outputs=2, activation="linear"),
            Values(("value 0", "value 1"), (0.0, 0.0), (1.0, 1.0)),
        ),
        (chain_of(Layout(2, 3), outputs=3, activation="sigmoid"), Nothing()),
        (chain_of(Layout(2, 3), outputs=1, activation="softmax"), Nothing()),
    ],
)
def test_what_the_outputs_say_follows_from_the_file(chain, readout):
    assert usual_readout(chain) == readout
    text = "0 1 2" if chain.classes else "1:2 3:4"
    assert record(build_model(chain), text).prediction.attrs["kind"] == readout.to_json()["kind"]


@pytest.mark.parametrize(
    ("chain", "name", "readout"),
    [
        (chain_of(Layout(2, 3), outputs=3, activation="unknown"), "fc", Labels(("class 0", "class 1", "class 2"))),
        (chain_of(Layout(2, 3), outputs=1, activation="unknown"), "fc", number_readout(1)),
        (chain_of(Layout(2, 3), outputs=2, activation="unknown"), "fc", number_readout(2)),  # an autoencoder's
        (chain_of(Layout(2, 3), outputs=3, activation="unknown"), "decoder.fc_mu", number_readout(3)),
        (chain_of(Layout(2, 3), classes=5, outputs=2, activation="unknown"), "fc", Labels(("class 0", "class 1"))),
        (chain_of(Layout(2, 3), classes=5, outputs=2, activation="unknown"), "regressor", number_readout(2)),
        (chain_of(Layout(2, 3), classes=5, outputs=5, activation="unknown"), "fc", NextToken()),
    ],
)
@pytest.mark.parametrize("between", ["nothing", "relu"])
def test_what_is_likelier_once_it_is_known_what_stands_between(chain, name, readout, between):
    chain = replace(chain, head=replace(chain.head, name=name))
    assert usual_readout(chain, between) == readout
    assert build_model(chain, between=between).config.between == between


def test_encoders_fit_the_classes():
    assert usual_encoder(chain_of(Layout(1, 2))).names == ("number",)
    assert isinstance(usual_encoder(chain_of(Layout(3, 2))), NumberEncoder)
    assert usual_encoder(chain_of(Layout(3, 2), classes=4), ("a", "b")).class_labels == ("a", "b", "#2", "#3")
    assert byte_encoder(chain_of(Layout(3, 2), classes=256)) == ByteEncoder()
    ascii_encoder = byte_encoder(chain_of(Layout(3, 2), classes=130))
    assert ascii_encoder.encode("A\n").ids.tolist() == [65, 10]
    with pytest.raises(ValueError, match="5 entries, but this model has 4 classes"):
        usual_encoder(chain_of(Layout(3, 2), classes=4), tuple("abcde"))
    with pytest.raises(ValueError, match="this model has 100"):
        byte_encoder(chain_of(Layout(3, 2), classes=100))


def test_what_does_not_fit_together_is_refused():
    plain = chain_of(Layout(3, 4))
    for change, message in (
        ({"embedding": np.zeros((5, 2), np.float32)}, "its embedding gives"),
        ({"head": Head("fc", np.zeros((2, 9), np.float32), np.zeros(2, np.float32), "linear")}, "its readout reads"),
        ({"weights": {}}, "missing"),
        ({"layouts": (Layout(3, 4), Layout(5, 4))}, "does not fit on one that outputs 4"),
        ({"layouts": (Layout(3, LIMITS.units + 1),)}, "units"),
        ({"layouts": (Layout(3, 4),) * (LIMITS.layers + 1)}, "layers"),
    ):
        with pytest.raises(UnreadableFile, match=message):
            replace(plain, **change)


def test_weights_that_are_no_numbers_are_told_and_opened():
    chain = chain_of(Layout(2, 3), outputs=2)
    assert chain.finite
    chain.weights["weight_hh_l0"][0, 0] = np.nan
    assert not chain.finite
    assert np.isnan(record(build_model(chain), "1:2 3:4 5:6").layers["layer0"]["hidden"]).any()


def test_the_parameters_are_counted():
    chain: Chain = chain_of(Layout(2, 3), classes=5, outputs=2)
    assert chain.parameters == 12 * 2 + 12 * 3 + 2 * 12 + 5 * 2 + 2 * 3 + 2
