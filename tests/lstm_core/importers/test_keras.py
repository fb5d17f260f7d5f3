"""Keras files: real models of Keras 3 are written and read back, and record what Keras itself computes."""

from pathlib import Path

import numpy as np
import pytest

from lstm_core.importers.keras.read import read_keras
from tests.support.keras_models import (
    CLASSES,
    FEATURES,
    assert_same,
    keras,
    kl,
    predicted,
    recorded,
    stack,
    with_weights,
)

# Keras's variables are older than numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SEQUENCE = {"return_sequences": True}
MODELS = {
    "characters, next": lambda: stack(
        kl.Embedding(CLASSES, 3), kl.LSTM(4, **SEQUENCE), kl.Dropout(0.3), kl.LSTM(5, **SEQUENCE),
        kl.TimeDistributed(kl.Dense(CLASSES, activation="softmax")),
    ),
    "both ways, then a GRU, an activation on its own": lambda: stack(
        kl.Embedding(CLASSES, 3, mask_zero=True), kl.SpatialDropout1D(0.2), kl.Bidirectional(kl.LSTM(4, **SEQUENCE)),
        kl.GRU(3), kl.Dense(2), kl.Activation("softmax"),
    ),
    "both ways, its ends": lambda: stack(
        kl.Embedding(CLASSES, 2), kl.Bidirectional(kl.LSTM(3)), kl.Dense(1, activation="sigmoid")
    ),
    "hard gates, relu": lambda: stack(
        kl.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid", **SEQUENCE), kl.Dense(2)
    ),
    "elu, selu": lambda: stack(
        kl.LSTM(4, activation="elu", **SEQUENCE), kl.GRU(3, activation="selu", **SEQUENCE), kl.SimpleRNN(3, activation="elu"),
        kl.Dense(2),
    ),
    "GRU that resets before": lambda: stack(kl.GRU(4, reset_after=False, activation="softsign"), kl.Dense(1)),
    "GRU that resets after": lambda: stack(kl.GRU(4, recurrent_activation="hard_sigmoid", **SEQUENCE), kl.Dense(3)),
    "no biases": lambda: stack(
        kl.LSTM(3, use_bias=False, **SEQUENCE), kl.GRU(4, use_bias=False, **SEQUENCE),
        kl.GRU(2, use_bias=False, reset_after=False, **SEQUENCE), kl.SimpleRNN(3, use_bias=False),
        kl.Dense(2, use_bias=False),
    ),
    "simple layers": lambda: stack(
        kl.SimpleRNN(4, activation="relu", **SEQUENCE), kl.SimpleRNN(3, activation="linear", **SEQUENCE),
        kl.SimpleRNN(3), kl.Dense(2), kl.Softmax(),
    ),
    "directions summed": lambda: stack(kl.Bidirectional(kl.GRU(3, **SEQUENCE), merge_mode="sum"), kl.LSTM(2)),
    "directions multiplied": lambda: stack(kl.Bidirectional(kl.LSTM(3), merge_mode="mul"), kl.Dense(2)),
    "directions averaged": lambda: stack(kl.Bidirectional(kl.SimpleRNN(3), merge_mode="ave"), kl.Dense(2)),
    "backwards, its end": lambda: stack(kl.LSTM(4, go_backwards=True), kl.Dense(2)),
    "backwards, on and on": lambda: stack(
        kl.LSTM(4, go_backwards=True, **SEQUENCE), kl.GRU(3, **SEQUENCE), kl.LSTM(4, go_backwards=True, **SEQUENCE),
        kl.GRU(3), kl.Dense(2, activation="softmax"),
    ),
    "cells in a layer": lambda: stack(
        kl.RNN(kl.LSTMCell(3), **SEQUENCE), kl.Bidirectional(kl.RNN(kl.GRUCell(3), **SEQUENCE)),
        kl.RNN(kl.SimpleRNNCell(2), go_backwards=True), kl.Dense(2),
    ),
    "double precision": lambda: stack(kl.LSTM(3, dtype="float64"), kl.Dense(2)),
}  # fmt: skip


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return MODELS[request.param]()


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_states_and_readout_of_a_whole_model_are_kerass(model, ending, tmp_path):
    model.save(tmp_path / f"it{ending}")
    found = read_keras(tmp_path / f"it{ending}")
    assert len(found.chains) == 1
    assert (found.chains[0].head is None) == (model.layers[-1].name.startswith("lstm"))
    assert_same(model, found.chains[0])


