"""Which layers of a Keras model chain, what stands around them, and what is refused: real models, some edited."""

import numpy as np
import pytest

from lstm_core.importers import LIMITS, ImportedModel, UnreadableFile
from lstm_core.importers.keras.read import read_keras
from tests.support.keras_files import edited
from tests.support.keras_models import CLASSES, assert_same, keras, kl, stack, with_weights

# Keras's variables are older than numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SEQUENCE = {"return_sequences": True}


def read(model, folder, ending=".keras") -> ImportedModel:
    model.save(folder / f"it{ending}")
    return read_keras(folder / f"it{ending}")


@keras.saving.register_keras_serializable()
def bent(x):
    return x


@pytest.mark.parametrize(
    ("activations", "sentence"),
    [
        ({"activation": "swish"}, "'named' has the activation 'silu', which Gatescope does not compute"),
        ({"activation": bent}, "'named' has the activation 'Custom>bent', which Gatescope does not compute"),
        ({"activation": kl.LeakyReLU(0.3)}, "'named' has the activation 'LeakyReLU', which Gatescope does not compute"),
        ({"recurrent_activation": "relu"}, "gates of 'named' have the activation 'relu' and do not go from 0 to 1"),
        ({"recurrent_activation": "softmax"}, "'named' has the activation 'softmax'"),
    ],
)
@pytest.mark.parametrize("both_ways", [False, True])
def test_other_activations_are_refused_by_name(activations, sentence, both_ways, tmp_path):
    one = kl.LSTM(2, name="named", **activations)
    with pytest.raises(UnreadableFile, match=sentence.replace("'named'", "'bi'") if both_ways else sentence):
        read(stack(kl.Bidirectional(one, name="bi") if both_ways else one), tmp_path)


def test_a_refused_layer_leaves_the_others_to_be_shown(tmp_path):
    model = stack(
        kl.LSTM(3, name="low", **SEQUENCE), kl.GRU(3, activation="gelu", name="bent", **SEQUENCE), kl.LSTM(2, name="up")
    )
    found = read(model, tmp_path)
    assert [chain.name for chain in found.chains] == ["low", "up"]
    assert found.notes == (
        "'bent' has the activation 'gelu', which Gatescope does not compute: "
        "it knows tanh, sigmoid, relu, linear, softsign, elu, selu and hard_sigmoid.",
    )


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (kl.RNN(kl.LSTMCell(2, activation="gelu"), name="named"), "'named' has the activation 'gelu'"),
        (
            kl.Bidirectional(kl.LSTM(2), backward_layer=kl.LSTM(3, go_backwards=True), name="named"),
            "the two directions of 'named' differ in units or activations",
        ),
        (
            kl.Bidirectional(kl.LSTM(2), backward_layer=kl.GRU(2, go_backwards=True), name="named"),
            "the two directions of 'named' differ",
        ),
        (
            kl.Bidirectional(kl.LSTM(2, go_backwards=True), backward_layer=kl.LSTM(2), name="named"),
            "the first direction of 'named' goes backwards",
        ),
        (
            kl.Bidirectional(kl.RNN([kl.LSTMCell(2), kl.LSTMCell(2)]), name="named"),
            "'named' runs stacked cells in two directions",
        ),
    ],
)  # fmt: skip
def test_layers_that_we_have_no_equations_for_are_refused(layer, sentence, tmp_path):
    with pytest.raises(UnreadableFile, match=sentence):
        read(stack(layer), tmp_path)


def test_directions_that_are_not_merged_are_refused(tmp_path):
    given = keras.Input((None, 3))
    model = keras.Model(given, kl.Bidirectional(kl.LSTM(2), merge_mode=None, name="named")(given))
    with pytest.raises(UnreadableFile, match=r"'named' does not merge its two directions \(merge_mode None\)"):
        read(model, tmp_path)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_what_computes_between_two_layers_breaks_the_chain(ending, tmp_path):
    model = stack(
        kl.Embedding(CLASSES, 2), kl.LSTM(3, name="low", **SEQUENCE), kl.LayerNormalization(name="norm"),
        kl.GRU(3, name="mid", **SEQUENCE), kl.LSTM(2, name="high", **SEQUENCE), kl.Dense(2, activation="softmax"),
    )  # fmt: skip
    upper, low = read(model, tmp_path, ending).chains
    assert (upper.name, upper.embedding, upper.head.activation) == ("mid → high", None, "softmax")
    assert upper.notes == (
        "'mid' reads what 'norm' (LayerNormalization) gives, which is not opened with it: give it such numbers.",
    )
    assert (low.name, len(low.embedding), low.head) == ("low", CLASSES, None)
    assert low.notes == ("What 'low' gives is read by 'norm' (LayerNormalization): no readout is shown.",)
    alone = keras.Sequential(model.layers[:2])
    assert_same(alone, low)


