"""ELMo's lm_weights.hdf5, as bilm-tf writes it: two language models, and what their file does not say."""

import io
import json

import h5py
import numpy as np
import pytest

from lstm_core import Tokens, record
from lstm_core.importers import Chain, ImportedModel, UnreadableFile, build_model, read_model, read_sandboxed
from tests.support import tensorflow_cells as cells
from tests.support.tensorflow_cells import NUMBERS, drawn

PROJECTION, UNITS = NUMBERS.shape[1], 5
NAMES = {"kernel": "W_0", "bias": "B", "projection": "W_P_0"}
LAYERS = [
    [
        drawn(10 * way + n, kernel=(2 * PROJECTION, 4 * UNITS), bias=(4 * UNITS,), projection=(UNITS, PROJECTION))
        for n in range(3)
    ]
    for way in (0, 1)
]


def written(layers=LAYERS, **beside: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for way, cells_of_way in enumerate(layers):
            for number, weights in enumerate(cells_of_way):
                group = file.create_group(f"RNN_{way}/RNN/MultiRNNCell/Cell{number}/LSTMCell")
                for part, one in weights.items():
                    group[NAMES[part]] = one
        for name, one in beside.items():
            file[name] = one
    return buffer.getvalue()


def read(tmp_path, content: bytes, options: object = None) -> ImportedModel:
    weights = tmp_path / "lm_weights.hdf5"
    weights.write_bytes(content)
    if options is None:
        return read_model(weights)
    (tmp_path / "options.json").write_text(json.dumps(options))
    return read_model([weights, tmp_path / "options.json"])


def recorded(chain: Chain, x: np.ndarray):
    steps = np.arange(len(x))
    tokens = Tokens(np.zeros(len(steps), np.int64), tuple(map(str, steps)), steps, x)
    return list(record(build_model(chain), tokens).layers.values())


def of_bilm(layers, x: np.ndarray, *, skips: bool):
    """Outputs before the sum, cell states, and what each layer read, as bilm/model.py computes them."""
    found = []
    for number, weights in enumerate(layers):
        output, cell = cells.lstm(x, weights)
        found.append((output, cell, x))
        x = output + x if skips and number else output
    return found


def test_both_language_models_open_with_the_values_of_bilm(tmp_path):
    found = read(tmp_path, written())
    assert (found.framework, found.format) == ("TensorFlow", "ELMo weights (.hdf5)")
    assert [chain.name for chain in found.chains] == [
        "RNN_0 (forward)",
        "RNN_1 (backward)",
        "RNN_0 (forward), layer 3",
        "RNN_1 (backward), layer 3",
    ]
    for way, (stack, third) in enumerate(zip(found.chains[:2], found.chains[2:], strict=True)):
        order = slice(None, None, -1 if way else 1)
        wanted = of_bilm(LAYERS[way], NUMBERS[order], skips=True)
        own = recorded(stack, NUMBERS) + recorded(third, wanted[2][2][order].astype(np.float32))
        for layer, (output, cell, _) in zip(own, wanted, strict=True):
            np.testing.assert_allclose(layer["projected"].values, output[order], atol=1e-5)
            np.testing.assert_allclose(layer["cell"].values, cell[order], atol=1e-5)
    told = " ".join(found.chains[0].notes)
    for said in ("add 1 to the forget gate", "made of each word's letters", "cell_clip, proj_clip", "is added to what"):
        assert said in told


def test_options_beside_tell_of_skip_connections_and_clips(tmp_path):
    found = read(tmp_path, written(), {"lstm": {"use_skip_connections": False, "cell_clip": 2.5, "proj_clip": None}})
    assert [len(chain.layouts) for chain in found.chains] == [3, 3]
    for layer, (output, _, _) in zip(
        recorded(found.chains[0], NUMBERS), of_bilm(LAYERS[0], NUMBERS, skips=False), strict=True
    ):
        np.testing.assert_allclose(layer["projected"].values, output, atol=1e-5)
    told = " ".join(found.chains[0].notes)
    assert "(cell_clip 2.5)" in told
    assert "added to what it gives" not in told
    with pytest.raises(UnreadableFile, match=r"'options.json' is not the options.json of an ELMo"):
        read(tmp_path, written(), {"class_name": "Sequential"})


def test_words_and_cells_without_projection_open_too(tmp_path):
    plain = drawn(3, kernel=(PROJECTION + UNITS, 4 * UNITS), bias=(4 * UNITS,))
    table = drawn(4, embedding=(7, PROJECTION))
    [chain] = read(tmp_path, written([[plain]], **table)).chains
    assert chain.classes == 7
    assert "letters" not in " ".join(chain.notes)
    layer = record(build_model(chain), "2 0 6").layers["layer0"]
    np.testing.assert_allclose(layer.hidden.values, cells.lstm(table["embedding"][[2, 0, 6]], plain)[0], atol=1e-5)


FIRST, SECOND, _ = LAYERS[0]
MISFITS = {
    "RNN_0 has the cells 1, and one is missing": [{}, SECOND],
    r"has W_0 \(6, 20\), B \(20,\), W_P_0 \(3, 5\), which no cell": [{**FIRST, "projection": FIRST["projection"].T}],
    r"LSTMCell' has B \(20,\), which no cell": [{"bias": FIRST["bias"]}],
    "reads 6 numbers does not fit on one that outputs 3": [FIRST, drawn(kernel=(8, 8), bias=(8,), projection=(2, 2))],
}


@pytest.mark.parametrize("message", MISFITS)
def test_weights_that_do_not_fit_are_refused(message, tmp_path):
    content = io.BytesIO(written([MISFITS[message]]))
    with h5py.File(content, "r+") as file:
        if not MISFITS[message][0]:
            del file["RNN_0/RNN/MultiRNNCell/Cell0"]
    with pytest.raises(UnreadableFile, match=message):
        read(tmp_path, content.getvalue())


def test_a_file_that_names_another_is_refused_in_the_limited_process():
    content = io.BytesIO(written())
    with h5py.File(content, "r+") as file:
        cell = file["RNN_1/RNN/MultiRNNCell/Cell0/LSTMCell"]
        del cell["W_0"]
        cell["W_0"] = h5py.ExternalLink("/etc/passwd", "W_0")
    with pytest.raises(UnreadableFile, match="is a link to another file: it is not followed"):
        read_sandboxed(content.getvalue(), "lm_weights.hdf5")
