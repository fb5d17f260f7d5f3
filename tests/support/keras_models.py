"""Real Keras models, on its torch backend, and what they themselves say: the reference for what we read of their files."""

import os

os.environ["KERAS_BACKEND"] = "torch"

from typing import Any

import keras
import numpy as np
from keras import layers as kl

from lstm_core import Recording, Tokens, record
from lstm_core.importers import Chain
from lstm_core.importers.build import build_model

STEPS, CLASSES, FEATURES = 7, 9, 3
IDS = np.array([3, 1, 4, 1, 5, 8, 2])  # no 0, which some of the models skip
NUMBERS = np.random.default_rng(5).normal(size=(STEPS, FEATURES)).astype(np.float32)


def stack(*layers: Any) -> Any:
    """A Sequential model that reads classes where it begins with an embedding, else numbers; no weight of it is 0."""
    reads = (None,) if isinstance(layers[0], kl.Embedding) else (None, FEATURES)
    return with_weights(keras.Sequential([keras.Input(reads), *layers]))


def with_weights(model: Any, seed: int = 11) -> Any:
    """The model with weights drawn again, biases as well, which Keras begins with at 0."""
    generator = np.random.default_rng(seed)
    model.set_weights([generator.normal(scale=0.6, size=one.shape).astype(one.dtype) for one in model.get_weights()])
    return model


def predicted(model: Any) -> np.ndarray:
    """What Keras predicts for the sequence, (step, output), or (1, output) where it predicts at the end alone."""
    found = keras.ops.convert_to_numpy(model(_given(model), training=False))[0]
    return found if found.ndim == 2 else found[None]


def states(model: Any) -> list[np.ndarray]:
    """The output of each direction of each recurrent layer of a Sequential model, (step, unit), in the order of tokens."""
    given, turned, found = _given(model), False, []
    for layer in model.layers:
        if isinstance(layer, kl.Bidirectional):
            sides = [_sequence(side, given) for side in (layer.forward_layer, layer.backward_layer)]
            found += [sides[0], sides[1][::-1]]
            turned = False
        elif isinstance(layer, kl.RNN):
            backwards = layer.go_backwards != turned
            found.append(_sequence(layer, given)[:: -1 if backwards else 1])
            turned = backwards
        given = layer(given)
    return found


def _given(model: Any) -> Any:
    return keras.ops.convert_to_tensor((IDS if isinstance(model.layers[0], kl.Embedding) else NUMBERS)[None])


def _sequence(layer: Any, given: Any) -> np.ndarray:
    """The states of a layer in the order in which it reads."""
    duplicate = layer.__class__.from_config(layer.get_config() | {"return_sequences": True, "return_state": False})
    duplicate.build(given.shape)
    duplicate.set_weights(layer.get_weights())
    return keras.ops.convert_to_numpy(duplicate(given))[0].astype(np.float32)


def recorded(chain: Chain) -> Recording:
    """What Gatescope records of the same sequence."""
    steps = np.arange(STEPS)
    labels = tuple(map(str, steps))
    numbers = None if chain.classes else NUMBERS
    ids = IDS if chain.classes else np.zeros(STEPS, int)
    return record(build_model(chain), Tokens(ids.astype(np.int64), labels, steps, numbers))


def assert_same(model: Any, chain: Chain, *, readout: bool = True, within: float = 1e-5) -> None:
    """Every state of every layer and, where there is one, the readout are Keras's."""
    recording, wanted = recorded(chain), states(model)
    assert len(recording.layers) == len(wanted)
    for (name, own), reference in zip(recording.layers.items(), wanted, strict=True):
        np.testing.assert_allclose(own["hidden"], reference, atol=within, rtol=0, err_msg=name)
    if chain.head is not None and readout:
        assert_same_readout(model, recording, within=within)


def assert_same_readout(model: Any, recording: Recording, *, within: float = 1e-5) -> None:
    prediction, wanted = recording.prediction, predicted(model)
    own = prediction["probability"] if "probability" in prediction else prediction["value"]
    found = own.values[:, -1:] if wanted.shape[1] == 1 else own.values
    np.testing.assert_allclose(found[-len(wanted) :], wanted, atol=within, rtol=0)