def saved(model, folder: Path, ending: str = ".keras") -> Path:
    model.save(folder / f"it{ending}")
    return folder / f"it{ending}"


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_cells_stacked_in_one_layer_are_layers_of_a_chain(ending, tmp_path):
    model = stack(kl.RNN([kl.LSTMCell(3), kl.GRUCell(2), kl.LSTMCell(4)], go_backwards=True), kl.Dense(2))
    chain = read_keras(saved(model, tmp_path, ending)).chains[0]
    assert chain.sources == tuple(f"{model.layers[0].name}[{number}]" for number in range(3))
    plain = keras.Sequential(
        [keras.Input((None, FEATURES)), kl.LSTM(3, go_backwards=True, **SEQUENCE), kl.GRU(2, **SEQUENCE), kl.LSTM(4),
         kl.Dense(2)]
    )  # fmt: skip
    plain.set_weights(model.get_weights())
    assert_same(plain, chain)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_weights_of_half_precision_are_read_exactly(precision, tmp_path):
    drawn = "glorot_uniform"  # an orthogonal matrix cannot be drawn in half precision
    model = stack(kl.LSTM(3, recurrent_initializer=drawn, dtype=precision), kl.Dense(2, dtype=precision))
    chain = read_keras(saved(model, tmp_path)).chains[0]
    wanted = [keras.ops.convert_to_numpy(one).astype(np.float32) for one in model.weights]
    np.testing.assert_array_equal(chain.weights["weight_ih_l0"], wanted[0].T)
    np.testing.assert_array_equal(chain.weights["bias_ih_l0"], wanted[2])
    np.testing.assert_array_equal(chain.head.weight, wanted[3].T)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_an_encoder_and_a_decoder_are_two_chains(ending, tmp_path):
    read, wrote = keras.Input((None,)), keras.Input((None,), name="wrote")
    _, *ends = kl.LSTM(4, return_state=True, name="encoder")(kl.Embedding(CLASSES, 3, mask_zero=True)(read))
    above = kl.LSTM(4, **SEQUENCE, name="decoder")(kl.Embedding(CLASSES, 2)(wrote), initial_state=ends)
    model = with_weights(keras.Model([read, wrote], kl.Dense(CLASSES, activation="softmax")(above)))
    found = read_keras(saved(model, tmp_path, ending))
    decoder, encoder = found.chains
    assert (decoder.name, decoder.embedding.shape, len(decoder.head.weight)) == ("decoder", (CLASSES, 2), CLASSES)
    assert decoder.notes == ("'decoder' starts from states that other layers give it: here it starts from zero.",)
    assert (encoder.name, encoder.embedding.shape, encoder.head) == ("encoder", (CLASSES, 3), None)
    assert "mask_zero" in encoder.notes[0]
    alone = keras.Sequential([keras.Input((None,)), kl.Embedding(CLASSES, 3), kl.LSTM(4)])
    alone.set_weights([encoder.embedding, *model.get_layer("encoder").get_weights()])
    assert_same(alone, encoder)


def test_what_is_said_backwards_stands_at_its_token(tmp_path):
    model = stack(kl.GRU(3, go_backwards=True, **SEQUENCE), kl.Dense(2, name="says"))
    chain = read_keras(saved(model, tmp_path)).chains[0]
    assert chain.notes[0].startswith("Keras gives the outputs of 'says' in reading order, the last token's first")
    np.testing.assert_allclose(recorded(chain).prediction["value"], predicted(model)[::-1], atol=1e-5, rtol=0)


def test_an_embedding_that_two_layers_share_is_each_ones(tmp_path):
    one, other, table = keras.Input((None,)), keras.Input((None,)), kl.Embedding(CLASSES, 3)
    ends = [kl.LSTM(2, name="left")(table(one)), kl.LSTM(2, name="right")(table(other))]
    model = with_weights(keras.Model([one, other], ends))
    chains = read_keras(saved(model, tmp_path)).chains
    assert sorted(chain.name for chain in chains) == ["left", "right"]
    assert all((chain.embedding == model.get_weights()[0]).all() for chain in chains)