def test_two_directions_above_a_layer_that_goes_backwards_are_shown_apart(tmp_path):
    model = stack(kl.LSTM(3, go_backwards=True, name="low", **SEQUENCE), kl.Bidirectional(kl.GRU(2), name="both"))
    low, both = sorted(read(model, tmp_path).chains, key=lambda chain: chain.name, reverse=True)
    assert (low.layouts[0].reading, both.layouts[0].reading) == ("reverse", "both")
    assert both.notes[0].startswith("'both' is given what 'low' read backwards, the last token first")


@pytest.mark.parametrize(
    ("above", "note"),
    [
        ([kl.Dense(3, name="a"), kl.Dense(2)], "What 'a' gives is worked on further"),
        ([kl.Dense(3, activation="relu", name="a")], "What 'a' gives is worked on further"),
        ([kl.Dense(3, name="a"), kl.Softmax(axis=1)], "What 'a' gives is worked on further"),
        ([kl.Flatten(name="flat"), kl.Dense(2)], "read by 'flat' (Flatten): no readout is shown"),
        ([kl.GlobalMaxPooling1D(name="most"), kl.Dense(2)], "read by 'most' (GlobalMaxPooling1D)"),
    ],
)
def test_only_a_dense_layer_at_the_end_is_a_readout(above, note, tmp_path):
    model = keras.Sequential([keras.Input((7, 3)), kl.LSTM(2, **SEQUENCE), *above])
    chain = read(model, tmp_path).chains[0]
    assert chain.head is None
    assert len(chain.notes) == 1
    assert note in chain.notes[0]


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_branches_are_no_chain(ending, tmp_path):
    given = keras.Input((None,))
    low = kl.LSTM(3, name="low", **SEQUENCE)(kl.Embedding(CLASSES, 2)(given))
    left, right = kl.LSTM(2, name="left")(low), kl.GRU(2, name="right")(kl.Dropout(0.5)(low))
    model = with_weights(keras.Model(given, [kl.Dense(1, activation="sigmoid")(left), kl.Dense(4)(right)]))
    found = {chain.name: chain for chain in read(model, tmp_path, ending).chains}
    assert sorted(found) == ["left", "low", "right"]
    assert (found["left"].head.activation, found["right"].head.activation, found["low"].head) == (
        "sigmoid",
        "linear",
        None,
    )
    assert "read by 'left' (LSTM), 'right' (GRU)" in found["low"].notes[0]


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_masks_of_a_functional_model_are_told_of(ending, tmp_path):
    given = keras.Input((None,))
    read_in = kl.Embedding(CLASSES, 3, mask_zero=True, name="table")(given)
    scores = kl.Dense(2, activation="softmax")(kl.LSTM(2)(kl.Bidirectional(kl.LSTM(3, **SEQUENCE))(read_in)))
    model = with_weights(keras.Model(given, scores))
    chain = read(model, tmp_path, ending).chains[0]
    assert len(chain.layouts) == 2
    assert chain.notes == ("Keras skips entry 0 of 'table' as padding (mask_zero): here it is read like any other.",)
    same = stack(*(one.__class__.from_config(one.get_config()) for one in model.layers if one.get_weights()))
    same.set_weights(model.get_weights())
    assert_same(same, chain)


def test_masking_of_numbers_is_told_of(tmp_path):
    model = stack(kl.Masking(name="gaps"), kl.LSTM(2))
    chain = read(model, tmp_path).chains[0]
    assert chain.notes == ("Keras skips the steps that 'gaps' masks: here every step is read.",)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_models_within_models_are_looked_into(ending, tmp_path):
    inner = keras.Sequential([kl.LSTM(3, name="in_low", **SEQUENCE), kl.GRU(2, name="in_up", **SEQUENCE)], name="inner")
    model = stack(kl.LSTM(3, name="out_low", **SEQUENCE), inner, kl.LSTM(4, name="out_up"))
    found = {chain.name: chain for chain in read(model, tmp_path, ending).chains}
    assert sorted(found) == ["in_low → in_up", "out_low", "out_up"]
    wanted = dict(zip(("in_low", "in_up"), (one.get_weights() for one in inner.layers), strict=True))
    lower, upper = (found["in_low → in_up"].weights[f"weight_ih_l{number}"] for number in (0, 1))
    np.testing.assert_array_equal(lower, wanted["in_low"][0].T)
    np.testing.assert_array_equal(np.sort(upper.ravel()), np.sort(wanted["in_up"][0].ravel()))
    np.testing.assert_array_equal(found["out_up"].weights["weight_ih_l0"], model.layers[-1].get_weights()[0].T)


