"""Files that TensorFlow itself wrote open to what TensorFlow computes; tests/data/tensorflow/make.py made both."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstm_core import Recording, Tokens, record
from lstm_core.importers import Chain, UnreadableFile, build_model, number_readout, read_model, read_sandboxed
from lstm_core.readouts import Nothing
from tests.support.tensorflow_files import unzipped, zipped

MADE = Path(__file__).parents[2] / "data" / "tensorflow"
OUTPUTS = dict(np.load(MADE / "outputs.npz"))
CASES = sorted(path.stem for path in MADE.glob("*.zip"))
WITHIN = 1e-5
# The chain, its cells, what it reads, its readout, and what the notes must say.
FOUND = {
    "basic_stacked": ("rnn/multi_rnn_cell", "LSTM LSTM", 3, "Variable", "add nothing to the forget gate's bias"),
    "basic_static": ("Model/rnn/basic_lstm_cell", "LSTM", "Model/embedding", "Model/softmax_w", "add 1 to the forget"),
    "both_ways": ("bidirectional_rnn", "LSTM", 3, "out", "bias at run time (from the graph)"),
    "cudnn_lstm": ("cudnn_lstm/rnn/multi_rnn_cell", "LSTM LSTM", 3, None, ""),
    "gru": ("rnn/gru_cell", "GRU", 3, "dense", ""),
    "keras2_numbers": ("both → last", "LSTM RNN", 3, "out", ""),
    "keras2_tagger": ("tagger/bidirectional", "LSTM", "tagger/embedding", "tagger/dense", ""),
    "keras2_text": ("lower → upper", "LSTM GRU", "embedding", "next", ""),
    "keras2_weights": ("generator/gru", "GRU", "generator/embedding_1", "generator/dense_1", "default activations are assumed (tanh and sigmoid)"),
    "keras3_checkpoint": ("sequential_1/lower → sequential_1/upper", "LSTM GRU", "", "sequential_1/next", "tanh and sigmoid"),
    "keras3_export": ("sequential/lower → sequential/upper", "LSTM GRU", "", "sequential/next", "are assumed to be stacked in this order"),
    "keras_in_tf1": ("lstm → lstm_1", "LSTM LSTM", 3, "dense", "their sizes fit, and the file lists them so"),
    "lstm_projected": ("rnn/lstm_cell", "LSTM", 3, None, "add 2.5 to the forget gate's bias"),
    "rnn_relu": ("rnn/basic_rnn_cell", "RNN", 3, None, ""),
    "trained": ("rnn/basic_lstm_cell", "LSTM", 3, "dense", "choose the .meta file too"),
}  # fmt: skip


def recorded(chain: Chain) -> Recording:
    """What Gatescope records of what TensorFlow was given, numbers out of the readout before any softmax."""
    steps = np.arange(len(OUTPUTS["ids"]))
    ids = OUTPUTS["ids"].astype(np.int64) if chain.classes else np.zeros(len(steps), np.int64)
    readout = Nothing() if chain.head is None else number_readout(len(chain.head.weight))
    labels = tuple(map(str, steps))
    return record(
        build_model(chain, readout=readout), Tokens(ids, labels, steps, None if chain.classes else OUTPUTS["numbers"])
    )


def assert_same(name: str, chain: Chain) -> None:
    """Every state and prediction that TensorFlow computed is ours."""
    recording = recorded(chain)
    wanted = {key.partition("/")[2]: value for key, value in OUTPUTS.items() if key.startswith(f"{name}/")}
    assert any(part.startswith(("hidden", "projected")) for part in wanted)
    for part, value in wanted.items():
        kind, number = re.fullmatch(r"([a-z_]+?)(\d(?:_reverse)?)?", part).groups()
        signals = {"hidden": "hidden", "projected": "projected", "last_cell": "cell"}
        if kind in signals:
            own = recording.layers[f"layer{number}"][signals[kind]].values
        else:
            own = recording.prediction["value"].values
            if part == "probability" or (part == "predicted" and np.allclose(value.sum(-1), 1)):
                own = np.exp(own) / np.exp(own).sum(-1, keepdims=True)
        np.testing.assert_allclose(own[-len(value) :], value, atol=WITHIN, rtol=0, err_msg=f"{name}: {part}")


def test_every_file_that_was_made_is_here():
    assert list(FOUND) == CASES == sorted({key.partition("/")[0] for key in OUTPUTS} - {"ids", "numbers"})


@pytest.mark.parametrize("name", FOUND)
def test_a_file_of_tensorflow_opens_to_what_tensorflow_computes(name):
    called, cells, reads, head, said = FOUND[name]
    found = read_model(MADE / f"{name}.zip")
    chain = found.chains[0]
    assert found.framework == "TensorFlow"
    assert (chain.name, " ".join(layout.cell.type for layout in chain.layouts)) == (called, cells)
    assert (chain.embedding is not None) == isinstance(reads, str)
    assert (chain.head.name if chain.head else None) == head
    assert said in " ".join((*found.notes, *chain.notes))
    assert_same(name, chain)


def without(name: str, *endings: str) -> bytes:
    """A made archive without the files whose names end so."""
    with zipfile.ZipFile(MADE / f"{name}.zip") as archive:
        return zipped({one: archive.read(one) for one in archive.namelist() if not one.endswith(endings)})


def test_without_its_graph_a_checkpoint_gets_the_usual_forget_bias_and_says_so(tmp_path):
    """Right where the usual one was meant, and off by exactly the difference where it was not."""
    path = tmp_path / "it.zip"
    path.write_bytes(without("basic_static", ".meta"))
    [chain] = read_model(path).chains
    assert_same("basic_static", chain)
    path.write_bytes(without("basic_stacked", ".meta"))
    [stacked] = read_model(path).chains
    assert "if you set another forget_bias, choose the .meta file too" in " ".join(stacked.notes)
    [told] = read_model(MADE / "basic_stacked.zip").chains
    for number, layout in enumerate(told.layouts):
        difference = stacked.weights[f"bias_ih_l{number}"] - told.weights[f"bias_ih_l{number}"]
        np.testing.assert_allclose(difference, np.repeat([0.0, 1.0, 0.0, 0.0], layout.units), atol=1e-6)


def test_keras_within_tensorflow_1_is_hard_sigmoid_even_where_no_graph_says_so(tmp_path):
    path = tmp_path / "it.zip"
    path.write_bytes(without("keras_in_tf1", ".meta"))
    chain = read_model(path).chains[0]
    assert "tanh and hard_sigmoid" in " ".join(chain.notes)
    assert_same("keras_in_tf1", chain)


def test_without_settings_a_saved_model_of_keras_opens_by_names_and_sizes(tmp_path):
    path = tmp_path / "it.zip"
    path.write_bytes(without("keras2_text", "keras_metadata.pb", "saved_model.pb"))
    chain = read_model(path).chains[0]
    assert chain.head.activation == "unknown"
    assert_same("keras2_text", chain)


@pytest.mark.parametrize("name", ["lstm_projected", "keras2_numbers", "keras3_export"])
def test_the_files_themselves_their_folder_and_the_sandbox_give_the_same(name, tmp_path):
    folder = unzipped(MADE / f"{name}.zip", tmp_path)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    packed = read_model(MADE / f"{name}.zip").to_bytes()
    assert read_model(folder).to_bytes() == packed
    assert read_model([str(path) for path in files]).to_bytes() == packed
    if name == "lstm_projected":
        assert read_sandboxed({path.name: path.read_bytes() for path in files}, "model.ckpt").to_bytes() == packed


def test_a_part_alone_is_told_what_to_choose_with_it(tmp_path):
    folder = unzipped(MADE / "gru.zip", tmp_path)
    index, data = folder / "model.ckpt.index", folder / "model.ckpt.data-00000-of-00001"
    for path, name in (
        (index, "model"),
        (index, "model.ckpt.index"),
        (data, data.name),
        (folder / "model.ckpt.meta", "m.meta"),
    ):
        with pytest.raises(
            UnreadableFile, match=r"choose .*model\.index and model\.data-00000|choose the \.data-00000-of-00001"
        ):
            read_model(path, name)
    with pytest.raises(
        UnreadableFile, match=r"'model\.ckpt\.data-…' of a TensorFlow checkpoint without 'model\.ckpt\.index'"
    ):
        read_model([data, folder / "checkpoint"])
    with pytest.raises(UnreadableFile, match="are no parts of one model"):
        read_model([index, folder / "checkpoint"])
    graph = unzipped(MADE / "keras2_text.zip", tmp_path) / "saved_model.pb"
    with pytest.raises(UnreadableFile, match="SavedModel, a part of a folder: choose the whole folder"):
        read_model(graph)
    with pytest.raises(UnreadableFile, match="no weights beside its graph"):
        read_model([graph, graph.with_name("keras_metadata.pb")])
