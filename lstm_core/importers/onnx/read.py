"""ONNX files: their LSTM, GRU and RNN nodes as layers of ours. Nothing in a graph is ever run."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lstm_core.importers.imported import Chain, Framework, ImportedModel
from lstm_core.importers.limits import UnreadableFile, largest_file

if TYPE_CHECKING:
    from lstm_core.importers.onnx.graph import Graph

MISSING = 'ONNX files are read with the onnx package, which is not installed: pip install "gatescope[onnx]"'
HOW_TO_EXPORT = "export it with torch.onnx.export(..., dynamo=False) from layers such as torch.nn.LSTM, or save its state dict instead"
PRODUCERS: dict[str, Framework] = {"pytorch": "PyTorch", "tf2onnx": "Keras", "keras2onnx": "Keras", "keras": "Keras"}


def read_onnx(path: Path) -> ImportedModel:
    """Read the recurrent layers of an ONNX file, with what comes before and after them.

    Raises UnreadableFile, in one sentence, for whatever cannot be opened.
    """
    if find_spec("onnx") is None:
        raise UnreadableFile(MISSING)
    # These need the package.
    from lstm_core.importers.onnx.chains import chains_of
    from lstm_core.importers.onnx.graph import graph_of
    from lstm_core.importers.onnx.trace import follow

    graph = graph_of(_content(path))
    found = follow(graph)
    elsewhere = f"it has recurrent layers that Gatescope does not look into: {', '.join(dict.fromkeys(graph.inner))}"
    if not found.layers:
        raise UnreadableFile(_nothing(graph, found.refused, elsewhere))
    chains, vocabulary, where, notes = _named_classes(graph, chains_of(graph, found))
    refused = [f"not opened: {sentence}" for sentence in found.refused]
    return ImportedModel(
        framework="ONNX",
        format="ONNX graph (.onnx)",
        chains=chains,
        vocabulary=vocabulary,
        vocabulary_from=where,
        initialised_by=PRODUCERS.get(graph.producer.lower()),
        notes=(*refused, *([elsewhere] if graph.inner else []), *notes),
    )


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > largest_file():
            raise UnreadableFile(
                f"this file has {size / 1e6:,.0f} MB; Gatescope reads up to {largest_file() / 1e6:,.0f}: "
                "export the recurrent part of the model alone"
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"this file cannot be read ({error.strerror}): upload it again") from error


def _nothing(graph: Graph, refused: list[str], elsewhere: str) -> str:
    """Why is there nothing to open, and what helps?"""
    if refused:
        others = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        return refused[0] + others
    if graph.inner:
        return f"{elsewhere}: {HOW_TO_EXPORT}"
    cudnn = next((node for node in graph.nodes if "CudnnRNN" in node.op), None)
    if cudnn is not None:
        return (
            f"{cudnn.name[:80]!r} is TensorFlow's {cudnn.op[:40]}, left as it was when the graph was converted, and no ONNX "
            "node: save the Keras model itself with model.save('model.keras')"
        )
    custom = next((node for node in graph.nodes if "." in node.op and node.op.endswith(("LSTM", "GRU", "RNN"))), None)
    if custom is not None:
        return (
            f"{custom.name[:80]!r} is a recurrent layer that ONNX does not define ({custom.op[:80]}): "
            "export the model before it is quantised or optimised"
        )
    for holder, inside in graph.bodies.items():
        products, bent = inside["MatMul"] + inside["Gemm"], inside["Tanh"] + inside["Sigmoid"] + inside["Relu"]
        if products and bent:
            return (
                f"this graph has no LSTM, GRU or RNN node, but {'an' if holder == 'If' else 'a'} {holder} with matrix products "
                f"({products}) and activations ({bent}) written out in it, and what are gates among these cannot be told; "
                f"{HOW_TO_EXPORT}"
            )
    steps = _unrolled(graph)
    if steps:
        return (
            "this graph has no LSTM, GRU or RNN node: its recurrence may have been unrolled into single operations "
            f"({steps}), and what are gates in it cannot be told; {HOW_TO_EXPORT}"
        )
    return (
        f"this graph has {len(graph.nodes):,} nodes and none is an LSTM, GRU or RNN, the only ones that Gatescope shows: if "
        f"the model is recurrent, {HOW_TO_EXPORT}"
    )


def _unrolled(graph: Graph) -> str:
    """How many operations of each kind look like recurrent layers written out? Empty where they do not."""
    count = {
        op: sum(node.op == op for node in graph.nodes)
        for op in ("MatMul", "Gemm", "Sigmoid", "Tanh", "Relu", "Mul", "Split")
    }
    products = [node.inputs[1] for node in graph.nodes if node.op in ("MatMul", "Gemm") and len(node.inputs) > 1]
    again = len(products) - len(set(products))  # one matrix is used at every step
    gated = count["Sigmoid"] >= 2 and count["Tanh"] and count["Mul"] >= 2 and products and (again or count["Split"])
    simple = max(count["Tanh"], count["Relu"]) >= 2 and again
    return ", ".join(f"{number} {op}" for op, number in count.items() if number) if gated or simple else ""


def _named_classes(
    graph: Graph, chains: tuple[Chain, ...]
) -> tuple[tuple[Chain, ...], tuple[str, ...], str, list[str]]:
    """The chains, the vocabulary that fits the first of them, where it was found, and notes on those that do not fit.

    A chain that reads as many numbers as the vocabulary has entries reads it one-hot.
    """
    from lstm_core.importers.onnx.vocabulary import vocabularies

    notes = []
    first = chains[0]
    for entries, where in vocabularies(graph):
        if first.classes and len(entries) <= first.classes:
            return chains, entries, where, []
        if not first.classes and len(entries) == first.layouts[0].features:
            return (replace(first, one_hot=True), *chains[1:]), entries, where, []
        reads = f"{first.classes:,} classes" if first.classes else f"{first.layouts[0].features:,} numbers"
        notes.append(f"{where} has {len(entries):,} entries, but {first.name[:80]!r} reads {reads}: it is not used")
    return chains, (), "", notes
