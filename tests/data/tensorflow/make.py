"""How the files beside this were made, and what TensorFlow computes with them: `python make.py FOLDER`.

Needs TensorFlow 2.21, tf_keras 2.21 and Keras 3.15, which Gatescope does not (CPU is enough: `pip install tensorflow-cpu
tf_keras`). Each case is a zip archive as people upload them, and in outputs.npz stand its input and the framework's own
states and predictions. Run once with TF_USE_LEGACY_KERAS=1 (TensorFlow 1's cells and Keras 2) and once without (Keras 3).
"""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

LEGACY = os.environ.get("TF_USE_LEGACY_KERAS") == "1"
if LEGACY:
    import tf_keras as keras
else:
    import keras

v1 = tf.compat.v1
STEPS, FEATURES, CLASSES = 6, 3, 5
IDS = np.array([[3, 1, 4, 1, 0, 2]], np.int32)
NUMBERS = np.random.default_rng(5).normal(size=(1, STEPS, FEATURES)).astype(np.float32)
Outputs = dict[str, np.ndarray]


def weights(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=0.6, size=shape).astype(np.float32)


def packed(folder: Path, target: Path, *, without: tuple[str, ...] = ()) -> None:
    """The files of a folder as an archive, their times set so that it is always the same."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in without):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


# --- TensorFlow 1: graphs, sessions and Saver ---------------------------------------------------------------------------


def cell(kind: str, units: int, **options: Any) -> Any:
    return getattr(v1.nn.rnn_cell, kind)(units, **options)


def basic_static() -> tuple[Any, Any]:
    """As the PTB tutorial has it: embedding, a static_rnn of BasicLSTMCell, softmax_w and softmax_b."""
    ids = v1.placeholder(tf.int32, (1, STEPS), "ids")
    with v1.variable_scope("Model"):
        embedding = v1.get_variable("embedding", (CLASSES, FEATURES))
        read = tf.unstack(tf.nn.embedding_lookup(embedding, ids), axis=1)
        outputs, _ = v1.nn.static_rnn(cell("BasicLSTMCell", 4), read, dtype=tf.float32)
        w, b = v1.get_variable("softmax_w", (4, CLASSES)), v1.get_variable("softmax_b", (CLASSES,))
    hidden = tf.stack(outputs, axis=1)
    logits = tf.matmul(tf.reshape(hidden, (-1, 4)), w) + b
    return {ids: IDS}, {"hidden0": hidden, "probability": tf.nn.softmax(logits)}


def basic_stacked() -> tuple[Any, Any]:
    """dynamic_rnn over a MultiRNNCell, with the forget bias 0 that the PTB tutorial has; a while loop of TensorFlow 1."""
    v1.disable_control_flow_v2()
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    cells = [cell("BasicLSTMCell", units, forget_bias=0.0) for units in (4, 3)]
    hidden, _ = v1.nn.dynamic_rnn(v1.nn.rnn_cell.MultiRNNCell(cells), x, dtype=tf.float32)
    v1.enable_control_flow_v2()
    w, b = tf.Variable(weights((3, 2), 1)), tf.Variable(weights((2,), 2))  # "Variable" and "Variable_1"
    return {x: NUMBERS}, {"hidden1": hidden, "value": tf.matmul(tf.reshape(hidden, (-1, 3)), w) + b}


def lstm_projected() -> tuple[Any, Any]:
    """LSTMCell with peepholes and a projection, in a while loop of TensorFlow 2."""
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    own = cell("LSTMCell", 4, use_peepholes=True, num_proj=2, forget_bias=2.5)
    hidden, state = v1.nn.dynamic_rnn(own, x, dtype=tf.float32)
    return {x: NUMBERS}, {"projected0": hidden, "last_cell0": state.c}


def gru() -> tuple[Any, Any]:
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    hidden, _ = v1.nn.dynamic_rnn(cell("GRUCell", 4), x, dtype=tf.float32)
    value = v1.layers.dense(hidden, 2) if hasattr(v1, "layers") and LEGACY else hidden
    return {x: NUMBERS}, {"hidden0": hidden, "value": value}


def rnn_relu() -> tuple[Any, Any]:
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    hidden, _ = v1.nn.dynamic_rnn(cell("BasicRNNCell", 4, activation=tf.nn.relu), x, dtype=tf.float32)
    return {x: NUMBERS}, {"hidden0": hidden}


def both_ways() -> tuple[Any, Any]:
    """bidirectional_dynamic_rnn, and a dense layer over the two directions."""
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    (fw, bw), _ = v1.nn.bidirectional_dynamic_rnn(
        cell("BasicLSTMCell", 4), cell("BasicLSTMCell", 4), x, dtype=tf.float32
    )
    value = v1.layers.dense(tf.concat((fw, bw), 2), 2, name="out")
    return {x: NUMBERS}, {"hidden0": fw, "hidden0_reverse": bw, "value": value}


def cudnn_lstm() -> tuple[Any, Any]:
    """Named and ordered as Saver writes tf.contrib.cudnn_rnn.CudnnLSTM (TensorFlow 1.15); run by BlockLSTM without a forget bias."""
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    read, found = tf.transpose(x, (1, 0, 2)), {}
    for number, features in enumerate((FEATURES, 4)):
        with v1.variable_scope(f"cudnn_lstm/rnn/multi_rnn_cell/cell_{number}/cudnn_compatible_lstm_cell"):
            kernel, bias = v1.get_variable("kernel", (features + 4, 16)), v1.get_variable("bias", (16,))
        zeros, none = tf.zeros((1, 4)), tf.zeros((4,))
        read = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.constant(STEPS, tf.int64), x=read, cs_prev=zeros, h_prev=zeros, w=kernel, wci=none, wcf=none,
            wco=none, b=bias, forget_bias=0.0, cell_clip=-1.0, use_peephole=False,
        ).h  # fmt: skip
        found[f"hidden{number}"] = tf.transpose(read, (1, 0, 2))
    return {x: NUMBERS}, found


def keras_in_tf1() -> tuple[Any, Any]:
    """Layers of the Keras within TensorFlow 1, whose gates are hard_sigmoid, saved by names."""
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    layers = v1.keras.layers
    lower = layers.LSTM(4, return_sequences=True)(x)
    upper = layers.LSTM(3, return_sequences=True)(lower)
    return {x: NUMBERS}, {"hidden0": lower, "hidden1": upper, "value": layers.Dense(2)(upper)}


def trained() -> tuple[Any, Any]:
    """With what Adam and a moving average keep beside each variable."""
    x = v1.placeholder(tf.float32, (1, STEPS, FEATURES), "x")
    hidden, _ = v1.nn.dynamic_rnn(cell("BasicLSTMCell", 4), x, dtype=tf.float32)
    value = v1.layers.dense(hidden[:, -1], 2)
    v1.train.AdamOptimizer().minimize(tf.reduce_sum(value**2))
    tf.train.ExponentialMovingAverage(0.9).apply(v1.trainable_variables())
    return {x: NUMBERS}, {"hidden0": hidden, "value": value}


def of_session(make: Callable[[], tuple[Any, Any]], folder: Path) -> Outputs:
    """Run a graph of TensorFlow 1 and save it as its tutorials do."""
    with tf.Graph().as_default(), v1.Session() as session:
        given, wanted = make()
        session.run(v1.global_variables_initializer())
        for seed, variable in enumerate(v1.trainable_variables()):
            variable.load(weights(tuple(variable.shape), seed), session)
        v1.train.Saver(save_relative_paths=True).save(
            session, str(folder / "model.ckpt"), write_meta_graph=make is not trained
        )
        return session.run(wanted, given)


# --- Keras -------------------------------------------------------------------------------------------------------------


def with_weights(model: Any) -> Any:
    generator = np.random.default_rng(11)
    model.set_weights([generator.normal(scale=0.6, size=one.shape).astype(one.dtype) for one in model.get_weights()])
    return model


def text_model() -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Embedding(CLASSES, FEATURES),
            layers.LSTM(4, return_sequences=True, name="lower"),
            layers.GRU(3, return_sequences=True, name="upper"),
            layers.Dense(CLASSES, activation="softmax", name="next"),
        ]
    )
    model.build((None, None))
    return with_weights(model)


def numbers_model() -> Any:
    layers = keras.layers
    given = keras.Input((None, FEATURES))
    lstm = layers.LSTM(3, return_sequences=True, recurrent_activation="hard_sigmoid", activation="softsign")
    both = layers.Bidirectional(lstm, merge_mode="sum", name="both")(given)
    last = layers.SimpleRNN(4, activation="softsign", name="last")(both)
    return with_weights(keras.Model(given, layers.Dense(1, name="out")(last)))


def generator() -> Any:
    """A class of its own, as TensorFlow's tutorial on text generation has it."""

    class Generator(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = keras.layers.Embedding(CLASSES, FEATURES)
            self.gru = keras.layers.GRU(4, return_sequences=True, return_state=True)
            self.dense = keras.layers.Dense(CLASSES)

        def call(self, ids: Any) -> Any:
            hidden, _ = self.gru(self.embedding(ids))
            return self.dense(hidden)

    model = Generator()
    model(IDS)
    return with_weights(model)


def tagger() -> Any:
    """A class of its own, saved whole: Keras describes its layers, but not what reads what."""

    class Tagger(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = keras.layers.Embedding(CLASSES, FEATURES)
            lstm = keras.layers.LSTM(4, return_sequences=True, activation="relu")
            self.both = keras.layers.Bidirectional(lstm, merge_mode="ave")
            self.out = keras.layers.Dense(2)

        def call(self, inputs: Any, training: Any = None) -> Any:  # noqa: ARG002 (Keras gives it)
            return self.out(self.both(self.embedding(inputs)))

    model = Tagger()
    model(IDS)
    return with_weights(model)


def of_keras(model: Any, given: np.ndarray) -> Outputs:
    """What each recurrent layer gives, and what the model predicts."""
    found: Outputs = {"predicted": np.asarray(model(given))}
    x, number = tf.convert_to_tensor(given), 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if isinstance(layer, keras.layers.Bidirectional):
            for side, suffix in ((layer.forward_layer, ""), (layer.backward_layer, "_reverse")):
                found[f"hidden{number}{suffix}"] = np.asarray(side(x))[:, :: -1 if suffix else 1]
            number += 1
        elif isinstance(layer, keras.layers.RNN):
            every = layer.__class__.from_config(layer.get_config() | {"return_sequences": True, "return_state": False})
            every.build(x.shape)
            every.set_weights(layer.get_weights())
            found[f"hidden{number}"] = np.asarray(every(x))
            number += 1
        x = layer(x)
        x = x[0] if isinstance(x, list | tuple) else x
    return found


def main(target: Path) -> None:
    outputs: dict[str, np.ndarray] = {}
    with tempfile.TemporaryDirectory() as scratch:

        def keep(name: str, found: Outputs, folder: Path, **options: Any) -> None:
            packed(folder, target / f"{name}.zip", **options)
            outputs.update(
                {
                    f"{name}/{one}": np.asarray(value)[0] if np.ndim(value) == 3 else value
                    for one, value in found.items()
                }
            )

        def folder(name: str) -> Path:
            path = Path(scratch, name)
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
            return path

        if LEGACY:
            sessions = (
                basic_static,
                basic_stacked,
                lstm_projected,
                gru,
                rnn_relu,
                both_ways,
                cudnn_lstm,
                keras_in_tf1,
                trained,
            )
            for make in sessions:
                where = folder(make.__name__)
                keep(make.__name__, of_session(make, where), where)
            whole = (("text", text_model(), IDS), ("numbers", numbers_model(), NUMBERS), ("tagger", tagger(), IDS))
            for name, model, given in whole:
                where = folder(f"keras2_{name}")
                found = of_keras(model, given)
                model.save(where, save_traces=False)
                keep(f"keras2_{name}", found, where)
            where = folder("keras2_weights")
            model = generator()
            model.save_weights(where / "ckpt_1")
            keep("keras2_weights", of_keras(model, IDS), where)
        else:
            where, model = folder("keras3_export"), text_model()
            model.export(where, verbose=False)
            keep("keras3_export", of_keras(model, IDS), where)
            where, model = folder("keras3_checkpoint"), text_model()
            model.compile("adam", "mse")
            tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(str(where / "ck"))
            keep("keras3_checkpoint", of_keras(model, IDS), where)
    known = target / "outputs.npz"
    before = dict(np.load(known)) if known.exists() else {}
    np.savez_compressed(known, **(before | outputs | {"ids": IDS[0], "numbers": NUMBERS[0]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
