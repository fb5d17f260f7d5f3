"""Small valid files of every format, made by the frameworks themselves: `python -m tests.fuzz.samples FOLDER`."""

import logging
import os
import pickle
import subprocess
import sys
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from tests.fuzz import FORMATS
from tests.fuzz.tensorflow import write_samples


def samples(folder: Path) -> dict[str, list[bytes]]:
    """The files of each format, made in `folder` where they are not there yet.

    By another process, so that neither Keras nor what it registers is in this one.
    """
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "KERAS_BACKEND": "torch"}
        subprocess.run([sys.executable, "-m", "tests.fuzz.samples", str(folder)], check=True, env=environment)
    return {one: [path.read_bytes() for path in sorted(folder.glob(f"{one}-*"))] for one in FORMATS}


def _modules() -> dict[str, Any]:
    from torch import nn

    class Classifier(nn.Module):
        def __init__(self, recurrent: Any, outputs: int) -> None:
            super().__init__()
            self.embedding, self.lstm, self.head = nn.Embedding(7, 3), recurrent, nn.Linear(outputs, 2)

    return {
        "lstm": Classifier(nn.LSTM(3, 4, num_layers=2, bidirectional=True), 8),
        "gru": Classifier(nn.GRU(3, 5), 5),
        "rnn": Classifier(nn.RNN(3, 4, bias=False).half(), 4),
        "projected": nn.LSTM(2, 4, proj_size=3).bfloat16(),
    }


