"""ONNX files that PyTorch exported: layers, embedding and readout, compared with onnxruntime."""

import io
import warnings

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from lstm_core.importers import ImportedModel, UnreadableFile
from tests.support.onnx_graphs import hold, imported, recorded, runtime

IDS = np.array([3, 0, 7, 7, 1, 10])


class Reader(nn.Module):
    """Embedding, recurrent layers, linear layer: read at each step, at the last one, or off the final states."""

    def __init__(self, kind, *, layers=1, bidirectional=False, batch_first=False, reads="each", outputs=11, **options):
        super().__init__()
        self.embedding = nn.Embedding(11, 5)
        self.recurrent = getattr(nn, kind)(
            5, 4, num_layers=layers, bidirectional=bidirectional, batch_first=batch_first, **options
        )
        self.linear = nn.Linear(8 if bidirectional else 4, outputs)
        self.reads = reads

    def forward(self, ids):
        output, end = self.recurrent(self.embedding(ids))
        hidden = end[0] if isinstance(end, tuple) else end
        match self.reads:
            case "last":
                output = output[:, -1] if self.recurrent.batch_first else output[-1]
            case "end":
                output = hidden[-1]
            case "both ends":
                output = torch.cat([hidden[-2], hidden[-1]], dim=1)
            case "softmax":
                return torch.softmax(self.linear(output), dim=-1)
            case "sigmoid":
                return torch.sigmoid(self.linear(output[-1])).squeeze(-1)
        return self.linear(output)


def exported(model: nn.Module, example: torch.Tensor, *, opset: int = 20, fold: bool = True) -> onnx.ModelProto:
    """The file of torch's exporter that keeps recurrent layers whole."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # As every user of this exporter sees: it is the older one, and it looks at sizes while it traces.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.filterwarnings("ignore", message="Exporting a model to ONNX with a batch_size other than 1")
        axes = {"ids": {0: "first", 1: "second"}}
        torch.onnx.export(
            model.eval(), (example,), buffer, dynamo=False, input_names=["ids"], dynamic_axes=axes,
            opset_version=opset, do_constant_folding=fold,
        )  # fmt: skip
    return onnx.load_model_from_string(buffer.getvalue())


def checked(
    proto: onnx.ModelProto, folder, *, batch_first: bool = False
) -> tuple[ImportedModel, np.ndarray, np.ndarray]:
    """Every layer compared with onnxruntime; the model, its readout's output by our recording, and by onnxruntime."""
    nodes = [node for node in proto.graph.node if node.op_type in ("LSTM", "GRU", "RNN")]
    for place, node in enumerate(nodes):
        node.output[0] = node.output[0] or f"output{place}"  # a graph that reads only the end leaves it out
    ran = runtime(proto, {"ids": IDS[None] if batch_first else IDS[:, None]}, beside=[node.output[0] for node in nodes])
    found = imported(proto, folder)
    chain = found.chains[0]
    assert len(chain.layouts) == len(nodes)
    assert chain.embedding.shape == (11, 5)
    recording = recorded(chain, IDS)
    for number, node in enumerate(nodes):
        hold(recording, number, ran[node.output[0]])
    output = recording.prediction["probability" if "probability" in recording.prediction else "value"].to_numpy()
    return found, output, ran[proto.graph.output[0].name]


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(
    ("layers", "bidirectional", "batch_first"), [(1, False, True), (2, True, True), (3, False, False), (1, True, False)]
)
def test_a_model_of_torch_says_what_onnxruntime_says(kind, layers, bidirectional, batch_first, tmp_path):
    torch.manual_seed(layers)
    model = Reader(kind, layers=layers, bidirectional=bidirectional, batch_first=batch_first)
    proto = exported(model, torch.zeros((1, 6) if batch_first else (6, 1), dtype=torch.long))
    found, output, scores = checked(proto, tmp_path, batch_first=batch_first)
    assert (found.framework, found.initialised_by, len(found.chains)) == ("ONNX", "PyTorch", 1)
    assert found.chains[0].head.activation == "unknown"
    np.testing.assert_allclose(output, softmax(scores.reshape(6, 11)), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("reads", "bidirectional", "ends"),
    [("last", False, False), ("last", True, False), ("end", False, False), ("both ends", True, True)],
)
def test_a_readout_of_the_last_step_or_of_the_final_states(reads, bidirectional, ends, tmp_path):
    model = Reader("LSTM", layers=2, bidirectional=bidirectional, batch_first=True, reads=reads, outputs=3)
    proto = exported(model, torch.zeros((1, 6), dtype=torch.long))
    found, output, scores = checked(proto, tmp_path, batch_first=True)
    assert [layout.ends for layout in found.chains[0].layouts] == [False, ends]
    np.testing.assert_allclose(output[-1], softmax(scores[0]), atol=1e-5, rtol=0)


