"""Pickles that are not supported: what each is, as the names tell that it imports, and what to upload instead."""

import re
from collections.abc import Iterable

from lstm_core.importers.unsupported.files import ARRAYS_AGAIN, KERAS_AGAIN, MODELS, TORCH_AGAIN

WRITTEN_BY = (  # what a pickle names, whose it is, what to do
    ("keras", "Keras", KERAS_AGAIN),
    ("sklearn", "scikit-learn", MODELS),
    ("torch", "PyTorch", TORCH_AGAIN),
    ("numpy", "NumPy arrays", ARRAYS_AGAIN),
)
VOCABULARY = re.compile(r"(torchtext|onmt)\.[\w.]+ (\w*Field|Vocab)")
HAS_TENSORS = re.compile(r"torch\._(utils|tensor) _rebuild\w+")
MADMOM = re.compile(r"madmom\.ml\.r?nn[\w.]* (?P<own>\w+)")
MADMOM_LSTM = (
    "load it with madmom and write each LSTMLayer as an ONNX node (onnx.helper.make_node('LSTM', …)), from weights, "
    "recurrent_weights, bias and peephole_weights of its input_gate, output_gate, forget_gate and cell"
)
TOKENIZER = re.compile(r"(\w+\.)?keras[\w.]* Tokenizer")
ARRAYS_ELSEWHERE = "joblib.numpy_pickle NDArrayWrapper"  # of joblib before 0.10


def vocabulary_alone(names: Iterable[str]) -> str:
    """One sentence on a pickle of vocabularies without a tensor, as OpenNMT saves them; empty for all else.

    `names` is what the pickle imports, "module name" each.
    """
    all_of_them = list(names)
    if any(map(HAS_TENSORS.match, all_of_them)) or not any(map(VOCABULARY.fullmatch, all_of_them)):
        return ""
    return (
        "this file holds vocabularies of torchtext, as OpenNMT's *.vocab.pt does, and no tensors: upload the checkpoint that "
        "the training wrote, NAME_step_10000.pt for OpenNMT, which has the weights"
    )


def others_pickle(names: Iterable[str], own: str) -> str:
    """One sentence on a pickle in which no recurrent layer's weights were found by name; empty where nobody's is known.

    `own` is what its outermost class is called, in brackets, or empty.
    """
    all_of_them = list(names)
    layers = [match["own"] for match in map(MADMOM.fullmatch, all_of_them) if match]
    if layers:
        told = f"this file is a neural network of madmom{own}, whose classes Gatescope does not read"
        return f"{told}: {MADMOM_LSTM if 'LSTMLayer' in layers else MODELS}"
    if ARRAYS_ELSEWHERE in all_of_them:
        return (
            "this file is a pickle of joblib before 0.10, whose arrays are in other files beside it: load it there, "
            f"and {ARRAYS_AGAIN}"
        )
    if any(map(TOKENIZER.fullmatch, all_of_them)):
        return (
            "this file is a pickle of Keras's Tokenizer, and no recurrent layer's weights were found in it: upload the model, then "
            "its vocabulary as the text that tokenizer.to_json() gives"
        )
    for mark, whose, instead in WRITTEN_BY:
        if any(re.match(rf"(\w+\.)?{mark}\b", name) for name in all_of_them):
            return f"this file is a pickle of {whose}{own} in which no recurrent layer's weights were found: {instead}"
    return ""