def _write_torch(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    for name, module in _modules().items():
        state = module.state_dict()
        for number, stored in enumerate((state, {"state_dict": state, "epoch": 3, "vocab": {"a": 0, "b": 1}})):
            torch.save(stored, folder / f"pytorch-{name}{number}")
            torch.save(stored, folder / f"legacy-{name}{number}", _use_new_zipfile_serialization=False)
        save_file(state, folder / f"safetensors-{name}", metadata={"format": "pt"})


def _write_whole(folder: Path) -> None:
    """What torch.save writes of whole models and of what people save beside weights, and torch.jit.save."""
    import torch
    from torch import nn
    from torch.nn.utils import parametrizations

    from tests.support.pickles import EXTRAS, Forecaster

    model = Forecaster().eval()
    extras = {name: one for make in EXTRAS.values() for name, one in make().items()}
    torch.save({"model": model, "characters": ["a", "b", "c"], **extras}, folder / "whole-model")
    torch.save(model, folder / "whole-legacy", _use_new_zipfile_serialization=False)
    torch.save({**extras, "state_dict": model.state_dict()}, folder / "whole-extras")
    torch.save({"h0": torch.ones(1, 1, 5), "c0": torch.ones(1, 5), **model.state_dict()}, folder / "whole-states")
    torch.jit.script(model).save(folder / "whole-script")
    with zipfile.ZipFile(folder / "whole-stable-baselines", "w") as agent, agent.open("policy.pth", "w") as policy:
        torch.save(model.state_dict(), policy)
    with zipfile.ZipFile(folder / "whole-stable-baselines", "a") as agent:
        agent.writestr("_stable_baselines3_version", "2.3.2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is deprecated
        int8 = torch.ao.quantization.quantize_dynamic(Forecaster().eval(), {nn.LSTM, nn.Linear}, dtype=torch.qint8)
    torch.save(int8, folder / "whole-int8")
    torch.save(int8.state_dict(), folder / "whole-int8-weights")
    normed = Forecaster()
    parametrizations.weight_norm(normed.lstm, "weight_hh_l0")
    parametrizations.spectral_norm(normed.lstm, "weight_ih_l0")
    torch.save(normed.state_dict(), folder / "whole-normed")


def _write_pickles(folder: Path) -> None:
    """What pickle.dump and joblib.dump write of models."""
    import keras

    from tests.support.pickles import Forecaster, joblib_dumped, joblib_value, saved

    model, layers = Forecaster(), keras.layers
    for protocol in (0, 2, 4, 5):
        (folder / f"pickle-torch{protocol}").write_bytes(saved(model, str(protocol)))
    arrays = {name: one.numpy() for name, one in model.state_dict().items()}
    (folder / "pickle-arrays").write_bytes(pickle.dumps(arrays))
    (folder / "pickle-arrays-joblib").write_bytes(joblib_dumped(joblib_value()))
    scaled = Path(__file__).parents[1] / "data" / "scalers" / "both.joblib"
    (folder / "pickle-scaled").write_bytes(scaled.read_bytes())
    (folder / "pickle-joblib").write_bytes(zlib.compress(pickle.dumps(model)))
    text = keras.Sequential([layers.Embedding(7, 3), layers.LSTM(4, return_sequences=True), layers.Dense(2)])
    text.build((None, None))
    for protocol in (2, 4):
        (folder / f"pickle-keras{protocol}").write_bytes(pickle.dumps(text, protocol=protocol))


def _write_exported(folder: Path) -> None:
    import torch

    given = {
        "embedded": (torch.nn.Embedding(7, 3), torch.zeros(1, 4, dtype=torch.long)),
        "plain": (torch.nn.Identity(), torch.zeros(1, 4, 3)),
    }
    for name, (before, example) in given.items():
        recurrent = torch.nn.LSTM(3, 4, batch_first=True, num_layers=2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what nn.LSTM does with its own attributes
            program = torch.export.export(torch.nn.Sequential(before, recurrent), (example,))
        torch.export.save(program, folder / f"{name}.pt2")
        (folder / f"{name}.pt2").rename(folder / f"exported-{name}")


def _write_keras(folder: Path) -> None:
    import keras

    layers = keras.layers
    text = keras.Sequential([layers.Embedding(7, 3), layers.LSTM(4, return_sequences=True), layers.GRU(3)])
    text.add(layers.Dense(2, activation="softmax"))
    text.build((None, None))
    given = keras.Input((None, 2))
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(given)
    numbers = keras.Model(given, layers.Dense(1)(layers.SimpleRNN(4)(both)))
    for name, model in (("text", text), ("numbers", numbers)):
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        model.save_weights(folder / f"{name}.weights.h5")
        (folder / f"{name}.keras").rename(folder / f"keras-{name}")
        (folder / f"{name}.h5").rename(folder / f"h5-{name}")
        (folder / f"{name}.weights.h5").rename(folder / f"h5-{name}-weights")


def _write_arrays(folder: Path) -> None:
    """What numpy.savez writes of each framework's weights, and ELMo's weights."""
    import h5py
    import keras
    import numpy as np

    from tests.support.pickles import Forecaster

    text = keras.Sequential([keras.layers.Embedding(7, 3), keras.layers.LSTM(4), keras.layers.Dense(2)])
    text.build((None, None))
    cell = {"rnn/basic_lstm_cell/kernel:0": np.ones((7, 16), "f4"), "rnn/basic_lstm_cell/bias:0": np.ones(16, "f4")}
    several = {
        "keras": dict(enumerate(text.get_weights())),
        "keras-names": {one.path: one for one in text.weights},
        "tensorflow": cell,
        "torch": Forecaster().state_dict(),
    }
    for name, weights in several.items():
        arrays = {key: keras.ops.convert_to_numpy(one) for key, one in weights.items()}
        with (folder / f"npz-{name}").open("wb") as file:
            if name == "keras":
                np.savez(file, *arrays.values())
            else:
                np.savez_compressed(file, **arrays)
    with h5py.File(folder / "h5-words-elmo", "w") as file:
        for way in (0, 1):
            for number in (0, 1, 2):
                group = file.create_group(f"RNN_{way}/RNN/MultiRNNCell/Cell{number}/LSTMCell")
                group["W_0"], group["B"], group["W_P_0"] = (
                    np.ones((4, 12), "f4"),
                    np.ones(12, "f4"),
                    np.ones((3, 2), "f4"),
                )


def _write_onnx(folder: Path) -> None:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    numbers = np.random.default_rng(0)
    for kind, gates, directions in (("LSTM", 4, 2), ("GRU", 3, 1), ("RNN", 1, 1)):
        features, units = 3, 4
        shapes = {
            "E": (7, features),
            "W": (directions, gates * units, features),
            "R": (directions, gates * units, units),
            "B": (directions, 2 * gates * units),
            "D": (units, 2),
        }
        weights = [
            numpy_helper.from_array(numbers.normal(size=shape).astype(np.float32), name)
            for name, shape in shapes.items()
        ]
        nodes = [
            helper.make_node("Gather", ["E", "ids"], ["embedded"]),
            helper.make_node(
                kind,
                ["embedded", "W", "R", "B"],
                ["Y", "Y_h"],
                hidden_size=units,
                direction="bidirectional" if directions == 2 else "forward",
            ),
            helper.make_node("MatMul", ["Y_h", "D"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"]),
        ]
        graph = helper.make_graph(
            nodes,
            "model",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["step", 1])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, None)],
            weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.save(model, folder / f"onnx-{kind.lower()}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # Keras has much to say of .h5
    where = Path(sys.argv[1])
    _write_torch(where)
    _write_whole(where)
    _write_pickles(where)
    _write_exported(where)
    _write_keras(where)
    _write_arrays(where)
    _write_onnx(where)
    write_samples(where)
    (where / "done").touch()