def test_a_softmax_and_a_sigmoid_after_the_readout_are_seen(tmp_path):
    proto = exported(Reader("GRU", reads="softmax", batch_first=True), torch.zeros((1, 6), dtype=torch.long))
    found, output, probability = checked(proto, tmp_path, batch_first=True)
    assert found.chains[0].head.activation == "softmax"
    np.testing.assert_allclose(output, probability[0], atol=1e-5, rtol=0)
    proto = exported(Reader("LSTM", reads="sigmoid", outputs=1), torch.zeros((6, 1), dtype=torch.long))
    found, output, probability = checked(proto, tmp_path)
    assert found.chains[0].head.activation == "sigmoid"
    np.testing.assert_allclose(output[-1, 1], probability[0], atol=1e-5, rtol=0)


def test_weights_that_an_older_exporter_left_in_pieces(tmp_path):
    example = torch.zeros((1, 6), dtype=torch.long)
    model = Reader("LSTM", layers=2, bidirectional=True, batch_first=True)
    proto = exported(model, example, opset=9, fold=False)
    assert sum(node.op_type == "Slice" for node in proto.graph.node) > 20
    _, output, scores = checked(proto, tmp_path, batch_first=True)
    np.testing.assert_allclose(output, softmax(scores[0]), atol=1e-5, rtol=0)


def test_layers_without_bias_and_with_relu(tmp_path):
    proto = exported(Reader("RNN", nonlinearity="relu", bias=False), torch.zeros((6, 1), dtype=torch.long))
    found, output, scores = checked(proto, tmp_path)
    assert found.chains[0].layouts[0].cell.candidate.name == "relu"
    np.testing.assert_allclose(output, softmax(scores[:, 0]), atol=1e-5, rtol=0)


class OneHot(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(7, 4)
        self.linear = nn.Linear(4, 7)

    def forward(self, ids):
        return self.linear(self.recurrent(nn.functional.one_hot(ids, 7).float())[0])


def test_classes_that_are_read_one_hot(tmp_path):
    proto = exported(OneHot(), torch.zeros((6, 1), dtype=torch.long))
    ids = IDS % 7
    chain = imported(proto, tmp_path).chains[0]
    assert (chain.one_hot, chain.classes, chain.embedding) == (True, 7, None)
    [scores] = runtime(proto, {"ids": ids[:, None]}).values()
    output = recorded(chain, ids).prediction.probability
    np.testing.assert_allclose(output, softmax(scores[:, 0]), atol=1e-5, rtol=0)


class Unrolled(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, ids):
        state = None
        for row in ids:
            state = self.cell(row, state)
        return state[0]


@pytest.mark.parametrize(
    ("cell", "steps"), [(nn.LSTMCell(3, 4), "9 Sigmoid"), (nn.RNNCell(3, 4, nonlinearity="relu"), "3 Relu")]
)
def test_a_loop_of_cells_is_refused_as_unrolled(tmp_path, cell, steps):
    proto = exported(Unrolled(cell), torch.zeros(3, 1, 3))
    with pytest.raises(UnreadableFile, match=rf"unrolled into single operations .*{steps}.*dynamo=False"):
        imported(proto, tmp_path)


def test_a_graph_without_recurrence_is_refused_as_such(tmp_path):
    proto = exported(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), torch.zeros(1, 3))
    with pytest.raises(UnreadableFile, match=r"none is an LSTM, GRU or RNN"):
        imported(proto, tmp_path)