def test_a_layer_that_is_used_twice_says_so(tmp_path):
    shared, one, other = kl.LSTM(2, name="shared"), keras.Input((None, 3)), keras.Input((None, 3))
    model = keras.Model([one, other], kl.Dense(1)(kl.Concatenate()([shared(one), shared(other)])))
    chain = read(model, tmp_path).chains[0]
    assert "'shared' is used 2 times in the model: what it reads here is up to you." in chain.notes


def test_a_model_without_recurrent_layers_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="none of the layers that this file lists is an LSTM"):
        read(keras.Sequential([keras.Input((3,)), kl.Dense(2)]), tmp_path)


class Hiding(kl.Layer):
    """A layer of one's own with an LSTM inside, of which the file tells nothing but its class."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.lstm = kl.LSTM(4)

    def build(self, shape):
        self.lstm.build(shape)
        self.built = True

    def call(self, given):
        return self.lstm(given)


class Named(Hiding):
    def get_config(self):
        return super(Hiding, self).get_config() | {"mine": 1}


@pytest.mark.parametrize(
    ("layer", "message"),
    [(Hiding, "a layer of class Hiding has no name in this file"), (Named, "none of the layers that")],
)
def test_a_recurrent_layer_within_one_of_ones_own_opens_as_advised(tmp_path, monkeypatch, layer, message):
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((None, 3)), layer()])
    with pytest.raises(UnreadableFile, match=message) as refused:
        read(model, tmp_path)
    assert "model.save_weights('model.weights.h5')" in str(refused.value)
    model.save_weights("model.weights.h5")
    chain = read_keras(tmp_path / "model.weights.h5").chains[0]
    np.testing.assert_array_equal(chain.weights["weight_ih_l0"], model.get_weights()[0].T)


def test_more_recurrent_layers_than_can_be_opened_are_refused(tmp_path):
    model = stack(kl.SimpleRNN(1, **SEQUENCE))
    model.save(tmp_path / "it.keras")

    def many(config):
        layers = config["config"]["layers"]
        again = layers[-1]["config"]
        layers[1:] = [layers[-1] | {"config": again | {"name": f"rnn{index}"}} for index in range(LIMITS.layers + 1)]

    with pytest.raises(UnreadableFile, match="65 recurrent layers; Gatescope opens up to 64"):
        read_keras(edited(tmp_path / "it.keras", many))


def test_a_vocabulary_is_read_from_the_configuration_or_from_its_file(tmp_path):
    model = stack(kl.Embedding(CLASSES, 2, name="table"), kl.LSTM(2))
    model.save(tmp_path / "it.keras")
    lookup = {"module": "keras.layers", "class_name": "TextVectorization", "config": {"name": "words"}}

    def with_lookup(**settings):
        return lambda config: config["config"]["layers"].insert(1, lookup | {"config": {"name": "words", **settings}})

    listed = read_keras(edited(tmp_path / "it.keras", with_lookup(vocabulary=["a", "b"], output_mode="int")))
    assert listed.vocabulary == ("", "[UNK]", "a", "b")
    assert listed.vocabulary_from == "the TextVectorization layer 'words'"
    assert listed.chains[0].classes == CLASSES
    whole = read_keras(edited(tmp_path / "it.keras", with_lookup(vocabulary=["", "[UNK]", "a", "b"])))
    assert whole.vocabulary == listed.vocabulary
    file = "assets/layers/text_vectorization/vocabulary.txt"
    filed = read_keras(edited(tmp_path / "it.keras", with_lookup(vocabulary=None), {file: "\n[UNK]\nü\nb".encode()}))
    assert filed.vocabulary == ("", "[UNK]", "ü", "b")
    windows = {file.replace("/", "\\"): "\n[UNK]\nü\nb".encode()}  # as programs of Windows pack a folder
    assert (
        read_keras(edited(tmp_path / "it.keras", with_lookup(vocabulary=None), windows)).vocabulary == filed.vocabulary
    )
    assert read_keras(edited(tmp_path / "it.keras", with_lookup())).vocabulary == ()
    lookup["class_name"] = "StringLookup"
    several = {"mask_token": "[PAD]", "num_oov_indices": 2, "oov_token": "<oov>", "vocabulary": ["a"]}
    assert read_keras(edited(tmp_path / "it.keras", with_lookup(**several))).vocabulary == ("[PAD]", "<oov>", "", "a")
    many = [str(index) for index in range(200_000)]
    with pytest.raises(UnreadableFile, match="'words' has 200,002 entries; Gatescope reads up to 200,000"):
        read_keras(edited(tmp_path / "it.keras", with_lookup(vocabulary=many, mask_token="")))
    with pytest.raises(UnreadableFile, match="'words' is not UTF-8"):
        read_keras(
            edited(tmp_path / "it.keras", with_lookup(), {file.replace("text_vectorization", "string_lookup"): b"\xff"})
        )


def test_one_hot_classes_are_seen_where_a_layer_makes_them(tmp_path):
    given = keras.Input((None,), dtype="int32")
    model = keras.Model(given, kl.LSTM(2)(kl.CategoryEncoding(num_tokens=5, output_mode="one_hot")(given)))
    chain = read(model, tmp_path).chains[0]
    assert (chain.one_hot, chain.classes, chain.embedding) == (True, 5, None)


@pytest.mark.parametrize(
    ("layers", "one_hot"),
    [
        ([kl.LSTM(4), kl.Dense(3, activation="softmax")], True),
        ([kl.LSTM(4, **SEQUENCE), kl.TimeDistributed(kl.Dense(3)), kl.Activation("softmax")], True),
        ([kl.LSTM(4), kl.Dense(3)], False),  # numbers, as far as the file tells
        ([kl.LSTM(4), kl.Dense(2, activation="softmax")], False),
        ([kl.Dense(3), kl.LSTM(4), kl.Dense(3, activation="softmax")], False),
    ],
)
def test_probabilities_for_all_that_is_read_tell_one_hot_vectors(layers, one_hot, tmp_path):
    [chain] = read(stack(*layers), tmp_path).chains
    assert (chain.one_hot, chain.classes) == (one_hot, 3 if one_hot else 0)
    assert any("taken for one-hot vectors of 3 classes" in note for note in chain.notes) is one_hot


@pytest.mark.parametrize("file", ["it.keras", "it.h5"])
@pytest.mark.parametrize(
    ("loss", "one_hot"),
    [
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), True),
        ("categorical_crossentropy", True),
        ("mse", False),
    ],
    ids=["an object", "a name", "of numbers"],
)
def test_a_loss_of_classes_tells_that_linear_outputs_are_logits(loss, one_hot, file, tmp_path):
    model = stack(kl.LSTM(4, **SEQUENCE), kl.Dense(3))
    model.compile(loss=loss)
    model.save(tmp_path / file)
    [chain] = read_keras(tmp_path / file).chains
    assert (chain.one_hot, chain.head.activation) == (one_hot, "softmax" if one_hot else "linear")


@pytest.mark.parametrize("file", ["it.keras", "it.h5", "it.weights.h5"])
def test_a_convolutional_lstm_is_called_what_it_is(file, tmp_path):
    model = keras.Sequential([keras.Input((None, 4, 4, 1)), kl.ConvLSTM2D(2, 3), kl.Flatten(), kl.Dense(2)])
    (model.save_weights if "weights" in file else model.save)(tmp_path / file)
    told = "is called like" if "weights" in file else "is"  # weights alone do not say of which class a layer is
    with pytest.raises(UnreadableFile, match=rf"'conv_lstm2d(_\d+)?' {told} a ConvLSTM: each of its gates is an image"):
        read_keras(tmp_path / file)


@pytest.mark.filterwarnings(
    "ignore:The model does not have a `loss`", "ignore:You are saving a model that has not yet been built"
)
@pytest.mark.parametrize("file", ["it.keras", "it.h5"])
def test_a_layer_that_was_never_built_is_told(file, tmp_path):
    model = keras.Sequential([kl.LSTM(4, name="mine"), kl.Dense(2)])
    model.save(tmp_path / file)
    with pytest.raises(UnreadableFile, match="'mine' was never built, so it has no weights: call the model once"):
        read_keras(tmp_path / file)
